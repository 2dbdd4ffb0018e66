import EventLoop
import Glibc
import Postgres

@testable import AdminKit
@testable import Server

/// A configuration's file. A fault names its line; what is accepted, a server can be started with,
/// whatever numbers stand there.
enum ConfigurationTarget {
  static func check(_ bytes: UnsafeRawBufferPointer) {
    // What stands in files of their own isn't this text's to say.
    withFile(bytes) { path in
      let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      do throws(Failure) {
        for (key, entry) in try ConfigurationFile.read(path) {
          let isFile = key.hasSuffix("-file") && Setting.named(String(key.dropLast(5))) != nil
          require(Setting.named(key) != nil || isFile, "“\(key)” is no setting")
          if isFile || isPath(key) { return }
          let line = line(of: entry.origin, path, lines.count)
          for text in [key, entry.value] {
            require(holds(lines[line - 1], Array(text.utf8)), "“\(text)” stands elsewhere")
          }
        }
        let configuration = try Configuration(options: [:], file: path) { _ in nil }
        start(try ServerSettings(configuration), configuration)
      } catch {
        judge(error, path, lines.count)
      }
    }
  }

  private static func holds(_ line: Slice<UnsafeRawBufferPointer>, _ text: [UInt8]) -> Bool {
    text.isEmpty || line.indices.contains { line[$0...].starts(with: text) }
  }

  private static func isPath(_ key: String) -> Bool {
    switch Setting.named(key)?.kind {
    case .file, .credentialFile: true
    default: false
    }
  }

  /// The line that is named as `PATH:LINE`.
  private static func line(of place: String, _ path: String, _ lines: Int) -> Int {
    guard place.hasPrefix(path + ":"), let line = Int(place.dropFirst(path.count + 1)) else {
      fatalError("“\(place)” names no line")
    }
    require((1...lines).contains(line), "line \(line) of \(lines)")
    return line
  }

  private static func judge(_ failure: Failure, _ path: String, _ lines: Int) {
    let hint = failure.hint ?? ""
    let origin = "it comes from: "
    if failure.message.hasPrefix(path + ":") {
      let place = failure.message.prefix { $0 != " " }
      let isWhole = place.hasSuffix(": this") || place.hasSuffix(":")
      if isWhole, place.dropFirst(path.count).count > 1 {
        _ = line(of: String(place.dropLast()), path, lines)
      } else {
        require(failure.status == .failed, "“\(failure.message)” names no line")
      }
    } else if hint.hasPrefix(origin), hint != origin + "default" {
      _ = line(of: String(hint.dropFirst(origin.count)), path, lines)
    }
    require(!failure.message.isEmpty, "no reason")
  }

  /// What a server does with its settings when it starts and when it works.
  private static func start(_ settings: ServerSettings, _ configuration: Configuration) {
    for setting in Setting.all {
      switch setting.kind {
      case .duration, .threshold:
        guard let span = configuration.threshold(setting.key) else { continue }
        // A token's end, a look back into a table, a deadline.
        _ = Timestamp.now + span
        _ = Timestamp.now + (.zero - span)
        let (_, overflows) = Loop.monotonicNanoseconds().addingReportingOverflow(span.nanoseconds)
        require(!overflows, "\(setting.key): a deadline behind the end of time")
        let (seconds, _) = span.components
        require(span.nanoseconds / 1_000_000_000 == UInt64(seconds), "\(setting.key): wrapped")
      default: continue
      }
    }
    let limits = settings.limits
    for size in [.usual, .avatar, .sets(.set)] as [HTTPLimits.BodySize] {
      // As far as a body is taken in before its client is cut off.
      require(limits.body(size) + 3 * limits.body > 0, "no body")
    }
    require(UInt32(limits.keepAliveTimeout.components.seconds) + 15 > 15, "no idle time")
    _ = configuration.passwords
    _ = settings.attempts.window
  }
}
