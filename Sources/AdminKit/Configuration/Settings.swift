import Domain

extension Setting {
  public static let all: [Setting] = service + logging + stun + mail + oauth

  private static let stun: [Setting] = [
    Setting(
      "stun", .text, "127.0.0.1:3478", "ADDRESS",
      "HOST:PORT of the STUN server, on UDP and TCP, several with commas; off for none",
      needsRestart: true),
    Setting(
      "stun-other-address", .text, "", "ADDRESS",
      "HOST:PORT that differs from the first in both, for clients that explore their NAT",
      needsRestart: true),
    Setting(
      "stun-rate", .integer(0...1_000_000), "100", "COUNT",
      "STUN requests a second from one address, twice as many at once; 0 for no limit"),
  ]

  private static let service: [Setting] = [
    Setting(
      "database", .text, "", "URL",
      "the database; without one, PG* variables, or an embedded cluster", isSecret: true,
      needsRestart: true),
    Setting(
      "database-replica", .text, "", "URL",
      "a standby, where what may be a moment old is read; empty for none", isSecret: true,
      needsRestart: true),
    Setting(
      "database-replica-lag", .duration, "1m", "SPAN",
      "by which a standby may be behind before the primary is read instead", needsRestart: true),
    Setting(
      "listen", .text, "127.0.0.1:8000", "ADDRESS", "HOST:PORT or unix:PATH, several with commas",
      needsRestart: true),
    Setting(
      "tls-cert", .credentialFile, "", "FILE",
      "the server's certificate and those that lead to an authority, PEM; every HOST:PORT speaks TLS then"
    ),
    Setting("tls-key", .credentialFile, "", "FILE", "the certificate's key, PEM, not encrypted"),
    Setting(
      "key", .longText(Seal.shortestKey), "", "KEY",
      "seals the signing keys in the database, at least 16 characters; empty for unsealed",
      isSecret: true, needsRestart: true),
    Setting(
      "threads", .integer(0...256), "0", "COUNT", "event loops; 0 for one a core",
      needsRestart: true),
    Setting("max-body", .size, "1M", "SIZE", "largest body of a request"),
    Setting("max-avatar", .size, "2M", "SIZE", "largest uploaded avatar"),
    Setting("max-set-body", .size, "128M", "SIZE", "largest body with sets of integers"),
    Setting("max-connections", .integer(1...1_000_000), "10000", "COUNT", "connections at once"),
    Setting(
      "max-connections-per-address", .integer(1...1_000_000), "256", "COUNT",
      "connections at once from one address; loopback and trusted proxies aren't counted"),
    Setting("head-timeout", .duration, "10s", "SPAN", "for a request's head to arrive"),
    Setting("body-idle-timeout", .duration, "30s", "SPAN", "for the next piece of a body"),
    Setting("body-timeout", .duration, "2m", "SPAN", "for a whole body"),
    Setting("keep-alive-timeout", .duration, "75s", "SPAN", "for the next request"),
    Setting(
      "request-timeout", .duration, "25s", "SPAN", "for one statement of a request",
      needsRestart: true),
    Setting("shutdown-timeout", .duration, "30s", "SPAN", "for what runs when the server ends"),
    Setting(
      "ping-interval", .duration, "30s", "SPAN",
      "of silence before a socket is pinged; two pings without an answer end it"),
    Setting(
      "chat-rate", .integer(0...1_000_000), "20", "COUNT",
      "messages a second from one chat socket; 0 for no limit"),
    Setting(
      "stream-open-timeout", .duration, "60s", "SPAN",
      "for a streaming session's publisher to come"),
    Setting(
      "testing-routes", .choice(["on", "off"]), "off", "SWITCH",
      "whether anybody may see which streaming sessions there are"),
    Setting(
      "docs", .choice(["on", "off"]), "on", "SWITCH",
      "whether /openapi.json and /docs/ describe the API"),
    Setting(
      "metrics-allow", .networks(word: "unix"), "", "NETWORKS",
      "who may read /metrics: networks with commas, and unix for Unix sockets; empty for anybody"),
    Setting(
      "password-queue", .integer(1...100_000), "256", "COUNT",
      "password hashes that may wait for a processor"),
    Setting("argon2-memory", .integer(8...4_194_304), "19456", "KIB", "memory of a password hash"),
    Setting("argon2-iterations", .integer(1...1_000), "2", "COUNT", "passes of a password hash"),
    Setting("argon2-parallelism", .integer(1...64), "1", "COUNT", "lanes of a password hash"),
    Setting("access-lifetime", .duration, "7d", "SPAN", "of an access token"),
    Setting("refresh-lifetime", .duration, "30d", "SPAN", "of a refresh token"),
    Setting("token-lifetime", .duration, "365d", "SPAN", "of a device token"),
    Setting("session-token-lifetime", .duration, "30d", "SPAN", "of havoc's session_token"),
    Setting("web-lifetime", .duration, "14d", "SPAN", "of a browser's session"),
    Setting("dashboard-lifetime", .duration, "12h", "SPAN", "of a sign-in to the dashboard"),
    Setting(
      "dashboard", .choice(["on", "off"]), "on", "SWITCH", "whether there is a dashboard at /admin/"
    ),
    Setting(
      "dashboard-allow", .networks(word: "unix"), "", "NETWORKS",
      "who may reach the dashboard: networks with commas, and unix for Unix sockets; empty for anybody"
    ),
    Setting(
      "attempt-limit", .integer(0...1_000_000), "10", "COUNT",
      "failed sign-ins, sign-ups, and codes asked for, by account and by address; 0 for no limit"),
    Setting(
      "retention", .duration, "30d", "SPAN",
      "how long a deleted account can be restored; a server then removes it for good"),
    Setting("attempt-window", .duration, "15m", "SPAN", "in which attempts are counted"),
    Setting(
      "trusted-proxies", .networks(word: "unix"), "", "NETWORKS",
      "whose X-Forwarded-For counts: networks with commas, and unix for Unix sockets"),
    Setting(
      "allowed-origins", .text, "", "ORIGINS",
      "sites whose pages may use this server from a browser, with commas"),
  ]

