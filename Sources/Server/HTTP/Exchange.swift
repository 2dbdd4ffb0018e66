import CMicrohttpd
import Domain
import EventLoop
import Glibc

/// One request and its answer, from the request line to the last byte.
///
/// `@unchecked Sendable`: touched only on its engine's loop; the task that makes the answer runs
/// there too.
final class Exchange: @unchecked Sendable {
  let engine: Engine
  private let connection: OpaquePointer
  private let client: ClientConnection
  private let target: String
  /// There until the request has it.
  private var head: Head?
  private var methodName = ""
  private var method: Method?
  private var body: [UInt8] = []
  /// Takes the body in place of `body`.
  private var upload: SetUpload?
  /// Whether the body is one of those of which there are only so many at once.
  private var isLarge = false
  /// Whether there was no place for it.
  private var isCrowdedOut = false
  /// Bytes of the body that are taken.
  private var maxBody = 0
  /// Bytes of the body that came, kept or not.
  private var received = 0
  private(set) var isBegun = false
  private var isActive = false
  /// Whether somebody works on the answer.
  private(set) var isAwaited = false
  /// How often the library has asked for it.
  private var timesAsked = 0
  private var requestID = ""
  private var response: Response?
  /// What the connection becomes behind the answer.
  private var upgrade: Upgrade?

  init(engine: Engine, connection: OpaquePointer, client: ClientConnection, target: String) {
    self.engine = engine
    self.connection = connection
    self.client = client
    self.target = target
  }

  /// The head is complete.
  func begin(method name: String, version: String) -> MHD_Result {
    isBegun = true
    methodName = name
    let head = readHead(version: version)
    let declaredLength = head.contentLength.flatMap(Int.init) ?? 0
    chooseBody(name, head, declaredLength)
    do {
      try Guard.check(
        method: name, target: target, version: version, head: head, limits: engine.limits,
        maxBody: maxBody)
    } catch {
      return reject(error)
    }
    guard let method = Method(rawValue: name) else {
      return reject(Guard.Rejection(status: 501, reason: "The method isn't known here."))
    }
    self.method = method
    let timeout = upload == nil ? engine.limits.bodyTimeout : engine.limits.setsTimeout
    client.phase = .body(
      due: engine.loop.now + timeout.nanoseconds, lastProgress: engine.loop.now)
    if upload == nil { body.reserveCapacity(declaredLength) }
    self.head = consume head
    guard declaredLength <= engine.limits.body || takeLargeBody() else { return reject(.busy) }
    return .yes
  }

  /// Finds out how much of a body is taken, and by what; a small one is never looked at twice.
  private func chooseBody(_ method: String, _ head: Head, _ declaredLength: Int) {
    let limits = engine.limits
    maxBody = limits.body
    guard
      head.transferEncoding != nil
        || declaredLength > min(limits.body, limits.sets, HTTPLimits.streamedBody)
    else { return }
    let size = engine.bodySize(method, target.prefix { $0 != "?" })
    if case .sets(let kind) = size {
      guard MediaType(of: head).isJSON else { return }
      upload = SetUpload(kind)
    }
    maxBody = limits.body(size)
  }

  /// Takes one of the places for large bodies of sets.
  /// - Returns: false where there is none.
  private func takeLargeBody() -> Bool {
    guard upload != nil, !isLarge else { return true }
    guard engine.largeBodies < engine.limits.largeBodies else {
      upload = nil
      return false
    }
    engine.largeBodies += 1
    isLarge = true
    return true
  }

  private func leaveLargeBody() {
    if isLarge { engine.largeBodies -= 1 }
    isLarge = false
  }

  private func readHead(version: String) -> Head {
    withUnsafeTemporaryAllocation(of: Head.self, capacity: 1) { place in
      place.initializeElement(at: 0, to: Head())
      _ = havoc_mhd_headers(
        connection,
        { context, _, name, nameLength, value, valueLength in
          guard let head = context?.assumingMemoryBound(to: Head.self) else { return .no }
          head.pointee.add(
            UnsafeBufferPointer(
              start: UnsafeRawPointer(name)?.assumingMemoryBound(to: UInt8.self),
              count: nameLength),
            UnsafeBufferPointer(
              start: UnsafeRawPointer(value)?.assumingMemoryBound(to: UInt8.self),
              count: value == nil ? 0 : valueLength))
          return .yes
        }, place.baseAddress)
      // HTTP/1.0 knows no change of protocol (RFC 9110, section 7.8).
      if version != "HTTP/1.1" { place[0].upgrade = [:] }
      return place.moveElement(from: 0)
    }
  }

  /// Answers without looking any further; the connection closes behind the answer.
  private func reject(_ rejection: Guard.Rejection) -> MHD_Result {
    var response = engine.refuse(
      RefusedRequest(
        id: nextID(), method: methodName, target: target, client: client.peer,
        rejection: rejection))
    response.closes = true
    // In TLS it is the client's own connection that lingers, and not the pair behind it.
    client.lingers = !client.peer.isSecure
    client.phase = .handling(since: engine.loop.now)
    return send(response)
  }

