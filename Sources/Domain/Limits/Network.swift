import Glibc

/// An IPv4 or IPv6 address; IPv4 in IPv6 is the IPv4 address.
public struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
  /// Network byte order, 4 or 16 of them.
  let bytes: [UInt8]

  public init?(_ text: String) {
    // C would read no further than a NUL.
    guard !text.containsNUL else { return nil }
    var v4 = in_addr()
    if inet_pton(AF_INET, text, &v4) == 1 {
      bytes = withUnsafeBytes(of: &v4) { Array($0) }
      return
    }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
    let all = withUnsafeBytes(of: &v6) { Array($0) }
    let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
    bytes = isMapped ? Array(all[12...]) : all
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  var width: Int { bytes.count * 8 }

  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    inet_ntop(family, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// What one customer of a provider has, and so what a limit counts: an IPv4 address, or the /64
  /// of an IPv6 one (RFC 6177).
  public var site: Network { Network(self, length: bytes.count == 4 ? 32 : 64) }
}

/// A block of addresses in CIDR notation (RFC 4632); a single address is one of full length.
public struct Network: Sendable, Hashable, CustomStringConvertible {
  public let address: NetworkAddress
  public let length: Int

  /// Bits behind the length are cleared.
  init(_ address: NetworkAddress, length: Int) {
    var bytes = address.bytes
    for index in bytes.indices {
      let kept = min(8, max(0, length - index * 8))
      bytes[index] &= kept == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF << (8 - kept))
    }
    self.address = NetworkAddress(bytes: bytes)
    self.length = length
  }

  /// Reads `192.0.2.0/24`, `2001:db8::/32`, or an address alone.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let address = NetworkAddress(String(parts[0])) else {
      return nil
    }
    guard parts.count == 2 else {
      self.init(address, length: address.width)
      return
    }
    guard (1...3).contains(parts[1].count),
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(parts[1]), length <= address.width
    else { return nil }
    self.init(address, length: length)
  }

  public func contains(_ other: NetworkAddress) -> Bool {
    other.width == address.width && Network(other, length: length).address == address
  }

  /// Whether it is one address.
  public var isSingle: Bool { length == address.width }

  public var description: String { isSingle ? "\(address)" : "\(address)/\(length)" }
}
