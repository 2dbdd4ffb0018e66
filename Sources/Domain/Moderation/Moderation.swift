import Postgres

/// What people make, as administrators look after it.
public struct Moderation: Sendable {
  public enum Noun: String, Sendable {
    case stream, conversation, tweet, integers

    fileprivate var deletion: Audit.Event {
      switch self {
      case .stream: .streamDelete
      case .conversation: .conversationDelete
      case .tweet: .tweetDelete
      case .integers: .integersDelete
      }
    }

    fileprivate var table: String { self == .integers ? "integer_set" : rawValue }

    /// What one of them is called.
    fileprivate var singular: String { self == .integers ? "set of integers" : rawValue }

    /// From a row `t` of the noun's table, whose it is.
    fileprivate var owner: String {
      switch self {
      case .stream: "t.account"
      case .conversation: "t.initiator"
      case .tweet: "t.author"
      case .integers: "(SELECT g.account FROM integer_session g WHERE g.id = t.session)"
      }
    }
  }

  /// One of them.
  public struct Item: Sendable {
    public let noun: Noun
    /// As it is shown.
    public let id: String
    /// Its owner's username, or the initiator's.
    public let owner: String
  }

  private let database: any Querying
  private let actor: Actor

  public init(_ database: any Querying, actor: Actor) {
    self.database = database
    self.actor = actor
  }

  /// - Parameter reference: an id; of a stream enough of its beginning.
  /// - Throws: `.notFound`, or `.invalid` where several begin so.
  public func find(_ noun: Noun, _ reference: String) async throws -> Item {
    let id: Parameter
    if noun == .stream {
      id = .uuid(
        try await database.id(beginningWith: reference, in: noun.rawValue, called: noun.rawValue))
    } else {
      id = .int(Int64(reference))
    }
    let find = Statement.once(
      """
      SELECT t.id::text, a.username FROM \(noun.table) t
      JOIN account a ON a.id = \(noun.owner) WHERE t.id = $1
      """, .reads)
    guard let row = try await database.query(find, id).first else {
      throw Refusal.notFound("There is no \(noun.singular) “\(reference)”.")
    }
    let (text, owner) = try row.decode(String.self, String.self)
    return Item(noun: noun, id: text, owner: owner)
  }

  /// Removes it and what belongs to it.
  public func delete(_ item: Item) async throws {
    let cast = item.noun == .stream ? "uuid" : "bigint"
    _ = try await database.run([
      Statement.once("DELETE FROM \(item.noun.table) WHERE id = $1::text::\(cast)")(
        .text(item.id)),
      record(item.noun.deletion, item),
    ])
  }

  /// Ends a stream for its publisher and all who watch.
  /// - Returns: whether it hadn't ended yet.
  public func end(_ stream: Item) async throws -> Bool {
    guard let id = UUID(stream.id), try await Streams(database).end([id]).count == 1 else {
      return false
    }
    try await database.query(record(.streamEnd, stream))
    return true
  }

  /// Puts on record that somebody reads what isn't theirs.
  public func noteReading(_ item: Item) async throws {
    let event = item.noun == .integers ? Audit.Event.integersRead : .conversationRead
    try await database.query(record(event, item))
  }

  private func record(_ event: Audit.Event, _ item: Item) -> BoundStatement {
    Audit.record(
      event, by: actor, on: item.owner, after: [.init(item.noun.rawValue, .string(item.id))])
  }
}
