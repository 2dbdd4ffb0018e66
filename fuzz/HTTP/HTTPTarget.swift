import Glibc

/// What a client sends to a server: through a socket, in pieces, until the server has said all that it
/// has to say. Every answer is HTTP, each request has one, and the server goes on serving others.
///
/// The first byte says how: its low six bits are the pieces' size, 0 for all in one; with its highest
/// bit the client hangs up without having read a thing.
enum HTTPTarget {
  /// Pieces at the most; what is left goes in one.
  private static let mostPieces = 64

  static func check(_ bytes: UnsafeRawBufferPointer) {
    guard let manner = bytes.first else { return }
    let server = HTTPStage.shared
    let client = server.connect()
    let sent = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    client.send(sent, pieces: manner & 0x3F == 0 ? max(1, sent.count) : Int(manner & 0x3F))
    if manner & 0x80 == 0 {
      client.finishSending()
      var reader = AnswerReader(client.readAll())
      reader.check(server.takeMethods())
    }
    client.close()
    sentinel(server)
  }

  /// Another client is served as ever.
  private static func sentinel(_ server: HTTPStage) {
    let client = server.connect()
    let request = "GET /fuzz/sentinel HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    Array(request.utf8).withUnsafeBytes { client.send($0, pieces: $0.count) }
    let answer = String(decoding: client.readAll(), as: UTF8.self)
    client.close()
    require(
      answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix("\r\n\r\nstill here"),
      "the next client is told: \(answer)")
    _ = server.takeMethods()
  }

  /// One end of a pair of sockets, of which the server has the other.
  struct Client {
    let descriptor: CInt

    /// How long a server may be silent that owes an answer: none of its own times is as short.
    private static let patience: CInt = 8_000

    func send(_ bytes: UnsafeRawBufferPointer, pieces: Int) {
      var rest = bytes
      var count = 0
      while !rest.isEmpty {
        let size = count < HTTPTarget.mostPieces ? min(pieces, rest.count) : rest.count
        let written = Glibc.send(descriptor, rest.baseAddress, size, CInt(MSG_NOSIGNAL))
        // A server that has refused the rest doesn't read it.
        guard written > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        count += 1
        if !rest.isEmpty { waitUntilTaken() }
      }
    }

    /// Has each piece read by itself, but not for long: the server may rest from reading.
    private func waitUntilTaken() {
      var unread: CInt = 1
      var turns = 0
      while ioctl(descriptor, UInt(TIOCOUTQ), &unread) == 0, unread > 0, turns < 200 {
        sched_yield()
        turns += 1
      }
    }

    /// Behind what was sent, once that is read: together with it, libmicrohttpd 0.9.75 misses the end
    /// and waits for as long as it waits for a silent client.
    func finishSending() {
      for _ in 0..<100 { waitUntilTaken() }
      shutdown(descriptor, CInt(SHUT_WR))
    }

    func readAll() -> [UInt8] {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        require(poll(&ready, 1, Self.patience) > 0, "the server says nothing more, and stays")
        let count = read(descriptor, &buffer, buffer.count)
        // A server that closes with something unread resets the connection.
        guard count > 0 else { return bytes }
        bytes += buffer[..<count]
      }
    }

    func close() { Glibc.close(descriptor) }
  }
}
