import Domain
import Testing

@testable import Server

@Suite struct SetUploadTests {
  /// What was read of a body that came in pieces: its form, and its sets as `name: index/X/q …`.
  private func read(
    _ text: String, _ kind: SetUpload.Kind = .set, pieces size: Int = 1_000
  ) async throws -> (form: FormBody, sets: [String]) {
    let upload = SetUpload(kind)
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { upload.receive($0) }
    }
    let form = try upload.form()
    let sets = try await upload.finish {}.map { set in
      let units = set.chunks.flatMap { packed in
        let block = packed.block
        return (0..<block.count).map { "\(block[$0].index)/\(block[$0].x)/\(block[$0].q)" }
      }
      return "\(set.name ?? "-"): \(units.joined(separator: " "))"
    }
    return (form, sets)
  }

  private func fault(_ text: String, _ kind: SetUpload.Kind = .set) async -> String? {
    let refusal = await #expect(throws: Refusal.self) { try await read(text, kind) }
    guard case .invalid(let errors)? = refusal else { return nil }
    #expect(errors.map(\.field) == [kind.field])
    return errors.first?.message
  }

  private static let body = #"""
    {"user_id": "ü", "integers": [{"index": 5, "X": -1, "q": 9223372036854775807, "more": {"a": [1]}},
     {"q": -9223372036854775808, "X": 0, "index": 2}], "nested": {"x": [null, true, 1.5]}}
    """#

  @Test func areReadHoweverTheyAreCut() async throws {
    for size in 1...Self.body.utf8.count {
      let (form, sets) = try await read(Self.body, pieces: size)
      #expect(sets == ["-: 2/0/-9223372036854775808 5/-1/9223372036854775807"])
      #expect(form["user_id"] == .string("ü"))
      #expect(text(form["nested"]) == #"{"x":[null,true,1.5]}"#)
      #expect(form["integers"] == nil)
    }
  }

  @Test func severalSetsAreRead() async throws {
    let (_, sets) = try await read(
      #"""
      {"session_id": "s", "integer_sets": [
        {"set_id": "a", "integers": [{"index": 0, "X": 1, "q": 2}], "other": 1},
        {"integers": [], "set_id": "b"}]}
      """#, .session)
    #expect(sets == ["a: 0/1/2", "b: "])
  }

  @Test(arguments: [
    ("{}", "This field is required."), (#"{"integers": null}"#, "This field may not be null."),
    (#"{"integers": {}}"#, "Expected a list."), (#"{"integers": "[]"}"#, "Expected a list."),
    (#"{"integers": [1]}"#, "Unit 0: an object with index, X and q is expected."),
    (#"{"integers": [[]]}"#, "Unit 0: an object with index, X and q is expected."),
    (#"{"integers": [{"index":0,"X":1,"q":1},{"index":1,"X":1}]}"#, "Unit 1: “q” is required."),
    (#"{"integers": [{"index":-1,"X":1,"q":1}]}"#, "Unit 0: “index” must not be negative."),
    (
      #"{"integers": [{"index":0,"X":1,"q":1},{"index":0,"X":1,"q":1}]}"#,
      "Index 0 stands twice."
    ),
  ])
  func whatIsWrongIsNamed(body: String, message: String) async {
    #expect(await fault(body) == message)
  }

  @Test(arguments: [
    "1.5", "1e3", "1.0", "\"1\"", "null", "true", "[1]", "{}", "9223372036854775808",
  ])
  func aNumberIsWholeAndHas64Bits(value: String) async {
    for member in ["index", "X", "q"] {
      var members = ["index": "0", "X": "0", "q": "0"]
      members[member] = value
      let unit = members.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ",")
      #expect(
        await fault("{\"integers\": [{\(unit)}]}")
          == "Unit 0: “\(member)” must be a whole number of 64 bits.")
    }
  }

  @Test(arguments: [
    (#"{"integers": []}"#, "“set_id” is required."),
    (#"{"set_id": "a"}"#, "“integers” is required, a list of units."),
    (#"{"set_id": 1, "integers": []}"#, "“set_id” is required."),
    (#"{"set_id": "a", "integers": [{"index": 0}]}"#, "Unit 0: “X” is required."),
  ])
  func whatIsWrongWithOneOfSeveralIsNamed(set: String, message: String) async {
    let body = #"{"integer_sets": [{"set_id": "first", "integers": []}, "# + set + "]}"
    #expect(await fault(body, .session)?.contains(message) == true)
    #expect(await fault(body, .session)?.hasPrefix("Set 1") == true)
  }

  @Test func noSetStandsTwice() async {
    let set = #"{"set_id": "a", "integers": []}"#
    #expect(
      await fault("{\"integer_sets\": [\(set), \(set)]}", .session)
        == "Set 1 (“a”): It stands twice.")
    let many = (0...Integers.mostSets).map { #"{"set_id": "s\#($0)", "integers": []}"# }
    let body = "{\"integer_sets\": [\(many.joined(separator: ","))]}"
    #expect(await fault(body, .session) == "At most 1000 sets are taken together.")
  }

  @Test(arguments: [
    "[]", "1", #"{"integers": [], "integers": []}"#, #"{"integers": [{"X": 1, "X": 1}]}"#,
    #"{"integers": [{"z": 1, "z": 1}]}"#, #"{"a": {"b": 1, "b": 2}, "integers": []}"#,
    #"{"integers": []} x"#, #"{"integers": ["#, #"{"a": "\u0000", "integers": []}"#,
    #"{"integers": [{"\u0000": 1}]}"#,
  ])
  func whatIsNoJSONObjectIsRefused(body: String) async {
    let error = await #expect(throws: BadRequest.self) { try await read(body) }
    #expect(error?.status == 400)
  }

  /// A fault in the sets doesn't keep the credential behind them from being read.
  @Test func theFormIsReadBehindAFault() async throws {
    let upload = SetUpload(.set)
    Array(#"{"integers": [{}], "username": "ada"}"#.utf8).withUnsafeBytes { upload.receive($0) }
    #expect(try upload.form()["username"] == .string("ada"))
  }
}
