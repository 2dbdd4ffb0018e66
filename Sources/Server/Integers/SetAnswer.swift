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
  /// Looks up the sets behind a name.
  typealias More = @Sendable (_ name: String) async throws -> [StoredSet]

  private let integers: Integers
  private let more: More
  private var opening: [UInt8]
  /// Looked up and not written yet; of the first of them, that is `near` at hand, chunks as well.
  private var sets: ArraySlice<StoredSet>
  private var near: ArraySlice<StoredSet> = []
  /// Behind which there may be more; nil where there are none.
  private var last: String?
  private var isFirst = true
  private var isComplete = false
  /// Of the set that is being written.
  private var writer: SetWriter?

  /// - Parameter sets: the first of them.
  init(_ integers: Integers, opening: [UInt8], _ sets: [StoredSet], more: @escaping More) {
    self.integers = integers
    self.opening = opening
    self.sets = sets[...]
    self.more = more
    last = sets.count == Integers.page ? sets.last?.name : nil
  }

  /// Bytes of a piece, so that many small sets don't make many of them.
  private static let enough = 65_536
  /// Sets whose chunks are read together.
  private static let together = 32

  func next() async throws -> [UInt8]? {
    guard !isComplete else { return nil }
    var piece = opening
    opening = []
    while piece.count < Self.enough, !isComplete { piece += try await part() }
    return piece
  }

  private func part() async throws -> [UInt8] {
    if var writer {
      let text = try await writer.next()
      self.writer = text == nil ? nil : writer
      return text ?? Array("]}".utf8)
    }
    if near.isEmpty { try await lookAhead() }
    guard let set = near.popFirst() else {
      isComplete = true
      return Array("]}".utf8)
    }
    writer = SetWriter(UnitReader(set, integers))
    var opening = Response.frame({ $0.field("set_id", set.name) }, list: "integers")
    if !isFirst { opening.insert(UInt8(ascii: ","), at: 0) }
    isFirst = false
    return opening
  }

  private func lookAhead() async throws {
    if sets.isEmpty, let last {
      sets = try await more(last)[...]
      self.last = sets.count == Integers.page ? sets.last?.name : nil
    }
    let together = sets.prefix(Self.together)
    sets = sets.dropFirst(together.count)
    near = together.isEmpty ? [] : try await integers.withFirstChunks(together)[...]
  }
}
