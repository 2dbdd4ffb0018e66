import Domain

/// A JSON array of objects.
struct JSONSource: RecordSource {
  private var elements: ArraySlice<JSON>
  private let places: [ElementPositions.Place]

  init(_ input: InputFile) throws {
    let bytes = try input.readAll()
    do {
      guard case .array(let elements) = try JSON.parse(bytes) else {
        throw FileError(line: 1, column: 1, message: "an array of objects is wanted")
      }
      self.elements = elements[...]
      places = ElementPositions.find(bytes)
    } catch let error as JSONError {
      throw FileError(line: error.line, column: error.column, message: error.reason)
    }
  }

  mutating func next() throws -> ImportedRecord? {
    let index = elements.startIndex
    guard let element = elements.popFirst() else { return nil }
    let place = index < places.count ? places[index] : ElementPositions.Place(line: 1, column: 1)
    guard case .object(let members) = element else {
      throw RecordError(line: place.line, column: place.column, message: "this isn't an object")
    }
    return ImportedRecord(line: place.line, column: place.column, values: members)
  }
}

/// A JSON object a line.
final class JSONLinesSource: RecordSource {
  private let input: InputFile
  private var lines = LineBuffer()
  private var line = 0

  init(_ input: InputFile) { self.input = input }

  func next() throws -> ImportedRecord? {
    while let bytes = try lines.next(input.read) {
      line += 1
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do {
        guard case .object(let members) = try JSON.parse(bytes) else {
          throw RecordError(line: line, column: 1, message: "an object is wanted")
        }
        return ImportedRecord(line: line, column: 1, values: members)
      } catch let error as JSONError {
        throw RecordError(line: line, column: error.column, message: error.reason)
      }
    }
    return nil
  }
}