  private static let logging: [Setting] = [
    Setting(
      "log-level", .choice(["debug", "info", "warning", "error"]), "info", "LEVEL",
      "what is logged"),
    Setting("log-format", .choice(["logfmt", "json"]), "logfmt", "FORMAT", "how it is written"),
    Setting(
      "log-file", .file, "", "FILE",
      "where it is written, opened again at every reload; empty for standard error"),
    Setting(
      "slow-request", .threshold, "1s", "SPAN", "from where a request has a warning; off for none"),
    Setting(
      "slow-query", .threshold, "500ms", "SPAN",
      "from where a statement has a warning; off for none"),
    Setting(
      "sql-comments", .choice(["on", "off"]), "off", "SWITCH",
      "whether statements carry the request's id to PostgreSQL's log, each planned anew for it"),
  ]

  private static let mail: [Setting] = [
    Setting(
      "smtp-url", .text, "", "URL", "the mail server: smtp://[USER@]HOST:PORT or smtps://…"),
    Setting("smtp-password", .text, "", "PASSWORD", "its password", isSecret: true),
    Setting(
      "smtp-tls", .choice(["auto", "require", "off"]), "auto", "WHEN",
      "whether smtp:// goes on in TLS; a password is only sent in the clear with off"),
    Setting("smtp-ca", .text, "", "FILE", "certificates to trust in place of the system's"),
    Setting("smtp-timeout", .duration, "30s", "SPAN", "for one mail"),
    Setting("mail-from", .text, "havocctl@localhost", "ADDRESS", "who mail is from"),
    Setting(
      "mail-retry", .duration, "30s", "SPAN", "after a failure, doubled each time up to an hour"),
    Setting("mail-give-up", .duration, "1d", "SPAN", "after which a mail isn't tried again"),
  ]

  private static let oauth: [Setting] = [
    Setting(
      "oauth-client-id", .text, "", "ID", "this program's id at the other service; empty for none"),
    Setting("oauth-client-secret", .text, "", "SECRET", "its secret there", isSecret: true),
    Setting(
      "oauth-authorize-url", .text, "https://api.intra.42.fr/oauth/authorize", "URL",
      "where browsers are sent"),
    Setting(
      "oauth-token-url", .text, "https://api.intra.42.fr/oauth/token", "URL",
      "where codes are exchanged"),
    Setting(
      "oauth-userinfo-url", .text, "https://api.intra.42.fr/v2/me", "URL",
      "what tells who somebody is"),
    Setting(
      "oauth-redirect-url", .text, "", "URL",
      "this server's own address of /oauth/authorize, as it is registered there"),
    Setting("oauth-scope", .text, "public", "SCOPE", "what is asked for"),
    Setting(
      "oauth-fields", .text, "id=id username=login email=email avatar=image.link", "FIELDS",
      "where in the user-info what stands"),
    Setting(
      "oauth-verified", .text, "", "PATH", "where it says that the e-mail address is verified"),
    Setting(
      "oauth-link-by-email", .choice(["on", "off"]), "off", "SWITCH",
      "whether a verified address links to the account that has it"),
    Setting("oauth-timeout", .duration, "10s", "SPAN", "for each question to the other service"),
    Setting("oauth-ca", .text, "", "FILE", "certificates to trust in place of the system's"),
  ]
}
