/// A path of this server with a query, as it stands in a link.
struct Address: Sendable {
  let path: String
  private(set) var items: [(name: String, value: String)]

  init(_ path: String, _ items: [(name: String, value: String)] = []) {
    self.path = path
    self.items = items
  }

  /// The same with one value of that name.
  func with(_ name: String, _ value: String) -> Address {
    without(name).adding(name, value)
  }

  func adding(_ name: String, _ value: String) -> Address {
    var copy = self
    copy.items.append((name, value))
    return copy
  }

  func without(_ names: String...) -> Address { without(names) }

  func without(_ names: [String]) -> Address {
    Address(path, items.filter { !names.contains($0.name) })
  }

  /// An address of this program's own making, read back.
  static func parsed(_ text: String) -> Address {
    guard let mark = text.firstIndex(of: "?") else { return Address(text) }
    let items = PercentEncoding.decodePairs(text[text.index(after: mark)...])
    return Address(String(text[..<mark]), items ?? [])
  }

  func without(_ name: String, value: String) -> Address {
    Address(path, items.filter { $0.name != name || $0.value != value })
  }

  var text: String {
    guard !items.isEmpty else { return path }
    return path + "?"
      + items.map { PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value) }
      .joined(separator: "&")
  }
}

extension HTML.Interpolation {
  mutating func appendInterpolation(_ address: Address) { appendInterpolation(address.text) }
}
