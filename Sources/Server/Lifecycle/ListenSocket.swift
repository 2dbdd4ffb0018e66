import AdminKit
import CLinux
import EventLoop
import Glibc

/// Opens listening sockets.
enum ListenSocket {
  private static let backlog: CInt = 1_024

  /// - Returns: a listening descriptor that doesn't block.
  static func open(_ address: ListenAddress) throws(ListenFailure) -> CInt {
    switch address {
    case .tcp: try tcp(address)
    case .unix(let path): try unix(path, address)
    }
  }

  private static func tcp(_ address: ListenAddress) throws(ListenFailure) -> CInt {
    let resolved = try ResolvedAddress(address)
    let descriptor = socket(resolved.family, HAVOC_SOCK_STREAM | HAVOC_SOCK_FLAGS, 0)
    guard descriptor >= 0 else { throw ListenFailure(address, SystemError("socket")) }
    var one: CInt = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
    return try listening(descriptor, address) { resolved.bind(descriptor) }
  }

  private static func unix(
    _ path: String, _ address: ListenAddress
  ) throws(ListenFailure) -> CInt {
    let descriptor = socket(AF_UNIX, HAVOC_SOCK_STREAM | HAVOC_SOCK_FLAGS, 0)
    guard descriptor >= 0 else { throw ListenFailure(address, SystemError("socket")) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    return try withUnsafePointer(to: &name) { pointer throws(ListenFailure) in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        pointer throws(ListenFailure) in
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        // A socket file outlives the server that was killed; one that nobody answers on is
        // cleared away.
        let isAnswered = isListening(pointer, length)
        if !isAnswered { unlink(path) }
        return try listening(descriptor, address) { bind(descriptor, pointer, length) }
      }
    }
  }

  private static func isListening(_ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool {
    let probe = socket(AF_UNIX, HAVOC_SOCK_STREAM | HAVOC_SOCK_FLAGS, 0)
    guard probe >= 0 else { return true }
    defer { close(probe) }
    return connect(probe, address, length) == 0 || errno == EAGAIN
  }

  private static func listening(
    _ descriptor: CInt, _ address: ListenAddress, bind: () -> CInt
  ) throws(ListenFailure) -> CInt {
    guard bind() == 0, listen(descriptor, backlog) == 0 else {
      let error = SystemError("bind")
      close(descriptor)
      throw ListenFailure(address, error)
    }
    return descriptor
  }
}

/// An address that can't be listened on.
public struct ListenFailure: Error, Sendable {
  public let address: ListenAddress
  public let reason: String
  public let isInUse: Bool
  /// The setting that names it.
  public private(set) var option = "listen"

  init(_ address: ListenAddress, _ reason: String) {
    self.address = address
    self.reason = reason
    isInUse = false
  }

  init(_ address: ListenAddress, _ error: SystemError) {
    self.address = address
    reason = error.reason
    isInUse = error.code == EADDRINUSE
  }

  /// The same, of an address that another setting names.
  func about(_ option: String) -> ListenFailure {
    var copy = self
    copy.option = option
    return copy
  }
}
