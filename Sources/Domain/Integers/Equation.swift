/// An equation over sets, checked and in the order in which a stack computes it.
///
///     sum     = product { ("+" | "-") product }
///     product = factor { "*" factor }
///     factor  = "-" factor | "(" sum ")" | set | number
public struct Equation: Sendable, Equatable {
  /// What a stack does next.
  enum Step: Sendable, Equatable {
    /// Pushes the set with that number in `sets`.
    case set(Int)
    case literal(Int64)
    /// Takes one away and pushes the result; of two, the right one is above the left one.
    case negate, add, subtract, multiply
  }

  /// A set's name and where it stands first, in characters from 1 on.
  public struct Reference: Sendable, Equatable {
    public let name: String
    public let column: Int
  }

  /// Bytes of an equation.
  public static let longest = 4_096
  /// What one is made of; what may stand where, the grammar says.
  public static let pattern = #"^[A-Za-z0-9_+\-*()\s]+$"#
  /// How deep parentheses and signs may stand in each other.
  public static let deepest = 64
  /// Different sets in one equation; each needs memory while it is read.
  public static let mostSets = 256

  public private(set) var sets: [Reference] = []
  private(set) var steps: [Step] = []

  /// - Throws: `.invalid` for the field `equation`, naming the column.
  public init(_ text: String) throws(Refusal) {
    do {
      var parser = try EquationParser(text)
      try parser.parse()
      (sets, steps) = (parser.sets, parser.steps)
    } catch {
      throw .invalid([FieldError("equation", error.message)])
    }
  }

  /// How many results wait on the stack at the most.
  var height: Int {
    var height = 0
    var highest = 0
    for step in steps {
      switch step {
      case .set, .literal: height += 1
      case .negate: break
      case .add, .subtract, .multiply: height -= 1
      }
      highest = max(highest, height)
    }
    return highest
  }
}

/// What is wrong with an equation, in words.
struct EquationFault: Error {
  let message: String

  init(_ message: String) { self.message = message }

  init(_ what: String, at column: Int) { message = "\(what) at column \(column)." }
}

/// Reads an equation from left to right, once.
private struct EquationParser {
  private let characters: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private var numbers: [String: Int] = [:]
  private(set) var sets: [Equation.Reference] = []
  private(set) var steps: [Equation.Step] = []

  init(_ text: String) throws(EquationFault) {
    guard text.utf8.count <= Equation.longest else {
      throw EquationFault("An equation has at most \(Equation.longest) bytes.")
    }
    characters = Array(text.unicodeScalars)
  }

  private var column: Int { position + 1 }

  /// The next character that isn't white space; nil at the end.
  private mutating func next() -> Unicode.Scalar? {
    while position < characters.count, [" ", "\t", "\n", "\r"].contains(characters[position]) {
      position += 1
    }
    return position < characters.count ? characters[position] : nil
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next() == character else { return false }
    position += 1
    return true
  }

  mutating func parse() throws(EquationFault) {
    try sum()
    if let rest = next() { throw EquationFault("Unexpected “\(rest)”", at: column) }
    guard !sets.isEmpty else { throw EquationFault("An equation names at least one set.") }
  }

  private mutating func sum() throws(EquationFault) {
    try product()
    while true {
      let sign = next()
      let place = column
      if sign == "+" {
        position += 1
        try product()
        try apply(.add, at: place)
      } else if sign == "-" {
        position += 1
        try product()
        try apply(.subtract, at: place)
      } else {
        return
      }
    }
  }

  private mutating func product() throws(EquationFault) {
    try factor()
    while next() == "*" {
      let place = column
      position += 1
      try factor()
      try apply(.multiply, at: place)
    }
  }

  private mutating func factor() throws(EquationFault) {
    guard let first = next() else { throw EquationFault("The equation breaks off", at: column) }
    let place = column
    switch first {
    case "-":
      position += 1
      if let digit = next(), ("0"..."9").contains(digit) {
        return steps.append(.literal(try literal(isNegative: true)))
      }
      try nested { parser throws(EquationFault) in try parser.factor() }
      try apply(.negate, at: place)
    case "(":
      position += 1
      try nested { parser throws(EquationFault) in try parser.sum() }
      guard take(")") else {
        throw EquationFault("The parenthesis of column \(place) isn't closed", at: column)
      }
    case "0"..."9": steps.append(.literal(try literal(isNegative: false)))
    case _ where Self.beginsName(first): steps.append(.set(try reference()))
    default: throw EquationFault("Unexpected “\(first)”", at: place)
    }
  }

