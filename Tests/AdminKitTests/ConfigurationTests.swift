import Domain
import Glibc
import Testing

@testable import AdminKit

/// A directory of its own, gone behind the test.
final class Folder {
  let path: String

  init() throws {
    var name = Array("/tmp/havocctl-admin-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&name)))
  }

  deinit {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(path)/\(name)")
      }
      closedir(folder)
    }
    rmdir(path)
  }

  /// Writes a file and gives its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(path)/\(name)"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    #expect(bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
    close(descriptor)
    return path
  }

  func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }
}

@Suite struct ConfigurationTests {
  private func read(
    _ text: String, options: [String: String] = [:], environment: [String: String] = [:]
  ) throws -> Configuration {
    let folder = try Folder()
    return try Configuration(
      options: options, file: try folder.file("x.conf", text), environment: { environment[$0] })
  }

  @Test func aReloadKeepsWhatNeedsARestart() throws {
    let old = try read("listen = :80\nmax-body = 1M\nthreads = 1\n")
    let (next, changed, waiting) = try read("listen = :81\nmax-body = 2M\nlog-level = debug\n")
      .reloaded(over: old)
    #expect(changed == ["max-body", "log-level"])
    #expect(waiting == ["listen", "threads"])
    #expect(next.text("listen") == ":80" && next.text("threads") == "1")
    #expect(next.size("max-body") == 2 << 20 && next.text("log-level") == "debug")
    let again = try read("listen = :80\nmax-body = 1M\nthreads = 1\n").reloaded(over: old)
    #expect(again.changed.isEmpty && again.waiting.isEmpty)
  }

  @Test func aCertificateMayBeACredential() throws {
    let folder = try Folder()
    let path = try folder.file("tls-cert", "PEM")
    let environment = ["CREDENTIALS_DIRECTORY": folder.path]
    let configuration = try read("", environment: environment)
    #expect(configuration.text("tls-cert") == path)
    #expect(configuration.entry("tls-cert").origin == "credential tls-cert")
    #expect(configuration.text("tls-key").isEmpty)
    let named = try read("tls-cert = /etc/ssl/own.pem\n", environment: environment)
    #expect(named.text("tls-cert") == "/etc/ssl/own.pem")
  }

