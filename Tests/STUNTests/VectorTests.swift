import Testing

@testable import STUN

/// RFC 5769's messages, and what becomes of them when they are damaged.
@Suite struct VectorTests {
  /// Section 2.1.
  static let request = [UInt8](
    hex: """
      000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e
      0001ff80290008932ff9b151263b36000600096576746a3a683676592020200008001 49aeaa70cbfd8cb56781ef
      2b5b2d3f249c1b571a280280004e57a3bcf
      """)
  /// Section 2.2.
  static let response4 = [UInt8](
    hex: """
      0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e1
      12a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96
      """)
  /// Section 2.3.
  static let response6 = [UInt8](
    hex: """
      010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470
      113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8
      fb0b4c
      """)

  @Test func theRequestIsReadWhole() throws {
    let bytes = Self.request
    #expect(bytes.count == 108)
    #expect(bytes.asMessage { $0.messageClass == .request && $0.method == Message.binding } == true)
    #expect(bytes.asMessage(\.isClassic) == false)
    #expect(
      bytes.attributes?.map(\.type) == [0x8022, 0x0024, 0x8029, 0x0006, 0x0008, 0x8028])
    #expect(bytes.value(of: 0x8022) == Array("STUN test client".utf8))
    #expect(bytes.value(of: 0x0006) == Array("evtj:h6vY".utf8))
  }

  @Test func theResponsesTellTheAddress() {
    for (bytes, address) in [(Self.response4, client4), (Self.response6, client6)] {
      #expect(bytes.asMessage { $0.messageClass == .success } == true)
      #expect(bytes.address(AttributeType.xorMappedAddress, isXOR: true) == address)
      #expect(bytes.value(of: AttributeType.software) == Array("test vector".utf8))
    }
  }

  @Test func everyFingerprintIsSound() {
    for bytes in [Self.request, Self.response4, Self.response6] {
      #expect(Self.isSound(bytes) == true)
    }
  }

  private static func isSound(_ bytes: [UInt8]) -> Bool? {
    (try? bytes.asMessage { message in
      var reader = message.attributes
      while let attribute = try reader.next() {
        if attribute.type == AttributeType.fingerprint { return message.isSound(attribute) }
      }
      return nil
    }) ?? nil
  }

  /// Whichever bit changes: it is no message any more, or its FINGERPRINT is wrong, or there is none
  /// at its place, or it is cut up differently.
  @Test func everyDamagedBitShows() {
    for vector in [Self.request, Self.response4, Self.response6] {
      for bit in 0..<vector.count * 8 {
        var bytes = vector
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(Self.isSound(bytes) != true, "bit \(bit)")
      }
    }
  }

  @Test func whatIsCutIsNoMessage() {
    for vector in [Self.request, Self.response4, Self.response6] {
      for count in 0..<vector.count {
        #expect(Array(vector.prefix(count)).asMessage { _ in true } == nil)
      }
      #expect((vector + [0, 0, 0, 0]).asMessage { _ in true } == nil)
    }
  }

  /// PRIORITY is for agents that check a path, and nothing here knows it.
  @Test func theRequestIsAnsweredWithWhatIsUnknown() {
    let answer = answer(Self.request)
    #expect(answer?.answer.outcome == .unknownAttribute)
    #expect(answer?.bytes.value(of: AttributeType.unknownAttributes) == [0x00, 0x24])
    #expect(answer.map { Self.isSound($0.bytes) } == true)
    var damaged = Self.request
    damaged[60] ^= 1
    #expect(STUNTests.answer(damaged) == nil)
  }

  /// What is written here is what the RFC has, but for what isn't known here.
  @Test func aWrittenAnswerHasTheSameAddress() {
    for (client, vector) in [(client4, Self.response4), (client6, Self.response6)] {
      var bytes = [UInt8](repeating: 0, count: MessageWriter.largest)
      let size = bytes.withUnsafeMutableBytes { buffer in
        var writer = MessageWriter(
          into: buffer, .success, transaction: (0x2112_A442_B7E7_A701, 0xBC34_D686_FA87_DFAE))
        writer.add(AttributeType.software, text: "test vector")
        writer.add(AttributeType.xorMappedAddress, client, isXOR: true)
        return writer.finish()
      }
      // The vector pads SOFTWARE with a space, which says nothing; behind the address it is signed.
      let expected = vector[20...].prefix(size - 20).enumerated().map { index, byte in
        index == 15 ? 0 : byte
      }
      #expect(Array(bytes[20..<size]) == expected)
    }
  }
}
