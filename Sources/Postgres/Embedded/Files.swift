import EventLoop
import Glibc

/// What `stat` says, or nil where there is no such file or it can't be reached.
func fileStatus(_ path: String) -> stat? {
  var answer = stat()
  return stat(path, &answer) == 0 ? answer : nil
}

/// Whether there is anything of that name, a link that leads nowhere included.
func fileExists(_ path: String) -> Bool {
  var answer = stat()
  return lstat(path, &answer) == 0
}

extension stat {
  /// Whether it is of the very same file.
  func isSame(as other: stat) -> Bool { st_dev == other.st_dev && st_ino == other.st_ino }
}

/// Whether two paths lead to the very same file.
func isSameFile(_ one: String, _ other: String) -> Bool {
  guard let one = fileStatus(one), let other = fileStatus(other) else { return false }
  return one.isSame(as: other)
}

/// The path without its last part; empty when there is nothing above it.
func parentPath(of path: String) -> String {
  guard path != "/", let slash = path.lastIndex(of: "/") else { return "" }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The whole of a small file, or nil where it can't be read. Neither a link nor a pipe is followed,
/// because root reads in directories that belong to others.
func smallFile(_ path: String, limit: Int = 65_536) -> String? {
  guard let file = try? Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
    let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG
  else { return nil }
  return try? file.read(limit: limit)
}

/// Names in a directory, in no order; nil where it can't be read.
func entries(of directory: String) -> [String]? {
  guard let stream = opendir(directory) else { return nil }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
      tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

/// Makes a directory and those above it. One that exists is left as it is.
func makeDirectories(_ path: String, mode: mode_t) throws(SystemError) {
  if let status = fileStatus(path) {
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw SystemError("mkdir \(path)", code: ENOTDIR)
    }
    return
  }
  let parent = parentPath(of: path)
  if !parent.isEmpty { try makeDirectories(parent, mode: mode) }
  guard mkdir(path, mode) == 0 else {
    let failure = SystemError("mkdir \(path)")
    if failure.code == EEXIST { return }
    throw failure
  }
  // The umask of a careful root would shut out the user that PostgreSQL runs as.
  let made = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  guard fchmod(made.number, mode) == 0 else { throw SystemError("chmod \(path)") }
}

/// Makes a directory that only its owner may enter, or takes the one there is.
///
/// - Throws: EPERM when there is one that belongs to somebody else, who could put a socket of his
///   own there.
func makePrivateDirectory(_ path: String, owner: ServiceAccount) throws(SystemError) {
  let isNew = mkdir(path, 0o700) == 0
  if !isNew, errno != EEXIST { throw SystemError("mkdir \(path)") }
  let directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  let status = try directory.status()
  guard status.st_uid == (isNew ? geteuid() : owner.uid) else {
    throw SystemError("mkdir \(path)", code: EPERM)
  }
  if isNew { try directory.give(to: owner) }
  if status.st_mode & 0o7777 != 0o700, fchmod(directory.number, 0o700) != 0 {
    throw SystemError("chmod \(path)")
  }
}

/// Puts a file of ours into a directory of the owner's, whole or not at all, and durably.
///
/// - Throws: EPERM when the directory isn't the owner's.
func replaceFile(
  _ name: String, in path: String, owner: ServiceAccount, with text: String
) throws(SystemError) {
  let directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
  guard try directory.status().st_uid == owner.uid else {
    throw SystemError("open \(path)", code: EPERM)
  }
  let temporary = "\(name).new"
  unlinkat(directory.number, temporary, 0)
  do {
    let file = try Descriptor(
      opening: temporary, in: directory, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
    try file.give(to: owner)
    try file.writeDurably(text)
  } catch {
    unlinkat(directory.number, temporary, 0)
    throw error
  }
  guard renameat(directory.number, temporary, directory.number, name) == 0 else {
    throw SystemError("rename \(name)")
  }
  guard fsync(directory.number) == 0 else { throw SystemError("fsync \(path)") }
}
