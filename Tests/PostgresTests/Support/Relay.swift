import CLinux
import EventLoop
import Glibc
import Synchronization
import TestSupport

/// A socket in front of the server that passes bytes on, or nothing at all.
///
/// `@unchecked Sendable`: everything in it is set once, before its threads begin, or a `Mutex`.
final class Relay: @unchecked Sendable {
  enum Manner: Sendable {
    /// One byte at a time from the server, each only after the one before was taken.
    case byteByByte
    /// Connections are accepted and never served.
    case silent
  }

  /// Where libpq finds the socket.
  let directory: String
  private let listener: CInt
  private let manner: Manner
  private let open = Mutex<[CInt]>([])

  init(_ manner: Manner, directory: String? = nil) throws {
    self.manner = manner
    self.directory = try directory ?? Self.makeDirectory()
    listener = try Self.unixSocket("\(self.directory)/.s.PGSQL.5432", connects: false)
    let server = try TestServer.socket()
    guard manner == .byteByByte else { return }
    pthread_detach(try startThread(name: "relay") { [self] in accept(server) })
  }

  /// What `conninfo` has to say to come through here.
  var words: [String: String] { ["host": directory, "port": "5432", "hostaddr": ""] }

  static func makeDirectory() throws(SystemError) -> String {
    var name = Array("/tmp/havocctl-relay-XXXXXX".utf8CString)
    guard let made = mkdtemp(&name) else { throw SystemError("mkdtemp") }
    return String(cString: made)
  }

  /// Ends the relay and every connection through it.
  func close() {
    shutdown(listener, HAVOC_SHUT_RDWR)
    Glibc.close(listener)
    for descriptor in open.withLock({ $0 }) { shutdown(descriptor, HAVOC_SHUT_RDWR) }
    unlink("\(directory)/.s.PGSQL.5432")
    rmdir(directory)
  }

  private func accept(_ server: String) {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { return }
      guard let upstream = try? Self.unixSocket(server, connects: true) else {
        Glibc.close(client)
        continue
      }
      open.withLock { $0 += [client, upstream] }
      pass("up", from: client, to: upstream, pieces: 65_536)
      pass("down", from: upstream, to: client, pieces: 1)
    }
  }

  private func pass(_ name: String, from source: CInt, to target: CInt, pieces: Int) {
    guard
      let thread = try? startThread(
        name: name, { Self.pass(from: source, to: target, pieces: pieces) })
    else { return }
    pthread_detach(thread)
  }

  private static func pass(from source: CInt, to target: CInt, pieces: Int) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(source, &buffer, buffer.count)
      guard count > 0 else { break }
      var position = 0
      while position < count {
        let size = min(pieces, count - position)
        let written = buffer[position...].withUnsafeBytes { write(target, $0.baseAddress, size) }
        guard written > 0 else { return }
        position += written
        if pieces == 1 { waitUntilTaken(target) }
      }
    }
    shutdown(target, HAVOC_SHUT_RDWR)
  }

  /// Waits until the reader at the other end has taken everything.
  private static func waitUntilTaken(_ descriptor: CInt) {
    var unread: CInt = 1
    while ioctl(descriptor, UInt(TIOCOUTQ), &unread) == 0, unread > 0 { sched_yield() }
  }

  private static func unixSocket(_ path: String, connects: Bool) throws(SystemError) -> CInt {
    let descriptor = socket(AF_UNIX, HAVOC_SOCK_STREAM, 0)
    guard descriptor >= 0 else { throw SystemError("socket") }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let status = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connects ? connect(descriptor, $0, size) : bind(descriptor, $0, size)
      }
    }
    guard status == 0, connects || listen(descriptor, 8) == 0 else {
      throw SystemError(connects ? "connect" : "bind")
    }
    return descriptor
  }
}
