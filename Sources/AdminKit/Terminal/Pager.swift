import Glibc

/// Hands what is longer than the screen to a pager, and shows the rest as it is.
final class PagerSink: ByteSink {
  private let command: String
  /// Lines that need no pager.
  private let height: Int
  private var held: [UInt8] = []
  private var lines = 0
  private var running: (child: ChildProcess, descriptor: CInt)?
  private var isClosed = false

  init(command: String, height: Int) {
    self.command = command
    self.height = height
  }

  deinit { try? close() }

  /// The user's pager as a shell's command; nil where none is wanted, or it isn't there.
  static var command: String? {
    let variable = getenv("HAVOCCTL_PAGER") ?? getenv("PAGER")
    let wanted = variable.map { String(cString: $0) } ?? "less"
    guard let program = wanted.split(separator: " ").first.map(String.init), program != "cat" else {
      return nil
    }
    return isThere(program) ? wanted : nil
  }

  private static func isThere(_ program: String) -> Bool {
    if program.contains("/") { return access(program, X_OK) == 0 }
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  func write(_ bytes: [UInt8]) throws {
    if let running { return try DescriptorSink(running.descriptor).write(bytes) }
    held += bytes
    lines += bytes.count { $0 == 0x0A }
    // The prompt behind it takes a line too.
    guard lines >= height else { return }
    let descriptor = try start()
    defer { held = [] }
    try DescriptorSink(descriptor, name: command).write(held)
  }

  private func start() throws -> CInt {
    let pipe = try Pipe()
    defer { Glibc.close(pipe.readEnd) }
    // Colours pass, and what fits after all is shown without a question.
    let style = getenv("LESS") == nil ? [(name: "LESS", value: "FRSX")] : []
    let child: ChildProcess
    do {
      child = try ChildProcess(
        ["sh", "-c", command], variables: style, descriptors: (pipe.readEnd, nil, nil))
    } catch {
      Glibc.close(pipe.writeEnd)
      throw error
    }
    running = (child, pipe.writeEnd)
    return pipe.writeEnd
  }

  func close() throws {
    guard !isClosed else { return }
    isClosed = true
    guard let running else { return try DescriptorSink().write(held) }
    Glibc.close(running.descriptor)
    _ = running.child.wait()
  }
}
