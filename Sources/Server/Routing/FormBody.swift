import Domain

/// A body's names and values, whichever way it was written.
struct FormBody: Sendable {
  private(set) var members: [JSON.Member]
  private var files: [String: [UInt8]] = [:]

  init(_ members: [JSON.Member] = []) { self.members = members }

  subscript(name: String) -> JSON? { members.first { $0.name == name }?.value }

  /// The content of an uploaded file.
  func file(_ name: String) -> [UInt8]? { files[name] }

  /// A file is nothing that passes for a text.
  mutating func add(_ part: Multipart.Part) {
    if let text = part.text {
      members.append(JSON.Member(part.name, .string(text)))
    } else {
      members.append(JSON.Member(part.name, .object([])))
      files[part.name] = Array(part.bytes)
    }
  }

  /// What stands for a field; of an object also `name.member=value` by `name.member=value`, as
  /// forms have it.
  func value(of field: Field) -> JSON? {
    if let value = self[field.name] { return value }
    guard case .object = field.kind else { return nil }
    let prefix = field.name + "."
    let inner = members.filter { $0.name.hasPrefix(prefix) }.map {
      JSON.Member(String($0.name.dropFirst(prefix.count)), $0.value)
    }
    return inner.isEmpty ? nil : .object(inner)
  }

  /// An object, or a JSON text of one.
  init?(object value: JSON) {
    switch value {
    case .object(let members): self.members = members
    case .string(let text):
      guard case .object(let members)? = try? JSON.parse(Array(text.utf8)) else { return nil }
      self.members = members
    default: return nil
    }
  }

  /// Adds names that the body doesn't have.
  mutating func addMissing(_ pairs: [(name: String, value: String)]) {
    for pair in pairs where self[pair.name] == nil {
      members.append(JSON.Member(pair.name, .string(pair.value)))
    }
  }
}

extension Request {
  /// What the body holds: names and values, by its media type, on GET and DELETE the query's too;
  /// and sets of integers, where a route takes them and they are told in JSON.
  /// - Throws: `BadRequest` for a body that isn't what it says, or says nothing known.
  func read(for route: Route) throws(BadRequest) -> (form: FormBody, upload: SetUpload?) {
    let upload = upload(for: route)
    var form: FormBody
    if let upload {
      form = try upload.form()
    } else {
      form = try FormBody(bytes, contentType: head.contentType)
    }
    if !query.isEmpty, method == .get || method == .head || method == .delete {
      guard let pairs = queryPairs else {
        throw BadRequest(400, "The query string is malformed.")
      }
      // A credential in an address ends up in logs and histories.
      let secrets = ([Field.sessionToken] + route.fields).filter(\.isSecret).map(\.name)
      form.addMissing(pairs.filter { !secrets.contains($0.name) })
    }
    return (form, upload)
  }

  /// A body that was short enough to be kept is read now.
  private func upload(for route: Route) -> SetUpload? {
    if case .upload(let upload) = body { return upload }
    guard case .sets(let kind) = route.bodySize, !bytes.isEmpty, MediaType(of: head).isJSON else {
      return nil
    }
    let upload = SetUpload(kind)
    bytes.withUnsafeBytes { upload.receive($0) }
    return upload
  }
}

/// A request that can't be read; the words are for the caller.
struct BadRequest: Error {
  let status: Int
  let reason: String
  let headers: [Response.Header]

  init(_ status: Int, _ reason: String, headers: [Response.Header] = []) {
    self.status = status
    self.reason = reason
    self.headers = headers
  }

  init(json error: JSONError) {
    self.init(
      400, "JSON parse error: \(error.reason) (line \(error.line), column \(error.column)).")
  }

  static let noObject = BadRequest(400, "Invalid data. Expected a JSON object.")
}

extension FormBody {
  init(_ body: [UInt8], contentType: String?) throws(BadRequest) {
    self.init()
    guard !body.isEmpty else { return }
    let type = MediaType(contentType ?? "application/json")
    guard type.charset == nil || type.charset == "utf-8" || type.charset == "utf8" else {
      throw BadRequest(415, "Unsupported charset “\(type.charset ?? "")” in request.")
    }
    switch type.name {
    case "application/json": members = try Self.object(body)
    case "application/x-www-form-urlencoded": members = try Self.form(body)
    case "multipart/form-data": self = try Multipart.parse(body, boundary: type.boundary)
    default:
      throw BadRequest(415, "Unsupported media type “\(type.name.prefix(100))” in request.")
    }
  }

  private static func object(_ body: [UInt8]) throws(BadRequest) -> [JSON.Member] {
    let json: JSON
    do {
      json = try JSON.parse(body)
    } catch {
      throw BadRequest(json: error)
    }
    guard case .object(let members) = json else { throw BadRequest.noObject }
    return members
  }

  private static func form(_ body: [UInt8]) throws(BadRequest) -> [JSON.Member] {
    guard let text = String(validating: body, as: UTF8.self),
      let pairs = PercentEncoding.decodePairs(text[...])
    else { throw BadRequest(400, "The form is malformed.") }
    try refuseDoubles(pairs.map(\.name))
    return pairs.map { JSON.Member($0.name, .string($0.value)) }
  }

  static func refuseDoubles(_ names: [String]) throws(BadRequest) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw BadRequest(400, "The form names a field twice.")
    }
  }
}

/// A Content-Type (RFC 9110, section 8.3).
struct MediaType {
  let name: String
  var charset: String?
  var boundary: String?

  /// What isn't said is JSON.
  init(of head: Head) { self.init(head.contentType ?? "application/json") }

  var isJSON: Bool {
    name == "application/json" && (charset == nil || charset == "utf-8" || charset == "utf8")
  }

  init(_ text: String) {
    // What nearly all of them are.
    guard text != "application/json" else {
      name = text
      return
    }
    let parts = text.split(separator: ";").map { String($0).trimmed }
    name = (parts.first ?? "").lowercased()
    for part in parts.dropFirst() {
      guard let equals = part.firstIndex(of: "=") else { continue }
      var value = part[part.index(after: equals)...]
      if value.hasPrefix("\""), value.hasSuffix("\""), value.count > 1 {
        value = value.dropFirst().dropLast()
      }
      switch part[..<equals].lowercased() {
      case "charset": charset = value.lowercased()
      case "boundary": boundary = String(value)
      default: break
      }
    }
  }
}
