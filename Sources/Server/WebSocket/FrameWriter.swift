import CWslay

/// Makes frames to send, by wslay: whole messages, unmasked as a server's are (RFC 6455, section
/// 5.1). The same bytes go to any number of sockets.
enum FrameWriter {
  enum Kind { case text, binary, ping }

  static func frame(_ kind: Kind, _ payload: [UInt8]) -> [UInt8] {
    // A header has ten bytes at the most.
    var collector = [UInt8]()
    collector.reserveCapacity(payload.count + 10)
    withUnsafeMutablePointer(to: &collector) { collector in
      var callbacks = wslay_frame_callbacks()
      callbacks.send_callback = { data, count, _, collector in
        guard let data, let collector else { return -1 }
        collector.assumingMemoryBound(to: [UInt8].self).pointee
          .append(contentsOf: UnsafeBufferPointer(start: data, count: count))
        return count
      }
      var context: wslay_frame_context_ptr?
      guard wslay_frame_context_init(&context, &callbacks, collector) == 0 else {
        preconditionFailure("out of memory")
      }
      defer { wslay_frame_context_free(context) }
      payload.withUnsafeBufferPointer { payload in
        var frame = wslay_frame_iocb()
        frame.fin = 1
        frame.opcode =
          switch kind {
          case .text: HAVOC_WSLAY_TEXT
          case .binary: HAVOC_WSLAY_BINARY
          case .ping: HAVOC_WSLAY_PING
          }
        frame.payload_length = UInt64(payload.count)
        frame.data = payload.baseAddress
        frame.data_length = payload.count
        // An empty payload's pointer may be nil, which is all the library needs of it.
        wslay_frame_send(context, &frame)
      }
    }
    return collector
  }
}
