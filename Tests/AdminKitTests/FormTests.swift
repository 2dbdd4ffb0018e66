import Domain
import Testing

@testable import AdminKit

@Suite struct FormTests {
  private func form(_ noun: String, _ verb: String) throws -> OperationForm {
    let operation = try #require(Registry.all.find(noun, verb))
    return try #require(OperationForm(operation))
  }

  @Test func aFormHasTheArgumentsAndTheOptions() throws {
    let form = try form("user", "create")
    #expect(
      form.fields.map(\.name) == [
        "USERNAME", "email", "first-name", "last-name", "permission", "two-factor", "force",
      ])
    #expect(form.fields[0].isRequired && form.fields[0].label == "Username")
    #expect(form.fields[2].key == "first_name" && form.fields[2].label == "First name")
    #expect(form.fields[4].control == .name(.permission) && form.fields[5].control == .toggle)
    #expect(try self.form("permission", "edit").fields.map(\.name) == ["CODE", "level", "admin"])
  }

  @Test func whatIsFilledInBecomesACommand() throws {
    let filled = try form("user", "lock").read([
      "USER": [" ada\r\nO'Hara \n\n"], "reason": ["left; rm -rf"], "until": [""],
    ])
    #expect(filled.faults.isEmpty && filled.missing.isEmpty)
    let operation = try #require(Registry.all.find("user", "lock"))
    var command = Command(operation, filled.arguments)
    command.global.confirm = 2
    #expect(
      command.line
        == #"havocctl user lock ada 'O'\''Hara' --reason 'left; rm -rf' --confirm=2"#)
  }

  @Test func whatIsWrongIsSaidOfEachField() throws {
    let filled = try form("user", "create").read([
      "USERNAME": [" "], "permission": ["boss"], "email": ["a\u{0}b"],
    ])
    #expect(filled.missing.map(\.field) == ["username"])
    #expect(filled.faults.map(\.field) == ["email", "permission"])
  }

  @Test func onlyWhatDiffersIsChanged() throws {
    let form = try form("permission", "edit")
    let before = ["level": "STAFF", "admin": "on"]
    func options(_ values: [String: [String]]) -> [String: [String]] {
      form.read(values.merging(["CODE": ["2"]]) { $1 }, before: before).arguments.options
    }
    #expect(options(["level": ["STAFF"], "admin": ["on"]]) == [:])
    #expect(options(["level": ["SUPPORT"], "admin": ["on"]]) == ["level": ["SUPPORT"]])
    #expect(options(["level": ["STAFF"]]) == ["no-admin": [""]])
    #expect(options(["level": [""], "admin": ["on"]]) == ["level": [""]])
  }

  @Test func standardInputIsNobodysName() throws {
    let filled = try form("user", "unlock").read(["USER": ["-"]])
    #expect(filled.faults.map(\.field) == ["user"])
  }
}
