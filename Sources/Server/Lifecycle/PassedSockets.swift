import AdminKit
import CLinux
import CSystemd
import EventLoop
import Glibc

/// Sockets that the service manager opened before the server began (sd_listen_fds(3)).
struct PassedSockets {
  /// In place of those that are configured, where there are any.
  private(set) var http: [ListenSocket] = []
  /// STUN's, on UDP and on TCP, in place of those that are configured, where there are any.
  private(set) var datagrams: [CInt] = []
  private(set) var streams: [CInt] = []

  var hasSTUN: Bool { !datagrams.isEmpty || !streams.isEmpty }

  private static let first: CInt = 3

  /// Takes them; a second time there are none.
  /// - Throws: for a socket of the wrong kind.
  init() throws(Failure) {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = havoc_sd_listen_fds(&names)
    guard count >= 0 else {
      throw Failure(
        .failed,
        """
        the service manager's sockets: LISTEN_PID, LISTEN_FDS or LISTEN_FDNAMES is malformed \
        (\(String(cString: strerror(-count))))
        """, hint: "unset them, or start havocctl by systemd")
    }
    defer {
      for index in 0..<Int(count) { free(names?[index]) }
      free(names)
    }
    for index in 0..<count {
      let name = names?[Int(index)].map { String(cString: $0) } ?? "unknown"
      try take(PassedSocket(Self.first + index), name)
    }
  }

  private mutating func take(_ socket: PassedSocket, _ name: String) throws(Failure) {
    let isSTUN = name == "stun" || (name != "http" && socket.kind == .datagrams)
    switch (socket.kind, isSTUN, socket.address) {
    case (.listening, false, let address?):
      http.append(ListenSocket(passed: socket.descriptor, address))
    case (.listening, true, .tcp): streams.append(socket.descriptor)
    case (.datagrams, true, .tcp): datagrams.append(socket.descriptor)
    default:
      let wanted =
        isSTUN
        ? "a UDP socket, or a listening TCP socket, is wanted"
        : "a listening stream socket is wanted"
      throw Failure(
        .failed,
        """
        socket “\(name)” (descriptor \(socket.descriptor)) from the service manager: it is \
        \(socket.words), and \(wanted)
        """,
        hint: isSTUN
          ? "ListenDatagram= and ListenStream= with addresses, in havocctl-stun.socket"
          : "ListenStream= in havocctl.socket")
    }
    socket.prepare()
  }
}

/// What a descriptor is that was passed.
private struct PassedSocket {
  enum Kind { case listening, stream, datagrams, other, none }

  let descriptor: CInt
  let kind: Kind
  /// Nil for one of another family.
  let address: ListenAddress?

  init(_ descriptor: CInt) {
    self.descriptor = descriptor
    switch Self.option(descriptor, SO_TYPE) {
    case HAVOC_SOCK_STREAM:
      kind = Self.option(descriptor, SO_ACCEPTCONN) == 1 ? .listening : .stream
    case HAVOC_SOCK_DGRAM: kind = .datagrams
    case nil: kind = .none
    default: kind = .other
    }
    address = SocketAddress(local: descriptor)?.listenAddress
  }

  var words: String {
    let family = if case .unix? = address { "Unix " } else { "" }
    return switch kind {
    case .listening: "a listening \(family)stream socket"
    case .stream: "a \(family)stream socket that doesn't listen"
    case .datagrams: "a \(family)datagram socket"
    case .other: "a socket of another type"
    case .none: "no socket"
    }
  }

  private static func option(_ descriptor: CInt, _ name: CInt) -> CInt? {
    var value: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }

  /// The loops never wait for a socket.
  func prepare() {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }
}
