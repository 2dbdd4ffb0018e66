import Testing

@testable import Postgres

@Suite struct PostgresErrorTests {
  private static let states: [(code: String, isOutage: Bool, retry: PostgresError.Retry)] = [
    ("23505", false, .pointless), ("42P01", false, .pointless), ("57014", false, .pointless),
    ("40001", false, .safe), ("40P01", false, .safe), ("26000", false, .safe),
    ("57P01", true, .safe), ("57P03", true, .safe), ("53300", true, .safe),
    ("53100", true, .safe), ("08006", true, .safe), ("25006", true, .safe),
  ]

  @Test(arguments: states)
  func whatACodeMeans(code: String, isOutage: Bool, retry: PostgresError.Retry) {
    let state = SQLState(rawValue: code)
    #expect(state.isOutage == isOutage)
    #expect(state.retry == retry)
  }

  private static let kinds: [(PostgresError.Kind, Bool)] = [
    (.unavailable, true), (.connectionLost, true), (.overloaded, true), (.server, false),
    (.decoding, false), (.cancelled, false),
  ]

  @Test(arguments: kinds)
  func theDatabaseIsAway(kind: PostgresError.Kind, isOutage: Bool) {
    let error = PostgresError(kind, "why", retry: .unknown)
    #expect(error.isOutage == isOutage)
    #expect(error.description == "why")
  }
}

@Suite struct ConnectionInfoTests {
  @Test(arguments: [
    "postgresql://ann:se%20cret@db.example:5433/shop",
    "host=db.example port=5433 user=ann password='se cret' dbname=shop",
  ])
  func isTakenApart(text: String) throws {
    let given = Dictionary(
      uniqueKeysWithValues: try ConnectionInfo(text).variables.map { ($0, $1) })
    #expect(
      given == [
        "PGHOST": "db.example", "PGPORT": "5433", "PGUSER": "ann", "PGPASSWORD": "se cret",
        "PGDATABASE": "shop",
      ])
  }

  /// libpq repeats what it couldn't read, which may be a password.
  @Test(arguments: [
    "password hunter2", "postgresql://ann:hunter2@[::1", "password=correct hunter2",
    "host='hunter2",
  ])
  func whatIsMalformedIsNotRepeated(text: String) {
    let error = #expect(throws: PostgresError.self) { try ConnectionInfo(text) }
    #expect(error?.kind == .unavailable)
    #expect(error?.message.contains("hunter2") == false, "\(error?.message ?? "")")
  }
}
