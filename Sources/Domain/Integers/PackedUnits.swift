/// A block of units as it is stored: for each column the smallest value, and of each value how far
/// it is from there, in as few bytes as the largest of them needs.
///
/// 32 bytes come first, in little-endian order: the number of units (4 bytes); the widths of the
/// three columns (1 byte each: 0, 1, 2, 4 or 8) and a zero; the first index, the smallest X and the
/// smallest q (8 bytes each). Then the columns one after another: of the indexes how many are left
/// out before each (0 for the first), of X and q the distances. At the most, 24 bytes a unit.
public struct PackedUnits: Sendable {
  public let bytes: [UInt8]
  /// The index of the last unit.
  public let last: Int64

  private static let headerSize = 32

  public var count: Int { header.count }
  public var first: Int64 { header.first }

  // MARK: Packing

  /// - Parameter block: 1 to `UnitBlock.size` units whose indexes rise.
  public init(_ block: UnitBlock) {
    var packer = Packer(block.count)
    let first = block.indexes[0]
    last = block.indexes[block.count - 1]
    var previous = first &- 1
    let gaps = block.indexes.map { index in
      defer { previous = index }
      return UInt64(bitPattern: index &- previous &- 1)
    }
    let (x, xs) = Self.distances(block.xs)
    let (q, qs) = Self.distances(block.qs)
    packer.add(base: first, gaps)
    packer.add(base: x, xs)
    packer.add(base: q, qs)
    bytes = packer.finished()
  }

  private static func distances(_ values: [Int64]) -> (base: Int64, [UInt64]) {
    let base = values.min() ?? 0
    return (base, values.map { UInt64(bitPattern: $0 &- base) })
  }

  private struct Packer {
    private let count: Int
    private var widths: [UInt8] = []
    private var bases: [Int64] = []
    private var columns: [[UInt64]] = []

    init(_ count: Int) { self.count = count }

    mutating func add(base: Int64, _ column: [UInt64]) {
      widths.append(Self.width(of: column.max() ?? 0))
      bases.append(base)
      columns.append(column)
    }

    private static func width(of value: UInt64) -> UInt8 {
      switch value {
      case 0: 0
      case ...0xFF: 1
      case ...0xFFFF: 2
      case ...0xFFFF_FFFF: 4
      default: 8
      }
    }

    func finished() -> [UInt8] {
      let size = widths.reduce(PackedUnits.headerSize) { $0 + Int($1) * count }
      return [UInt8](unsafeUninitializedCapacity: size) { buffer, written in
        let raw = UnsafeMutableRawBufferPointer(buffer)
        raw.storeBytes(of: UInt32(count).littleEndian, as: UInt32.self)
        raw[7] = 0
        var offset = PackedUnits.headerSize
        for (number, column) in columns.enumerated() {
          raw[4 + number] = widths[number]
          raw.storeBytes(
            of: bases[number].littleEndian, toByteOffset: 8 + 8 * number, as: Int64.self)
          switch widths[number] {
          case 1: Self.store(column, as: UInt8.self, raw, &offset)
          case 2: Self.store(column, as: UInt16.self, raw, &offset)
          case 4: Self.store(column, as: UInt32.self, raw, &offset)
          case 8: Self.store(column, as: UInt64.self, raw, &offset)
          default: break
          }
        }
        written = size
      }
    }

    private static func store<Width: FixedWidthInteger>(
      _ column: [UInt64], as _: Width.Type, _ raw: UnsafeMutableRawBufferPointer,
      _ offset: inout Int
    ) {
      for value in column {
        raw.storeBytes(
          of: Width(truncatingIfNeeded: value).littleEndian, toByteOffset: offset, as: Width.self)
        offset += MemoryLayout<Width>.size
      }
    }
  }

  // MARK: Unpacking

  private struct Header {
    var count: Int
    var widths: (index: Int, x: Int, q: Int)
    var first: Int64
    var x: Int64
    var q: Int64

    init(_ raw: UnsafeRawBufferPointer) {
      count = Int(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
      widths = (Int(raw[4]), Int(raw[5]), Int(raw[6]))
      first = Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 8, as: Int64.self))
      x = Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 16, as: Int64.self))
      q = Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 24, as: Int64.self))
    }

    /// Bytes of the whole; nil where the header can't be one.
    var size: Int? {
      let isSound = [widths.index, widths.x, widths.q].allSatisfy { [0, 1, 2, 4, 8].contains($0) }
      guard isSound, (1...UnitBlock.size).contains(count) else { return nil }
      return PackedUnits.headerSize + count * (widths.index + widths.x + widths.q)
    }
  }

  private var header: Header { bytes.withUnsafeBytes(Header.init) }

  /// Bytes as they are stored.
  /// - Parameter last: the last unit's index, which stands beside them.
  /// - Returns: nil where they are damaged.
  public init?(_ bytes: [UInt8], last: Int64) {
    guard bytes.count >= Self.headerSize,
      bytes.withUnsafeBytes({ Header($0).size }) == bytes.count
    else { return nil }
    self.bytes = bytes
    self.last = last
  }

  /// All units.
  public var block: UnitBlock {
    var block = UnitBlock()
    unpack(0..<count, behind: nil, into: &block)
    return block
  }

  /// Unpacks some of the units in place of what `block` holds.
  /// - Parameter index: of the unit before them; nil from the first one on.
  func unpack(_ range: Range<Int>, behind index: Int64?, into block: inout UnitBlock) {
    bytes.withUnsafeBytes { raw in
      let header = Header(raw)
      let xStart = Self.headerSize + header.count * header.widths.index
      let qStart = xStart + header.count * header.widths.x
      block.fill(range.count) { indexes, xs, qs in
        Self.load(raw, Self.headerSize, header.widths.index, range, base: 0, into: indexes)
        var previous = index ?? header.first &- 1
        for position in indexes.indices {
          previous = previous &+ indexes[position] &+ 1
          indexes[position] = previous
        }
        Self.load(raw, xStart, header.widths.x, range, base: header.x, into: xs)
        Self.load(raw, qStart, header.widths.q, range, base: header.q, into: qs)
      }
    }
  }

  private static func load(
    _ raw: UnsafeRawBufferPointer, _ start: Int, _ width: Int, _ range: Range<Int>, base: Int64,
    into column: UnsafeMutableBufferPointer<Int64>
  ) {
    let offset = start + width * range.lowerBound
    switch width {
    case 1: load(raw, offset, as: UInt8.self, base, column)
    case 2: load(raw, offset, as: UInt16.self, base, column)
    case 4: load(raw, offset, as: UInt32.self, base, column)
    case 8: load(raw, offset, as: UInt64.self, base, column)
    default: column.update(repeating: base)
    }
  }

  private static func load<Width: FixedWidthInteger & UnsignedInteger>(
    _ raw: UnsafeRawBufferPointer, _ start: Int, as _: Width.Type, _ base: Int64,
    _ column: UnsafeMutableBufferPointer<Int64>
  ) {
    let size = MemoryLayout<Width>.size
    for position in column.indices {
      let value = Width(
        littleEndian: raw.loadUnaligned(fromByteOffset: start + size * position, as: Width.self))
      column[position] = base &+ Int64(truncatingIfNeeded: value)
    }
  }
}
