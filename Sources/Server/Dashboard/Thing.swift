import AdminKit
import Domain
import Postgres

/// One row of a resource, whole.
struct Thing {
  let resource: Resource
  let columns: [Column]
  let values: [Value]

  subscript(key: String) -> String {
    guard let index = columns.firstIndex(where: { $0.key == key }) else { return "" }
    return FormField.text(of: values[index])
  }

  /// What operations call it.
  var word: String { self[resource.word] }

  /// What a person calls it.
  var name: String {
    if resource.word != resource.key { return word }
    let key = self[resource.key]
    let names = ["name", "level", "what", "set", "username"]
    guard let name = names.first(where: { !self[$0].isEmpty }) else { return key }
    return "\(self[name]) (\(key))"
  }

  var address: Address { Dashboard.address(resource, self[resource.key]) }

  /// - Parameter column: that tells which one: the key of an address, or the word of an operation.
  /// - Throws: `.notFound`.
  static func find(
    _ resource: Resource, _ column: String, _ value: String, in database: any Querying
  ) async throws -> Thing {
    let missing = Refusal.notFound("There is no \(resource.noun) “\(value)”.")
    guard !value.isEmpty else { throw missing }
    var request = ListRequest()
    var keys = resource.listing.columns.map(\.key)
    if !keys.contains(resource.key) { keys.insert(resource.key, at: 0) }
    request.columns = keys
    do throws(Refusal) {
      request.conditions = [try resource.listing.condition(column, is: value)]
    } catch {
      throw missing
    }
    request.limit = 1
    let query = try resource.listing.query(request)
    guard let values = try await query.rows(from: database).first else { throw missing }
    return Thing(resource: resource, columns: query.columns, values: values)
  }

  /// What of it a form changes, by field.
  func fields(of form: OperationForm) -> [String: String] {
    var values: [String: String] = [:]
    for field in form.fields {
      if let column = field.column(of: resource.listing) { values[field.name] = self[column.key] }
    }
    return values
  }

  /// Tells whether what a form changes is still what it was when the form was made.
  func version(of form: OperationForm) -> String {
    let fields = fields(of: form)
    let text = form.fields.map { fields[$0.name] ?? "" }.joined(separator: "\u{0}")
    return Secrets.sha256(text).prefix(12).hex
  }
}
