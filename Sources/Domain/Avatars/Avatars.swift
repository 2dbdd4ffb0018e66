import Postgres

/// What an avatar is to be.
public enum NewAvatar: Sendable {
  /// An address under `/media/`, which need not exist.
  case path(String)
  /// The content of a file.
  case upload([UInt8])
}

/// The pictures that people uploaded, kept in the database so that every server has them.
public struct Avatars: Sendable {
  /// A picture as it is served.
  public struct Picture: Sendable {
    public let type: String
    public let bytes: [UInt8]
    /// Whether its address never stands for another picture.
    public let isFixed: Bool
  }

  /// What pictures are taken.
  public static let mediaTypes = ImageFile.Kind.allCases.map(\.mediaType)

  /// Where all of them are.
  public static let folder = "/media/avatars/"

  /// Of either side; larger ones are made to exhaust who looks at them.
  private static let mostPixels = 4_096
  public static let longestPath = 255
  /// What an address of one looks like.
  public static let pathPattern = #"^/media(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$"#

  private let database: any Querying

  public init(_ database: any Querying) { self.database = database }

  /// - Parameter name: the last segment of its address.
  /// - Throws: `.notFound`.
  public func find(_ name: String) async throws -> Picture {
    if Self.folder + name == Self.standardPath { return Self.standard }
    let rows = try await database.query(Self.byName, .text(name))
    guard let row = rows.first else { throw Refusal.notFound("There is no such picture.") }
    let (type, bytes) = try row.decode(String.self, [UInt8].self)
    return Picture(type: type, bytes: bytes, isFixed: true)
  }

  private static let byName = Statement("SELECT type, bytes FROM avatar WHERE name = $1")

  /// The address is checked: it is one of this server, and says what it seems to say.
  /// - Throws: `.invalid` under `avatar`.
  public static func checkPath(_ path: String) throws(Refusal) {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let isPlain = segments.allSatisfy { segment in
      !segment.isEmpty && segment.utf8.first != UInt8(ascii: ".")
        && segment.unicodeScalars.allSatisfy {
          $0.isASCII && ($0.properties.isAlphabetic || "0123456789._-".unicodeScalars.contains($0))
        }
    }
    guard path.hasPrefix("/media/"), isPlain, path.utf8.count <= longestPath else {
      throw .invalid([
        FieldError(
          "avatar",
          """
          A path under /media/ is wanted, of letters, digits, “.”, “_” and “-” and at most \
          \(longestPath) characters, or an image file.
          """)
      ])
    }
  }

  /// A picture that was checked, and the address that it will have.
  struct Upload {
    let path: String
    fileprivate let image: ImageFile
    fileprivate let bytes: [UInt8]

    /// - Throws: `.invalid` under `avatar`.
    init(_ file: [UInt8]) throws(Refusal) {
      guard let image = ImageFile(file) else {
        throw .invalid([
          FieldError("avatar", "This is no whole image: PNG, JPEG, GIF and WebP are taken.")
        ])
      }
      guard max(image.width, image.height) <= mostPixels else {
        throw .invalid([
          FieldError(
            "avatar", "An image may be \(mostPixels) pixels wide and as many high at the most.")
        ])
      }
      self.image = image
      bytes = Array(file[..<image.length])
      path = folder + Secrets.random(16).hex + "." + image.kind.fileExtension
    }
  }

  /// The statements that make an upload an account's picture, or leave it only its own address.
  static func keep(_ upload: Upload, of account: Int64) -> BoundStatement {
    replace(
      .int(account), .text(String(upload.path.dropFirst(folder.count))),
      .text(upload.image.kind.mediaType), .bytes(upload.bytes))
  }

  /// The statement that removes what an account uploaded, unless that is what its address names.
  static func drop(of account: Int64, unless path: String) -> BoundStatement {
    remove(.int(account), .text(path))
  }

  private static let replace = Statement(
    """
    INSERT INTO avatar (account, name, type, bytes) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account) DO UPDATE
      SET name = excluded.name, type = excluded.type, bytes = excluded.bytes, created = now()
    """, .writes)
  private static let remove = Statement(
    "DELETE FROM avatar WHERE account = $1 AND '\(folder)' || name <> $2", .writes)
}

extension Avatars {
  /// What new accounts have.
  private static let standardPath = folder + "default.png"

  /// Head and shoulders.
  private static let standard = Picture(
    type: ImageFile.Kind.png.mediaType, bytes: Base64URL.decode(standardPicture.utf8) ?? [],
    isFixed: false)

  private static let standardPicture = """
    iVBORw0KGgoAAAANSUhEUgAAAGAAAABgAgMAAACf9p-rAAAACVBMVEXY3eSKlqaxusX-nqzVAAAA2klEQVR42u3TzQ\
    2DMAwFYIKUAwMwQg_tFBkhB4x65MgYWYIdOmZ_UAQx7ykB9YDU-phPceLErqp__HDUUx8gtCIdWjfyCoc34C3yCZIJ\
    5bIzeHwEOoSCCDmdgYngSqGJMJSCjeDPBPvr2P9W-__jwJ_T9qENR1uUNzUdAzo4fNTOGTeRB1q_visfQXnzI4bij6\
    JdcolwJ02iv8os4HAmnUsE5zJrcGgI9CDYNfht2dviRfDpdQoBX2p9LZuCz0ObQpeHKYWelLEUUmsIOTAaXA4aDcNh\
    sBr8d-EJX3HxZKMxaGwAAAAASUVORK5CYII
    """
}
