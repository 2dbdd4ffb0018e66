import Domain
import EventLoop
import Glibc
import Postgres

/// pg_dump, pg_restore and psql, run on the database with what they say kept for an error.
struct ClientProgram {
  /// Their words are kept in a file that has no name, because a pipe could fill up.
  private let words: CInt
  private let name: String
  private let child: ChildProcess

  /// - Parameters:
  ///   - database: another than the address names.
  ///   - conninfo: handed over in the environment, where other users can't read the password.
  init(
    _ arguments: [String], conninfo: String, database: String? = nil,
    input: CInt? = nil, output: CInt? = nil
  ) throws {
    var variables = try ConnectionInfo(conninfo).variables
    if let database {
      variables.removeAll { $0.name == "PGDATABASE" }
      variables.append(("PGDATABASE", database))
    }
    // What they say is looked at and shown.
    variables.append(("LC_MESSAGES", "C"))
    let file = TemporaryFile()
    words = file.descriptor
    guard words >= 0 else { throw SystemError(TemporaryFile.folder) }
    _ = fcntl(words, F_SETFD, FD_CLOEXEC)
    unlink(file.path)
    name = arguments[0]
    do {
      child = try ChildProcess(
        arguments, variables: variables, descriptors: (input, output, words),
        package: "postgresql-client")
    } catch {
      close(words)
      throw error
    }
  }

  /// - Parameter meanwhile: called now and then.
  /// - Throws: what the program said, where it failed; `interrupted` at Ctrl-C, which ends it.
  func wait(_ meanwhile: () -> Void = {}) throws(Failure) {
    defer { close(words) }
    let status = withoutActuallyEscaping(meanwhile) { child.wait($0) }
    try Interrupt.check()
    guard status != 0 else { return }
    throw Failure(.failed, "\(name): \(said.isEmpty ? "it ended with status \(status)" : said)")
  }

  func interrupt() { child.interrupt() }

  /// Its first lines of complaint, without what it put before each.
  private var said: String {
    let limit = 2_000
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = pread(words, &bytes, limit, 0)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    let lines = text.split(separator: "\n").prefix(3).map { line in
      ["\(name): error: ", "\(name): ", "error: "].reduce(String(line)) { line, prefix in
        line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : line
      }
    }
    return lines.joined(separator: "; ")
  }

  /// Runs one and gives what it wrote.
  static func output(_ arguments: [String], conninfo: String) throws -> String {
    let pipe = try Pipe()
    defer { close(pipe.readEnd) }
    let program: ClientProgram
    do {
      defer { close(pipe.writeEnd) }
      program = try ClientProgram(arguments, conninfo: conninfo, output: pipe.writeEnd)
    }
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(pipe.readEnd, &piece, piece.count)
      if count < 0, errno == EINTR, !Interrupt.isRaised { continue }
      guard count > 0 else { break }
      output += piece[..<count]
    }
    try program.wait()
    return String(decoding: output, as: UTF8.self)
  }
}
