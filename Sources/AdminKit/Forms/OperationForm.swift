import Domain

/// An operation as a form: its fields, and the way from what was filled in to a command.
public struct OperationForm: Sendable {
  public let operation: Operation
  public let fields: [FormField]

  /// Nil for an operation that isn't offered outside of the command line: one that reads the
  /// machine's files, runs without end, or is for scripts.
  public init?(_ operation: Operation) {
    guard Self.offers(operation) else { return nil }
    self.operation = operation
    let options = Self.options(of: operation)
    let negations = Set(options.map { "no-" + $0.name })
    fields =
      operation.arguments.map { FormField($0) }
      + options.filter { !negations.contains($0.name) }
      .map { FormField($0, among: operation.options) }
  }

  private static func options(of operation: Operation) -> [Option] {
    operation.options.filter { option in
      !option.isCommandLineOnly && !PasswordOption.all.contains { $0.name == option.name }
    }
  }

  /// Whether there is a form of it.
  public static func offers(_ operation: Operation) -> Bool {
    !operation.isCommandLineOnly && operation.isOfferedInForms
      && !operation.arguments.contains { $0.kind == .file }
      && !options(of: operation).contains { $0.kind == .file }
  }

  /// What was filled in.
  public struct Filled: Sendable {
    public var arguments = Arguments()
    public var faults: [FieldError] = []
    /// Required fields that have nothing.
    public var missing: [FieldError] = []
  }

  /// - Parameters:
  ///   - values: by field.
  ///   - before: what the fields had, where only what differs from it is to be told.
  public func read(
    _ values: [String: [String]], before: [String: String]? = nil
  ) -> Filled {
    var filled = Filled()
    for field in fields {
      let isArgument = operation.arguments.contains { $0.name == field.name }
      let given = Self.given(values[field.name] ?? [], field)
      if let old = before?[field.name], !isArgument, Self.isSame(old, given, field) { continue }
      if field.control == .toggle {
        if given.isEmpty {
          if let negation = field.negation, before != nil {
            filled.arguments.options[negation] = [""]
          }
        } else {
          filled.arguments.options[field.name] = [""]
        }
        continue
      }
      guard !given.isEmpty else {
        if field.isRequired {
          filled.missing.append(FieldError(field.key, "This field is required."))
        } else if before?[field.name] != nil, values[field.name] != nil {
          // It was emptied.
          filled.arguments.options[field.name] = [""]
        }
        continue
      }
      if let fault = Self.fault(of: given, kind(of: field.name)) {
        filled.faults.append(FieldError(field.key, fault))
      } else if isArgument {
        filled.arguments.words[field.name] = given
      } else {
        filled.arguments.options[field.name] = given
      }
    }
    return filled
  }

  /// The values that were given, without what a form adds.
  private static func given(_ values: [String], _ field: FormField) -> [String] {
    switch field.control {
    case .names:
      values.flatMap { $0.split(whereSeparator: \.isNewline) }.map { String($0).trimmed }
        .filter { !$0.isEmpty }
    // A form's lines end as in a mail.
    case .lines: values.map { $0.replacing("\r\n", with: "\n") }.filter { !$0.trimmed.isEmpty }
    default: values.map(\.trimmed).filter { !$0.isEmpty }
    }
  }

  private static func isSame(_ old: String, _ given: [String], _ field: FormField) -> Bool {
    if field.control == .toggle { return old.isEmpty == given.isEmpty }
    return old.trimmed == given.joined(separator: "\n").trimmed
  }

  private func kind(of name: String) -> ValueKind {
    operation.arguments.first { $0.name == name }?.kind
      ?? operation.options.first { $0.name == name }?.kind ?? .text
  }

  private static func fault(of values: [String], _ kind: ValueKind) -> String? {
    for value in values {
      if value.containsNUL { return "Null characters are not allowed." }
      // On a command line it would stand for standard input.
      if value == "-" { return "“-” names nothing here." }
      if let (message, hint) = kind.fault(of: value) {
        return [message, hint].compactMap { $0?.asSentence }.joined(separator: " ")
      }
    }
    return nil
  }
}

extension Operation {
  /// Whether somebody elsewhere can fill it in, run it and read what it says.
  fileprivate var isOfferedInForms: Bool {
    switch effect {
    case .reads: verb != nil
    case .adds, .changes, .destroys, .prunes: true
    case .standsAlone, .peeks, .follows, .converses, .inspects, .diagnoses, .administers: false
    }
  }
}
