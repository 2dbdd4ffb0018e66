import Domain
import Glibc

/// Every setting's value and where it came from: an option over the environment over the file over
/// the fallback.
public struct Configuration: Sendable {
  /// A value and its origin, in words for `config show`.
  public struct Entry: Sendable {
    public let value: String
    public let origin: String
    /// The file of its own that a secret was read from.
    var file: String?
  }

  public static let defaultFile = "/etc/havocctl/havocctl.conf"

  private var entries: [String: Entry] = [:]
  /// The file that was read; nil where there was none.
  public let file: String?

  /// - Parameters:
  ///   - options: settings from the command line, by key.
  ///   - file: the file that was named; nil for the usual one, which may be missing.
  ///   - environment: looks a variable up.
  /// - Throws: `Failure`, `usage`, naming the file, the line, the key and what is wrong.
  public init(
    options: [String: String], file: String?, environment: (String) -> String?
  ) throws(Failure) {
    let named = file ?? environment("HAVOCCTL_CONFIG")
    let path = named ?? Self.defaultFile
    var fromFile: [String: Entry] = [:]
    if named != nil || access(path, F_OK) == 0 {
      fromFile = try ConfigurationFile.read(path)
      self.file = path
    } else {
      self.file = nil
    }
    for setting in Setting.all {
      entries[setting.key] = try Self.entry(setting, options, fromFile, environment)
    }
  }

  private static func entry(
    _ setting: Setting, _ options: [String: String], _ file: [String: Entry],
    _ environment: (String) -> String?
  ) throws(Failure) -> Entry {
    var entry = Entry(value: setting.fallback, origin: "default")
    if let value = options[setting.key] {
      entry = Entry(
        value: try setting.value(ofOption: value), origin: "--\(setting.optionName)",
        file: setting.isOptionAFile ? value : nil)
    } else if let value = environment(setting.variable) {
      entry = Entry(value: value, origin: setting.variable)
    } else if let secret = try secret(setting, file, environment) {
      entry = secret
    } else if let value = file[setting.key] {
      entry = value
    } else if case .credentialFile = setting.kind, let path = credential(setting, environment) {
      entry = Entry(value: path, origin: "credential \(setting.key)")
    }
    if entry.value != setting.fallback, let fault = setting.fault(entry.value) {
      throw Failure(
        .usage, "\(setting.key): \(fault), not “\(setting.isSecret ? "(hidden)" : entry.value)”",
        hint: "it comes from: \(entry.origin)")
    }
    return entry
  }

  /// A secret's value out of a file of its own, or out of the service manager's credentials.
  private static func secret(
    _ setting: Setting, _ file: [String: Entry], _ environment: (String) -> String?
  ) throws(Failure) -> Entry? {
    guard setting.isSecret else { return nil }
    if let path = credential(setting, environment) {
      return Entry(value: try line(path, setting), origin: "credential \(setting.key)")
    }
    let path = environment(setting.variable + "_FILE") ?? file[setting.key + "-file"]?.value
    guard let path else { return nil }
    return Entry(value: try line(path, setting), origin: path, file: path)
  }

  private static func line(_ path: String, _ setting: Setting) throws(Failure) -> String {
    do {
      return try TextFile.firstLine(path)
    } catch {
      throw Failure(error.status, "\(setting.key)-file: \(error.message)", hint: error.hint)
    }
  }

  /// Where the service manager has put what is meant for this setting (systemd.exec(5)).
  private static func credential(
    _ setting: Setting, _ environment: (String) -> String?
  ) -> String? {
    guard let directory = environment("CREDENTIALS_DIRECTORY") else { return nil }
    let path = "\(directory)/\(setting.key)"
    return access(path, F_OK) == 0 ? path : nil
  }

  /// Whether the file can be read again, as a pipe can't.
  public var isLasting: Bool {
    var status = stat()
    guard let file, stat(file, &status) == 0 else { return true }
    return status.st_mode & S_IFMT == S_IFREG
  }

  /// What a running server makes of this configuration.
  /// - Parameter old: what it runs with.
  /// - Returns: this one, with the old values where another needs a restart; which settings have
  ///   another value now; and which of them wait for a restart.
  public func reloaded(over old: Configuration) -> (
    configuration: Configuration, changed: [String], waiting: [String]
  ) {
    var configuration = self
    var (changed, waiting): ([String], [String]) = ([], [])
    for setting in Setting.all where entry(setting.key).value != old.entry(setting.key).value {
      if setting.needsRestart {
        waiting.append(setting.key)
        configuration.entries[setting.key] = old.entry(setting.key)
      } else {
        changed.append(setting.key)
      }
    }
    return (configuration, changed, waiting)
  }

  public func entry(_ key: String) -> Entry {
    entries[key] ?? Entry(value: "", origin: "default")
  }

  // MARK: Typed

  public func text(_ key: String) -> String { entry(key).value }
  public func integer(_ key: String) -> Int { Int(entry(key).value) ?? 0 }
  public func duration(_ key: String) -> Duration { Setting.duration(entry(key).value) ?? .zero }
  public func size(_ key: String) -> Int { Setting.size(entry(key).value) ?? 0 }
  public func isOn(_ key: String) -> Bool { text(key) == "on" }
  /// Nil where it is off.
  public func threshold(_ key: String) -> Duration? { Setting.duration(entry(key).value) }

  public var passwords: PasswordParameters {
    var parameters = PasswordParameters()
    parameters.memory = UInt32(integer("argon2-memory"))
    parameters.iterations = UInt32(integer("argon2-iterations"))
    parameters.parallelism = UInt32(integer("argon2-parallelism"))
    return parameters
  }

  public var lifetimes: Lifetimes {
    var lifetimes = Lifetimes()
    lifetimes.access = duration("access-lifetime")
    lifetimes.refresh = duration("refresh-lifetime")
    lifetimes.opaque = duration("token-lifetime")
    lifetimes.sessionToken = duration("session-token-lifetime")
    lifetimes.web = duration("web-lifetime")
    lifetimes.dashboard = duration("dashboard-lifetime")
    return lifetimes
  }

  /// What the signing keys are sealed with; nil for nothing.
  public var seal: Seal? { given("key").map(Seal.init) }

  /// How long a deleted account is kept.
  public var retention: Duration { duration("retention") }

  public var attempts: Attempts.Limits {
    var limits = Attempts.Limits()
    limits.count = integer("attempt-limit")
    limits.window = duration("attempt-window")
    return limits
  }

  /// A text, nil for an empty one.
  public func given(_ key: String) -> String? {
    let value = text(key)
    return value.isEmpty ? nil : value
  }

  /// A failure of one key's value, saying where it comes from.
  public func fault(_ key: String, _ why: String) -> Failure {
    Failure(.usage, "\(key): \(why)", hint: "it comes from: \(entry(key).origin)")
  }
}
