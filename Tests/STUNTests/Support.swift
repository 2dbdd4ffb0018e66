@testable import STUN

extension [UInt8] {
  /// The bytes that hex digits stand for; anything else is passed over.
  init(hex: String) {
    let digits = hex.compactMap(\.hexDigitValue)
    self = stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }

  /// Calls `body` with the message that the bytes are.
  func asMessage<Value>(_ body: (Message) throws -> Value) rethrows -> Value? {
    try withUnsafeBytes { bytes in try Message(bytes).map(body) }
  }

  /// The attributes' types and values; nil where they are malformed.
  var attributes: [(type: UInt16, value: [UInt8])]? {
    (try? asMessage { message in
      var found: [(UInt16, [UInt8])] = []
      var reader = message.attributes
      while let attribute = try reader.next() {
        found.append((attribute.type, Array(attribute.value)))
      }
      return found
    }) ?? nil
  }

  func value(of type: UInt16) -> [UInt8]? { attributes?.first { $0.type == type }?.value }

  /// The address in an attribute.
  func address(_ type: UInt16, isXOR: Bool = false) -> TransportAddress? {
    (try? asMessage { message in
      var reader = message.attributes
      while let attribute = try reader.next() {
        if attribute.type == type { return message.address(attribute, isXOR: isXOR) }
      }
      return nil
    }) ?? nil
  }
}

/// A request, put together by hand.
func request(
  _ attributes: [(UInt16, [UInt8])] = [], type: UInt16 = 0x0001, isClassic: Bool = false,
  hasFingerprint: Bool = false
) -> [UInt8] {
  var body: [UInt8] = []
  for (type, value) in attributes {
    body += [
      UInt8(type >> 8), UInt8(type & 0xFF), UInt8(value.count >> 8), UInt8(value.count & 0xFF),
    ]
    body += value + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
  }
  let length = body.count + (hasFingerprint ? 8 : 0)
  var bytes: [UInt8] = [
    UInt8(type >> 8), UInt8(type & 0xFF), UInt8(length >> 8), UInt8(length & 0xFF),
  ]
  bytes += isClassic ? [1, 2, 3, 4] : [0x21, 0x12, 0xA4, 0x42]
  bytes += (10...21).map { UInt8($0) } + body
  guard hasFingerprint else { return bytes }
  let code = bytes.withUnsafeBytes { Message.fingerprint($0, upTo: $0.count) }
  return bytes + [0x80, 0x28, 0, 4]
    + (0..<4).map { UInt8(truncatingIfNeeded: code >> (24 - 8 * $0)) }
}

let client4 = TransportAddress(ipv4: 0xC000_0201, port: 32_853)
let client6 = TransportAddress(ipv6: 0x2001_0DB8_1234_5678, 0x0011_2233_4455_6677, port: 32_853)

/// What is answered, and how it goes out.
func answer(
  _ bytes: [UInt8], from client: TransportAddress = client4,
  _ channel: BindingResponder.Channel = BindingResponder.Channel()
) -> (bytes: [UInt8], answer: BindingResponder.Answer)? {
  var buffer = [UInt8](repeating: 0xAA, count: MessageWriter.largest)
  return buffer.withUnsafeMutableBytes { buffer in
    let answer = bytes.asMessage { message -> BindingResponder.Answer? in
      guard BindingResponder.isRequest(message) else { return nil }
      return BindingResponder().answer(message, from: client, channel, into: buffer)
    }
    guard let answer = answer ?? nil else { return nil }
    return (Array(buffer.prefix(answer.size)), answer)
  }
}
