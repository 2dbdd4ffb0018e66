/// A picture in a file's bytes: which kind it is, how large, and where it ends. It is told by its
/// content alone and never decoded; what isn't whole isn't a picture.
struct ImageFile: Equatable {
  enum Kind: String, CaseIterable {
    case png, jpeg, gif, webp

    var mediaType: String { "image/\(rawValue)" }
    var fileExtension: String { self == .jpeg ? "jpg" : rawValue }
  }

  let kind: Kind
  /// Pixels.
  let width: Int
  let height: Int
  /// Bytes, without what stands behind the picture.
  let length: Int

  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes)
    let found: ImageFile?
    if reader.skip("\u{89}PNG\r\n\u{1A}\n") {
      found = Self.png(&reader)
    } else if reader.skip([0xFF, 0xD8]) {
      found = Self.jpeg(&reader)
    } else if reader.skip("GIF87a") || reader.skip("GIF89a") {
      found = Self.gif(&reader)
    } else if reader.skip("RIFF") {
      found = Self.webp(&reader)
    } else {
      return nil
    }
    guard let found, found.width > 0, found.height > 0 else { return nil }
    self = found
  }

  private init(_ kind: Kind, _ size: (width: Int, height: Int), _ length: Int) {
    self.kind = kind
    width = size.width
    height = size.height
    self.length = length
  }

  /// Chunks from IHDR to IEND (PNG specification, section 5).
  private static func png(_ reader: inout Reader) -> ImageFile? {
    guard reader.bigEndian(4) == 13, reader.skip("IHDR"), let width = reader.bigEndian(4),
      let height = reader.bigEndian(4), reader.advance(9)
    else { return nil }
    var hasData = false
    while let length = reader.bigEndian(4), let type = reader.bytes(4) {
      guard reader.advance(length + 4) else { return nil }
      if type.elementsEqual("IDAT".utf8) { hasData = true }
      if type.elementsEqual("IEND".utf8) {
        return hasData ? ImageFile(.png, (width, height), reader.position) : nil
      }
    }
    return nil
  }

  /// Segments from SOI to EOI (ITU T.81, annex B).
  private static func jpeg(_ reader: inout Reader) -> ImageFile? {
    var size: (Int, Int)?
    var hasScan = false
    while reader.skip([0xFF]), let marker = reader.bigEndian(1) {
      switch marker {
      case 0xFF: reader.position -= 1  // A marker may be padded.
      case 0xD9: return size.flatMap { hasScan ? ImageFile(.jpeg, $0, reader.position) : nil }
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
        guard let length = reader.bigEndian(2), reader.advance(1),
          let height = reader.bigEndian(2), let width = reader.bigEndian(2),
          reader.advance(length - 7)
        else { return nil }
        // A second header doesn't make the first one smaller.
        size = (max(width, size?.0 ?? 0), max(height, size?.1 ?? 0))
      default:
        guard let length = reader.bigEndian(2), length >= 2, reader.advance(length - 2) else {
          return nil
        }
        if marker == 0xDA {
          hasScan = true
          reader.skipEntropyCodedData()
        }
      }
    }
    return nil
  }

  /// Blocks up to the trailer (GIF89a specification).
  private static func gif(_ reader: inout Reader) -> ImageFile? {
    guard let width = reader.littleEndian(2), let height = reader.littleEndian(2),
      let flags = reader.bigEndian(1), reader.advance(2 + colourTable(flags))
    else { return nil }
    var size = (width: width, height: height)
    var hasImage = false
    while let block = reader.bigEndian(1) {
      switch block {
      case 0x3B: return hasImage ? ImageFile(.gif, size, reader.position) : nil
      case 0x21:
        guard reader.advance(1), reader.skipSubBlocks() else { return nil }
      case 0x2C:
        guard let left = reader.littleEndian(2), let top = reader.littleEndian(2),
          let width = reader.littleEndian(2), let height = reader.littleEndian(2),
          let flags = reader.bigEndian(1), reader.advance(colourTable(flags) + 1),
          reader.skipSubBlocks()
        else { return nil }
        size = (max(size.width, left + width), max(size.height, top + height))
        hasImage = true
      default: return nil
      }
    }
    return nil
  }

  private static func colourTable(_ flags: Int) -> Int {
    flags & 0x80 == 0 ? 0 : 3 << ((flags & 7) + 1)
  }

  /// A RIFF container (RFC 9649, section 2).
  private static func webp(_ reader: inout Reader) -> ImageFile? {
    guard let length = reader.littleEndian(4), reader.holds(length), reader.skip("WEBP") else {
      return nil
    }
    let end = 8 + length
    var canvas: (Int, Int)?
    while reader.position + 8 <= end, let type = reader.bytes(4).map({ Array($0) }),
      let length = reader.littleEndian(4), reader.holds(length)
    {
      var chunk = reader
      guard reader.advance(length + length % 2) || reader.position + length == end else {
        return nil
      }
      switch String(decoding: type, as: UTF8.self) {
      case "VP8X":
        guard chunk.advance(4), let width = chunk.littleEndian(3),
          let height = chunk.littleEndian(3)
        else { return nil }
        canvas = (width + 1, height + 1)
      case "VP8 ":
        guard chunk.advance(3), chunk.skip([0x9D, 0x01, 0x2A]), let width = chunk.littleEndian(2),
          let height = chunk.littleEndian(2)
        else { return nil }
        return ImageFile(.webp, canvas ?? (width & 0x3FFF, height & 0x3FFF), end)
      case "VP8L":
        guard chunk.skip([0x2F]), let bits = chunk.littleEndian(4) else { return nil }
        return ImageFile(.webp, canvas ?? ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1), end)
      case "ANMF":
        return canvas.map { ImageFile(.webp, $0, end) }
      default: break
      }
    }
    return nil
  }
}

/// Reads numbers one after another; everything is nil or false beyond the end.
private struct Reader {
  private let all: [UInt8]
  var position = 0

  init(_ all: [UInt8]) { self.all = all }

  func holds(_ count: Int) -> Bool { count >= 0 && count <= all.count - position }

  mutating func advance(_ count: Int) -> Bool {
    guard holds(count) else { return false }
    position += count
    return true
  }

  mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
    advance(count) ? all[position - count..<position] : nil
  }

  mutating func bigEndian(_ count: Int) -> Int? {
    bytes(count)?.reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func littleEndian(_ count: Int) -> Int? {
    bytes(count)?.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Passes over exactly these bytes, where they stand.
  mutating func skip(_ expected: [UInt8]) -> Bool {
    guard holds(expected.count),
      all[position..<position + expected.count].elementsEqual(expected)
    else { return false }
    position += expected.count
    return true
  }

  /// The same for letters of Latin-1.
  mutating func skip(_ expected: String) -> Bool {
    skip(expected.unicodeScalars.map { UInt8($0.value) })
  }

  /// GIF's lists of blocks with a length each, up to the empty one.
  mutating func skipSubBlocks() -> Bool {
    while let length = bigEndian(1) {
      if length == 0 { return true }
      guard advance(length) else { return false }
    }
    return false
  }

  /// Up to the next marker that is neither a stuffed byte nor a restart.
  mutating func skipEntropyCodedData() {
    while position + 1 < all.count {
      if all[position] == 0xFF, all[position + 1] != 0, !(0xD0...0xD7).contains(all[position + 1]) {
        return
      }
      position += 1
    }
  }
}
