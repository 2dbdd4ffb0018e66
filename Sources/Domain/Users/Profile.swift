import Postgres

/// What somebody tells of themselves.
public struct Profile: Sendable, RowDecodable {
  /// The account's own id.
  public let id: Int64
  /// `YYYY-MM-DD`.
  public let dateOfBirth: String?
  public let alias: String?
  public let bio: String?
  public let imageURL: String?
  public let backgroundImageURL: String?
  public let mode: String?

  /// What `init` reads, in its order, of `profile f`.
  static let columns = """
    f.account, to_char(f.date_of_birth, 'YYYY-MM-DD'), f.alias, f.bio, f.image_url, \
    f.background_image_url, f.mode
    """

  public init(_ cells: inout Cells) throws(DecodingFailure) {
    id = try cells.next()
    dateOfBirth = try cells.next()
    alias = try cells.next()
    bio = try cells.next()
    imageURL = try cells.next()
    backgroundImageURL = try cells.next()
    mode = try cells.next()
  }
}

/// What to change of a profile; nil leaves a field as it is, an empty text empties it.
public struct ProfileChanges: Sendable, Equatable {
  public var dateOfBirth: String?
  public var alias: String?
  public var bio: String?
  public var imageURL: String?
  public var backgroundImageURL: String?
  public var mode: String?

  public init() {}

  /// Unicode scalars of an alias or a mode.
  public static let longestAlias = 150
  /// Unicode scalars of any other text.
  public static let longestText = 2_000
  /// What an address looks like that a page may show (ECMA-262, with the flag `u`).
  public static let addressPattern =
    #"^\s*(([hH][tT][tT][pP][sS]?://|/)[^\u0000-\u0020\u007f<>"'\\`]*)?\s*$"#

  /// Checked, trimmed where that is the custom.
  /// - Parameter path: what stands before the fields' names in a refusal.
  /// - Throws: `.invalid` with every fault.
  func normalised(path: String = "") throws(Refusal) -> ProfileChanges {
    var errors: [FieldError] = []
    func check(_ text: String?, _ field: String, longest: Int) {
      guard let text else { return }
      if text.unicodeScalars.count > longest {
        errors.append(
          FieldError(path + field, "Ensure this field has no more than \(longest) characters."))
      } else if text.containsNUL {
        errors.append(FieldError(path + field, "Null characters are not allowed."))
      }
    }
    check(alias, "alias", longest: Self.longestAlias)
    check(bio, "bio", longest: Self.longestText)
    check(mode, "mode", longest: Self.longestAlias)
    for (text, field) in [(imageURL, "image_url"), (backgroundImageURL, "background_image_url")] {
      check(text, field, longest: Self.longestText)
      if let text, !text.isEmpty, !Self.isWebAddress(text) {
        errors.append(FieldError(path + field, "Enter a valid URL."))
      }
    }
    if let date = dateOfBirth, !date.isEmpty, !Self.isPastDate(date) {
      errors.append(
        FieldError(path + "date_of_birth", "A date in the past is wanted, as YYYY-MM-DD."))
    }
    guard errors.isEmpty else { throw .invalid(errors) }
    return self
  }

  private static func isPastDate(_ text: String) -> Bool {
    text.utf8.count == 10 && Timestamp(rfc3339: text).map { $0 < .now } == true
  }

  /// An address that a page may show: of the web, or a path on this server.
  static func isWebAddress(_ text: String) -> Bool {
    let isKnown = ["https://", "http://", "/"].contains { text.lowercased().hasPrefix($0) }
    return isKnown && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
      && !text.contains(where: { "<>\"'\\`".contains($0) })
  }

  /// The values in the order of `Profiles.update`; null leaves a column as it is.
  var parameters: [Parameter] {
    [dateOfBirth, alias, bio, imageURL, backgroundImageURL, mode].map { .text($0) }
  }
}

/// Profiles, one for each account.
public struct Profiles: Sendable {
  private let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  public func find(account: Int64) async throws -> Profile {
    guard let profile = try await database.first(Profile.self, Self.find, .int(account)) else {
      throw Refusal.notFound("The profile is gone.")
    }
    return profile
  }

  private static let find = Statement(
    "SELECT \(Profile.columns) FROM profile f WHERE f.account = $1")

  /// - Throws: `.invalid` with every fault.
  public func edit(_ account: Int64, _ changes: ProfileChanges) async throws {
    try await database.query(Self.update(account, try changes.normalised()))
  }

  /// The statement that changes an account's profile.
  static func update(_ account: Int64, _ changes: ProfileChanges) -> BoundStatement {
    BoundStatement(statement: update, parameters: [.int(account)] + changes.parameters)
  }

  private static let update = Statement(
    """
    UPDATE profile SET
      date_of_birth = CASE WHEN $2::text IS NULL THEN date_of_birth
        ELSE nullif($2::text, '')::date END,
      alias = CASE WHEN $3::text IS NULL THEN alias ELSE nullif($3::text, '') END,
      bio = CASE WHEN $4::text IS NULL THEN bio ELSE nullif($4::text, '') END,
      image_url = CASE WHEN $5::text IS NULL THEN image_url ELSE nullif($5::text, '') END,
      background_image_url =
        CASE WHEN $6::text IS NULL THEN background_image_url ELSE nullif($6::text, '') END,
      mode = CASE WHEN $7::text IS NULL THEN mode ELSE nullif($7::text, '') END
    WHERE account = $1
    """, .writes)
}
