import Domain
import Testing

@testable import Server

/// The description is made of the routes: what a route doesn't say is missing in it.
@Suite struct OpenAPITests {
  private let document = OpenAPIDocument(Worker.api).json
  private var operations: [JSON] {
    (document["paths"]?.members ?? []).flatMap { $0.value.members.map(\.value) }
  }

  @Test func everyRouteIsDescribed() {
    for route in Worker.api {
      let name: Comment = "\(route.method.rawValue) /\(route.path)"
      #expect(!route.documentation.name.isEmpty, name)
      #expect(!route.documentation.summary.isEmpty, name)
      #expect(!route.documentation.answers.isEmpty, name)
      #expect(OpenAPIDocument.tags.contains { $0.name == route.tag }, name)
      #expect(route.parameters.allSatisfy { !$0.about.isEmpty }, name)
      #expect(route.fields.allSatisfy { $0.about?.isEmpty == false }, name)
      #expect(route.failures.allSatisfy { FailureKind.of($0.status) != nil }, name)
    }
  }

  /// What is made for browsers is no part of it, and everything else is.
  @Test func pagesAreLeftOut() {
    let described = Set(Worker.api.map(\.path))
    for route in Worker.routes {
      let isPage = ["assets", "admin"].contains { route.path.hasPrefix($0) }
      #expect(described.contains(route.path) != isPage, "\(route.path)")
    }
  }

  @Test func operationsAreNamedOnce() {
    let names = operations.compactMap { $0["operationId"]?.string }
    #expect(names.count == Worker.api.count)
    #expect(Set(names).count == names.count)
  }

  @Test func everyReferenceLeadsSomewhere() {
    let references = document.values(of: "$ref").compactMap(\.string)
    #expect(references.count > 100)
    for reference in Set(references) {
      let path = reference.split(separator: "/").dropFirst()
      let found = path.reduce(JSON?.some(document)) { $0?[String($1)] }
      #expect(found != nil, "\(reference)")
    }
  }

  /// A link names an operation and what that one takes.
  @Test func everyLinkLeadsSomewhere() {
    let routes = Dictionary(uniqueKeysWithValues: Worker.api.map { ($0.operationID, $0) })
    for route in Worker.api {
      for link in route.documentation.answers.flatMap(\.links) {
        let target = routes[link.operation]
        #expect(target != nil, "\(route.operationID) to \(link.operation)")
        let taken = Set(target?.parameters.map(\.name) ?? []).union(
          target?.fields.map(\.name) ?? [])
        let given = link.parameters + (link.body?.members ?? [])
        #expect(given.allSatisfy { taken.contains($0.name) }, "\(route.operationID)")
      }
    }
  }

  /// Every example has what its schema requires.
  @Test func examplesAreWhatTheySay() {
    for route in Worker.api {
      for schema in route.schemas {
        #expect(schema.fault(in: schema.example) == nil, "\(route.operationID)")
      }
    }
  }

  @Test func securityFollowsFromAccess() throws {
    for route in Worker.api {
      let schemes = route.security.array ?? []
      #expect(schemes.isEmpty == (route.access == .anyone), "\(route.operationID)")
      let wantsToken = schemes.contains { $0["cookie"] != nil && $0["csrf"] != nil }
      #expect(wantsToken == (route.access != .anyone && route.method != .get))
    }
  }

  @Test func aGetTakesItsFieldsInTheQuery() throws {
    let route = try #require(Worker.api.first { $0.operationID == "integers_set" })
    #expect(route.parameters.map(\.name) == ["limit", "after", "user_id", "session_id", "set_id"])
    #expect(route.operation["requestBody"] == nil)
  }

  /// An address is told as the reference spells it.
  @Test(arguments: [
    ("trainer_exercise", "/exercises/exercise/{exercise_id}/"),
    ("havoc_login", "/user/login"),
    ("microblog_view_profile", "/api/profiles/view_profile/{profile_id}"),
    ("community_chat", "/ws/chat/{convo_id}/"),
  ])
  func templates(operation: String, template: String) {
    #expect(Worker.api.first { $0.operationID == operation }?.template == template)
  }
}

extension JSON {
  fileprivate var members: [Member] { if case .object(let members) = self { members } else { [] } }

  /// Whatever stands under this name, however deep.
  fileprivate func values(of name: String) -> [JSON] {
    switch self {
    case .object(let members):
      members.flatMap { ($0.name == name ? [$0.value] : []) + $0.value.values(of: name) }
    case .array(let elements): elements.flatMap { $0.values(of: name) }
    default: []
    }
  }
}

extension Schema {
  /// The first place where a value isn't what this says.
  fileprivate func fault(in value: JSON) -> String? {
    switch (kind, value) {
    case (.component(_, let inner), _): return inner.fault(in: value)
    case (.anyOf(let choices), _):
      return choices.contains { $0.fault(in: value) == nil } ? nil : "none of \(choices.count)"
    case (.object(let properties), .object(let members)):
      for property in properties {
        guard let member = members.first(where: { $0.name == property.name }) else {
          if property.isRequired { return property.name }
          continue
        }
        if let fault = property.schema.fault(in: member.value) { return fault }
      }
      return isOpen || members.count <= properties.count ? nil : "more than there may be"
    case (.array(let element, _), .array(let elements)):
      return elements.lazy.compactMap { element.fault(in: $0) }.first
    case (.map(let inner), .object(let members)):
      return members.lazy.compactMap { inner.fault(in: $0.value) }.first
    case (.string(let text), .string(let given)):
      return text.lengths?.contains(given.unicodeScalars.count) == false ? given : nil
    case (.integer(let range), .int(let number)): return range.contains(number) ? nil : "\(number)"
    case (.boolean, .bool), (.null, .null): return nil
    case (.constant(let wanted), _): return wanted == value ? nil : "\(value)"
    default: return "\(value)"
    }
  }
}
