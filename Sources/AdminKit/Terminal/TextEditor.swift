import EventLoop
import Glibc

/// Has a text changed in the user's editor.
enum TextEditor {
  /// - Returns: nil where nothing is left of it.
  static func edit(_ text: String) throws(Failure) -> String? {
    let variable = getenv("VISUAL") ?? getenv("EDITOR")
    let editor = variable.map { String(cString: $0) } ?? "vi"
    let file = TemporaryFile(ending: ".txt")
    let (descriptor, path) = (file.descriptor, file.path)
    guard descriptor >= 0 else {
      throw Failure(SystemError(path))
    }
    defer {
      close(descriptor)
      unlink(path)
    }
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Failure(SystemError(path))
    }
    let status = try ChildProcess.runInTerminal(["sh", "-c", "\(editor) \"$0\"", path])
    guard status == 0 else { throw Failure(.failed, "\(editor) ended with status \(status)") }
    let edited = String(decoding: try InputFile(path).readAll(), as: UTF8.self)
    return edited.contains { !$0.isWhitespace } ? edited : nil
  }
}
