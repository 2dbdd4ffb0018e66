import Domain
import Glibc
import Postgres

/// Writes records to a file that is whole or not there: it gets its name when it is finished.
actor ExportFile {
  /// What `exercise import` reads.
  static let exerciseColumns = [
    Column("name", .text), Column("group", .text), Column("targeted_muscles", .text),
    Column("instructions", .text),
  ]

  private let path: String?
  private let temporary: String?
  private let renderer: any Renderer
  private let descriptor: CInt
  private let progress: ProgressBar
  /// Records that there are, where that is known.
  private let total: Int?
  private var count = 0
  private var isFinished = false

  /// - Parameter path: nil for standard output.
  init(
    path: String?, format: FileFormat, columns: [Column], total: Int?,
    _ progress: sending ProgressBar
  ) throws {
    self.path = path
    self.progress = progress
    self.total = total
    if let path {
      let temporary = "\(path).part"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw Failure(.failed, "\(temporary): \(String(cString: strerror(errno)))")
      }
      self.temporary = temporary
      self.descriptor = descriptor
    } else {
      temporary = nil
      descriptor = STDOUT_FILENO
    }
    let style = OutputStyle(OutputFormat(rawValue: format.rawValue) ?? .csv)
    renderer = makeRenderer(
      columns: columns, shape: .many, style: style,
      sink: DescriptorSink(descriptor, name: path ?? "standard output"))
    try renderer.begin()
  }

  deinit {
    guard let temporary, !isFinished else { return }
    close(descriptor)
    unlink(temporary)
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
    if let path, let temporary {
      guard fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, path) == 0 else {
        throw Failure(.failed, "\(path): \(String(cString: strerror(errno)))")
      }
      isFinished = true
    }
    return count
  }
}
