/// An IP address and a port.
public struct TransportAddress: Sendable, Hashable {
  public enum Family: UInt8, Sendable {
    case ipv4 = 1
    case ipv6 = 2
  }

  public let family: Family
  /// The address's 16 bytes, first to last; of IPv4 the last four of `low`.
  public let high: UInt64
  public let low: UInt64
  public var port: UInt16

  /// - Parameter address: its four bytes, the first of them most significant.
  public init(ipv4 address: UInt32, port: UInt16) {
    family = .ipv4
    high = 0
    low = UInt64(address)
    self.port = port
  }

  public init(ipv6 high: UInt64, _ low: UInt64, port: UInt16) {
    family = .ipv6
    self.high = high
    self.low = low
    self.port = port
  }

  /// What one who answers limits together: an IPv4 address, or the network that one IPv6 subscriber
  /// has to itself (RFC 6177), which are 64 bits.
  public var subscriber: UInt64 { family == .ipv4 ? low | 0xFFFF << 48 : high }
}
