import Domain

/// A unit whose members are still coming.
struct UnitDraft {
  private enum Member: UInt8 {
    case index = 1
    case x = 2
    case q = 4
    case other = 0

    var name: String {
      switch self {
      case .index: "index"
      case .x: "X"
      case .q: "q"
      case .other: ""
      }
    }
  }

  private var unit = IntegerUnit(index: 0, x: 0, q: 0)
  /// The member whose value comes next.
  private var next = Member.other
  /// Bits of the members whose names came.
  private var named: UInt8 = 0
  private var others: [[UInt8]] = []
  private var fault: UnitFault?

  /// Members besides the three, which are passed over.
  private static let mostOthers = 64

  mutating func name(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    if bytes.count == 1 {
      switch bytes[0] {
      case UInt8(ascii: "X"): return try expect(.x)
      case UInt8(ascii: "q"): return try expect(.q)
      default: break
      }
    } else if bytes.elementsEqual("index".utf8) {
      return try expect(.index)
    }
    next = .other
    _ = try String(json: bytes)
    let name = Array(bytes)
    guard !others.contains(name) else { throw .duplicateName }
    guard others.count < Self.mostOthers else {
      throw JSONFault("more than \(Self.mostOthers) unknown members in a unit")
    }
    others.append(name)
  }

  private mutating func expect(_ member: Member) throws(JSONFault) {
    guard named & member.rawValue == 0 else { throw .duplicateName }
    named |= member.rawValue
    next = member
  }

  /// Takes the member's value.
  /// - Returns: false where the member is none of the three.
  mutating func take(_ digits: UnsafeBufferPointer<UInt8>) -> Bool {
    guard next != .other else { return false }
    guard let value = Int64(json: digits) else {
      refuse()
      return true
    }
    switch next {
    case .index: unit.index = value
    case .x: unit.x = value
    default: unit.q = value
    }
    return true
  }

  /// The member's value was something that it can't be.
  mutating func refuse() {
    guard next != .other, fault == nil else { return }
    fault = UnitFault("“\(next.name)” must be a whole number of 64 bits.")
  }

  func finished() throws(UnitFault) -> IntegerUnit {
    if let fault { throw fault }
    for member in [Member.index, .x, .q] where named & member.rawValue == 0 {
      throw UnitFault("“\(member.name)” is required.")
    }
    return unit
  }
}
