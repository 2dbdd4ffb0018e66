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
    if let directory = environment("CREDENTIALS_DIRECTORY") {
      let path = "\(directory)/\(setting.key)"
      if access(path, F_OK) == 0 {
        return Entry(value: try TextFile.firstLine(path), origin: "credential \(setting.key)")
      }
    }
    let path = environment(setting.variable + "_FILE") ?? file[setting.key + "-file"]?.value
    guard let path else { return nil }
    return Entry(value: try TextFile.firstLine(path), origin: path, file: path)
  }

  public func entry(_ key: String) -> Entry {
    entries[key] ?? Entry(value: "", origin: "default")
  }

  // MARK: Typed

  public func text(_ key: String) -> String { entry(key).value }
  public func integer(_ key: String) -> Int { Int(entry(key).value) ?? 0 }
  public func duration(_ key: String) -> Duration { Setting.duration(entry(key).value) ?? .zero }
  public func size(_ key: String) -> Int { Setting.size(entry(key).value) ?? 0 }

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
  func given(_ key: String) -> String? {
    let value = text(key)
    return value.isEmpty ? nil : value
  }

  /// A failure of one key's value, saying where it comes from.
  public func fault(_ key: String, _ why: String) -> Failure {
    Failure(.usage, "\(key): \(why)", hint: "it comes from: \(entry(key).origin)")
  }
}
