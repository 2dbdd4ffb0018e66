/// Finds a request's route by its path.
struct Router: Sendable {
  /// What was found.
  enum Match {
    /// The route, and the numbers that stood in the path.
    case route(Route, numbers: [Int64])
    /// The path is known, with other methods.
    case otherMethods([Method])
    case none
  }

  private enum Segment: Sendable {
    case literal(String)
    case integer
  }

  private struct Pattern: Sendable {
    let segments: [Segment]
    var routes: [Method: Route]
  }

  /// Paths without a parameter, which most requests ask for, by their whole text.
  private var literals: [String: [Method: Route]] = [:]
  private var patterns: [Pattern] = []

  let routes: [Route]

  init(_ routes: [Route]) {
    self.routes = routes
    for route in routes { add(route) }
  }

  private mutating func add(_ route: Route) {
    guard route.path.contains("<") else {
      literals[route.path, default: [:]][route.method] = route
      return
    }
    let names = route.path.split(separator: "/")
    if let index = patterns.firstIndex(where: {
      $0.routes.values.contains { $0.path == route.path }
    }) {
      patterns[index].routes[route.method] = route
    } else {
      let segments = names.map { $0.hasPrefix("<int:") ? Segment.integer : .literal(String($0)) }
      patterns.append(Pattern(segments: segments, routes: [route.method: route]))
    }
  }

  /// - Parameter path: as on the wire; a slash at its end makes no difference.
  func match(_ method: Method, _ path: Substring) -> Match {
    guard let decoded = Self.decode(path) else { return .none }
    if let routes = literals[decoded] { return pick(method, routes, []) }
    let segments = decoded.utf8.split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for pattern in patterns where pattern.segments.count == segments.count {
      if let numbers = Self.numbers(pattern.segments, segments) {
        return pick(method, pattern.routes, numbers)
      }
    }
    return .none
  }

  /// The path without its first and last slash, decoded.
  /// - Returns: nil where it doesn't decode, or where an escaped slash would move a boundary.
  private static func decode(_ path: Substring) -> String? {
    let slash = UInt8(ascii: "/")
    var trimmed = path.utf8.dropFirst()
    if trimmed.last == slash { trimmed = trimmed.dropLast() }
    guard trimmed.contains(UInt8(ascii: "%")) else { return String(trimmed) }
    guard let decoded = PercentEncoding.decode(Substring(trimmed)),
      decoded.utf8.count(where: { $0 == slash }) == trimmed.count(where: { $0 == slash })
    else { return nil }
    return decoded
  }

  private func pick(_ method: Method, _ routes: [Method: Route], _ numbers: [Int64]) -> Match {
    // HEAD is GET without the body, which the engine leaves out.
    if let route = routes[method == .head ? .get : method] {
      return .route(route, numbers: numbers)
    }
    var methods = Array(routes.keys)
    if routes[.get] != nil { methods.append(.head) }
    methods.append(.options)
    return .otherMethods(methods.sorted { $0.rawValue < $1.rawValue })
  }

  private static func numbers(
    _ pattern: [Segment], _ segments: [String.UTF8View.SubSequence]
  ) -> [Int64]? {
    var numbers: [Int64] = []
    for (expected, segment) in zip(pattern, segments) {
      switch expected {
      case .literal(let text): guard segment.elementsEqual(text.utf8) else { return nil }
      case .integer:
        guard !segment.isEmpty, segment.allSatisfy({ (0x30...0x39).contains($0) }),
          let number = Int64(Substring(segment))
        else { return nil }
        numbers.append(number)
      }
    }
    return numbers
  }
}
