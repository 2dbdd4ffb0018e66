import Domain

extension Response {
  /// What stands around an answer's units: all but the last member of its object.
  static func frame(_ write: (inout JSONWriter) -> Void, list: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    write(&writer)
    writer.key(list)
    writer.beginArray()
    return writer.bytes
  }

  /// An object whose last member is a set's units, sent while they are read.
  static func units(
    _ status: Int, behind opening: [UInt8], _ reader: UnitReader, after: Int64 = -1
  ) async throws -> Response {
    guard !reader.isAtHand else {
      var writer = SetWriter(reader, after: after)
      var bytes = opening
      while let text = try await writer.next() { bytes += text }
      return .json(status, bytes + "]}".utf8)
    }
    let pieces = SetPieces(opening, SetWriter(reader, after: after))
    return Response(
      status, headers: [jsonType], body: .stream { try await pieces.next() })
  }
}

/// The pieces of one set's answer.
private actor SetPieces {
  private var opening: [UInt8]?
  private var writer: SetWriter
  private var isComplete = false

  init(_ opening: [UInt8], _ writer: SetWriter) {
    self.opening = opening
    self.writer = writer
  }

  func next() async throws -> [UInt8]? {
    if let opening {
      self.opening = nil
      return opening
    }
    guard !isComplete else { return nil }
    var writer = self.writer
    defer { self.writer = writer }
    if let text = try await writer.next() { return text }
    isComplete = true
    return Array("]}".utf8)
  }
}

/// The pieces of a whole session: its sets by name.
actor SessionPieces {
  private let integers: Integers
  private let session: Int64
  private let newReader: @Sendable (StoredSet) -> UnitReader
  private var opening: [UInt8]
  private var sets: ArraySlice<StoredSet> = []
  private var lastName = ""
  private var isFirst = true
  private var isComplete = false
  /// Of the set that is being written.
  private var writer: SetWriter?

  init(
    _ integers: Integers, session: Int64, opening: [UInt8],
    newReader: @escaping @Sendable (StoredSet) -> UnitReader
  ) {
    self.integers = integers
    self.session = session
    self.opening = opening
    self.newReader = newReader
  }

  /// Bytes of a piece, so that many small sets don't make many of them.
  private static let enough = 65_536

  func next() async throws -> [UInt8]? {
    guard !isComplete else { return nil }
    var piece = opening
    opening = []
    while piece.count < Self.enough, !isComplete { piece += try await more() }
    return piece
  }

  private func more() async throws -> [UInt8] {
    if var writer {
      let text = try await writer.next()
      self.writer = text == nil ? nil : writer
      return text ?? Array("]}".utf8)
    }
    if sets.isEmpty { sets = try await integers.sets(of: session, after: lastName)[...] }
    guard let set = sets.popFirst() else {
      isComplete = true
      return Array("]}".utf8)
    }
    lastName = set.name
    writer = SetWriter(newReader(set))
    var opening = Response.frame({ $0.field("set_id", set.name) }, list: "integers")
    if !isFirst { opening.insert(UInt8(ascii: ","), at: 0) }
    isFirst = false
    return opening
  }
}
