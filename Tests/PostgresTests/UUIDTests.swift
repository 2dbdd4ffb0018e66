import TestSupport
import Testing

@testable import Postgres

@Suite struct UUIDTests {
  private static let text = "00112233-4455-6677-8899-aabbccddeeff"

  @Test(arguments: [
    text, "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-AABBCCDDEEFF",
    "00112233-44556677-8899aabbccddeeff",
  ])
  func isReadAndWritten(text: String) throws {
    let uuid = try #require(UUID(text))
    #expect(uuid == UUID(high: 0x0011_2233_4455_6677, low: 0x8899_AABB_CCDD_EEFF))
    #expect(uuid.description == Self.text)
    #expect(uuid.hex == "00112233445566778899aabbccddeeff")
  }

  @Test(arguments: [
    "", "-", "0011223344556677", "00112233445566778899aabbccddeef",
    "00112233445566778899aabbccddeeff0", "00112233445566778899aabbccddeefg",
    " 00112233445566778899aabbccddeeff", "{00112233445566778899aabbccddeeff}",
    "٠0112233445566778899aabbccddeeff",
  ])
  func isRefused(text: String) {
    #expect(UUID(text) == nil)
  }

  @Test func randomOnesAreOfVersionFourAndDiffer() {
    let uuids = (0..<1_000).map { _ in UUID.random() }
    #expect(Set(uuids).count == 1_000)
    for uuid in uuids {
      let text = Array(uuid.description)
      #expect(text[14] == "4" && "89ab".contains(text[19]), "\(uuid)")
    }
    // Every other bit is sometimes set and sometimes not.
    let high = uuids.reduce(into: (any: UInt64.min, all: UInt64.max)) {
      $0.any |= $1.high
      $0.all &= $1.high
    }
    let low = uuids.reduce(into: (any: UInt64.min, all: UInt64.max)) {
      $0.any |= $1.low
      $0.all &= $1.low
    }
    #expect(high.any == ~0xB000 && high.all == 0x4000)
    #expect(low.any == ~(0b01 << 62) && low.all == 0b10 << 62)
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func everyOneComesBack(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let uuid = UUID(high: generator.next(), low: generator.next())
    #expect(UUID(uuid.description) == uuid)
    #expect(UUID(uuid.hex.uppercased()) == uuid)
  }
}
