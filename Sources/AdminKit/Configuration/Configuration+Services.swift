import Domain

extension Configuration {
  /// The way of mail; nil where none is configured.
  /// - Throws: for what can't be one.
  public func smtpServer() throws(Failure) -> MailSettings.SMTPServer? {
    guard let url = given("smtp-url") else { return nil }
    var server = MailSettings.SMTPServer()
    let isTLS = url.hasPrefix("smtps://")
    guard isTLS || url.hasPrefix("smtp://") else {
      throw fault("smtp-url", "smtp://[USER@]HOST:PORT or smtps://… is wanted, not “\(url)”")
    }
    var place = url.dropFirst(isTLS ? 8 : 7)
    if let at = place.lastIndex(of: "@") {
      guard !place[..<at].contains(":") else {
        throw fault(
          "smtp-url", "a password doesn't belong there: use smtp-password-file")
      }
      server.username = String(place[..<at])
      place = place[place.index(after: at)...]
    }
    guard !place.isEmpty, place.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw fault("smtp-url", "it names no host")
    }
    server.url = (isTLS ? "smtps://" : "smtp://") + place
    server.password = given("smtp-password")
    server.authorities = given("smtp-ca")
    server.timeout = duration("smtp-timeout")
    server.startTLS = startTLS(hasPassword: server.password != nil)
    do {
      guard let sender = try EmailAddress.normalised(text("mail-from")) else {
        throw fault("mail-from", "an address is wanted")
      }
      server.sender = sender
    } catch {
      throw fault("mail-from", "“\(text("mail-from"))” isn't an address")
    }
    return server
  }

  /// A password goes through TLS only, unless somebody says otherwise.
  private func startTLS(hasPassword: Bool) -> Transfer.StartTLS {
    switch text("smtp-tls") {
    case "off": .off
    case "require": .required
    default: hasPassword ? .required : .whereOffered
    }
  }

  public func mailSettings(_ route: MailSettings.Route) -> MailSettings {
    var settings = MailSettings(route: route)
    settings.retry = duration("mail-retry")
    settings.giveUp = duration("mail-give-up")
    return settings
  }

  /// The way to another service's accounts; nil where none is configured.
  /// - Throws: for what is missing or can't be.
  public func oauthSettings() throws(Failure) -> OAuth.Settings? {
    guard let clientID = given("oauth-client-id") else { return nil }
    var settings = OAuth.Settings()
    settings.clientID = clientID
    settings.clientSecret = text("oauth-client-secret")
    settings.authorizeURL = try webAddress("oauth-authorize-url")
    settings.tokenURL = try webAddress("oauth-token-url")
    settings.userinfoURL = try webAddress("oauth-userinfo-url")
    settings.redirectURL = try webAddress("oauth-redirect-url")
    settings.scope = text("oauth-scope")
    do {
      settings.fields = try OAuthFields(text("oauth-fields"))
    } catch {
      throw fault(
        "oauth-fields", "id=, username=, email= and avatar= are known, not “\(error.word)”")
    }
    settings.fields.verified = text("oauth-verified")
    settings.linksByEmail = text("oauth-link-by-email") == "on"
    settings.timeout = duration("oauth-timeout")
    settings.authorities = given("oauth-ca")
    return settings
  }

  private func webAddress(_ key: String) throws(Failure) -> String {
    let value = text(key)
    let isWeb = value.hasPrefix("https://") || value.hasPrefix("http://")
    guard isWeb, value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw fault(key, "an http:// or https:// address is wanted, not “\(value)”")
    }
    return value
  }
}
