import Domain

/// A body with sets of integers in it, read while it arrives: units are packed as they come, and
/// what else the body holds is kept as it is.
///
/// `@unchecked Sendable`: touched by one request only, on its loop.
final class SetUpload: JSONEvents, @unchecked Sendable {
  /// What a body is to hold.
  enum Kind: Sendable {
    /// `{"integers": [unit, …]}`
    case set
    /// `{"integer_sets": [{"set_id": …, "integers": [unit, …]}, …]}`
    case session

    var field: String { self == .set ? "integers" : "integer_sets" }
  }

  /// A set as it came.
  struct Upload {
    var name: String?
    var units: UnitCollector?
  }

  /// Where the next event belongs.
  private enum Place {
    case outside
    case body
    case sets
    case set
    case units
    case unit
  }

  private let kind: Kind
  private var places: [Place] = [.outside]
  private var place = Place.outside
  /// A value that is no set and no unit, and what it is called.
  private var builder: JSONBuilder?
  private var name = ""
  /// Names so far, byte for byte: to Swift, some are equal that only look the same.
  private var names: Set<[UInt8]> = []
  private var setNames: Set<[UInt8]> = []

  private var unit = UnitDraft()
  private var position = 0
  private var strays = 0
  private var sets: [Upload] = []
  private var members: [JSON.Member] = []
  /// Whether the text is an object.
  private var isObject = false
  /// Whether the field was there, and what it was if not a list.
  private var fieldFault: String?
  private var hasField = false
  /// What is wrong with the sets, the first of it; nothing is kept from then on.
  private var fault: String?

  /// - Parameter onlyField: whether the text is the field's value alone, as forms have it.
  init(_ kind: Kind, onlyField: Bool = false) {
    self.kind = kind
    super.init()
    if onlyField {
      name = kind.field
      place = .body
    }
  }

  /// What the body holds besides sets, once all of it is there.
  /// - Throws: `BadRequest` where it isn't JSON, or no object.
  func form() throws(BadRequest) -> FormBody {
    do throws(JSONError) {
      try finish()
    } catch {
      throw BadRequest(json: error)
    }
    guard isObject else { throw BadRequest.noObject }
    return FormBody(members)
  }

  /// The sets, in their order.
  /// - Throws: `.invalid` where they aren't what they should be.
  func finish(pause: () async -> Void) async throws -> [(name: String?, chunks: [PackedUnits])] {
    guard hasField else { throw invalid("This field is required.") }
    if let message = fieldFault ?? fault { throw invalid(message) }
    var finished: [(String?, [PackedUnits])] = []
    for number in sets.indices {
      do {
        finished.append(
          (sets[number].name, try await sets[number].units?.finish(pause: pause) ?? []))
      } catch let fault as UnitFault {
        throw invalid(described(fault.message, set: number))
      }
    }
    return finished
  }

  private func invalid(_ message: String) -> Refusal {
    .invalid([FieldError(kind.field, message)])
  }

  private func described(_ message: String, set number: Int) -> String {
    guard kind == .session, sets.indices.contains(number) else { return message }
    let name = sets[number].name.map { " (“\($0)”)" } ?? ""
    return "Set \(number)\(name): \(message)"
  }

  private func blame(_ message: String) {
    guard fault == nil else { return }
    fault = described(message, set: sets.count - 1)
    // What is refused needs no memory.
    for number in sets.indices { sets[number].units = UnitCollector() }
  }

  // MARK: Events

  override func number(_ digits: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    if place == .unit, builder == nil {
      if !unit.take(digits) { try other { b throws(JSONFault) in try b.addNumber(digits) } }
    } else {
      try other { b throws(JSONFault) in try b.addNumber(digits) }
    }
  }

  override func null() throws(JSONFault) { try other { b in b.add(.null) } }
  override func boolean(_ value: Bool) throws(JSONFault) { try other { b in b.add(.bool(value)) } }
  override func string(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    try other { b throws(JSONFault) in try b.addString(bytes) }
  }

