import Postgres

/// An account as others see it.
public struct Person: Sendable, RowDecodable {
  public let id: Int64
  public let username: String
  public let isConnected: Bool
  public let avatar: String
  /// Their usernames, in order.
  public let friends: [String]

  /// What `init` reads, in its order.
  /// - Parameter account: what the account's table is called.
  static func columns(_ account: String) -> String {
    """
    \(account).id, \(account).username, \(Users.isConnectedSQL(account)), \(account).avatar,
    ARRAY(SELECT o.username FROM friend r JOIN account o ON o.id = r.friend
      WHERE r.account = \(account).id AND o.deleted IS NULL ORDER BY o.username_key)
    """
  }

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    id = try cells.next()
    username = try cells.next()
    isConnected = try cells.next()
    avatar = try cells.next()
    friends = try cells.next()
  }
}
