import CZlib

/// A STUN message where it lies in memory (RFC 8489, section 5). It is good as long as the bytes are.
public struct Message {
  /// What a message is for.
  public enum Class: UInt16, Sendable {
    case request = 0x000
    case indication = 0x010
    case success = 0x100
    case error = 0x110
  }

  public let bytes: UnsafeRawBufferPointer

  public static let headerSize = 20
  /// What the fifth to eighth byte are since RFC 5389.
  public static let magicCookie: UInt32 = 0x2112_A442
  /// The one method there is here.
  public static let binding: UInt16 = 0x001

  private static let classBits: UInt16 = 0x110

  /// - Parameter bytes: exactly one message.
  /// - Returns: nil for what is no STUN message, by its header and its length.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard let size = Self.size(bytes), size == bytes.count else { return nil }
    self.bytes = bytes
  }

  /// Bytes of the message that these begin, as far as its header tells.
  /// - Parameter bytes: a header at least.
  /// - Returns: nil for what doesn't begin one.
  public static func size(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= headerSize, bytes[0] & 0xC0 == 0 else { return nil }
    let length = Int(bytes.word(at: 2))
    return length % 4 == 0 ? headerSize + length : nil
  }

  private var type: UInt16 { bytes.word(at: 0) }
  public var messageClass: Class? { Class(rawValue: type & Self.classBits) }

  /// The method's twelve bits, between which those of the class stand.
  public var method: UInt16 { type & 0x000F | (type & 0x00E0) >> 1 | (type & 0x3E00) >> 2 }

  /// Whether it is one of RFC 3489's, which knew no cookie.
  public var isClassic: Bool { bytes.doubleWord(at: 4) != Self.magicCookie }

  public var attributes: AttributeReader { AttributeReader(self) }
}

/// An attribute of a message (RFC 8489, section 14).
public struct Attribute {
  public let type: UInt16
  /// Without its padding.
  public let value: UnsafeRawBufferPointer
  /// Where it begins in its message.
  let offset: Int

  /// Whether who doesn't know it may pass over it.
  public var isOptional: Bool { type >= 0x8000 }
}

/// The attributes' numbers (RFC 8489, section 18.3; RFC 5780, section 9.1; RFC 3489, section 11.2).
public enum AttributeType {
  public static let mappedAddress: UInt16 = 0x0001
  public static let changeRequest: UInt16 = 0x0003
  public static let sourceAddress: UInt16 = 0x0004
  public static let changedAddress: UInt16 = 0x0005
  public static let username: UInt16 = 0x0006
  public static let messageIntegrity: UInt16 = 0x0008
  public static let errorCode: UInt16 = 0x0009
  public static let unknownAttributes: UInt16 = 0x000A
  public static let realm: UInt16 = 0x0014
  public static let nonce: UInt16 = 0x0015
  public static let messageIntegritySHA256: UInt16 = 0x001C
  public static let passwordAlgorithm: UInt16 = 0x001D
  public static let userhash: UInt16 = 0x001E
  public static let xorMappedAddress: UInt16 = 0x0020
  public static let padding: UInt16 = 0x0026
  public static let responsePort: UInt16 = 0x0027
  public static let software: UInt16 = 0x8022
  public static let fingerprint: UInt16 = 0x8028
  public static let responseOrigin: UInt16 = 0x802B
  public static let otherAddress: UInt16 = 0x802C
}

/// A message whose header is right and whose attributes aren't.
public struct MalformedMessage: Error, Sendable {}

/// Goes through a message's attributes.
public struct AttributeReader {
  private let message: Message
  private var offset = Message.headerSize

  init(_ message: Message) { self.message = message }

  /// The next attribute; nil behind the last.
  /// - Throws: where one is longer than what is left.
  public mutating func next() throws(MalformedMessage) -> Attribute? {
    let bytes = message.bytes
    guard offset < bytes.count else { return nil }
    // Lengths of messages and of attributes with their padding are multiples of four, so a header
    // of an attribute is there.
    let length = Int(bytes.word(at: offset + 2))
    let end = offset + 4 + (length + 3) & ~3
    guard end <= bytes.count else { throw MalformedMessage() }
    defer { offset = end }
    return Attribute(
      type: bytes.word(at: offset),
      value: UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<offset + 4 + length]),
      offset: offset)
  }
}

extension Message {
  /// The CRC of a FINGERPRINT that begins at an offset (RFC 8489, section 14.7).
  static func fingerprint(_ bytes: UnsafeRawBufferPointer, upTo offset: Int) -> UInt32 {
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    return UInt32(truncatingIfNeeded: crc32(0, start, UInt32(offset))) ^ 0x5354_554E
  }

  /// Whether a FINGERPRINT of this message says what it should.
  func isSound(_ fingerprint: Attribute) -> Bool {
    fingerprint.value.count == 4
      && fingerprint.value.doubleWord(at: 0)
        == Self.fingerprint(bytes, upTo: fingerprint.offset)
  }

  /// An address in an attribute's value (RFC 8489, sections 14.1 and 14.2); nil where it is none.
  public func address(_ attribute: Attribute, isXOR: Bool) -> TransportAddress? {
    let value = attribute.value
    guard value.count >= 8, let family = TransportAddress.Family(rawValue: value[1]),
      value.count == (family == .ipv4 ? 8 : 20)
    else { return nil }
    let port = value.word(at: 2) ^ (isXOR ? UInt16(Self.magicCookie >> 16) : 0)
    switch family {
    case .ipv4:
      let mask = isXOR ? Self.magicCookie : 0
      return TransportAddress(ipv4: value.doubleWord(at: 4) ^ mask, port: port)
    case .ipv6:
      let mask = isXOR ? (bytes.quadWord(at: 4), bytes.quadWord(at: 12)) : (0, 0)
      return TransportAddress(
        ipv6: value.quadWord(at: 4) ^ mask.0, value.quadWord(at: 12) ^ mask.1, port: port)
    }
  }
}

extension UnsafeRawBufferPointer {
  /// 16 bits in network order.
  func word(at offset: Int) -> UInt16 {
    UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// 32 bits in network order.
  func doubleWord(at offset: Int) -> UInt32 {
    UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// 64 bits in network order.
  func quadWord(at offset: Int) -> UInt64 {
    UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
