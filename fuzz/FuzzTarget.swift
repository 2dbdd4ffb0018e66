import Glibc

/// A parser that libFuzzer feeds, and what must hold of whatever it makes of that.
///
/// The program holds all targets; the name by which it was called says which one it is, so that the
/// processes that libFuzzer starts by itself are the same one.
struct FuzzTarget: Sendable {
  let name: String
  /// Stops the program where something doesn't hold.
  let check: @Sendable (UnsafeRawBufferPointer) -> Void

  private static let all: [FuzzTarget] = [
    FuzzTarget(name: "command-line") { CommandLineTarget.check($0) },
    FuzzTarget(name: "configuration") { ConfigurationTarget.check($0) },
    FuzzTarget(name: "equations") { EquationTarget.check($0) },
    FuzzTarget(name: "forms") { FormTarget.check($0) },
    FuzzTarget(name: "http") { HTTPTarget.check($0) },
    FuzzTarget(name: "import") { ImportTarget.check($0) },
    FuzzTarget(name: "json") { JSONTarget.check($0) },
    FuzzTarget(name: "jwt") { JWTTarget.check($0) },
    FuzzTarget(name: "sets") { SetsTarget.check($0) },
    FuzzTarget(name: "stun") { STUNTarget.check($0) },
    FuzzTarget(name: "websocket") { WebSocketTarget.check($0) },
  ]

  /// The one that this process is.
  static let current: FuzzTarget = {
    let path = CommandLine.arguments.first ?? ""
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    guard let target = all.first(where: { $0.name == name }) else {
      print("call it by the name of a target:", all.map(\.name).joined(separator: " "))
      exit(2)
    }
    return target
  }()
}

/// libFuzzer calls this with bytes that it thought up.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  FuzzTarget.current.check(UnsafeRawBufferPointer(start: data, count: size))
  return 0
}

/// Stops the program, so that libFuzzer keeps the input.
func require(
  _ condition: Bool, _ message: @autoclosure () -> String, line: UInt = #line,
  file: StaticString = #fileID
) {
  if !condition { fatalError(message(), file: file, line: line) }
}

/// An input that begins with a byte, or a line, which says how the rest is meant.
struct FuzzInput {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: UnsafeRawBufferPointer) { rest = Array(bytes)[...] }

  mutating func byte() -> UInt8? { rest.popFirst() }

  /// Up to the next line's end, which is taken too.
  mutating func line() -> ArraySlice<UInt8> {
    let line = rest.prefix { $0 != UInt8(ascii: "\n") }
    rest = rest[line.endIndex...].dropFirst()
    return line
  }
}

/// The only file that targets write, which has no name and goes with the process.
private let file: CInt = {
  var name = Array("/tmp/havocctl-fuzz-XXXXXX".utf8CString)
  let descriptor = mkstemp(&name)
  require(descriptor >= 0, "no temporary file")
  unlink(name)
  return descriptor
}()

/// Bytes as a file, for who reads files by their path.
func withFile<Result>(_ bytes: some Collection<UInt8>, _ body: (String) -> Result) -> Result {
  let bytes = Array(bytes)
  let isWritten =
    ftruncate(file, 0) == 0 && pwrite(file, bytes, bytes.count, 0) == bytes.count
  require(isWritten, "the temporary file can't be written")
  return body("/proc/self/fd/\(file)")
}
