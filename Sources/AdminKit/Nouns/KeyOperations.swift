import Domain
import Postgres

/// `key`: what signs tokens.
enum KeyOperations {
  static let all = [list, rotate]

  private static let list = Operation(
    "key", "list", "List the signing keys; never their secrets",
    columns: SigningKeys.listing.columns, effect: .reads, examples: ["havocctl key list"]
  ) { try await $0.list(SigningKeys.listing) }

  private static let rotate = Operation(
    "key", "rotate", "Sign with a new key from now on",
    details: "Tokens that the old key signed stay good until they expire.",
    columns: [Column("kid", .text), .changed], effect: .adds, examples: ["havocctl key rotate"]
  ) { invocation in
    let kid = try await invocation.environment.keys.rotate(
      invocation.database, lifetimes: invocation.environment.configuration.lifetimes,
      actor: invocation.actor)
    try await invocation.begin(shape: .one)
    try await invocation.row([.text(kid), .bool(true)], changed: true)
  }
}
