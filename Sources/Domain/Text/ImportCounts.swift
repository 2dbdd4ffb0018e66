/// What bringing a file in did.
public struct ImportCounts: Sendable, Equatable {
  public let added: Int
  public let changed: Int
  public let unchanged: Int
}
