import CYajl
import Glibc

/// Reads JSON while it arrives, however it is cut, and tells what it is made of (RFC 8259).
///
/// Subclasses take the events; whoever throws ends the reading. Depth and duplicate names are for
/// them to judge, because most of them know what may come.
open class JSONEvents {
  private var handle: yajl_handle?
  /// The library keeps the address.
  private let callbacks = UnsafeMutablePointer<yajl_callbacks>.allocate(capacity: 1)
  private var failure: JSONError?
  /// Lines that ended, and bytes of the last one that are behind.
  private var lines = 0
  private var columns = 0
  /// Bytes that came since the last event: those of a text or a number that isn't complete.
  private var pending = 0

  /// Bytes of one text or number.
  private static let longestToken = 1_048_576
  private var surrogates = SurrogateCheck()

  public init() {
    callbacks.initialize(to: Self.callbacks)
    handle = yajl_alloc(callbacks, nil, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    yajl_free(handle)
    callbacks.deallocate()
  }

  // MARK: Events

  open func null() throws(JSONFault) {}
  open func boolean(_: Bool) throws(JSONFault) {}
  /// - Parameter digits: as they stand in the text.
  open func number(_ digits: UnsafeBufferPointer<UInt8>) throws(JSONFault) {}
  open func string(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {}
  open func beginObject() throws(JSONFault) {}
  open func name(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {}
  open func endObject() throws(JSONFault) {}
  open func beginArray() throws(JSONFault) {}
  open func endArray() throws(JSONFault) {}

  // MARK: Reading

  /// Takes the next piece; behind a failure it is passed over.
  public final func receive(_ piece: UnsafeRawBufferPointer) {
    guard failure == nil, piece.count > 0 else { return }
    pending += piece.count
    if let place = Self.foreignBlank(piece) {
      pass(piece.bindMemory(to: UInt8.self).prefix(place))
      columns += 1
      failure = error("lexical error: invalid char in json text")
      return
    }
    guard surrogates.accepts(piece) else {
      failure = error("half of a surrogate pair")
      return
    }
    let bytes = piece.bindMemory(to: UInt8.self)
    let status = yajl_parse(handle, bytes.baseAddress, bytes.count)
    guard status.rawValue == HAVOC_YAJL_OK else {
      fail(bytes.prefix(yajl_get_bytes_consumed(handle)))
      return
    }
    pass(bytes[...])
    if pending > Self.longestToken + piece.count {
      failure = error("\(Self.longestToken) bytes without a value")
    }
  }

  /// The text is complete.
  /// - Throws: why it isn't JSON that is taken.
  public final func finish() throws(JSONError) {
    if failure == nil, !isComplete {
      fail(UnsafeBufferPointer(start: nil, count: 0)[...])
    }
    if let failure { throw failure }
  }

  /// Where a vertical tab or a form feed stands, which nothing in JSON may be and the library takes
  /// for blanks (RFC 8259, section 2).
  private static func foreignBlank(_ piece: UnsafeRawBufferPointer) -> Int? {
    guard let start = piece.baseAddress else { return nil }
    for byte: CInt in [0x0B, 0x0C] {
      if let found = memchr(start, byte, piece.count) { return UnsafeRawPointer(found) - start }
    }
    return nil
  }

  /// Whether there is a value and nothing behind it. The library doesn't mind a string that begins
  /// there and never ends: a quote ends it, and begins one where there is none.
  private var isComplete: Bool {
    guard yajl_complete_parse(handle).rawValue == HAVOC_YAJL_OK else { return false }
    var quote = UInt8(ascii: "\"")
    return yajl_parse(handle, &quote, 1).rawValue == HAVOC_YAJL_OK
  }

  private func pass(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
    var rest = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes))
    // Large texts stand in few lines.
    while let start = rest.baseAddress,
      let end = memchr(start, CInt(UInt8(ascii: "\n")), rest.count)
    {
      lines += 1
      columns = 0
      rest = UnsafeRawBufferPointer(rebasing: rest[(UnsafeRawPointer(end) - start + 1)...])
    }
    columns += rest.count
  }

  /// Why an event was refused.
  private var fault: JSONFault?

  private func fail(_ consumed: Slice<UnsafeBufferPointer<UInt8>>) {
    pass(consumed)
    failure = error(fault?.reason ?? libraryReason())
  }

  /// An error at the last byte that is behind; where a line has just ended, at the next one's first.
  private func error(_ reason: String) -> JSONError {
    JSONError(reason: reason, line: lines + 1, column: max(1, columns))
  }

  /// The library's words, without the text that it would quote.
  private func libraryReason() -> String {
    guard let words = yajl_get_error(handle, 0, nil, 0) else { return "malformed" }
    defer { yajl_free_error(handle, words) }
    var text = String(cString: words).trimmed[...]
    if text.hasSuffix(".") { text.removeLast() }
    return String(text.split(separator: ": ", maxSplits: 1).last ?? text)
  }

  // MARK: The library's side

  private static func deliver(
    _ context: UnsafeMutableRawPointer?, _ event: (JSONEvents) throws(JSONFault) -> Void
  ) -> CInt {
    guard let context else { return 0 }
    return Unmanaged<JSONEvents>.fromOpaque(context)._withUnsafeGuaranteedRef { reader in
      reader.pending = 0
      do throws(JSONFault) {
        try event(reader)
        return 1
      } catch {
        reader.fault = error
        return 0
      }
    }
  }

  private static func buffer(_ start: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeBufferPointer<
    UInt8
  > { UnsafeBufferPointer(start: start, count: count) }

  private static let callbacks = yajl_callbacks(
    yajl_null: { deliver($0) { reader throws(JSONFault) in try reader.null() } },
    yajl_boolean: { context, value in
      deliver(context) { reader throws(JSONFault) in try reader.boolean(value != 0) }
    },
    yajl_integer: nil, yajl_double: nil,
    yajl_number: { context, start, count in
      deliver(context) { reader throws(JSONFault) in
        let bytes = UnsafeRawPointer(start)?.assumingMemoryBound(to: UInt8.self)
        try reader.number(buffer(bytes, count))
      }
    },
    yajl_string: { context, start, count in
      deliver(context) { reader throws(JSONFault) in try reader.string(buffer(start, count)) }
    },
    yajl_start_map: { deliver($0) { reader throws(JSONFault) in try reader.beginObject() } },
    yajl_map_key: { context, start, count in
      deliver(context) { reader throws(JSONFault) in try reader.name(buffer(start, count)) }
    },
    yajl_end_map: { deliver($0) { reader throws(JSONFault) in try reader.endObject() } },
    yajl_start_array: { deliver($0) { reader throws(JSONFault) in try reader.beginArray() } },
    yajl_end_array: { deliver($0) { reader throws(JSONFault) in try reader.endArray() } })
}

/// Why what stands in a text isn't taken, though it may be JSON.
public struct JSONFault: Error, Sendable {
  public let reason: String

  public init(_ reason: String) { self.reason = reason }
}
