import Domain
import Glibc
import Postgres

/// Texts that aren't records, such as help.
enum StandardOutput {
  static func write(_ text: String) throws {
    try DescriptorSink().write(Array(text.utf8))
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
      global.output ?? .table, width: terminal.width, color: usesColor, wide: global.wide,
      isUTF8: terminal.isUTF8, nameColumn: nameColumn)
    renderer = makeRenderer(columns: columns, shape: shape, style: style, sink: DescriptorSink())
  }

  func begin() throws { try renderer.begin() }
  func row(_ values: [Value]) throws { try renderer.row(values) }
  func end() throws { try renderer.end() }
}
