import Domain
import Glibc
import Postgres

/// The reader of standard output has gone, as `head` does when it has enough: the end, and no
/// failure.
public struct ReaderGone: Error {}

/// Writes to a descriptor.
final class DescriptorSink: ByteSink {
  let descriptor: CInt
  private let isOwned: Bool

  init(descriptor: CInt, isOwned: Bool) {
    self.descriptor = descriptor
    self.isOwned = isOwned
  }

  deinit { if isOwned { close(descriptor) } }

  /// - Throws: `ReaderGone`, or a failure that says why.
  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { throw ReaderGone() }
        throw Failure(.failed, "the answer can't be written: \(String(cString: strerror(errno)))")
      }
      rest = rest.dropFirst(count)
    }
  }
}

/// Texts that aren't records, such as help.
enum StandardOutput {
  static func write(_ text: String) throws {
    try DescriptorSink(descriptor: 1, isOwned: false).write(Array(text.utf8))
  }
}

/// An answer on its way to standard output in the style that was asked for.
final class RenderedOutput {
  private let renderer: any Renderer

  init(columns: [Column], shape: Shape, global: GlobalOptions, terminal: Terminal) {
    let usesColor =
      switch global.color {
      case "always": true
      case "never": false
      default: terminal.isOutputTerminal && getenv("NO_COLOR") == nil
      }
    let nameColumn =
      ["username", "id", "kid", "code", "key", "name", "version"]
      .first { name in columns.contains { $0.key == name } }
    let style = OutputStyle(
      format: global.output ?? .table, width: terminal.width, color: usesColor, wide: global.wide,
      nameColumn: nameColumn ?? columns.first?.key ?? "")
    renderer = makeRenderer(
      columns: columns, shape: shape, style: style,
      sink: DescriptorSink(descriptor: 1, isOwned: false))
  }

  func begin() throws { try renderer.begin() }
  func row(_ values: [Value]) throws { try renderer.row(values) }
  func end() throws { try renderer.end() }
}
