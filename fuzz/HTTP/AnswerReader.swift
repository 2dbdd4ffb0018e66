/// Reads what a server has said on one connection, as strictly as RFC 9112 allows: answers, one behind
/// another, and what a WebSocket sends behind an answer of 101.
struct AnswerReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// - Parameter methods: of the requests that were answered, by their ids.
  mutating func check(_ methods: [String: String]) {
    var methods = methods
    while !rest.isEmpty {
      let start = rest
      let (status, headers) = head()
      // What a client waits for before it sends its body.
      if status == 100, headers.isEmpty { continue }
      let id = headers["x-request-id"]
      let method = id.flatMap { methods.removeValue(forKey: $0) }
      require(id == nil || method != nil, "an answer to nothing: \(id ?? "")")
      if id == nil {
        // The engine's own words, which are its last.
        require((400...599).contains(status), "an answer of \(status) that nobody gave")
        // Of a Content-Length that it can't read, libmicrohttpd 0.9.75 complains with its head twice.
        let head = start[..<rest.startIndex]
        if rest.starts(with: head) { rest = rest.dropFirst(head.count) }
      }
      if status == 101 {
        _ = WebSocketFrames.check(rest)
        return
      }
      body(status, method, headers)
      if headers["connection"]?.lowercased() == "close" || id == nil {
        require(
          rest.isEmpty,
          "an answer behind the last one: \(String(decoding: rest.prefix(300), as: UTF8.self))")
      }
    }
  }

  private mutating func line() -> String {
    guard let end = rest.firstIndex(of: 0x0D), rest[end...].starts(with: [0x0D, 0x0A]) else {
      fatalError("a line without an end: \(String(decoding: rest.prefix(200), as: UTF8.self))")
    }
    let line = rest[..<end]
    rest = rest[end...].dropFirst(2)
    require(
      line.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 },
      "a control character in “\(String(decoding: line, as: UTF8.self))”")
    return String(decoding: line, as: UTF8.self)
  }

  private mutating func head() -> (status: Int, headers: [String: String]) {
    let parts = line().split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0",
      parts[1].utf8.count == 3, let status = Int(parts[1]), (100...599).contains(status)
    else { fatalError("no status line: \(parts)") }
    var headers: [String: String] = [:]
    while true {
      let text = line()
      if text.isEmpty { return (status, headers) }
      guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else {
        fatalError("no header: “\(text)”")
      }
      let name = text[..<colon].lowercased()
      require(!name.contains(" ") && !name.contains("\t"), "no header: “\(text)”")
      let value = String(text[text.index(after: colon)...].drop { $0 == " " })
      let mayRepeat = ["set-cookie", "link", "vary"].contains(name)
      require(mayRepeat || headers[name] == nil, "two headers: “\(text)”")
      headers[name] = value
    }
  }

  private mutating func body(_ status: Int, _ method: String?, _ headers: [String: String]) {
    let length = headers["content-length"].map { text -> Int in
      guard let length = Int(text), length >= 0 else { fatalError("no length: \(text)") }
      return length
    }
    let isChunked = headers["transfer-encoding"] != nil
    require(length == nil || !isChunked, "a body in two framings")
    if status == 204 || status == 304 || method == "HEAD" { return }
    if isChunked {
      require(headers["transfer-encoding"]?.lowercased() == "chunked", "an unknown coding")
      chunks()
    } else if let length {
      // Only the engine itself may have been asked for a head, by a request that it couldn't read.
      if method == nil, rest.isEmpty { return }
      require(rest.count >= length, "\(rest.count) bytes of \(length)")
      rest = rest.dropFirst(length)
    } else {
      // Up to the connection's end.
      rest = []
    }
  }

  private mutating func chunks() {
    while true {
      let size = line()
      guard !size.isEmpty, let count = Int(size, radix: 16), count >= 0 else {
        fatalError("no chunk: “\(size)”")
      }
      require(rest.count >= count + 2, "a chunk that is cut off")
      rest = rest.dropFirst(count)
      require(line().isEmpty, "a chunk that is longer than it says")
      if count == 0 { return }
    }
  }
}

/// What a server's WebSocket says.
enum WebSocketFrames {
  /// Whole and unmasked, with a length as short as it can be, and nothing behind a close (RFC 6455,
  /// sections 5.1, 5.2 and 5.5).
  /// - Returns: the closing frame's content.
  static func check(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var rest = bytes
    var isClosed = false
    var goodbye: [UInt8] = []
    while let first = rest.popFirst() {
      require(!isClosed, "a frame behind the close")
      require([0x81, 0x82, 0x88, 0x89, 0x8A].contains(first), "no frame: \(first)")
      guard let short = rest.popFirst() else { fatalError("a frame that is cut off") }
      require(short & 0x80 == 0, "a masked frame")
      var length = Int(short)
      if short >= 126 {
        let digits = rest.prefix(short == 126 ? 2 : 8)
        length = digits.reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(digits.count)
        require(length >= (short == 126 ? 126 : 65_536), "a length that is too long")
        require(first & 8 == 0, "a long control frame")
      }
      require(rest.count >= length, "a frame that is cut off")
      isClosed = first == 0x88
      require(!isClosed || length != 1, "half of a code")
      if isClosed { goodbye = Array(rest.prefix(length)) }
      rest = rest.dropFirst(length)
    }
    return goodbye
  }
}
