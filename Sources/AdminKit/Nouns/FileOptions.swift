import Domain
import Postgres

/// What importing and exporting commands take alike, and how they end.
enum FileOptions {
  static let format = Option(
    "format", "FORMAT", .choice(FileFormat.allCases.map(\.rawValue)),
    "the file's format (else by its ending)")
  static let input = Argument("FILE", .file, "the file; - for standard input")
  static let output = Argument("FILE", .file, .optional, "the file; standard output unless given")
  static let countColumns = [
    Column("added", .int), Column("changed", .int), Column("unchanged", .int),
  ]

  /// Reads the file that the command names, showing how far it has come.
  static func read<Item, Outcome>(
    _ invocation: Invocation, _ what: String,
    checkColumn: @escaping (String) throws(Refusal) -> Void = { _ in },
    make: @escaping (ImportedRecord) throws(Refusal) -> Item,
    store: (RecordReader<Item>, _ next: () throws -> Item?) async throws -> Outcome
  ) async throws -> (outcome: Outcome, faults: String) {
    let path = invocation.arguments.text("FILE")
    let format = try FileFormat.of(path, invocation.arguments.value("format"))
    let input = try InputFile(path)
    let source: any RecordSource
    do {
      source = try RecordFile.open(input, format)
    } catch let error as FileError {
      throw Failure(.failed, "nothing was imported:\n  \(error.fault.text)")
    }
    let reader = RecordReader(
      source, continuesOnError: invocation.arguments.flag(Option.continueOnError.name),
      checkColumn: checkColumn, make: make)
    let progress = ProgressBar("importing \(what)", invocation.environment)
    let size = input.size
    var count = 0
    let outcome = try await store(reader) {
      guard let item = try reader.next() else {
        progress.say("storing \(ProgressBar.grouped(count))")
        return nil
      }
      count += 1
      if count % 256 == 0 {
        progress.show(count, share: size.map { Double(input.position) / Double(max(1, $0)) })
      }
      return item
    }
    progress.clear()
    return (outcome, reader.faults.isEmpty ? "" : reader.list)
  }

  /// Answers with the counts, and says what was left out.
  static func answer(
    _ counts: ImportCounts, faults: String = "", _ invocation: Invocation
  ) async throws {
    try await invocation.begin(countColumns, shape: .one)
    try await invocation.row(
      [.int(counts.added), .int(counts.changed), .int(counts.unchanged)])
    if !faults.isEmpty {
      await invocation.end(with: Failure(.partly, "some records were left out:\n\(faults)"))
    }
  }

  /// Writes a listing's rows to the file that the command names, or to standard output.
  static func export(
    _ invocation: Invocation, _ listing: Listing, columns: [Column], _ what: String,
    _ conditions: [Condition] = []
  ) async throws {
    let path = invocation.arguments.optional("FILE")
    let format =
      try invocation.arguments.value("format").flatMap(FileFormat.init)
      ?? path.map { try FileFormat.of($0, nil) } ?? .csv
    let query = try invocation.query(listing, conditions, columns: columns.map(\.key))
    let total =
      invocation.environment.terminal.isErrorTerminal
      ? try await query.count(in: invocation.database) : nil
    let file = try ExportFile(
      path: path, format: format, columns: query.columns, total: total,
      ProgressBar("exporting \(what)", invocation.environment))
    try await query.read(from: invocation.database, limit: invocation.global.limit) {
      try await file.row($0)
    }
    let count = try await file.finish()
    if let path { invocation.note("\(count) \(what) written to \(path)") }
  }
}
