import AdminKit

/// What the server tells about itself.
public enum ServerDescription {
  public static let version = Utilities.version

  /// Who may call which endpoint.
  public static let policies: [EndpointPolicy] = Worker.api.map { route in
    let need: EndpointPolicy.Need =
      switch route.access {
      case .anyone: .nothing
      case .caller: .signIn
      case .admin: .administrator
      }
    let segments = route.path.split(separator: "/").joined(separator: "/")
    return EndpointPolicy(endpoint: "\(route.method.rawValue) /\(segments)", need: need)
  }
}
