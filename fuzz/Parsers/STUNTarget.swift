@testable import STUN

/// A message is read as it comes, answered in every way there is, and every answer must be a sound
/// message, for the same transaction, hardly longer than the question.
enum STUNTarget {
  static func check(_ bytes: UnsafeRawBufferPointer) {
    _ = Message.size(bytes)
    guard let message = Message(bytes) else { return }
    readAll(message)
    guard BindingResponder.isRequest(message) else { return }
    for channel in channels {
      for client in clients { answer(message, client, channel) }
    }
  }

  private static let clients = [
    TransportAddress(ipv4: 0xC000_0201, port: 32_853),
    TransportAddress(ipv6: 0x2001_0DB8_1234_5678, 0x0011_2233_4455_6677, port: 32_853),
  ]

  private static let channels: [BindingResponder.Channel] = {
    let alternates = BindingResponder.Alternates(
      primary: TransportAddress(ipv4: 0xC633_6401, port: 3_478),
      other: TransportAddress(ipv4: 0xC633_6402, port: 3_479))
    return [
      BindingResponder.Channel(), BindingResponder.Channel(alternates: alternates),
      BindingResponder.Channel(alternates: alternates, isOtherHost: true, isOtherPort: true),
      BindingResponder.Channel(alternates: alternates, isDatagram: false),
    ]
  }()

  /// Every byte of every attribute, as an address too.
  private static func readAll(_ message: Message) {
    var sum: UInt8 = 0
    var attributes = message.attributes
    while let attribute = try? attributes.next() {
      for byte in attribute.value { sum &+= byte }
      _ = message.address(attribute, isXOR: true)
      _ = message.address(attribute, isXOR: false)
      _ = message.isSound(attribute)
    }
  }

  private static func answer(
    _ message: Message, _ client: TransportAddress, _ channel: BindingResponder.Channel
  ) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: MessageWriter.largest, alignment: 8)
    defer { buffer.deallocate() }
    guard
      let answer = BindingResponder().answer(message, from: client, channel, into: buffer)
    else { return }
    let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<answer.size])
    guard let said = Message(bytes) else { fatalError("the answer is no message") }
    precondition(bytes[4..<20].elementsEqual(message.bytes[4..<20]), "another transaction")
    var padding = 0
    var attributes = said.attributes
    do {
      while let attribute = try attributes.next() {
        if attribute.type == AttributeType.padding { padding = attribute.value.count + 8 }
        if attribute.type == AttributeType.fingerprint {
          precondition(said.isSound(attribute), "a FINGERPRINT that isn't right")
        }
      }
    } catch {
      fatalError("an answer that is malformed")
    }
    precondition(answer.size <= message.bytes.count + 100 + padding, "an amplifier")
  }
}
