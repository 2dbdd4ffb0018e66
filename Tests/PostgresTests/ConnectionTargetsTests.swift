import Testing

@testable import Postgres

@Suite struct ConnectionTargetsTests {
  /// What is given for each attempt beside the address itself: `host:port kind`.
  private func attempts(_ conninfo: String, onlyReads: Bool = false) -> [String] {
    ConnectionTargets(conninfo, onlyReads: onlyReads).attempts.map { attempt in
      func last(_ keyword: String) -> String {
        attempt.settings.last { $0.keyword == keyword }?.value ?? "-"
      }
      return "\(last("host")):\(last("port")) \(last("target_session_attrs"))"
    }
  }

  @Test(arguments: ["", "postgres://db/havocctl", "host=/run/postgresql dbname=x", "no address"])
  func oneServerIsLibpqsOwnAffair(conninfo: String) {
    #expect(attempts(conninfo) == ["-:- -"])
  }

  private static let addresses: [(String, [String])] = [
    ("postgres://a,b/x", ["a: read-write", "b: read-write"]),
    ("postgres://a:1,b:2/x", ["a:1 read-write", "b:2 read-write"]),
    ("host=a,b,c port=5433", ["a:5433 read-write", "b:5433 read-write", "c:5433 read-write"]),
    ("host=a,b port=1,2 target_session_attrs=any", ["a:1 any", "b:2 any"]),
    (
      "host=a,b target_session_attrs=prefer-standby",
      ["a:- standby", "b:- standby", "a:- any", "b:- any"]
    ),
  ]

  @Test(arguments: addresses)
  func severalServers(conninfo: String, expected: [String]) {
    #expect(attempts(conninfo) == expected)
  }

  @Test func whoOnlyReadsPrefersAStandby() {
    #expect(
      attempts("host=a,b", onlyReads: true)
        == attempts("host=a,b target_session_attrs=prefer-standby"))
    #expect(
      attempts("host=a,b target_session_attrs=primary", onlyReads: true)
        == ["a:- primary", "b:- primary"])
  }

  @Test func theOneThatAnsweredLastComesFirst() {
    var targets = ConnectionTargets("host=a,b,c", onlyReads: false)
    targets.answered(1)
    #expect(targets.attempts.map(\.server) == [1, 2, 0])
  }

  /// The address stands before what is said of one server in it, and so loses against it.
  @Test func theAddressItselfIsKept() throws {
    let settings = try #require(
      ConnectionTargets("postgres://u:p@a,b/x", onlyReads: false).attempts.first?.settings)
    let place = try #require(settings.firstIndex { $0.keyword == "dbname" })
    #expect(settings[place].value == "postgres://u:p@a,b/x")
    #expect(settings[place...].contains { $0.keyword == "host" && $0.value == "a" })
  }
}
