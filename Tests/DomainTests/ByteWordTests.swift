import Domain
import Testing

@Suite struct ByteWordTests {
  /// Each byte at each place of texts that are shorter and longer than a word.
  @Test func theFirstIsFound() {
    for count in 1...19 {
      for byte in UInt8.min...UInt8.max {
        let isFound = (0..<count).allSatisfy { place in
          var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count)
          bytes[place] = byte
          return agrees(bytes)
        }
        #expect(isFound, "\(byte) among \(count)")
      }
    }
  }

  /// What stands behind the first may be accused wrongly, and the first may not.
  @Test(arguments: 0..<40)
  func whateverTheOthersAre(count: Int) {
    for _ in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
      #expect(agrees(bytes), "\(bytes)")
    }
  }

  /// Whether bytes looked at together are found as they are one by one.
  private func agrees(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { buffer in
      [0, bytes.count / 2, bytes.count].allSatisfy { start in
        func first(_ isMeant: (UInt8) -> Bool) -> Int {
          bytes[start...].firstIndex(where: isMeant) ?? bytes.count
        }
        return buffer.indexOfFirst(from: start) { $0.under(0x20) } == first { $0 < 0x20 }
          && buffer.indexOfFirst(from: start) { $0.equal("\\") } == first { $0 == 0x5C }
          && buffer.indexOfFirst(from: start) { $0.beyondASCII } == first { $0 > 0x7F }
          && buffer.indexOfFirst(from: start) { $0.under(0x21) | $0.equal("\u{7F}") }
            == first { $0 < 0x21 || $0 == 0x7F }
      }
    }
  }

  @Test(arguments: [0, 1, 9, 10, 255, 1_000_000_007, UInt64.max - 1, .max])
  func digits(number: UInt64) {
    #expect(number.withDigits { String(decoding: $0, as: UTF8.self) } == String(number))
    for radix in [2, 16] {
      let digits = number.withDigits(radix: UInt64(radix)) { String(decoding: $0, as: UTF8.self) }
      #expect(digits == String(number, radix: radix))
    }
  }
}
