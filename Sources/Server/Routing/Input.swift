import Domain

/// A body's fields after they were checked against what the route takes.
struct Input: Sendable {
  private enum Value: Sendable {
    case text(String)
    case integer(Int64)
    case boolean(Bool)
    case object(Input)
    case file([UInt8])
  }

  /// In the order of the fields, of which there are so few that looking through them is the quickest.
  private var values: [(name: String, value: Value)] = []

  private func value(_ field: Field) -> Value? { values.first { $0.name == field.name }?.value }

  private mutating func set(_ field: Field, _ value: Value) { values.append((field.name, value)) }

  func text(_ field: Field) -> String? {
    if case .text(let text) = value(field) { return text }
    return nil
  }

  func integer(_ field: Field) -> Int64? {
    if case .integer(let number) = value(field) { return number }
    return nil
  }

  func boolean(_ field: Field) -> Bool? {
    if case .boolean(let value) = value(field) { return value }
    return nil
  }

  func object(_ field: Field) -> Input? {
    if case .object(let input) = value(field) { return input }
    return nil
  }

  /// An uploaded file's content.
  func file(_ field: Field) -> [UInt8]? {
    if case .file(let bytes) = value(field) { return bytes }
    return nil
  }

  /// A text that the route requires, and so is there.
  func required(_ field: Field) -> String { text(field) ?? "" }
}

extension Input {
  /// Checks a body against the fields, and tells every fault beside what is right.
  static func withFaults(
    _ body: FormBody, fields: [Field]
  ) -> (input: Input, faults: [FieldError]) {
    var errors: [FieldError] = []
    let input = Input(body, fields: fields, path: "", errors: &errors)
    return (input, errors)
  }

  /// Checks a body against the fields; what isn't one of them is ignored.
  /// - Throws: `.invalid` with every fault, not only the first.
  init(_ body: FormBody, fields: [Field]) throws(Refusal) {
    let (input, faults) = Self.withFaults(body, fields: fields)
    guard faults.isEmpty else { throw .invalid(faults) }
    self = input
  }

  private init(_ body: FormBody, fields: [Field], path: String, errors: inout [FieldError]) {
    values.reserveCapacity(fields.count)
    for field in fields {
      let name = path + field.name
      if case .textOrFile = field.kind, let file = body.file(field.name) {
        set(field, .file(file))
        continue
      }
      if case .sets = field.kind { continue }
      switch body.value(of: field) {
      case nil:
        if field.isRequired { errors.append(FieldError(name, "This field is required.")) }
      case .null:
        if field.isRequired { errors.append(FieldError(name, "This field may not be null.")) }
      case .some(let given): take(given, for: field, name: name, errors: &errors)
      }
    }
  }

  private mutating func take(
    _ given: JSON, for field: Field, name: String, errors: inout [FieldError]
  ) {
    switch field.kind {
    case .text(let longest), .textOrFile(let longest):
      guard let text = given.string else {
        return errors.append(FieldError(name, "Not a valid string."))
      }
      let trimmed = text.trimmed
      if trimmed.isEmpty {
        guard field.isRequired else {
          set(field, .text(""))
          return
        }
        return errors.append(FieldError(name, "This field may not be blank."))
      }
      if let fault = Self.fault(text, longest) { return errors.append(FieldError(name, fault)) }
      set(field, .text(trimmed))
    case .secret(let longest):
      guard let text = given.string else {
        return errors.append(FieldError(name, "Not a valid string."))
      }
      if text.isEmpty { return errors.append(FieldError(name, "This field may not be blank.")) }
      if let fault = Self.fault(text, longest) { return errors.append(FieldError(name, fault)) }
      set(field, .text(text))
    case .code:
      guard let text = given.string?.trimmed ?? given.int.map(Self.sixDigits) else {
        return errors.append(FieldError(name, "Not a valid code."))
      }
      set(field, .text(text))
    case .boolean:
      guard let value = Self.boolean(given) else {
        return errors.append(FieldError(name, "Must be a valid boolean."))
      }
      set(field, .boolean(value))
    case .integer:
      guard let number = given.int ?? given.string.flatMap({ Int64($0.trimmed) }) else {
        return errors.append(FieldError(name, "A valid integer is required."))
      }
      set(field, .integer(number))
    case .object(let fields):
      guard let body = FormBody(object: given) else {
        return errors.append(FieldError(name, "Expected an object, or a JSON text of one."))
      }
      set(field, .object(Input(body, fields: fields, path: name + ".", errors: &errors)))
    case .sets: break
    }
  }

  private static func sixDigits(_ number: Int64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }

  private static func boolean(_ given: JSON) -> Bool? {
    if case .bool(let value) = given { return value }
    switch given.string?.trimmed.lowercased() {
    case "true", "1", "on", "yes": return true
    case "false", "0", "off", "no": return false
    default: return nil
    }
  }

  private static func fault(_ text: String, _ longest: Int) -> String? {
    if text.utf8.count > longest { return "Ensure this field has no more than \(longest) bytes." }
    if text.containsNUL { return "Null characters are not allowed." }
    return nil
  }
}
