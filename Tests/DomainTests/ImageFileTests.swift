import Testing

@testable import Domain

@Suite struct ImageFileTests {
  private static func text(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8($0.value) }
  }

  private static func number(_ value: Int, _ count: Int, isLittle: Bool = false) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isLittle ? bytes : bytes.reversed()
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    number(data.count, 4) + text(type) + data + [0, 0, 0, 0]
  }

  private static func png(_ width: Int, _ height: Int) -> [UInt8] {
    text("\u{89}PNG\r\n\u{1A}\n")
      + chunk("IHDR", number(width, 4) + number(height, 4) + [8, 2, 0, 0, 0])
      + chunk("tEXt", text("a comment")) + chunk("IDAT", [1, 2, 3]) + chunk("IEND", [])
  }

  private static func jpeg(_ width: Int, _ height: Int) -> [UInt8] {
    let scan: [UInt8] = [0xFF, 0xDA, 0, 4, 1, 2] + [9, 0xFF, 0, 8, 0xFF, 0xD1, 7]
    let size: [UInt8] = [0xFF, 0xC2, 0, 11, 8] + number(height, 2) + number(width, 2)
    return [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2] + size + [1, 1, 0x11, 0] + scan + [0xFF, 0xD9]
  }

  private static func gif(_ width: Int, _ height: Int) -> [UInt8] {
    let size = number(width, 2, isLittle: true) + number(height, 2, isLittle: true)
    let image = [0x2C, 0, 0, 0, 0] + size + [0, 2, 3, 7, 7, 7, 0]
    return text("GIF89a") + size + [0x80, 0, 0] + [1, 2, 3, 4, 5, 6]
      + [0x21, 0xFE, 2, 65, 66, 0] + image + [0x3B]
  }

  private static func webp(_ width: Int, _ height: Int) -> [UInt8] {
    let size = number(width - 1, 3, isLittle: true) + number(height - 1, 3, isLittle: true)
    let picture = text("VP8L") + number(6, 4, isLittle: true) + [0x2F, 1, 2, 3, 4, 5]
    let content =
      text("WEBPVP8X") + number(10, 4, isLittle: true) + [0, 0, 0, 0] + size + picture
    return text("RIFF") + number(content.count, 4, isLittle: true) + content
  }

  private static let all: [(String, [UInt8])] = [
    ("png", png(640, 480)), ("jpeg", jpeg(640, 480)), ("gif", gif(640, 480)),
    ("webp", webp(640, 480)),
  ]

  @Test(arguments: all) func eachIsKnownByItsContent(kind: String, bytes: [UInt8]) throws {
    let image = try #require(ImageFile(bytes))
    #expect(image.kind.rawValue == kind)
    #expect(image.width == 640 && image.height == 480)
    #expect(image.length == bytes.count)
  }

  /// What stands behind a picture may be another file.
  @Test(arguments: all) func whatStandsBehindIsCutOff(kind: String, bytes: [UInt8]) throws {
    #expect(try #require(ImageFile(bytes + Self.text("<script>"))).length == bytes.count)
  }

  @Test(arguments: all) func whatIsCutOffIsNoPicture(kind: String, bytes: [UInt8]) {
    let accepted = (0..<bytes.count).filter { ImageFile(Array(bytes.prefix($0))) != nil }
    #expect(accepted == [])
  }

  /// Whatever is broken, nothing is read beyond the end.
  @Test(arguments: all) func damageIsSurvived(kind: String, bytes: [UInt8]) {
    for index in bytes.indices {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
        var damaged = bytes
        damaged[index] = value
        if let image = ImageFile(damaged) { #expect(image.length <= damaged.count) }
      }
    }
  }

  @Test(arguments: [
    "", "<svg/>", "GIF89a", "RIFF\u{4}\u{0}\u{0}\u{0}WEBP", "\u{FF}\u{D8}\u{FF}\u{D9}",
    "\u{89}PNG\r\n\u{1A}\n",
  ])
  func othersAreNone(text: String) { #expect(ImageFile(Self.text(text)) == nil) }

  @Test func nothingIsAsHighAsNothing() {
    for bytes in [Self.png(0, 5), Self.png(5, 0), Self.jpeg(0, 1)] {
      #expect(ImageFile(bytes) == nil)
    }
  }
}
