import CMicrohttpd
import EventLoop

/// Sends an answer piece by piece while it is made: the connection sleeps until the next piece is
/// there, and the next piece isn't made before the last one is sent, so memory is bounded.
///
/// `@unchecked Sendable`: touched only on its engine's loop.
final class ResponseStream: @unchecked Sendable {
  private let engine: Engine
  private let connection: OpaquePointer
  private let next: @Sendable () async throws -> [UInt8]?
  private var piece: [UInt8] = []
  private var offset = 0
  private var end: End?
  private var isFetching = false

  private enum End { case complete, failed }

  init(
    engine: Engine, connection: OpaquePointer, next: @escaping @Sendable () async throws -> [UInt8]?
  ) {
    self.engine = engine
    self.connection = connection
    self.next = next
  }

  /// The library owns the stream from here on and lets go of it through the callback.
  func makeResponse() -> OpaquePointer? {
    MHD_create_response_from_callback(
      HAVOC_MHD_SIZE_UNKNOWN, 32_768,
      { context, _, buffer, count in
        guard let context, let buffer else { return HAVOC_MHD_END_WITH_ERROR }
        let stream = Unmanaged<ResponseStream>.fromOpaque(context).takeUnretainedValue()
        return stream.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: count))
      }, Unmanaged.passRetained(self).toOpaque(),
      { context in
        if let context { Unmanaged<ResponseStream>.fromOpaque(context).release() }
      })
  }

  private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if offset < piece.count {
      let count = min(buffer.count, piece.count - offset)
      piece.withUnsafeBytes { source in
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
      }
      offset += count
      engine.moved()
      return count
    }
    switch end {
    case .complete: return HAVOC_MHD_END_OF_STREAM
    // The status is out already; a cut connection tells the client that the list isn't whole.
    case .failed: return HAVOC_MHD_END_WITH_ERROR
    case nil: break
    }
    if !isFetching {
      isFetching = true
      engine.suspend(connection)
      Task(executorPreference: engine.loop) { await self.fetch() }
    }
    return 0
  }

  private func fetch() async {
    do {
      if let bytes = try await next() {
        piece = bytes
        offset = 0
      } else {
        end = .complete
      }
    } catch {
      end = .failed
    }
    isFetching = false
    engine.resume(connection)
  }
}
