extension Log {
  /// How bad it is.
  public enum Level: Int, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    var name: String {
      switch self {
      case .debug: "debug"
      case .info: "info"
      case .warning: "warning"
      case .error: "error"
      }
    }

    /// The journal's own scale (sd-daemon(3)).
    var priority: String {
      switch self {
      case .debug: "<7>"
      case .info: "<6>"
      case .warning: "<4>"
      case .error: "<3>"
      }
    }

    public init?(name: String) {
      guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = level
    }

    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }
}
