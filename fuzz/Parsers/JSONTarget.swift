@testable import Domain

/// A text is read as a whole and in pieces: both agree on whether it is JSON and on what it says, and
/// the writer says it so that it is read the same.
enum JSONTarget {
  static func check(_ bytes: UnsafeRawBufferPointer) {
    let whole: JSON?
    do throws(JSONError) {
      whole = try JSON.parse(bytes)
    } catch {
      whole = nil
      check(error, bytes)
    }
    let size = 1 + Int(bytes.last ?? 0) % 7
    let streamed = read(bytes, pieces: size)
    require(
      text(streamed) == text(whole),
      "whole: \(text(whole) ?? "refused"), in pieces: \(text(streamed) ?? "refused")")
    guard let whole, let written = text(whole) else { return }
    judge(whole, depth: 0)
    let again = try? JSON.parse(Array(written.utf8))
    require(again == whole && text(again) == written, "what is written isn't what was read")
  }

  /// The text that stands for a value, to the byte; nil for none.
  private static func text(_ json: JSON?) -> String? {
    guard let json else { return nil }
    var writer = JSONWriter()
    writer.value(json)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func check(_ error: JSONError, _ bytes: UnsafeRawBufferPointer) {
    let lines = 1 + bytes.count { $0 == 0x0A }
    require((1...lines).contains(error.line), "line \(error.line) of \(lines)")
    require((0...bytes.count + 1).contains(error.column), "column \(error.column)")
    require(!error.reason.isEmpty, "no reason")
  }

  private static func read(_ bytes: UnsafeRawBufferPointer, pieces: Int) -> JSON? {
    let reader = JSONReader()
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      let end = min(start + pieces, bytes.count)
      reader.receive(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }
    do throws(JSONError) {
      return try reader.value()
    } catch {
      check(error, bytes)
      return nil
    }
  }

  /// What is accepted holds nothing that must be refused.
  private static func judge(_ json: JSON, depth: Int) {
    switch json {
    case .string(let text): judge(text)
    case .double(let value): require(value.isFinite, "\(value) is no number of JSON")
    case .array(let elements):
      require(depth < JSON.maximumDepth, "too deep")
      for element in elements { judge(element, depth: depth + 1) }
    case .object(let members):
      require(depth < JSON.maximumDepth, "too deep")
      let names = Set(members.map { Array($0.name.utf8) })
      require(names.count == members.count, "a name stands twice")
      for member in members {
        judge(member.name)
        judge(member.value, depth: depth + 1)
      }
    case .null, .bool, .int: break
    }
  }

  private static func judge(_ text: String) {
    require(!text.utf8.contains(0), "a NUL")
  }
}
