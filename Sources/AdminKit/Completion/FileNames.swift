import Glibc

/// Names of files, for completing the beginning of one.
enum FileNames {
  /// Hidden ones are left out until their dot is typed.
  static func candidates(_ beginning: String) -> [Candidate] {
    let slash = beginning.lastIndex(of: "/")
    let folder = slash.map { String(beginning[...$0]) } ?? ""
    let start = slash.map { String(beginning[beginning.index(after: $0)...]) } ?? beginning
    guard let directory = opendir(folder.isEmpty ? "." : expanded(folder)) else { return [] }
    defer { closedir(directory) }
    var found: [Candidate] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(start), name != ".", name != "..",
        !name.hasPrefix(".") || start.hasPrefix(".")
      else { continue }
      var status = stat()
      let isFolder =
        stat(expanded(folder) + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      found.append(Candidate(folder + name + (isFolder ? "/" : ""), isOpen: isFolder))
    }
    return found.sorted { $0.word < $1.word }
  }

  private static func expanded(_ folder: String) -> String {
    guard folder.hasPrefix("~/"), let home = getenv("HOME") else { return folder }
    return String(cString: home) + folder.dropFirst()
  }
}
