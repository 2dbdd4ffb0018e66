import Glibc
import TestSupport
import Testing

@testable import Server

@Suite struct LogTests {
  /// What a log writes to a pipe.
  private func written(
    _ level: Log.Level = .debug, hasPriorities: Bool = true, isJSON: Bool = false,
    _ body: (Log) -> Void
  ) throws -> String {
    let pipe = try TestPipe()
    var settings = Log.Settings()
    settings.level = level
    settings.isJSON = isJSON
    var status = stat()
    fstat(pipe.writer, &status)
    let journal = hasPriorities ? "\(status.st_dev):\(status.st_ino)" : "1:2"
    body(try Log(settings, descriptor: pipe.writer, journal: journal))
    pipe.close(pipe.writer)
    return String(decoding: pipe.take(), as: UTF8.self)
  }

  @Test(arguments: ["plain", "a\nb", "\"", "\u{1B}", "\u{2028}", ""])
  func theSameAsJSON(value: String) throws {
    let line = try written(isJSON: true) { $0(.warning, "m", ["v": .text(value), "n": -7]) }
    let quoted = value == "plain" ? "\"plain\"" : Self.values.first { $0.0 == value }?.1
    let expected = try quoted ?? #require(Self.escapes[value])
    #expect(line == "<4>{\"level\":\"warning\",\"msg\":\"m\",\"v\":\(expected),\"n\":-7}\n")
  }

  private static let escapes = [
    "a\nb": #""a\nb""#, "\"": #""\"""#, "\u{1B}": #""\u001b""#, "\u{2028}": #""\u2028""#,
  ]

  private static let values: [(String, String)] = [
    ("plain", "plain"), ("", "\"\""), ("a b", "\"a b\""), ("a=b", "\"a=b\""), ("a\"b", #""a\"b""#),
    (#"a\b"#, #""a\\b""#), ("a\nlevel=error", #""a\nlevel=error""#), ("\r\t", #""\r\t""#),
    ("\u{1B}[31m", "\"\\u001b[31m\""), ("ü", "\"ü\""), ("\u{7F}\u{85}", "\"\\u007f\\u0085\""),
    ("\u{2028}\u{2029}", "\"\\u2028\\u2029\""), ("/a?b&c", "/a?b&c"),
  ]

  @Test(arguments: values)
  func nothingForgesALine(value: String, expected: String) throws {
    let line = try written { $0(.warning, "m", ["v": .text(value), "n": -7]) }
    #expect(line == "<4>level=warning msg=m v=\(expected) n=-7\n")
  }

  @Test func aLineBeginsWithTheTimeOrAPriority() throws {
    let line = try written(hasPriorities: false) { $0(.error, "it broke") }
    let form = /time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=error msg="it broke"\n/
    #expect(line.wholeMatch(of: form) != nil, "\(line)")
    for (level, priority) in [(Log.Level.debug, 7), (.info, 6), (.warning, 4), (.error, 3)] {
      let line = try written { log in
        log(level, "m")
        log.flush()
      }
      #expect(line == "<\(priority)>level=\(level.name) msg=m\n")
    }
  }

  @Test func aValueMayEndWithABracket() throws {
    let line = try written { $0(.error, "m", ["a": "b>", "c": ">", "d": 1]) }
    #expect(line == "<3>level=error msg=m a=b> c=> d=1\n")
  }

  /// A path is whatever a client sent.
  @Test(arguments: [("/a", "/a"), ("/a=b", "\"/a=b\""), ("/\"", #""/\"""#), ("/a>", "/a>")])
  func theLineOfARequest(path: String, expected: String) throws {
    let line = try written { log in
      log.access(
        id: "r-1", method: "GET", path: path[...], status: 200, microseconds: 7, address: nil)
      log.flush()
    }
    #expect(
      line == """
        <6>level=info msg=request id=r-1 method=GET path=\(expected) status=200 us=7 address=-\n
        """)
  }

  /// Information is gathered, and goes out with what is worse, in order.
  @Test func whatIsUrgentGoesOutAtOnce() throws {
    #expect(try written { $0(.info, "a") } == "")
    let lines = try written { log in
      log(.info, "a")
      log(.warning, "b")
      log(.info, "c")
    }
    #expect(lines == "<6>level=info msg=a\n<4>level=warning msg=b\n")
    let flushed = try written { log in
      log(.info, "a")
      log.flush()
      log.flush()
    }
    #expect(flushed == "<6>level=info msg=a\n")
  }

  @Test func whatIsBelowTheLevelIsLeftOut() throws {
    let lines = try written(.warning) { log in
      for level in Log.Level.allCases { log(level, level.name) }
    }
    #expect(lines == "<4>level=warning msg=warning\n<3>level=error msg=error\n")
    #expect(Log.Level(name: "warning") == .warning && Log.Level(name: "loud") == nil)
  }

  /// A closed descriptor must not stop the program.
  @Test func aReaderThatIsGoneIsNoReasonToStop() throws {
    let log = try Log(descriptor: -1)
    log(.error, "nobody reads this")
    #expect(log.linesLost == 1)
  }
}
