import Domain
import EventLoop

@testable import Server

/// A body with sets of integers, read while it arrives: the same however it is cut, and the same as
/// what stands in the JSON.
///
/// The first byte is the pieces' size, and whether there is one set or several.
enum SetsTarget {
  static func check(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    let body = Array(bytes.dropFirst())
    let kind = first & 0x80 == 0 ? SetUpload.Kind.set : .session
    let whole = read(body, kind, pieces: max(1, body.count))
    let pieces = read(body, kind, pieces: max(1, Int(first & 0x7F)))
    require(whole == pieces, "cut it is \(pieces), and whole \(whole)")
    guard case .sets(let sets) = whole else { return }
    guard let json = try? JSON.parse(body) else { fatalError("this isn't JSON") }
    require(sets == definition(json, kind), "\(sets) isn't what stands there")
  }

  private enum Outcome: Equatable {
    case sets([[String]])
    case refused(String)
  }

  private static func read(_ body: [UInt8], _ kind: SetUpload.Kind, pieces: Int) -> Outcome {
    let upload = SetUpload(kind)
    for start in stride(from: 0, to: body.count, by: pieces) {
      body[start..<min(start + pieces, body.count)].withUnsafeBytes { upload.receive($0) }
    }
    do throws(BadRequest) {
      _ = try upload.form()
    } catch {
      // Lines and columns are counted from what came in one piece.
      return .refused("\(error.status)")
    }
    return finish(upload)
  }

  private static func finish(_ upload: SetUpload) -> Outcome {
    guard let loop = try? Loop() else { fatalError("no loop") }
    return runToEnd(on: loop) {
      do {
        return .sets(
          try await upload.finish {}.map { set in
            [set.name ?? ""]
              + set.chunks.flatMap { packed in
                let block = packed.block
                return (0..<block.count).map { text(block[$0]) }
              }
          })
      } catch {
        return .refused("\(error)")
      }
    }
  }

  /// The sets that a body says, each its name and its units in order; nil where it says something
  /// else.
  private static func definition(_ body: JSON, _ kind: SetUpload.Kind) -> [[String]]? {
    switch kind {
    case .set: return units(body["integers"]).map { [[""] + $0] }
    case .session:
      var sets: [[String]] = []
      for set in body["integer_sets"]?.array ?? [] {
        guard let name = set["set_id"]?.string, let units = units(set["integers"]) else {
          return nil
        }
        sets.append([name] + units)
      }
      return sets
    }
  }

  private static func units(_ json: JSON?) -> [String]? {
    guard let elements = json?.array else { return nil }
    var units: [IntegerUnit] = []
    for element in elements {
      guard let index = element["index"]?.int, let x = element["X"]?.int,
        let q = element["q"]?.int
      else { return nil }
      units.append(IntegerUnit(index: index, x: x, q: q))
    }
    guard Set(units.map(\.index)).count == units.count else { return nil }
    return units.sorted { $0.index < $1.index }.map(text)
  }

  private static func text(_ unit: IntegerUnit) -> String { "\(unit.index)/\(unit.x)/\(unit.q)" }
}
