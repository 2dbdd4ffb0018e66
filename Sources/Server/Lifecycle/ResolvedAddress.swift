import AdminKit
import CLinux
import Glibc

/// A host and a port that were looked up.
struct ResolvedAddress {
  let name: ListenAddress
  private(set) var storage = sockaddr_storage()
  private var length: socklen_t = 0

  init(_ address: ListenAddress) throws(ListenFailure) {
    name = address
    guard case .tcp(let host, let port) = address else {
      throw ListenFailure(address, "a host and a port are wanted")
    }
    var hints = addrinfo()
    hints.ai_socktype = HAVOC_SOCK_STREAM
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard status == 0, let found = list else {
      throw ListenFailure(address, String(cString: gai_strerror(status)))
    }
    length = found.pointee.ai_addrlen
    memcpy(&storage, found.pointee.ai_addr, Int(length))
  }

  var family: CInt { CInt(storage.ss_family) }

  /// Binds a socket here; 0, or -1 with errno.
  func bind(_ descriptor: CInt) -> CInt {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, length)
      }
    }
  }
}
