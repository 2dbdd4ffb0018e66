/// What the server tells about itself.
public enum ServerDescription {
  public static let version = Utilities.version

  /// Every endpoint: method, path, and who may call it.
  public static let endpoints: [(endpoint: String, access: Route.Access)] =
    Worker.routes.map { ("\($0.method.rawValue) /\($0.path)", $0.access) }
}
