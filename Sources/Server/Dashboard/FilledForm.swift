import AdminKit
import Domain

/// A form on its way back to who filled it in.
struct FilledForm {
  var values: [String: [String]]
  /// By field.
  var faults: [String: [String]] = [:]
  var notices: [HTML] = []
  var version: String?
  /// Rows that were shown to whoever confirms.
  var confirm: Int?
  var rehearsal: CollectedAnswer?
  var answer: CollectedAnswer?
  var command: String?

  init(values: [String: [String]]) { self.values = values }

  var isWrong: Bool { !faults.isEmpty || !notices.isEmpty }

  mutating func add(_ errors: [FieldError]) {
    for error in errors { faults[error.field, default: []].append(error.message) }
  }

  /// Puts a sentence beside the field whose value it quotes.
  /// - Returns: whether there is one.
  private mutating func blame(_ why: String) -> Bool {
    for (name, given) in values {
      let words = given.flatMap { $0.split(whereSeparator: \.isNewline) }
      guard words.contains(where: { why.contains("“\(String($0).trimmed)”") }) else { continue }
      add([FieldError(FormField.key(of: name), why)])
      return true
    }
    return false
  }

  /// Says why it couldn't be done, beside the fields that it is about.
  /// - Returns: the status.
  /// - Throws: the same error where it isn't about what was filled in.
  @discardableResult
  mutating func add(_ error: any Error) throws -> Int {
    if let refusal = error as? Refusal {
      switch refusal {
      case .invalid(let errors): add(errors)
      case .taken(let error), .incomplete(let error): add([error])
      // It names what it didn't find.
      case .notFound(let why): if !blame(why) { notices.append(Notice.bad(why)) }
      default: notices.append(Notice.bad(refusal.message))
      }
      return ErrorMap.response(refusal, .page).response.status
    }
    guard let failure = error as? Failure else { throw error }
    if let fault = failure.fault {
      let name = fault.field == "password" ? PasswordFields.first : fault.field
      add([FieldError(name, fault.message)])
      return 400
    }
    notices.append(Notice.bad(failure.message.asSentence, hint: failure.hint))
    return failure.status == .refused ? 409 : 400
  }
}

/// A new password: typed twice, or made.
enum PasswordFields {
  static let first = "password1"
  static let second = "password2"
  private static let way = "password-way"

  private enum Way: String, CaseIterable {
    case type, make, none

    var title: String {
      switch self {
      case .type: "as typed below"
      case .make: "make one, and show it once"
      case .none: "none: nobody can sign in with one"
      }
    }
  }

  static func html(_ need: AdminKit.Operation.PasswordNeed, _ faults: [String: [String]]) -> HTML {
    guard need != .none else { return .empty }
    let ways = Way.allCases.filter { $0 != .none || need == .optional }
    return """
      <div class="field"><label for="field-way">Password</label>
      <select id="field-way" name="\(way)">\
      \(ways.map { ListControls.option($0.rawValue, $0.title) })</select></div>
      \(input(first, "The password", faults))\(input(second, "Again", faults))
      """
  }

  private static func input(
    _ name: String, _ label: String, _ faults: [String: [String]]
  ) -> HTML {
    let fault = faults[name]?.joined(separator: " ")
    return """
      <div class="field\(fault == nil ? "" : " wrong" as HTML)"><label for="\(name)">\(label)</label>
      <input id="\(name)" name="\(name)" type="password" autocomplete="new-password"\
      \(fault == nil ? "" : " aria-invalid=\"true\" aria-describedby=\"\(name)-fault\"" as HTML)>
      \(fault.map { "<p class=\"fault\" id=\"\(name)-fault\">\($0)</p>" as HTML })</div>
      """
  }

  /// - Parameter arguments: are told what the command line would be.
  static func read(
    _ values: [String: [String]], _ need: AdminKit.Operation.PasswordNeed,
    _ arguments: inout Arguments, _ page: inout FilledForm
  ) -> GivenPassword? {
    guard need != .none else { return nil }
    switch values[way]?.last.flatMap(Way.init) ?? .type {
    case .make:
      arguments.set("generate-password")
      return .made()
    case .none where need == .optional:
      arguments.set("no-password")
      return nil
    case .type, .none:
      let (one, two) = (values[first]?.last ?? "", values[second]?.last ?? "")
      if one.isEmpty {
        page.add([FieldError(first, "A password is wanted.")])
      } else if !Secrets.areEqual(one, two) {
        page.add([FieldError(second, "The two differ.")])
      }
      return GivenPassword(password: Password(one), generated: nil)
    }
  }
}
