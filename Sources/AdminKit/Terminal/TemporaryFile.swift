import Glibc

/// A new file that its owner alone may read, under a name that nobody can have made before.
struct TemporaryFile {
  /// Negative where there is none; errno says why.
  let descriptor: CInt
  let path: String

  static var folder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

  /// - Parameter ending: of its name.
  init(ending: String = "") {
    var name = Array("\(Self.folder)/havocctl-XXXXXX\(ending)".utf8CString)
    descriptor = mkstemps(&name, CInt(ending.utf8.count))
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
