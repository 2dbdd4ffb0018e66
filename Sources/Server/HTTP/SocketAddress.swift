import Glibc

/// A peer's address as the kernel gives it.
struct SocketAddress: Sendable {
  private var storage: sockaddr_storage
  private var length: socklen_t

  init(_ storage: sockaddr_storage, _ length: socklen_t) {
    self.storage = storage
    self.length = length
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// The numeric address without the port; an IPv4 one that came over an IPv6 socket as IPv4. Nil
  /// for a Unix socket.
  var host: String? {
    guard storage.ss_family != sa_family_t(AF_UNIX) else { return nil }
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = withPointer { address, length in
      getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
    }
    guard status == 0 else { return nil }
    let host = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return host.hasPrefix("::ffff:") && host.contains(".") ? String(host.dropFirst(7)) : host
  }

  /// Whether a per-address limit makes no sense for it.
  var isLocal: Bool {
    guard let host else { return true }
    return host.hasPrefix("127.") || host == "::1"
  }
}
