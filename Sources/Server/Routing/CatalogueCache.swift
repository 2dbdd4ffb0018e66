import Domain
import Postgres

/// The encoded exercise list of one version, kept until another version is seen.
///
/// Whether it is still true is asked of the database in the request's own round trip, so it is
/// exact with any number of servers. Used on one loop only.
final class CatalogueCache {
  private var kept: (version: UUID, body: SharedBytes)?

  /// The list of exactly this version, if it is the kept one.
  func body(of version: UUID) -> SharedBytes? {
    kept?.version == version ? kept?.body : nil
  }

  func keep(_ body: SharedBytes, of version: UUID) { kept = (version, body) }
}
