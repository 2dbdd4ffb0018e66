import AdminKit

extension ServerSettings {
  /// What the configuration says.
  /// - Throws: for a value that isn't what it should be, saying where it comes from.
  public init(_ configuration: Configuration) throws(Failure) {
    self.configuration = configuration
    certificate = try configuration.certificate()
    oauth = try configuration.oauthSettings()
    if let server = try configuration.smtpServer() {
      mail = configuration.mailSettings(.smtp(server))
    }
    readLimits()
    readSwitches()
    try readAddresses()
    try readNetworks()
  }

  private mutating func readLimits() {
    limits.body = configuration.size("max-body")
    limits.avatar = configuration.size("max-avatar")
    limits.sets = configuration.size("max-set-body")
    limits.connections = configuration.integer("max-connections")
    limits.connectionsPerAddress = configuration.integer("max-connections-per-address")
    limits.headTimeout = configuration.duration("head-timeout")
    limits.bodyIdleTimeout = configuration.duration("body-idle-timeout")
    limits.bodyTimeout = configuration.duration("body-timeout")
    limits.keepAliveTimeout = configuration.duration("keep-alive-timeout")
    statementTimeout = configuration.duration("request-timeout")
    // A statement that is cancelled still has to say so.
    limits.handlerTimeout = statementTimeout + .seconds(2)
    shutdownTimeout = configuration.duration("shutdown-timeout")
    pingInterval = configuration.duration("ping-interval")
    chatRate = configuration.integer("chat-rate")
    streams.openTimeout = configuration.duration("stream-open-timeout")
    passwordQueue = configuration.integer("password-queue")
    passwords = configuration.passwords
    lifetimes = configuration.lifetimes
    attempts = configuration.attempts
    retention = configuration.retention
    let threads = configuration.integer("threads")
    self.threads = threads > 0 ? threads : nil
  }

  private mutating func readSwitches() {
    replica = configuration.given("database-replica")
    replicaLag = configuration.duration("database-replica-lag")
    seal = configuration.seal
    streams.areListedToAnyone = configuration.isOn("testing-routes")
    disclosure.docs = configuration.isOn("docs")
    dashboard.isOn = configuration.isOn("dashboard")
    log.level = Log.Level(name: configuration.text("log-level")) ?? .info
    log.isJSON = configuration.text("log-format") == "json"
    log.file = configuration.given("log-file")
    slowRequest = configuration.threshold("slow-request")
    slowQuery = configuration.threshold("slow-query")
    commentsStatements = configuration.isOn("sql-comments")
  }

  private mutating func readAddresses() throws(Failure) {
    var listen: [ListenAddress] = []
    for text in configuration.text("listen").split(separator: ",") {
      guard let address = ListenAddress(String(text).trimmed) else {
        throw configuration.fault("listen", "“\(text)” isn't HOST:PORT or unix:PATH")
      }
      listen.append(address)
    }
    self.listen = listen
    var stun = try read("stun", "isn't HOST:PORT") { (text) throws(MalformedSetting) in
      try STUNSettings(listen: text)
    }
    stun.rate = configuration.integer("stun-rate")
    try read(
      "stun-other-address",
      """
      must be a HOST:PORT that differs from stun's first in both, and neither may be a wildcard
      """
    ) { (text) throws(MalformedSetting) in try stun.alternate(with: text) }
    self.stun = stun
  }

  private mutating func readNetworks() throws(Failure) {
    let why = "is neither a network nor the word unix"
    let networks = { (text: String) throws(MalformedSetting) in try ClientNetworks(text) }
    proxies = TrustedProxies(try read("trusted-proxies", why, networks))
    disclosure.metricsReaders = try read("metrics-allow", why, networks)
    dashboard.networks = try read("dashboard-allow", why, networks)
    origins = try read("allowed-origins", "isn't like https://app.example.org") {
      (text) throws(MalformedSetting) in try Origins(text)
    }
  }

  /// Reads one setting.
  /// - Parameter fault: what is wrong with a part of it that isn't understood.
  private func read<Value>(
    _ key: String, _ fault: String, _ parse: (String) throws(MalformedSetting) -> Value
  ) throws(Failure) -> Value {
    do {
      return try parse(configuration.text(key))
    } catch {
      throw configuration.fault(key, "“\(error.part)” \(fault)")
    }
  }
}

/// A part of a setting that isn't what it should be.
struct MalformedSetting: Error, Sendable {
  let part: String
}
