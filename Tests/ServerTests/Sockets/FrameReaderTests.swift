import Testing

@testable import Server

/// A client's frame (RFC 6455, section 5.2).
private func frame(
  _ opcode: UInt8, _ payload: [UInt8] = [], isLast: Bool = true
) -> [UInt8] {
  let mask: [UInt8] = [0x1F, 0x2E, 0x3D, 0x4C]
  var bytes = [(isLast ? 0x80 : 0) | opcode]
  switch payload.count {
  case ..<126: bytes.append(0x80 | UInt8(payload.count))
  case ..<65_536:
    bytes += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
  default:
    bytes.append(0xFF)
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
  }
  return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
}

extension FrameReader {
  fileprivate func read(_ bytes: [UInt8]) -> Outcome { bytes.withUnsafeBytes { read($0) } }
}

@Suite struct FrameReaderTests {
  private static let conversation =
    frame(1, Array("one".utf8)) + frame(9, Array("ping".utf8))
    + frame(2, [0, 0xFF], isLast: false) + frame(9) + frame(0, [7], isLast: true)
    + frame(1, Array(repeating: 0x61, count: 200)) + frame(10)
    + frame(2, Array(repeating: 0x62, count: 70_000))

  /// However the network cuts it, the same comes out; and whenever the reader says that it holds
  /// nothing, another one can go on.
  @Test(arguments: [1, 2, 3, 7, 50, 4_096, 1_000_000]) func everyCutGivesTheSame(size: Int) throws {
    var reader = try #require(FrameReader(limit: 100_000))
    var messages: [[UInt8]] = []
    var replies: [UInt8] = []
    var control = 0
    var renewed = 0
    var rest = Self.conversation[...]
    while !rest.isEmpty {
      let outcome = reader.read(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
      messages += outcome.messages.map(\.bytes)
      replies += outcome.reply
      control += outcome.controlFrames
      #expect(!outcome.isClosed && !outcome.hasFailed)
      if reader.isAtBoundary {
        reader = try #require(FrameReader(limit: 100_000))
        renewed += 1
      }
    }
    #expect(messages.map(\.count) == [3, 3, 200, 70_000])
    #expect(messages[0] == Array("one".utf8) && messages[1] == [0, 0xFF, 7])
    #expect(replies == [0x8A, 4] + Array("ping".utf8) + [0x8A, 0])
    #expect(control == 3)
    #expect(reader.isAtBoundary && renewed > 0)
  }

  @Test func anUnfinishedMessageIsHeld() throws {
    let reader = try #require(FrameReader(limit: 100))
    for bytes in [frame(1, Array("a".utf8), isLast: false), frame(9)] {
      _ = reader.read(bytes)
      #expect(!reader.isAtBoundary)
    }
    #expect(reader.read(frame(0, Array("b".utf8))).messages.map(\.bytes) == [Array("ab".utf8)])
    #expect(reader.isAtBoundary)
  }

  /// Also where every fragment alone is small enough.
  @Test(arguments: [
    [frame(1, Array(repeating: 0x61, count: 101))],
    [
      frame(2, Array(repeating: 0x61, count: 60), isLast: false),
      frame(0, Array(repeating: 0x61, count: 60)),
    ],
  ])
  func whatIsTooLongIsRefused(frames: [[UInt8]]) throws {
    let reader = try #require(FrameReader(limit: 100))
    var outcome = FrameReader.Outcome()
    for frame in frames { outcome = reader.read(frame) }
    #expect(outcome.hasFailed && outcome.messages.isEmpty)
    #expect(Array(outcome.reply.prefix(4)) == [0x88, UInt8(outcome.reply.count - 2), 0x03, 0xF1])
    #expect(reader.isDone)
  }

  @Test(arguments: [
    [], [0x03, 0xE8], [0x03, 0xF4], [0x03, 0xF6], [0x03, 0xF5] + Array("später".utf8),
    [0x0F, 0xA0],
  ])
  func aGoodbyeIsAnsweredAlike(payload: [UInt8]) throws {
    let reader = try #require(FrameReader(limit: 100))
    let outcome = reader.read(frame(8, payload))
    #expect(outcome.isClosed && !outcome.hasFailed)
    #expect(outcome.reply == [0x88, UInt8(payload.count)] + payload)
  }

  /// Also where the network cuts a character in two.
  @Test(arguments: 1...14) func aGoodbyeInPiecesIsAnsweredAlike(size: Int) throws {
    let reader = try #require(FrameReader(limit: 100))
    let payload = [0x03, 0xE8] + Array("später".utf8)
    var rest = (frame(1, Array("é".utf8)) + frame(8, payload))[...]
    var outcome = FrameReader.Outcome()
    while !rest.isEmpty, !outcome.hasFailed {
      outcome = reader.read(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    #expect(outcome.isClosed && !outcome.hasFailed)
    #expect(outcome.reply == [0x88, UInt8(payload.count)] + payload)
  }

  /// Codes that nobody may send, reasons that aren't text, frames that can't be.
  @Test(arguments: [
    frame(8, [0x03]), frame(8, [0x03, 0xE7]), frame(8, [0x03, 0xED]), frame(8, [0x03, 0xF7]),
    frame(8, [], isLast: false), frame(9, [], isLast: false), frame(3), frame(0),
    frame(9, Array(repeating: 0, count: 126)), [0x81, 0xFE, 0, 1, 0, 0, 0, 0, 0x61],
    [0x81, 1, 0x61],
  ])
  func whatCantBeReadIsSaidSo(bytes: [UInt8]) throws {
    let reader = try #require(FrameReader(limit: 100))
    let outcome = reader.read(bytes)
    #expect(Array(outcome.reply.suffix(4).prefix(4)) == [0x88, 2, 0x03, 0xEA])
    #expect(reader.isDone && outcome.messages.isEmpty)
  }

  @Test func aGoodbyeOfOursIsSaidOnce() throws {
    let reader = try #require(FrameReader(limit: 100))
    #expect(reader.close(1001, "away") == [0x88, 6, 0x03, 0xE9] + Array("away".utf8))
    let outcome = reader.read(frame(8, [0x03, 0xE9]))
    #expect(outcome.isClosed && outcome.reply.isEmpty && reader.isDone)
  }

  @Test(arguments: [0, 125, 126, 65_535, 65_536]) func whatIsWrittenHasTheShortestHeader(count: Int)
  {
    let payload = [UInt8](repeating: 0x61, count: count)
    let bytes = FrameWriter.frame(.binary, payload)
    let header: [UInt8] =
      switch count {
      case ..<126: [UInt8(count)]
      case ..<65_536: [126, UInt8(count >> 8), UInt8(count & 0xFF)]
      default: [127, 0, 0, 0, 0, 0, 1, 0, 0]
      }
    #expect(bytes == [0x82] + header + payload)
  }
}
