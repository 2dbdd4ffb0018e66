import CMicrohttpd
import EventLoop
import Glibc

// What libmicrohttpd calls. `context` is always the engine, which outlives its daemon.

private func engine(_ context: UnsafeMutableRawPointer?) -> Engine {
  guard let context else { preconditionFailure("libmicrohttpd lost its context") }
  return Unmanaged<Engine>.fromOpaque(context).takeUnretainedValue()
}

private func client(of connection: OpaquePointer?) -> ClientConnection? {
  connection.flatMap { havoc_mhd_connection_context($0) }.map {
    Unmanaged<ClientConnection>.fromOpaque($0).takeUnretainedValue()
  }
}

/// A connection began or ended.
func engineConnection(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ socketContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ code: MHD_ConnectionNotificationCode
) {
  guard let connection, let socketContext else { return }
  if havoc_mhd_is_connection_started(code) != 0 {
    let client = engine(context).opened(connection)
    socketContext.pointee = Unmanaged.passRetained(client).toOpaque()
  } else if let pointer = socketContext.pointee {
    socketContext.pointee = nil
    engine(context).closed(Unmanaged<ClientConnection>.fromOpaque(pointer).takeRetainedValue())
  }
}

/// A request line is complete; its target is as it stood on the wire.
func engineURI(
  _ context: UnsafeMutableRawPointer?, _ uri: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  guard let uri, let connection, let client = client(of: connection) else { return nil }
  let engine = engine(context)
  client.phase = .head(since: engine.loop.now)
  let exchange = Exchange(
    engine: engine, connection: connection, client: client, target: String(cString: uri))
  // The query is read here when somebody asks for it. The library would spend more memory on each of
  // its names than a connection has for a few hundred of them, and then never answer.
  if let mark = strchr(uri, CInt(UInt8(ascii: "?"))) { mark[1] = 0 }
  return Unmanaged.passRetained(exchange).toOpaque()
}

/// Escapes stay: routes split the path first and decode its pieces then, so that an escaped slash
/// or NUL can't move a boundary.
func engineKeepEscapes(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ text: UnsafeMutablePointer<CChar>?
) -> Int {
  text.map { strlen($0) } ?? 0
}

/// A head is complete, a piece of a body came, or a request is complete.
func engineHandle(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ url: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?,
  _ version: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?,
  _ size: UnsafeMutablePointer<Int>?,
  _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let method, let version, let size, let pointer = requestContext?.pointee else {
    return .no
  }
  let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
  if exchange.isAwaited { return exchange.askedAgain() }
  exchange.engine.moved()
  if !exchange.isBegun {
    return exchange.begin(method: String(cString: method), version: String(cString: version))
  }
  if size.pointee > 0 {
    let piece = UnsafeRawBufferPointer(start: data, count: size.pointee)
    size.pointee = 0
    return exchange.receive(piece)
  }
  return exchange.proceed()
}

/// The answer that changes a connection's protocol is out.
func engineUpgraded(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ requestContext: UnsafeMutableRawPointer?, _ extra: UnsafePointer<CChar>?, _ extraSize: Int,
  _ descriptor: CInt, _ handle: OpaquePointer?
) {
  guard let context, let handle else { return }
  let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  let bytes = UnsafeRawBufferPointer(start: extra, count: extraSize)
  exchange.upgraded(descriptor, extra: Array(bytes))
  exchange.engine.release(handle)
}

/// A request is over, answered or not.
func engineCompleted(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ code: MHD_RequestTerminationCode
) {
  guard let pointer = requestContext?.pointee else { return }
  requestContext?.pointee = nil
  engine(context).moved()
  Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().completed()
}
