import Domain
import Glibc
import Postgres

/// Texts that aren't records, such as help.
enum StandardOutput {
  static func write(_ text: String) throws {
    try DescriptorSink().write(Array(text.utf8))
  }
}

/// The column by which a row is called: an account by its username, anything else by its id.
func nameColumn(of columns: [Column]) -> String? {
  columns.first(where: \.isName)?.key
    ?? ["id", "code", "kid"].first { name in columns.contains { $0.key == name } }
}

/// Whether a variable is set to anything.
private func isSet(_ name: String) -> Bool {
  getenv(name).map { $0.pointee != 0 } ?? false
}

/// An answer on its way to standard output in the style that was asked for.
final class RenderedOutput {
  private let renderer: any Renderer

  init(columns: [Column], shape: Shape, global: GlobalOptions, terminal: Terminal) {
    let usesColor =
      switch global.color {
      case "always": true
      case "never": false
      default: terminal.isOutputTerminal && !isSet("NO_COLOR")
      }
    let style = OutputStyle(
      global.output ?? .table, width: terminal.width, color: usesColor, wide: global.wide,
      isUTF8: terminal.isUTF8, nameColumn: nameColumn(of: columns))
    renderer = makeRenderer(columns: columns, shape: shape, style: style, sink: DescriptorSink())
  }

  func begin() throws { try renderer.begin() }
  func row(_ values: [Value]) throws { try renderer.row(values) }
  func flush() throws { try renderer.flush() }
  func end() throws { try renderer.end() }
}
