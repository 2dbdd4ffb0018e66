import Testing

@testable import Domain

@Suite struct EquationTests {
  private func fault(_ text: String) -> String? {
    guard
      case .invalid(let errors)? = #expect(
        throws: Refusal.self,
        performing: {
          _ = try Equation(text)
        })
    else { return nil }
    return errors.first?.message
  }

  @Test(
    arguments: [
      ("a", [.set(0)]), ("(((a)))", [.set(0)]), (" a\t+ b ", [.set(0), .set(1), .add]),
      ("a+b*c", [.set(0), .set(1), .set(2), .multiply, .add]),
      ("(a+b)*c", [.set(0), .set(1), .add, .set(2), .multiply]),
      ("a-b-c", [.set(0), .set(1), .subtract, .set(2), .subtract]),
      ("a--b", [.set(0), .set(1), .negate, .subtract]),
      ("-a*b", [.set(0), .negate, .set(1), .multiply]),
      ("a+a", [.set(0), .set(0), .add]), ("_1*2", [.set(0), .literal(2), .multiply]),
      ("-5+a", [.literal(-5), .set(0), .add]), ("a- 5", [.set(0), .literal(5), .subtract]),
      ("a*(2+3*-4)", [.set(0), .literal(-10), .multiply]),
      ("-(2)*a", [.literal(-2), .set(0), .multiply]),
      ("a+- 9223372036854775808", [.set(0), .literal(.min), .add]),
      ("2*3+a", [.literal(6), .set(0), .add]),
      ("2+a*3", [.literal(2), .set(0), .literal(3), .multiply, .add]),
    ] as [(String, [Equation.Step])])
  func isRead(text: String, steps: [Equation.Step]) throws {
    #expect(try Equation(text).steps == steps)
  }

  @Test(arguments: [
    ("", "The equation breaks off at column 1."), ("a++b", "Unexpected “+” at column 3."),
    ("a b", "Unexpected “b” at column 3."),
    ("(a", "The parenthesis of column 1 isn't closed at column 3."),
    ("a)", "Unexpected “)” at column 2."), ("()", "Unexpected “)” at column 2."),
    ("a+", "The equation breaks off at column 3."), ("*a", "Unexpected “*” at column 1."),
    ("a/b", "Unexpected “/” at column 2."), ("1a", "Unexpected “a” at column 2."),
    ("a.b", "Unexpected “.” at column 2."), ("ä", "Unexpected “ä” at column 1."),
    ("a + é", "Unexpected “é” at column 5."), ("1+2", "An equation names at least one set."),
    ("9223372036854775808+a", "A number beyond 64 bits at column 1."),
    ("a-9223372036854775808", "A number beyond 64 bits at column 3."),
    ("a+(9223372036854775807+1)", "Overflow at column 23."),
    ("a--(-9223372036854775808)", "Overflow at column 3."),
    ("a*(4294967296*4294967296)", "Overflow at column 14."),
  ])
  func isRefused(text: String, message: String) {
    #expect(fault(text) == message)
  }

  @Test func whatItMayHoldIsLimited() throws {
    let deepest = Equation.deepest
    let nested = { String(repeating: "(", count: $0) + "a" + String(repeating: ")", count: $0) }
    #expect(throws: Never.self) { try Equation(nested(deepest)) }
    #expect(fault(nested(deepest + 1)) == "Nested deeper than 64 at column 66.")
    #expect(
      fault(String(repeating: "-", count: deepest + 1) + "a")
        == "Nested deeper than 64 at column 66.")
    #expect(fault(String(repeating: "(", count: 10_000)) == "An equation has at most 4096 bytes.")
    let longest = "a" + String(repeating: " ", count: Equation.longest - 1)
    #expect(throws: Never.self) { try Equation(longest) }
    #expect(fault(longest + " ") == "An equation has at most 4096 bytes.")
    let sum = { (count: Int) in (0..<count).map { "s\($0)" }.joined(separator: "+") }
    #expect(try Equation(sum(Equation.mostSets)).sets.count == Equation.mostSets)
    #expect(fault(sum(Equation.mostSets + 1))?.hasPrefix("More than 256 different sets") == true)
    #expect(
      fault(String(repeating: "n", count: 65)) == "A name longer than 64 characters at column 1.")
  }

  @Test func aSetIsKnownByWhereItStandsFirst() throws {
    #expect(
      try Equation("x * (yy + x)").sets == [
        .init(name: "x", column: 1), .init(name: "yy", column: 6),
      ])
  }
}
