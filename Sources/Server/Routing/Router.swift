import Domain

/// What stood in a path's placeholders, in order.
struct PathValues: Sendable {
  var numbers: [Int64] = []
  var texts: [String] = []
}

/// Finds a request's route by its path, segment by segment.
struct Router: Sendable {
  /// What was found.
  enum Match {
    /// The route, and what stood in the path's placeholders.
    case route(Route, PathValues)
    /// The path is known, with other methods; one of its routes.
    case otherMethods([Method], Route)
    case none

    /// The number of the route that answers for the path.
    var route: Int? {
      switch self {
      case .route(let route, _), .otherMethods(_, let route): route.number
      case .none: nil
      }
    }
  }

  /// A place between two slashes, and what may follow it.
  private struct Node: Sendable {
    var literals: [(text: [UInt8], node: Int)] = []
    /// Where digits lead.
    var integer: Int?
    /// Where any other segment leads.
    var text: Int?
    /// One a method.
    var routes: [Route] = []
  }

  private var nodes = [Node()]

  let routes: [Route]

  init(_ routes: [Route]) {
    self.routes = routes.enumerated().map { $1.numbered($0) }
    for route in self.routes { add(route) }
  }

  private mutating func add(_ route: Route) {
    var current = 0
    for name in route.path.split(separator: "/") {
      let text = Array(name.utf8)
      let next: Int
      if name.hasPrefix("<int:") {
        next = nodes[current].integer ?? nodes.count
        nodes[current].integer = next
      } else if name.hasPrefix("<str:") {
        next = nodes[current].text ?? nodes.count
        nodes[current].text = next
      } else if let known = nodes[current].literals.first(where: { $0.text == text }) {
        next = known.node
      } else {
        next = nodes.count
        nodes[current].literals.append((text, next))
      }
      if next == nodes.count { nodes.append(Node()) }
      current = next
    }
    nodes[current].routes.append(route)
  }

  /// - Parameter path: as on the wire; a slash at its end makes no difference.
  func match(_ method: Method, _ path: Substring) -> Match {
    var path = path
    let isPlain = path.withUTF8 { bytes in bytes.indexOfFirst { $0.equal("%") } == bytes.count }
    guard !isPlain else { return match(method, bytes: path) }
    // An escaped slash would move a boundary.
    guard let decoded = PercentEncoding.decode(path), Self.slashes(decoded) == Self.slashes(path)
    else { return .none }
    return match(method, bytes: decoded[...])
  }

  private static let slash = UInt8(ascii: "/")

  private static func slashes(_ text: some StringProtocol) -> Int {
    text.utf8.count { $0 == slash }
  }

  private func match(_ method: Method, bytes path: Substring) -> Match {
    var path = path
    return path.withUTF8 { bytes in
      guard bytes.first == Self.slash else { return .none }
      let end = bytes.count > 1 && bytes.last == Self.slash ? bytes.count - 1 : bytes.count
      var current = 0
      var values = PathValues()
      var start = 1
      while start <= end {
        var stop = start
        while stop < end, bytes[stop] != Self.slash { stop += 1 }
        let segment = UnsafeBufferPointer(rebasing: bytes[start..<stop])
        if let next = nodes[current].literals.first(where: { segment.elementsEqual($0.text) }) {
          current = next.node
        } else if let next = nodes[current].integer, let number = Self.number(segment) {
          values.numbers.append(number)
          current = next
        } else if let next = nodes[current].text, !segment.isEmpty {
          values.texts.append(String(decoding: segment, as: UTF8.self))
          current = next
        } else {
          return .none
        }
        start = stop + 1
      }
      return pick(method, nodes[current].routes, values)
    }
  }

  /// How large a body the route of a path takes.
  func bodySize(_ method: String, _ path: Substring) -> HTTPLimits.BodySize {
    guard let method = Method(rawValue: method), case .route(let route, _) = match(method, path)
    else { return .usual }
    return route.bodySize
  }

  private static func number(_ digits: UnsafeBufferPointer<UInt8>) -> Int64? {
    var number: Int64 = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = product.addingReportingOverflow(Int64(digit - 0x30))
      guard !isTooLarge, !overflows else { return nil }
      number = sum
    }
    return digits.isEmpty ? nil : number
  }

  private func pick(_ method: Method, _ routes: [Route], _ values: PathValues) -> Match {
    // HEAD is GET without the body, which the engine leaves out.
    let wanted = method == .head ? .get : method
    if let route = routes.first(where: { $0.method == wanted }) { return .route(route, values) }
    guard let other = routes.first else { return .none }
    var methods = routes.map(\.method)
    if methods.contains(.get) { methods.append(.head) }
    methods.append(.options)
    return .otherMethods(methods.sorted { $0.rawValue < $1.rawValue }, other)
  }
}
