import AdminKit
import Glibc

/// A peer's address as the kernel gives it.
struct SocketAddress: Sendable {
  private var storage: sockaddr_storage
  private var length: socklen_t

  init(_ storage: sockaddr_storage, _ length: socklen_t) {
    self.storage = storage
    self.length = length
  }

  /// A Unix socket's, without a name.
  static let unix = {
    var storage = sockaddr_storage()
    storage.ss_family = sa_family_t(AF_UNIX)
    return SocketAddress(storage, socklen_t(MemoryLayout<sa_family_t>.size))
  }()

  /// Where a socket is bound; nil for what is none.
  init?(local descriptor: CInt) {
    storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
      }
    }
    guard status == 0 else { return nil }
    self.length = length
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  var family: CInt { CInt(storage.ss_family) }

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

  /// Nil for one of another family.
  var listenAddress: ListenAddress? {
    switch CInt(storage.ss_family) {
    case AF_UNIX:
      let path = withUnsafeBytes(of: storage) { bytes in
        String(decoding: bytes.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
      }
      return .unix(path: path)
    case AF_INET, AF_INET6:
      // The port stands at the same place in both.
      let port = withUnsafeBytes(of: storage) { bytes in
        UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      }
      return host.map { .tcp(host: $0, port: port) }
    default: return nil
    }
  }

  /// Whether a per-address limit makes no sense for it.
  var isLocal: Bool {
    guard let host else { return true }
    return host.hasPrefix("127.") || host == "::1"
  }
}
