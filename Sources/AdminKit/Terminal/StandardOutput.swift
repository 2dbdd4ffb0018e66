import Domain
import Glibc
import Postgres

/// Where an answer goes.
enum OutputTarget: Sendable {
  /// Standard output, through a pager where that is wanted.
  case standard(mayPage: Bool)
  case memory(CollectingSink)

  func sink(_ global: GlobalOptions, _ terminal: Terminal) -> any ByteSink {
    switch self {
    case .memory(let sink): return sink
    case .standard(let mayPage):
      guard mayPage, !global.noPager, terminal.isInputTerminal, let height = terminal.height,
        let command = PagerSink.command
      else { return DescriptorSink() }
      return PagerSink(command: command, height: height)
    }
  }

  /// Texts that aren't records, such as help.
  func write(_ text: String, _ global: GlobalOptions, _ terminal: Terminal) throws {
    let sink = sink(global, terminal)
    try sink.write(Array(text.utf8))
    try sink.close()
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

/// An answer on its way out in the style that was asked for.
final class RenderedOutput: AnswerOutput {
  private let renderer: any Renderer
  private let sink: any ByteSink

  init(
    columns: [Column], shape: Shape, global: GlobalOptions, terminal: Terminal,
    target: OutputTarget
  ) {
    let usesColor =
      switch global.color {
      case "always": true
      case "never": false
      default:
        terminal.isOutputTerminal && !isSet("NO_COLOR") && terminal.movesCursor
      }
    var style = OutputStyle(
      global.output ?? .table, width: terminal.width, color: usesColor, wide: global.wide,
      isUTF8: terminal.isUTF8, nameColumn: nameColumn(of: columns))
    style.expanded = global.expanded
    sink = target.sink(global, terminal)
    renderer = makeRenderer(columns: columns, shape: shape, style: style, sink: sink)
  }

  func begin() throws { try renderer.begin() }
  func row(_ values: [Value]) throws { try renderer.row(values) }
  func flush() throws { try renderer.flush() }

  func end() throws {
    try renderer.end()
    try sink.close()
  }

  /// Ends it without what is still to come.
  func abandon() { try? sink.close() }
}
