import Domain

/// How a dialect says that something went wrong.
public struct Speech: Sendable {
  let dialect: Dialect?
  /// The body of a refusal.
  let refusal: @Sendable (_ status: Int, _ refusal: Refusal) -> [UInt8]
  /// The body of any other failure.
  let failure: @Sendable (_ status: Int, _ reason: String) -> [UInt8]
  /// What stands over either.
  var headers = [Response.jsonType]

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
    var writer = JSONWriter()
    write(errors[...].map { ($0.field.split(separator: ".")[...], $0.message) }, to: &writer)
    return writer.bytes
  }

  private typealias PlacedError = (path: ArraySlice<Substring>, message: String)

  /// `a.b` stands for the field `b` of the object `a`; the objects nest in the answer as well.
  private static func write(_ errors: [PlacedError], to writer: inout JSONWriter) {
    var names: [Substring] = []
    for error in errors {
      if let name = error.path.first, !names.contains(name) { names.append(name) }
    }
    writer.beginObject()
    for name in names {
      writer.key(String(name))
      let own = errors.filter { $0.path.first == name }
      let inner = own.filter { $0.path.count > 1 }.map { ($0.path.dropFirst(), $0.message) }
      // A field that isn't the object it should be has no fields to be wrong.
      if inner.count == own.count {
        write(inner, to: &writer)
      } else {
        writer.beginArray()
        for error in own where error.path.count == 1 { writer.string(error.message) }
        writer.endArray()
      }
    }
    writer.endObject()
  }
}
