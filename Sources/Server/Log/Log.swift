import Glibc
import Postgres
import Synchronization

/// Writes one line an event to standard error, as logfmt.
///
/// Lines are gathered and written at the end of a loop's turn, so that a request doesn't cost a
/// system call of its own; what is worse than information goes out at once.
public final class Log: Sendable {
  public enum Level: Int, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    var name: String {
      switch self {
      case .debug: "debug"
      case .info: "info"
      case .warning: "warning"
      case .error: "error"
      }
    }

    /// The journal's own scale (sd-daemon(3)).
    var priority: String {
      switch self {
      case .debug: "<7>"
      case .info: "<6>"
      case .warning: "<4>"
      case .error: "<3>"
      }
    }

    public init?(name: String) {
      guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = level
    }

    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  /// A value of a line.
  public enum Field: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case text(String)
    case number(Int64)

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .number(value) }
  }

  private let level: Level
  private let descriptor: CInt
  private let hasPriorities: Bool
  private let pending = Mutex<[UInt8]>([])
  private let clock = LogClock()

  /// Bytes gathered at the most before they are written.
  private static let bufferSize = 32_768

  /// - Parameter hasPriorities: for the journal, which takes them off again.
  public init(level: Level, descriptor: CInt = 2, hasPriorities: Bool) {
    self.level = level
    self.descriptor = descriptor
    self.hasPriorities = hasPriorities
  }

  public func callAsFunction(
    _ level: Level, _ message: String, _ fields: KeyValuePairs<String, Field> = [:]
  ) {
    guard level >= self.level else { return }
    var line = Line()
    begin(&line, level)
    line.add("level", .text(level.name))
    line.add("msg", .text(message))
    for (name, value) in fields { line.add(name, value) }
    line.bytes.append(UInt8(ascii: "\n"))
    gather(line, isUrgent: level > .info)
  }

  /// The line of one request. There is one for each, so it is put together without looking twice
  /// at what can't need a quote.
  func access(
    id: String, method: String, path: Substring, status: Int, microseconds: UInt64,
    address: String?
  ) {
    guard .info >= level else { return }
    var line = Line()
    line.bytes.reserveCapacity(192)
    begin(&line, .info)
    line.add("level", .text("info"))
    line.bytes.append(contentsOf: " msg=request id=".utf8)
    line.bytes.append(contentsOf: id.utf8)
    line.add("method", .text(method))
    line.add("path", .text(String(path)))
    line.bytes.append(contentsOf: " status=".utf8)
    line.bytes.append(contentsOf: String(status).utf8)
    line.bytes.append(contentsOf: " us=".utf8)
    line.bytes.append(contentsOf: String(microseconds).utf8)
    line.bytes.append(contentsOf: " address=".utf8)
    line.bytes.append(contentsOf: (address ?? "-").utf8)
    line.bytes.append(UInt8(ascii: "\n"))
    gather(line, isUrgent: false)
  }

  private func begin(_ line: inout Line, _ level: Level) {
    if hasPriorities {
      line.bytes.append(contentsOf: level.priority.utf8)
    } else {
      line.bytes.append(contentsOf: "time=".utf8)
      line.bytes.append(contentsOf: clock.text().utf8)
    }
  }

  private func gather(_ line: Line, isUrgent: Bool) {
    pending.withLock { pending in
      pending.append(contentsOf: line.bytes)
      if isUrgent || pending.count > Self.bufferSize { write(&pending) }
    }
  }

  /// Writes what was gathered.
  public func flush() {
    pending.withLock { pending in
      if !pending.isEmpty { write(&pending) }
    }
  }

  /// A log that can't be written, because its reader has gone or the disk is full, is no reason to
  /// stop serving.
  private func write(_ pending: inout [UInt8]) {
    var rest = pending[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// One line in the making.
  private struct Line {
    var bytes: [UInt8] = []

    mutating func add(_ name: String, _ value: Field) {
      // Behind a priority, which has three bytes, there is no space.
      if bytes.count > 3 { bytes.append(UInt8(ascii: " ")) }
      bytes.append(contentsOf: name.utf8)
      bytes.append(UInt8(ascii: "="))
      switch value {
      case .number(let number): bytes.append(contentsOf: String(number).utf8)
      case .text(let text): add(text)
      }
    }

    /// A bare word stays bare; everything else is quoted, with what could forge a line escaped.
    private mutating func add(_ text: String) {
      let isBare =
        !text.isEmpty
        && text.utf8.allSatisfy {
          $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
            && $0 != UInt8(ascii: "\\")
        }
      if isBare { return bytes.append(contentsOf: text.utf8) }
      bytes.append(UInt8(ascii: "\""))
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": bytes.append(contentsOf: "\\\"".utf8)
        case "\\": bytes.append(contentsOf: "\\\\".utf8)
        case "\n": bytes.append(contentsOf: "\\n".utf8)
        case "\r": bytes.append(contentsOf: "\\r".utf8)
        case "\t": bytes.append(contentsOf: "\\t".utf8)
        default:
          if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || scalar.properties.generalCategory == .lineSeparator
            || scalar.properties.generalCategory == .paragraphSeparator
          {
            bytes.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".utf8)
          } else {
            bytes.append(contentsOf: String(scalar).utf8)
          }
        }
      }
      bytes.append(UInt8(ascii: "\""))
    }
  }
}
