import Testing

@testable import Postgres

extension ServerTests {
  /// Values there and back again.
  @Suite struct RoundTripTests {
    /// Asks for each parameter, cast to `type`, in one unit, and for NULL of the type.
    private func comeBack<Value: PostgresDecodable & Equatable & Sendable>(
      _ values: [Value], as type: String, _ parameter: @escaping @Sendable (Value) -> Parameter,
      _ location: SourceLocation = #_sourceLocation
    ) async throws {
      try await Scene.play { scene in
        let echo = Statement("SELECT $1::\(type), NULL::\(type)")
        for value in values {
          let row = try await scene.database.query(echo, parameter(value))[0]
          let (back, nothing) = try row.decode(Value.self, Value?.self)
          #expect(back == value, sourceLocation: location)
          #expect(nothing == nil, sourceLocation: location)
        }
      }
    }

    @Test(arguments: [
      ("int8", Int64.min, Int64.max), ("int4", Int64(Int32.min), Int64(Int32.max)),
      ("int2", Int64(Int16.min), Int64(Int16.max)),
    ])
    func integers(type: String, smallest: Int64, largest: Int64) async throws {
      try await comeBack([smallest, -1, 0, 1, largest], as: type) { .int($0) }
    }

    @Test func texts() async throws {
      try await comeBack(
        ["", "a", "it's \"quoted\" \\ \u{1} \t\r\n", "ünï 😀 \u{FEFF}", "NULL", "\\N"]
          + [String(repeating: "long ", count: 400_000)], as: "text"
      ) { .text($0) }
    }

    @Test func truthValues() async throws {
      try await comeBack([true, false], as: "boolean") { .bool($0) }
    }

    @Test func times() async throws {
      try await comeBack(
        [
          Timestamp(microseconds: 0), Timestamp(microseconds: -1), .now,
          Timestamp(microseconds: 1_767_323_045_678_901), Timestamp(seconds: -62_135_596_800),
          Timestamp(seconds: 253_402_300_799),
        ], as: "timestamptz"
      ) { .time($0) }
    }

    @Test func uuids() async throws {
      try await comeBack(
        [.random(), UUID(high: 0, low: 0), UUID(high: .max, low: .max)], as: "uuid"
      ) { .uuid($0) }
    }

    @Test func bytes() async throws {
      try await comeBack(
        [[], [0], Array(0...255), [UInt8](repeating: 7, count: 1 << 20)], as: "bytea"
      ) { .bytes($0) }
    }

    @Test func arrays() async throws {
      try await comeBack(
        [[], [""], ["a", "b,c", "{d}", "e\"f", "g\\h", "NULL", " i ", "ünï"]], as: "text[]"
      ) { .texts($0) }
      try await comeBack([[], [0], [.min, .max]], as: "int8[]") { .ints($0) }
      try await comeBack([[], [UUID.random(), .random()]], as: "uuid[]") {
        .texts($0.map(\.description))
      }
    }

    @Test func columnsWhoseTypeIsKnownAtRunTimeOnly() async throws {
      try await Scene.play { scene in
        let row = try await scene.database.query(
          .once(
            """
            SELECT true AS a, 7::int2 AS b, 'x'::text, '2026-01-02'::timestamptz,
              ARRAY['p', 'q'], NULL::int, '{"k": 1}'::jsonb,
              '00000000-0000-0000-0000-000000000001'::uuid, '1.2.3.4'::inet::text
            """, .reads))
        var cells = row[0].cells
        var values: [Value] = []
        for _ in 0..<9 { values.append(try cells.decode(Value.self)) }
        #expect(
          values == [
            .bool(true), .int(7), .text("x"), .time(Timestamp(seconds: 1_767_312_000)),
            .list([.text("p"), .text("q")]), .null, .text("{\"k\": 1}"),
            .text("00000000-0000-0000-0000-000000000001"), .text("1.2.3.4/32"),
          ])
        #expect(row.columnNames.prefix(2) == ["a", "b"])
        #expect(row.affected == 1)
      }
    }

    @Test func theSessionIsInUTCWhateverTheEnvironmentSays() async throws {
      try await Scene.play { scene in
        let row = try await scene.database.query(
          .once("SELECT current_setting('TimeZone'), current_setting('client_encoding')", .reads))
        let (zone, encoding) = try row[0].decode(String.self, String.self)
        #expect(zone == "UTC" && encoding == "UTF8")
      }
    }

    @Test func aRowThatIsNotWhatTheCodeExpects() async throws {
      try await Scene.play { scene in
        let rows = try await scene.database.query(.once("SELECT 'a'::text", .reads))
        let error = await failure { _ = try rows[0].decode(Int.self) }
        #expect(error?.kind == .decoding && error?.retry == .pointless)
      }
    }
  }
}
