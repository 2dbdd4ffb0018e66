import Domain

/// A page for a person's browser: nothing in it comes from elsewhere, nothing runs that isn't a file
/// of this server, and no other page may hold it in a frame.
struct WebPage {
  var status = 200
  let title: String
  /// Names of assets.
  var styles = ["style.css"]
  var scripts: [String] = []
  let body: HTML

  var response: Response {
    Response(status, headers: Self.headers, body: .bytes(bytes))
  }

  /// UTF-8.
  var bytes: [UInt8] { html.bytes }

  static let headers =
    [Response.Header("Content-Type", "text/html; charset=utf-8")] + harmless

  /// What an answer to a browser has that shows nothing, too.
  static let harmless = [
    Response.noStore, .init("Content-Security-Policy", policy), .init("X-Frame-Options", "DENY"),
    .init("Referrer-Policy", "no-referrer"),
    .init("Cross-Origin-Opener-Policy", "same-origin"),
    .init("Cross-Origin-Resource-Policy", "same-origin"),
  ]

  private static let policy = """
    default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
    """

  private var html: HTML {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(title)</title>
    <link rel="icon" href="data:,">
    \(styles.map { "<link rel=\"stylesheet\" href=\"\(Assets.address(of: $0))\">\n" })\
    \(scripts.map { "<script src=\"\(Assets.address(of: $0))\" defer></script>\n" })\
    </head>
    <body>
    \(body)
    </body>
    </html>

    """
  }
}
