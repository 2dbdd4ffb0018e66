import Glibc

/// A system call that failed: which one, and errno's text.
public struct SystemError: Error, Sendable, CustomStringConvertible {
  public let call: String
  public let code: CInt

  /// Takes `errno` as it stands, so it must be made before anything else is called.
  public init(_ call: String, code: CInt = errno) {
    self.call = call
    self.code = code
  }

  /// The kernel's own words for the code, such as "Permission denied".
  public var reason: String { String(cString: strerror(code)) }

  public var description: String { "\(call): \(reason)" }
}