  /// A piece of the body. One that can't be taken is dropped and its request answered at its end; a
  /// client that goes on for long is cut off.
  func receive(_ piece: UnsafeRawBufferPointer) -> MHD_Result {
    if case .body(let due, _) = client.phase {
      client.phase = .body(due: due, lastProgress: engine.loop.now)
    }
    received += piece.count
    if received > engine.limits.body, !takeLargeBody() { isCrowdedOut = true }
    if received > maxBody || isCrowdedOut {
      body = []
      upload = nil
    } else if let upload {
      upload.receive(piece)
    } else {
      body.append(contentsOf: piece)
    }
    return received > maxBody + 3 * engine.limits.body ? .no : .yes
  }

  private var isTooLarge: Bool { received > maxBody }

  /// The request is complete, or its answer is ready.
  func proceed() -> MHD_Result {
    if let response {
      self.response = nil
      return send(response)
    }
    guard !isActive, let method else { return .no }
    if isCrowdedOut { return reject(.busy) }
    if isTooLarge {
      return reject(
        Guard.Rejection(
          status: 413,
          reason: "The body is too large: at most \(maxBody) bytes are taken."))
    }
    client.phase = .handling(since: engine.loop.now)
    client.exchange = self
    isActive = true
    isAwaited = true
    engine.began()
    requestID = nextID()
    let head = head.take() ?? Head()
    let proxied = engine.proxies.client(client.peer, head)
    let request = Request(
      id: requestID, method: method, target: target, head: head, client: proxied,
      body: upload.map { .upload($0) } ?? .bytes(body))
    body = []
    upload = nil
    engine.awaits(true)
    engine.answers.run((self, request))
    return .yes
  }

  /// How often the library may ask before the connection sleeps. To sleep and to wake up are calls of
  /// the kernel's, and most answers are there before.
  private static let patience = 32

  /// The library wants the answer, which isn't there yet.
  func askedAgain() -> MHD_Result {
    timesAsked += 1
    if timesAsked == Self.patience {
      engine.awaits(false)
      engine.suspend(connection)
    }
    return .yes
  }

  /// - Parameter response: dropped when the request was given up meanwhile, or the client has gone.
  func answer(_ response: Response) {
    leaveLargeBody()
    guard isAwaited else { return }
    stopAwaiting()
    self.response = response
    engine.resume(connection)
  }

  private func stopAwaiting() {
    guard isAwaited else { return }
    isAwaited = false
    if timesAsked < Self.patience { engine.awaits(false) }
  }

  /// Answers that it takes too long. What works on the real answer goes on, to nobody.
  func giveUp() {
    guard isAwaited else { return }
    answer(
      engine.refuse(
        RefusedRequest(
          id: requestID, method: methodName, target: target, client: client.peer,
          rejection: Guard.Rejection(status: 503, reason: "The server took too long."))))
  }

  private func nextID() -> String {
    engine.requestCount += 1
    return engine.requestCount.withDigits(radix: 16) {
      engine.idPrefix + String(decoding: $0, as: UTF8.self)
    }
  }

  private func send(_ response: Response) -> MHD_Result {
    guard let pointer = makeResponse(response) else { return .no }
    defer { MHD_destroy_response(pointer) }
    for header in response.headers {
      // A String that is passed to C as it is would be copied to the heap first.
      header.name.withCString { name in
        header.value.withCString { _ = MHD_add_response_header(pointer, name, $0) }
      }
    }
    if response.closes || engine.isDraining {
      MHD_add_response_header(pointer, "Connection", "close")
    }
    return MHD_queue_response(connection, UInt32(response.status), pointer)
  }

  private func makeResponse(_ response: Response) -> OpaquePointer? {
    switch response.body {
    case .none: return havoc_mhd_copying_response(nil, 0)
    case .bytes(let bytes):
      return bytes.withUnsafeBytes { havoc_mhd_copying_response($0.baseAddress, $0.count) }
    case .shared(let shared):
      return MHD_create_response_from_buffer_with_free_callback_cls(
        shared.buffer.count, shared.buffer.baseAddress,
        { pointer in
          if let pointer { Unmanaged<SharedBytes>.fromOpaque(pointer).release() }
        }, Unmanaged.passRetained(shared).toOpaque())
    case .upgrade(let upgrade):
      self.upgrade = upgrade
      return MHD_create_response_for_upgrade(
        engineUpgraded, Unmanaged.passUnretained(self).toOpaque())
    case .stream(let next):
      return ResponseStream(engine: engine, connection: connection, next: next).makeResponse()
    }
  }

  /// The answer that changes the protocol is out: the connection is somebody else's from here on.
  /// - Parameter extra: what the client sent behind its request already.
  func upgraded(_ descriptor: CInt, extra: [UInt8]) {
    guard let upgrade else { return }
    self.upgrade = nil
    // The library lets go of its own descriptor, and of the memory that it keeps for a request.
    let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard own >= 0 else { return }
    client.isUpgraded = true
    upgrade.take(own, client.peer.address, extra) { [engine, client] in
      engine.onClosed(client.peer.address)
    }
  }

  /// The answer is out, or the client has gone.
  func completed() {
    stopAwaiting()
    if isActive { engine.ended() } else { leaveLargeBody() }
    isActive = false
    client.hasServed = true
    client.phase = .idle(since: engine.loop.now)
  }
}
