import AdminKit
import CLinux
import EventLoop
import Glibc

/// A socket that listens for HTTP: one that was opened here, or that the service manager passed on.
struct ListenSocket: Sendable {
  let descriptor: CInt
  let address: ListenAddress
  /// The socket's file; nil where there is none, or it stays when this server has ended because the
  /// service manager goes on listening there.
  private let file: SocketFile?

  private static let backlog: CInt = 4_096

  /// Whether it is a Unix socket, where nobody needs TLS.
  var isLocal: Bool {
    if case .unix = address { true } else { false }
  }

  /// Takes the socket's file away, too.
  func close() {
    Glibc.close(descriptor)
    file?.remove()
  }

  init(passed descriptor: CInt, _ address: ListenAddress) {
    self.descriptor = descriptor
    self.address = address
    file = nil
  }

  /// Listens, without blocking.
  init(_ address: ListenAddress) throws(ListenFailure) {
    self.address = address
    switch address {
    case .tcp:
      descriptor = try Self.tcp(address)
      file = nil
    case .unix(let path):
      descriptor = try Self.unix(path, address)
      file = SocketFile(path)
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
        if let file = SocketFile(path) {
          guard !isListening(pointer, length) else {
            Glibc.close(descriptor)
            throw ListenFailure(address, SystemError("bind", code: EADDRINUSE))
          }
          file.remove()
        } else if access(path, F_OK) == 0 {
          Glibc.close(descriptor)
          throw ListenFailure(address, "a file that is no socket is there")
        }
        let listening = try listening(descriptor, address) { bind(descriptor, pointer, length) }
        // Whoever may enter the directory may connect, whatever the umask of a service.
        chmod(path, 0o666)
        return listening
      }
    }
  }

  private static func isListening(_ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool {
    let probe = socket(AF_UNIX, HAVOC_SOCK_STREAM | HAVOC_SOCK_FLAGS, 0)
    guard probe >= 0 else { return true }
    defer { Glibc.close(probe) }
    return connect(probe, address, length) == 0 || errno == EAGAIN
  }

  private static func listening(
    _ descriptor: CInt, _ address: ListenAddress, bind: () -> CInt
  ) throws(ListenFailure) -> CInt {
    guard bind() == 0, listen(descriptor, backlog) == 0 else {
      let error = SystemError("bind")
      Glibc.close(descriptor)
      throw ListenFailure(address, error)
    }
    return descriptor
  }
}

/// The file of a Unix socket, as it was when it was looked at.
private struct SocketFile {
  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// - Returns: nil where there is none, or something else is there, which is nobody's to remove.
  init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    self.path = path
    device = status.st_dev
    inode = status.st_ino
  }

  /// Removes it, unless another's stands in its place by now.
  func remove() {
    guard let now = SocketFile(path), now.device == device, now.inode == inode else { return }
    unlink(path)
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