  override func beginObject() throws(JSONFault) {
    if builder == nil {
      switch place {
      case .outside:
        isObject = true
        return enter(.body)
      case .units:
        unit = UnitDraft()
        return enter(.unit)
      case .sets:
        beginSet()
        return enter(.set)
      case .body, .set, .unit: break
      }
    }
    try other { b throws(JSONFault) in try b.begin(object: true) }
  }

  override func beginArray() throws(JSONFault) {
    if builder == nil {
      switch place {
      case .body where name == kind.field && kind == .set:
        hasField = true
        sets = [Upload(units: UnitCollector())]
        position = 0
        return enter(.units)
      case .body where name == kind.field:
        hasField = true
        return enter(.sets)
      case .set where name == "integers":
        sets[sets.count - 1].units = UnitCollector()
        position = 0
        return enter(.units)
      default: break
      }
    }
    try other { b throws(JSONFault) in try b.begin(object: false) }
  }

  override func name(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) {
    guard builder == nil else { return try other { b throws(JSONFault) in try b.name(bytes) } }
    if place == .unit { return try unit.name(bytes) }
    name = try String(json: bytes)
    let key = Array(bytes)
    let isNew = place == .set ? setNames.insert(key).inserted : names.insert(key).inserted
    guard isNew else { throw .duplicateName }
    guard names.count <= Self.mostMembers, setNames.count <= Self.mostMembers else {
      throw JSONFault("more than \(Self.mostMembers) members in an object")
    }
  }

  /// Names in one object, besides those of units.
  private static let mostMembers = 1_000
  /// Values, and ends of them, that are no sets and no units: those are kept, or built to be passed
  /// over.
  private static let mostStrays = 100_000

  override func endObject() throws(JSONFault) {
    guard builder == nil else { return try other { b in b.end() } }
    let ended = place
    leave()
    switch ended {
    case .unit: finishUnit()
    case .set: finishSet()
    default: break
    }
  }

  override func endArray() throws(JSONFault) {
    guard builder == nil else { return try other { b in b.end() } }
    leave()
  }

  private func enter(_ next: Place) {
    places.append(place)
    place = next
  }

  private func leave() { place = places.popLast() ?? .outside }

  // MARK: Units and sets

  private func beginSet() {
    setNames = []
    if sets.count < Integers.mostSets { return sets.append(Upload()) }
    fault = fault ?? "At most \(Integers.mostSets) sets are taken together."
    sets[sets.count - 1] = Upload()
  }

  private func finishUnit() {
    defer { position += 1 }
    guard fault == nil else { return }
    do throws(UnitFault) {
      let unit = try unit.finished()
      try sets[sets.count - 1].units?.append(unit)
    } catch {
      blame(error.isOfUnit ? "Unit \(position): \(error.message)" : error.message)
    }
  }

  private func finishSet() {
    let number = sets.count - 1
    guard let name = sets[number].name else { return blame("“set_id” is required.") }
    guard SetName.isValid(name) else {
      return blame("“set_id” is \(SetName.rule)")
    }
    guard sets[number].units != nil else {
      return blame("“integers” is required, a list of units.")
    }
    if sets.dropLast().contains(where: { $0.name == name }) { blame("It stands twice.") }
  }

  // MARK: Anything else

  /// Adds to the value that is being built, or begins one.
  private func other(
    _ event: (inout JSONBuilder) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    strays += 1
    guard strays <= Self.mostStrays else {
      throw JSONFault("more than \(Self.mostStrays) values besides sets")
    }
    var building = builder ?? JSONBuilder(depth: places.count - 1)
    // Kept in two places it would be copied with each event.
    builder = nil
    try event(&building)
    guard let value = building.value else {
      builder = building
      return
    }
    take(value)
  }

  private func take(_ value: JSON) {
    switch place {
    case .outside: break
    case .body where name == kind.field:
      hasField = true
      fieldFault =
        value == .null ? "This field may not be null." : "Expected a list."
    case .body: members.append(JSON.Member(name, value))
    case .set where name == "set_id": sets[sets.count - 1].name = value.string
    case .units:
      blame("Unit \(position): an object with index, X and q is expected.")
      position += 1
    case .unit: unit.refuse()
    case .sets:
      fault = fault ?? "Set \(sets.count): An object with set_id and integers is expected."
    case .set: break
    }
  }
}
