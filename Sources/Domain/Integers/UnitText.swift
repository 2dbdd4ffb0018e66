/// Writes units as JSON, `{"index":0,"X":1,"q":1}`, with commas between them.
public struct UnitText: Sendable {
  public private(set) var bytes: [UInt8] = []
  /// Whether a comma is due before the next unit.
  private var needsComma = false

  /// The names and brackets around three numbers of at most 20 characters, and a comma.
  private static let longest = 24 + 3 * 20

  public init() {}

  public mutating func append(_ block: UnitBlock, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let room = range.count * Self.longest
    let text = [UInt8](unsafeUninitializedCapacity: room) { buffer, written in
      guard var end = buffer.baseAddress else { return }
      let start = end
      for position in range {
        if needsComma { Self.put(",", &end) }
        needsComma = true
        Self.put("{\"index\":", &end)
        Self.put(block.indexes[position], &end)
        Self.put(",\"X\":", &end)
        Self.put(block.xs[position], &end)
        Self.put(",\"q\":", &end)
        Self.put(block.qs[position], &end)
        Self.put("}", &end)
      }
      written = end - start
    }
    if bytes.isEmpty { bytes = text } else { bytes += text }
  }

  /// Hands the text over and goes on with none.
  public mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  private static func put(_ text: StaticString, _ end: inout UnsafeMutablePointer<UInt8>) {
    end.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    end += text.utf8CodeUnitCount
  }

  private static func put(_ value: Int64, _ end: inout UnsafeMutablePointer<UInt8>) {
    var rest = value.magnitude
    if value < 0 {
      end.pointee = UInt8(ascii: "-")
      end += 1
    }
    let length = digits(rest)
    var position = length
    // Two digits at a time: division is what this costs.
    while rest >= 100 {
      let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
      rest = quotient
      position -= 2
      end[position] = UInt8(truncatingIfNeeded: 0x30 + pair / 10)
      end[position + 1] = UInt8(truncatingIfNeeded: 0x30 + pair % 10)
    }
    if rest >= 10 {
      end[0] = UInt8(truncatingIfNeeded: 0x30 + rest / 10)
      end[1] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
    } else {
      end[0] = UInt8(truncatingIfNeeded: 0x30 + rest)
    }
    end += length
  }

  private static func digits(_ value: UInt64) -> Int {
    var count = 1
    var bound: UInt64 = 10
    while value >= bound {
      count += 1
      let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
      if overflow { break }
      bound = next
    }
    return count
  }
}
