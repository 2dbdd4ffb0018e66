@testable import AdminKit
@testable import Domain

/// A file to import: the first line is its format. Each record and each fault has a place in the file,
/// and they come in its order.
enum ImportTarget {
  static func check(_ bytes: UnsafeRawBufferPointer) {
    var input = FuzzInput(bytes)
    guard let format = FileFormat(rawValue: String(decoding: input.line(), as: UTF8.self)) else {
      return
    }
    let text = FileText(Array(input.rest), format)
    withFile(input.rest) { path in
      read(path, format, text)
      list(path, format, text)
    }
  }

  /// Where lines end in a file, and how long they are.
  private struct FileText {
    let format: FileFormat
    private let lengths: [Int]

    init(_ bytes: [UInt8], _ format: FileFormat) {
      self.format = format
      var lengths = [0]
      for (index, byte) in bytes.enumerated() {
        let isCR = byte == 0x0D && format == .csv
        let isEnd = byte == 0x0A || (isCR && !bytes[(index + 1)...].starts(with: [0x0A]))
        if isEnd { lengths.append(0) } else { lengths[lengths.count - 1] += 1 }
      }
      self.lengths = lengths
    }

    func require(_ line: Int, _ column: Int) {
      Fuzz.require((1...lengths.count).contains(line), "line \(line) of \(lengths.count)")
      // Of a table the column is counted in values, of which there may be one more than commas;
      // elsewhere in bytes, and a fault may be found behind the last.
      let longest = format == .csv ? lengths.max() ?? 0 : lengths[line - 1]
      Fuzz.require((1...longest + 1).contains(column), "column \(column) of \(longest)")
    }
  }

  /// Each record and each fault.
  private static func read(_ path: String, _ format: FileFormat, _ text: FileText) {
    var last = (line: 0, column: 0)
    do {
      var source = try RecordFile.open(try InputFile(path), format)
      while true {
        do {
          guard let record = try source.next() else { break }
          text.require(record.line, record.column)
          require(last < (record.line, record.column), "a record before the last one")
          last = (record.line, record.column)
          make(record)
        } catch let error as RecordError {
          text.require(error.line, error.column)
          require(error.line >= last.line && !error.message.isEmpty, "a fault before the last")
        }
      }
    } catch let error as FileError {
      text.require(error.fault.line, error.fault.column)
    } catch {
      fatalError("\(error)")
    }
  }

  private static let users = UserRecord(permissions: [])

  private static func make(_ record: ImportedRecord) {
    let names = Set(record.values.map { Array($0.name.utf8) })
    require(names.count == record.values.count, "a name stands twice")
    _ = try? users.user(record)
    _ = try? ExerciseRecord.exercise(record)
  }

  /// As an import lists them, which ends at the twentieth.
  private static func list(_ path: String, _ format: FileFormat, _ text: FileText) {
    for continuesOnError in [false, true] {
      guard let file = try? InputFile(path), let source = try? RecordFile.open(file, format) else {
        return
      }
      let reader = RecordReader(
        source, continuesOnError: continuesOnError,
        checkColumn: { column throws(Refusal) in try UserRecord.check(column: column) },
        make: { record throws(Refusal) in try users.user(record) })
      do {
        while let user = try reader.next() { text.require(user.line, 1) }
        require(reader.faults.isEmpty || continuesOnError, "faults that nobody hears of")
      } catch {
        require(error is Failure && !reader.faults.isEmpty, "\(error)")
      }
      for fault in reader.faults { text.require(fault.line, fault.column) }
    }
  }
}
