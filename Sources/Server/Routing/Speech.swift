import Domain

/// How a dialect says that something went wrong.
public struct Speech: Sendable {
  let dialect: Dialect?
  /// The body of a refusal.
  let refusal: @Sendable (_ status: Int, _ refusal: Refusal) -> [UInt8]
  /// The body of any other failure.
  let failure: @Sendable (_ status: Int, _ reason: String) -> [UInt8]
  /// `{"detail": "…"}`, or `{"field": ["…"]}` as Django REST framework has it.
  static func detail(_ dialect: Dialect?) -> Speech {
    Speech(
      dialect: dialect,
      refusal: { _, refusal in
        switch refusal {
        case .invalid(let errors): fieldErrors(errors)
        case .taken(let error), .incomplete(let error): fieldErrors([error])
        default: JSONWriter.object { $0.field("detail", refusal.message) }
        }
      },
      failure: { _, reason in JSONWriter.object { $0.field("detail", reason) } })
  }

  /// `{"status": <the HTTP status>, "data": "…"}`.
  static let havoc = Speech(
    dialect: .havoc,
    refusal: { status, refusal in havocFailure(status, refusal.message) },
    failure: havocFailure)

  @Sendable private static func havocFailure(_ status: Int, _ reason: String) -> [UInt8] {
    JSONWriter.object {
      $0.field("status", Int64(status))
      $0.field("data", reason)
    }
  }

  private static func fieldErrors(_ errors: [FieldError]) -> [UInt8] {
    var names: [String] = []
    for error in errors where !names.contains(error.field) { names.append(error.field) }
    var writer = JSONWriter()
    writer.beginObject()
    for name in names { write(name, errors, to: &writer) }
    writer.endObject()
    return writer.bytes
  }

  /// `a.b` stands for the field `b` of the object `a`; the objects nest in the answer as well.
  private static func write(_ name: String, _ errors: [FieldError], to writer: inout JSONWriter) {
    writer.key(name)
    writer.beginArray()
    for error in errors where error.field == name { writer.string(error.message) }
    writer.endArray()
  }
}
