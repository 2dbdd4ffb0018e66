/// One step of the schema. A step that has been released is never changed; a later one amends it.
public struct Migration: Sendable {
  public let version: Int
  public let name: String
  public let sql: String

  public init(_ version: Int, _ name: String, _ sql: String) {
    self.version = version
    self.name = name
    self.sql = sql
  }

  /// Every step in order.
  public static let all: [Migration] = [
    .foundation, .signIn, .people, .integers, .figures, .dashboard,
  ]
}