  private mutating func nested(
    _ body: (inout EquationParser) throws(EquationFault) -> Void
  ) throws(EquationFault) {
    guard depth < Equation.deepest else {
      throw EquationFault("Nested deeper than \(Equation.deepest)", at: column)
    }
    depth += 1
    try body(&self)
    depth -= 1
  }

  private static func beginsName(_ character: Unicode.Scalar) -> Bool {
    switch character {
    case "a"..."z", "A"..."Z", "_": true
    default: false
    }
  }

  /// A number up to 2^63-1, or behind a minus up to 2^63.
  private mutating func literal(isNegative: Bool) throws(EquationFault) -> Int64 {
    let place = column
    var value: Int64? = 0
    while position < characters.count, ("0"..."9").contains(characters[position]) {
      let digit = Int64(characters[position].value - 0x30)
      value = value.flatMap { Self.appending(isNegative ? -digit : digit, to: $0) }
      position += 1
    }
    if position < characters.count, Self.beginsName(characters[position]) {
      throw EquationFault("Unexpected “\(characters[position])”", at: column)
    }
    guard let value else { throw EquationFault("A number beyond 64 bits", at: place) }
    return value
  }

  private static func appending(_ digit: Int64, to value: Int64) -> Int64? {
    let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
    let (sum, overflows) = product.addingReportingOverflow(digit)
    return isTooLarge || overflows ? nil : sum
  }

  /// A set's name, and its number among the sets.
  private mutating func reference() throws(EquationFault) -> Int {
    let place = column
    var name = ""
    while position < characters.count,
      Self.beginsName(characters[position]) || ("0"..."9").contains(characters[position])
    {
      name.unicodeScalars.append(characters[position])
      position += 1
    }
    guard SetName.isValid(name) else {
      throw EquationFault("A name longer than \(SetName.longest) characters", at: place)
    }
    if let number = numbers[name] { return number }
    guard sets.count < Equation.mostSets else {
      throw EquationFault("More than \(Equation.mostSets) different sets", at: place)
    }
    numbers[name] = sets.count
    sets.append(Equation.Reference(name: name, column: place))
    return sets.count - 1
  }

  /// Adds a step, or takes it at once where it is one of literals alone.
  private mutating func apply(_ step: Equation.Step, at place: Int) throws(EquationFault) {
    guard case .literal(let right)? = steps.last else { return steps.append(step) }
    let result: (partialValue: Int64, overflow: Bool)
    if step == .negate {
      result = Int64(0).subtractingReportingOverflow(right)
      steps.removeLast()
    } else {
      guard steps.count > 1, case .literal(let left) = steps[steps.count - 2] else {
        return steps.append(step)
      }
      switch step {
      case .add: result = left.addingReportingOverflow(right)
      case .subtract: result = left.subtractingReportingOverflow(right)
      default: result = left.multipliedReportingOverflow(by: right)
      }
      steps.removeLast(2)
    }
    guard !result.overflow else { throw EquationFault("Overflow", at: place) }
    steps.append(.literal(result.partialValue))
  }
}

/// What a set may be called.
public enum SetName {
  /// Characters.
  public static let longest = 64
  /// What one looks like.
  public static let pattern = "^[A-Za-z_][A-Za-z0-9_]{0,\(longest - 1)}$"
  /// What one is, in words.
  public static let rule = "1 to \(longest) letters, digits and underscores, and no digit first."

  /// Whether it is a letter or an underscore, and then those and digits.
  public static func isValid(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let first = bytes.first, bytes.count <= longest, !isDigit(first) else { return false }
    return bytes.allSatisfy { isDigit($0) || isLetter($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// One that nobody has.
  public static func made() -> String { "set_" + Secrets.random(8).hex }
}
