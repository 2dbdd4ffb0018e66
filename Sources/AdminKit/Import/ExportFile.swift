import Domain
import EventLoop
import Postgres

/// Writes records to a file that is whole or not there: it gets its name when it is finished.
actor ExportFile {
  /// What `exercise import` reads.
  static let exerciseColumns = [
    Column("name", .text), Column("group", .text), Column("targeted_muscles", .text),
    Column("instructions", .text),
  ]

  /// Nil for standard output.
  private let file: NewFile?
  private let renderer: any Renderer
  private let progress: ProgressBar
  /// Records that there are, where that is known.
  private let total: Int?
  private var count = 0

  /// - Parameter path: nil for standard output.
  init(
    path: String?, format: FileFormat, columns: [Column], total: Int?,
    _ progress: sending ProgressBar
  ) throws {
    self.progress = progress
    self.total = total
    let file = try path.map { path throws(SystemError) in try NewFile(path) }
    self.file = file
    let style = OutputStyle(OutputFormat(rawValue: format.rawValue) ?? .csv)
    renderer = makeRenderer(
      columns: columns, shape: .many, style: style,
      sink: file.map { DescriptorSink($0.descriptor, name: path ?? "") } ?? DescriptorSink())
    try renderer.begin()
  }

  func row(_ values: [Value]) throws {
    count += 1
    if count % 256 == 0 {
      try Interrupt.check()
      progress.show(count, share: total.map { Double(count) / Double(max(1, $0)) })
    }
    try renderer.row(values)
  }

  /// - Returns: records written.
  func finish() throws -> Int {
    try renderer.end()
    progress.clear()
    try file?.sync()
    try file?.finish()
    return count
  }
}
