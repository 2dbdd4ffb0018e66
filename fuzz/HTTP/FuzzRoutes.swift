import Domain
import EventLoop
import Postgres

@testable import Server

/// What a server without a database can answer: a form's fields, an uploaded set, an answer in pieces,
/// a socket.
enum FuzzRoutes {
  static let all: [Route] = [
    Route(.get, "fuzz/sentinel", .detail(nil), .anyone) { _ in
      Response(200, body: .bytes(Array("still here".utf8)))
    },
    // Whoever may call anything is looked up in the database first.
    Route(.post, "fuzz/form", .detail(nil), .caller, fields) { try form($0) }.givingCookies(),
    Route(.get, "fuzz/form/<int:number>/<str:text>", .havoc, .caller, fields) { try form($0) },
    Route(.put, "fuzz/avatar", .detail(nil), .caller, fields) { try form($0) }.taking(.avatar),
    Route(.post, "fuzz/set", .detail(nil), .caller, [Field("integers", .sets(.set))]) { context in
      guard let upload = context.upload else { return Response(204) }
      let sets = try await upload.finish {}
      return .json(200) { $0.field("units", Int64(sets.first?.chunks.count ?? 0)) }
    }.taking(.sets(.set)),
    Route(.get, "fuzz/stream", .detail(nil), .caller) { _ in
      let pieces = Pieces()
      return Response(
        200, headers: [Response.jsonType], body: .stream { pieces.next() })
    },
    Route(.get, "fuzz/socket", .detail(nil), .caller) { context in
      do throws(BadRequest) {
        return socket(try Handshake(context.request), context)
      } catch {
        return Response(error.status, headers: error.headers)
      }
    },
  ]

  private static let fields = [
    Field("a", .text(longest: 16)), Field("b", .secret(longest: 16), isRequired: false),
    Field("c", .code, isRequired: false), Field("d", .textOrFile(longest: 16), isRequired: false),
    Field("e", .boolean, isRequired: false), Field("f", .integer, isRequired: false),
    Field("g", .object([Field("a", .text(longest: 16))]), isRequired: false),
  ]

  private static func form(_ context: Context) throws -> Response {
    _ = context.request.head.cookie(CookieName.session)
    _ = context.numbers + [Int64(context.path.texts.count)]
    let input = try context.input()
    return .json(200) { writer in
      writer.field("a", input.text(fields[0]))
      writer.field("d", Int64(input.file(fields[3])?.count ?? 0))
    }
  }

  /// An answer's pieces; the second one is longer than what is sent at once.
  ///
  /// `@unchecked Sendable`: asked for one after another, on one loop.
  private final class Pieces: @unchecked Sendable {
    private var number = 0

    func next() -> [UInt8]? {
      number += 1
      switch number {
      case 1: return Array("[".utf8)
      case 2: return Array(repeating: UInt8(ascii: " "), count: 40_000)
      case 3: return Array("]".utf8)
      default: return nil
      }
    }
  }

  // MARK: Sockets

  private static func socket(_ handshake: Handshake, _ context: Context) -> Response {
    let hub = context.services.sockets
    let access = SocketAccess(
      id: .random(), kind: .chat, account: 1, session: .random(), credential: nil, address: nil,
      target: "fuzz")
    let upgrade = Upgrade(
      open: { descriptor, _, extra, closed in
        let socket = WebSocket(
          descriptor: descriptor, access: access, hub: hub,
          limits: .init(message: 300, queue: 4_096, read: 65_536, rate: 0),
          overflow: .close, onClosed: closed)
        let echo = Echo(socket)
        socket.handler = echo
        echo.keep()
        socket.start(extra: extra)
      }, abandon: {})
    return Response(101, headers: handshake.headers, body: .upgrade(upgrade))
  }

  /// Says what it hears.
  private final class Echo: SocketHandler {
    private let socket: WebSocket
    private var own: Echo?

    init(_ socket: WebSocket) { self.socket = socket }

    /// A socket doesn't keep its handler.
    func keep() { own = self }

    func received(_ message: SocketMessage) {
      switch message {
      case .text(let bytes): socket.send(FrameWriter.frame(.text, bytes))
      case .binary(let bytes): socket.send(FrameWriter.frame(.binary, bytes))
      }
    }

    func ended() { own = nil }
  }
}
