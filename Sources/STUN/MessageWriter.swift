/// Writes a STUN message into memory that is there already.
public struct MessageWriter {
  private let buffer: UnsafeMutableRawBufferPointer
  public private(set) var count = Message.headerSize

  /// Bytes of the largest message that is written here: one padded to what a link carries.
  public static let largest = 2_048

  /// Begins a message.
  /// - Parameters:
  ///   - buffer: `largest` bytes at least.
  ///   - method: of whose class this message is.
  ///   - transaction: the sixteen bytes behind a header's length: with RFC 3489 all are the
  ///     transaction's.
  public init(
    into buffer: UnsafeMutableRawBufferPointer, _ messageClass: Message.Class,
    method: UInt16 = Message.binding, transaction: (UInt64, UInt64)
  ) {
    self.buffer = buffer
    let bits = method & 0x000F | (method & 0x0070) << 1 | (method & 0x0F80) << 2
    put(bits | messageClass.rawValue, at: 0)
    put(UInt16(0), at: 2)
    put(transaction.0, at: 4)
    put(transaction.1, at: 12)
  }

  private func put<Word: FixedWidthInteger>(_ word: Word, at offset: Int) {
    buffer.storeBytes(of: word.bigEndian, toByteOffset: offset, as: Word.self)
  }

  /// Adds an attribute's header and leaves room for its value.
  /// - Returns: where the value begins.
  private mutating func begin(_ type: UInt16, _ length: Int) -> Int {
    put(type, at: count)
    put(UInt16(length), at: count + 2)
    let start = count + 4
    count = start + (length + 3) & ~3
    // Padding is zeros, whatever lay there before.
    if length % 4 != 0 { put(UInt32(0), at: count - 4) }
    return start
  }

  /// Adds a text, of which the memory must have room.
  public mutating func add(_ type: UInt16, text: StaticString) {
    let start = begin(type, text.utf8CodeUnitCount)
    copy(text, to: start)
  }

  private func copy(_ text: StaticString, to offset: Int) {
    text.withUTF8Buffer { source in
      UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]).copyMemory(
        from: UnsafeRawBufferPointer(source))
    }
  }

  /// Adds 32 bits.
  public mutating func add(_ type: UInt16, _ value: UInt32) {
    put(value, at: begin(type, 4))
  }

  /// Adds an address (RFC 8489, sections 14.1 and 14.2).
  public mutating func add(_ type: UInt16, _ address: TransportAddress, isXOR: Bool = false) {
    let isIPv4 = address.family == .ipv4
    let start = begin(type, isIPv4 ? 8 : 20)
    put(UInt16(address.family.rawValue), at: start)
    put(address.port ^ (isXOR ? UInt16(Message.magicCookie >> 16) : 0), at: start + 2)
    if isIPv4 {
      let mask = isXOR ? Message.magicCookie : 0
      put(UInt32(truncatingIfNeeded: address.low) ^ mask, at: start + 4)
    } else {
      let bytes = UnsafeRawBufferPointer(buffer)
      let mask = isXOR ? (bytes.quadWord(at: 4), bytes.quadWord(at: 12)) : (0, 0)
      put(address.high ^ mask.0, at: start + 4)
      put(address.low ^ mask.1, at: start + 12)
    }
  }

  /// Adds an ERROR-CODE (RFC 8489, section 14.8).
  public mutating func add(error code: Int, _ reason: StaticString) {
    let start = begin(AttributeType.errorCode, 4 + reason.utf8CodeUnitCount)
    put(UInt32((code / 100) << 8 | (code % 100)), at: start)
    copy(reason, to: start + 4)
  }

  /// Adds UNKNOWN-ATTRIBUTES (RFC 8489, section 14.9): `types` calls back with each.
  public mutating func add(unknown types: ((UInt16) -> Void) -> Void) {
    let header = count
    var end = header + 4
    types { type in
      guard end + 8 < Self.largest else { return }
      put(type, at: end)
      end += 2
    }
    let length = end - header - 4
    if length % 4 != 0 { put(UInt16(0), at: end) }
    put(AttributeType.unknownAttributes, at: header)
    put(UInt16(length), at: header + 2)
    count = header + 4 + (length + 3) & ~3
  }

  /// Adds PADDING of so many bytes (RFC 5780, section 7.6).
  public mutating func add(padding length: Int) {
    let start = begin(AttributeType.padding, length)
    UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + length])
      .initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Ends the message.
  /// - Parameter hasFingerprint: whether its last attribute is a FINGERPRINT.
  /// - Returns: its size.
  public mutating func finish(hasFingerprint: Bool = false) -> Int {
    let end = count + (hasFingerprint ? 8 : 0)
    put(UInt16(end - Message.headerSize), at: 2)
    if hasFingerprint {
      let code = Message.fingerprint(UnsafeRawBufferPointer(buffer), upTo: count)
      add(AttributeType.fingerprint, code)
    }
    return end
  }
}