  @Test func oneHalfOfTLSIsNothing() throws {
    for (key, other) in [("tls-cert", "tls-key"), ("tls-key", "tls-cert")] {
      let failure = #expect(throws: Failure.self) {
        try read("\(key) = /etc/x.pem\n").certificate()
      }
      #expect(failure?.message == "\(key) is set and \(other) isn't")
      #expect(failure?.status == .usage)
    }
    #expect(try read("").certificate() == nil)
  }

  @Test func anOptionWinsOverTheEnvironmentOverTheFile() throws {
    let text = "max-body = 1M\nthreads = 1\nlog-level = error\n"
    let environment = ["HAVOCCTL_MAX_BODY": "2M", "HAVOCCTL_THREADS": "2"]
    let configuration = try read(text, options: ["max-body": "3M"], environment: environment)
    #expect(configuration.size("max-body") == 3 << 20)
    #expect(configuration.entry("max-body").origin == "--max-body")
    #expect(configuration.integer("threads") == 2)
    #expect(configuration.entry("threads").origin == "HAVOCCTL_THREADS")
    #expect(configuration.text("log-level") == "error")
    #expect(configuration.entry("log-level").origin.hasSuffix("x.conf:3"))
    #expect(configuration.text("listen") == "127.0.0.1:8000")
    #expect(configuration.entry("listen").origin == "default")
    #expect(configuration.duration("body-timeout") == .seconds(120))
  }

  @Test func theFilesForm() throws {
    let configuration = try read(
      """
      # a comment
         \t
      listen=a:1
        log-level   =   debug\u{20}
      database = "  spaces = kept # so "
      """)
    #expect(configuration.text("listen") == "a:1" && configuration.text("log-level") == "debug")
    #expect(configuration.text("database") == "  spaces = kept # so ")
  }

  @Test func linesThatEndAsWindowsHasIt() throws {
    let configuration = try read("listen = a:1\r\nthreads = 2\r\n")
    #expect(configuration.text("listen") == "a:1" && configuration.text("threads") == "2")
  }

  private static let faults: [(text: String, line: Int?, message: String)] = [
    ("listen = a:1\nnonsense", 2, "this isn't “key = value”"),
    ("\n\nlistn = a:1", 3, "there is no setting “listn”"),
    ("listen = a:1\n# x\nlisten = a:2", 3, "listen stands here a second time"),
    ("listen-file = /x", 1, "there is no setting “listen-file”"),
    ("= x", 1, "there is no setting “”"),
    ("threads = many", nil, "threads: a whole number from 0 to 256 is wanted, not “many”"),
    ("threads = 257", nil, "threads: a whole number from 0 to 256 is wanted, not “257”"),
    (
      "log-level = loud", nil, "log-level: one of debug, info, warning, error is wanted, not “loud”"
    ),
    ("head-timeout = 0", nil, "head-timeout: a span such as 10s, 5m or 7d is wanted, not “0”"),
    ("max-body = 1T", nil, "max-body: a size such as 65536, 512K or 2M is wanted, not “1T”"),
  ]

  @Test(arguments: faults)
  func faultsAreNamedWithTheirPlace(text: String, line: Int?, message: String) {
    let failure = #expect(throws: Failure.self) { try read(text) }
    #expect(failure?.status == .usage)
    let place = line.map { "x.conf:\($0): " } ?? ""
    #expect(failure?.message.hasSuffix(place + message) == true, "\(failure?.message ?? "")")
  }

  @Test func aMisspeltKeyHasAHint() {
    let failure = #expect(throws: Failure.self) { try read("listn = a:1") }
    #expect(failure?.hint == "did you mean listen?")
  }

  @Test func aFileThatIsNamedMustBeThere() throws {
    let missing = "/nonexistent/havocctl.conf"
    for (file, environment) in [(missing, [:]), (nil, ["HAVOCCTL_CONFIG": missing])] {
      let failure = #expect(throws: Failure.self) {
        try Configuration(options: [:], file: file, environment: { environment[$0] })
      }
      #expect(failure?.message == "\(missing): No such file or directory")
    }
  }

  @Test func aFileMustBeTextAndSmall() throws {
    let folder = try Folder()
    let files = [
      try folder.file("bytes", [0xFF, 0xFE]),
      try folder.file("big", [UInt8](repeating: 0x0A, count: 1 << 20 + 1)), folder.path,
    ]
    for file in files {
      #expect(throws: Failure.self, "\(file)") {
        try Configuration(options: [:], file: file, environment: { _ in nil })
      }
    }
  }

  @Test func secretsMayBeFilesAndCredentials() throws {
    let folder = try Folder()
    let secret = try folder.file("secret", "postgresql://from-file\r\nignored")
    let fromFile = try read("database-file = \(secret)\ndatabase = other")
    #expect(fromFile.text("database") == "postgresql://from-file")
    #expect(fromFile.entry("database").origin == secret)
    _ = try folder.file("database", "postgresql://credential\n")
    let directory = ["CREDENTIALS_DIRECTORY": folder.path]
    let credential = try read("database-file = \(secret)", environment: directory)
    #expect(credential.text("database") == "postgresql://credential")
    #expect(credential.entry("database").origin == "credential database")
    let variable = try read(
      "", environment: directory.merging(["HAVOCCTL_DATABASE": "v"]) { $1 })
    #expect(variable.text("database") == "v")
    let named = try read("", environment: ["HAVOCCTL_DATABASE_FILE": secret])
    #expect(named.text("database") == "postgresql://from-file")
    #expect(throws: Failure.self) { try read("database-file = /nonexistent/secret") }
  }

  @Test func whatIsMadeOfIt() throws {
    let configuration = try read(
      "argon2-memory = 64\nargon2-iterations = 3\nargon2-parallelism = 2\naccess-lifetime = 5m")
    #expect(configuration.passwords.memory == 64 && configuration.passwords.iterations == 3)
    #expect(configuration.passwords.parallelism == 2)
    #expect(configuration.lifetimes.access == .seconds(300))
    #expect(configuration.lifetimes.refresh == Lifetimes().refresh)
    let usual = try read("")
    #expect(usual.passwords == PasswordParameters())
    for kind in CredentialKind.allCases { #expect(usual.lifetimes[kind] == Lifetimes()[kind]) }
  }
}

@Suite struct SettingTests {
  @Test(arguments: Setting.all.map(\.key))
  func everyFallbackIsSound(key: String) throws {
    let setting = try #require(Setting.named(key))
    if !setting.fallback.isEmpty { #expect(setting.fault(setting.fallback) == nil) }
    #expect(setting.variable == "HAVOCCTL_" + key.uppercased().replacing("-", with: "_"))
    #expect(Setting.all.count { $0.key == key } == 1)
    #expect(!setting.help.hasSuffix(".") && !setting.help.isEmpty)
    // An option of the same name would hide it.
    #expect(!GlobalOptions.options.contains { $0.name == key })
  }

  @Test(
    arguments: [
      ("250ms", 0.25), ("0ms", nil), ("ms", nil), ("-1ms", nil), ("1.5ms", nil),
      ("1", 1), ("90", 90), ("10s", 10), ("5m", 300), ("2h", 7_200), ("7d", 604_800), ("0", nil),
      ("-1", nil), ("0s", nil), ("-5m", nil), ("+5m", nil), ("", nil), ("x", nil), ("1.5s", nil),
      ("2026-01-02", nil), ("5 m", nil), ("3162240000", 3_162_240_000), ("3162240001", nil),
      ("9223372036854775807", nil), ("9223372036854775807ms", nil),
    ] as [(String, Double?)])
  func durations(text: String, seconds: Double?) {
    #expect(Setting.duration(text) == seconds.map { .seconds($0) })
  }

  @Test(
    arguments: [
      ("1", 1), ("65536", 65_536), ("512K", 524_288), ("2m", 2 << 20), ("1G", 1 << 30), ("0", nil),
      ("-1", nil), ("0K", nil), ("", nil), ("K", nil), ("1KB", nil), ("1.5M", nil), ("1 M", nil),
      ("9223372036854775807G", nil), ("9223372036854775807", nil), ("1048576G", 1 << 50),
    ] as [(String, Int?)])
  func sizes(text: String, bytes: Int?) {
    #expect(Setting.size(text) == bytes)
  }
}
