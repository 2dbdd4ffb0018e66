import Domain
import Testing

@testable import AdminKit

@Suite struct ImportTests {
  /// Each record, and each fault, of a file as it is read one after another.
  private func read(_ format: FileFormat, _ bytes: [UInt8]) throws -> [String] {
    let folder = try Folder()
    var lines: [String] = []
    do {
      var source = try RecordFile.open(try InputFile(try folder.file("f", bytes)), format)
      while true {
        do {
          guard let record = try source.next() else { break }
          let values = record.values.map { "\($0.name)=\(Self.text($0.value))" }
          lines.append("\(record.line):\(record.column) \(values.joined(separator: "|"))")
        } catch let error as RecordError {
          lines.append(error.text)
        }
      }
    } catch let error as FileError {
      lines.append("file: \(error.fault.text)")
    }
    return lines
  }

  private func read(_ format: FileFormat, _ text: String) throws -> [String] {
    try read(format, Array(text.utf8))
  }

  private static func text(_ json: JSON) -> String {
    if let text = json.string { return text }
    var writer = JSONWriter()
    writer.value(json)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static let csvFiles: [(String, [String])] = [
    ("a,b\n1,2\n3,4\n", ["2:1 a=1|b=2", "3:1 a=3|b=4"]), ("a,b\n1,2", ["2:1 a=1|b=2"]),
    ("a,b\r\n1,2\r\n", ["2:1 a=1|b=2"]), ("\u{FEFF}a,b\n1,2\n", ["2:1 a=1|b=2"]),
    (" a , b \n1,2\n", ["2:1 a=1|b=2"]), ("a\n\"x,\"\"y\"\"\"\n", ["2:1 a=x,\"y\""]),
    ("a,b\n\"1\n\n2\",3\n4,5\n", ["2:1 a=1\n\n2|b=3", "5:1 a=4|b=5"]),
    ("a,b\n,\n", ["2:1 a=|b="]), ("a,b\n", []),
    (
      "a,b\n1\n3,4\n",
      ["line 2, column 1: 1 values where the header names 2 columns", "3:1 a=3|b=4"]
    ),
    ("a,b\n1,2,3\n", ["line 2, column 1: 3 values where the header names 2 columns"]),
    ("a,b\n\n1\n", ["line 3, column 1: 1 values where the header names 2 columns"]),
    ("a,b\r\n1,2\r\n\r\n\r\n3,4\r\n", ["2:1 a=1|b=2", "5:1 a=3|b=4"]),
    ("a\r1\r\r2", ["2:1 a=1", "4:1 a=2"]),
    ("", ["file: line 1, column 1: the file is empty: a header is wanted"]),
    ("a,a\n1,2\n", ["file: line 1, column 1: the header names a column twice"]),
    ("a,b\n1,2\n\"3,4\n", ["2:1 a=1|b=2", "file: line 3, column 1: a quote isn't closed"]),
  ]

  @Test(arguments: csvFiles)
  func csv(text: String, expected: [String]) throws {
    #expect(try read(.csv, text) == expected)
  }

  @Test func csvThatIsNotText() throws {
    let bytes = Array("a\n".utf8) + [0xFF, 0x0A]
    #expect(try read(.csv, bytes).last == "file: line 2, column 1: this isn't UTF-8")
  }

  private static let jsonFiles: [(String, [String])] = [
    ("[]", []), (#"[{"a": 1}, {"a": [2]}]"#, ["1:2 a=1", "1:12 a=[2]"]),
    ("[\n  {\"a\": \"}{\"},\n\n  {}\n]\n", ["2:3 a=}{", "4:3 "]),
    (
      "[{}, 7, [1], {\"b\": \"\\\"\"}]",
      [
        "1:2 ", "line 1, column 6: this isn't an object", "line 1, column 9: this isn't an object",
        "1:14 b=\"",
      ]
    ),
    ("{}", ["file: line 1, column 1: an array of objects is wanted"]),
    ("7", ["file: line 1, column 1: an array of objects is wanted"]),
  ]

  @Test(arguments: jsonFiles)
  func json(text: String, expected: [String]) throws {
    #expect(try read(.json, text) == expected)
  }

  @Test(arguments: ["", "[", "[\n{},\n{\"a\": 1 \"b\"}]", "[{}] []", "[{\"a\": 1, \"a\": 2}]"])
  func jsonThatIsNone(text: String) throws {
    let lines = try read(.json, text)
    #expect(lines.count == 1 && lines[0].hasPrefix("file: line "), "\(lines)")
    if text.contains("\"b\"") { #expect(lines[0].hasPrefix("file: line 3, ")) }
  }

  private static let jsonLinesFiles: [(String, [String])] = [
    ("{\"a\":1}\n{\"a\":2}\n", ["1:1 a=1", "2:1 a=2"]), ("{\"a\":1}", ["1:1 a=1"]), ("", []),
    ("\n \t\r\n{\"a\":1}\r\n", ["3:1 a=1"]),
    ("7\n{\"a\":1}\n", ["line 1, column 1: an object is wanted", "2:1 a=1"]),
  ]

  @Test(arguments: jsonLinesFiles)
  func jsonLines(text: String, expected: [String]) throws {
    #expect(try read(.jsonl, text) == expected)
  }

  @Test func aBadLineIsNamedAndTheNextIsRead() throws {
    let lines = try read(.jsonl, "{\"a\":1}\n{\"a\":\n{\"a\":3}\n")
    #expect(lines.count == 3 && lines[1].hasPrefix("line 2, column "), "\(lines)")
    #expect([lines[0], lines[2]] == ["1:1 a=1", "3:1 a=3"])
  }

  /// Files are read in pieces of 256 KiB, and a record may lie across two.
  @Test(arguments: [FileFormat.csv, .jsonl, .json])
  func recordsAcrossPieces(format: FileFormat) throws {
    let long = String(repeating: "ü", count: 50_000)
    let text =
      switch format {
      case .csv: "a\n" + (0..<12).map { "\($0)\(long)\n" }.joined()
      case .jsonl: (0..<12).map { "{\"a\":\"\($0)\(long)\"}\n" }.joined()
      case .json: "[" + (0..<12).map { "{\"a\":\"\($0)\(long)\"}" }.joined(separator: ",\n") + "]"
      }
    let records = try read(format, text)
    #expect(records.count == 12)
    for (index, record) in records.enumerated() {
      #expect(record.hasSuffix("a=\(index)\(long)"), "\(index)")
      #expect(record.hasPrefix("\(format == .csv ? index + 2 : index + 1):"), "\(index)")
    }
  }

  @Test(
    arguments: [
      ("x.csv", nil, .csv), ("x.JSON", nil, .json), ("x.ndjson", nil, .jsonl),
      ("a.b.jsonl", nil, .jsonl),
      ("x.csv", "json", .json), ("-", "csv", .csv),
    ] as [(String, String?, FileFormat)])
  func theFormat(path: String, name: String?, expected: FileFormat) throws {
    #expect(try FileFormat.of(path, name) == expected)
  }

  @Test(arguments: ["x", "-", "x.txt", ""])
  func anUnknownEnding(path: String) {
    let failure = #expect(throws: Failure.self) { try FileFormat.of(path, nil) }
    #expect(failure?.status == .usage && failure?.hint == "--format csv|json|jsonl")
  }

  @Test func aFileThatIsMissing() {
    let failure = #expect(throws: Failure.self) { try InputFile("/nonexistent/x") }
    #expect(failure?.status == .notFound)
    #expect(failure?.message == "/nonexistent/x: No such file or directory")
  }
}

@Suite struct ExerciseReaderTests {
  private func reader(
    _ format: FileFormat, _ text: String, continuesOnError: Bool = false
  ) throws -> RecordReader<ImportedExercise> {
    let folder = try Folder()
    return RecordReader(
      try RecordFile.open(try InputFile(try folder.file("f", text)), format),
      continuesOnError: continuesOnError, make: ExerciseRecord.exercise)
  }

  private func all(_ reader: RecordReader<ImportedExercise>) throws -> [String] {
    var found: [String] = []
    while let exercise = try reader.next() {
      found.append(
        [exercise.name, exercise.group, exercise.targetedMuscles, exercise.instructions]
          .joined(separator: "|"))
    }
    return found
  }

  @Test func ownColumns() throws {
    let csv = try reader(
      .csv, "group,name,instructions,targeted_muscles,more\nLegs, Squat ,1. Go,calves,x\n")
    #expect(try all(csv) == ["Squat|Legs|calves|1. Go"])
    let jsonl = try reader(.jsonl, #"{"name": "Squat", "group": "Legs", "instructions": null}"#)
    #expect(try all(jsonl) == ["Squat|Legs||"])
  }

  @Test func theFreeExerciseDBsLayout() throws {
    let json = """
      [{"id": "x", "name": "Ab Roller", "force": "pull", "category": "strength",
        "primaryMuscles": ["abdominals"], "secondaryMuscles": ["shoulders", "lats"],
        "instructions": ["Hold it.", "Roll."], "images": ["a.jpg"]},
       {"name": "Run", "category": "olympic weightlifting", "primaryMuscles": []}]
      """
    #expect(
      try all(try reader(.json, json)) == [
        "Ab Roller|Strength|abdominals, shoulders, lats|Hold it.\nRoll.",
        "Run|Olympic weightlifting||",
      ])
  }

  @Test func faultsAreListedByTheirPlace() throws {
    let csv = "name,group\nA,X\n,X\nB,\nC\n"
    let failure = #expect(throws: Failure.self) { try all(try reader(.csv, csv)) }
    #expect(
      failure?.message == """
        nothing was imported:
          line 3, column 1: name: A name has 1 to 200 characters.
          line 4, column 2: group: A name has 1 to 200 characters.
          line 5, column 1: 1 values where the header names 2 columns
        """)
  }

  private static let wrong: [(String, String)] = [
    (#"{"group": "X"}"#, "name: This column is missing."),
    (#"{"name": 7, "group": "X"}"#, "name: Not a valid string."),
    (#"{"name": "A", "group": "X", "instructions": [1]}"#, "instructions: Not a valid string."),
    (#"{"name": "A", "primaryMuscles": []}"#, "category: This column is missing."),
    (
      #"{"name": "A", "category": "x", "primaryMuscles": "abs"}"#,
      "primaryMuscles: A list of texts is wanted."
    ),
    (
      #"{"name": "A", "category": "x", "primaryMuscles": [1]}"#,
      "primaryMuscles: A list of texts is wanted."
    ),
  ]

  @Test(arguments: wrong)
  func whatARecordMustBe(record: String, message: String) throws {
    let failure = #expect(throws: Failure.self) { try all(try reader(.jsonl, record)) }
    #expect(failure?.message.hasSuffix(message) == true, "\(failure?.message ?? "")")
  }

  @Test func soundOnesMayBeTakenAlone() throws {
    let csv = try reader(.csv, "name,group\nA,X\n,X\nB,Y\n", continuesOnError: true)
    #expect(try all(csv) == ["A|X||", "B|Y||"])
    #expect(csv.faults.map(\.line) == [3])
    #expect(csv.list == "  line 3, column 1: name: A name has 1 to 200 characters.")
  }

  @Test func twentyFaultsAreEnough() throws {
    let text = "name,group\n" + String(repeating: ",X\n", count: 100)
    let failure = #expect(throws: Failure.self) { try all(try reader(.csv, text)) }
    #expect(failure?.message.split(separator: "\n").count == 21)
    let going = try reader(.csv, text, continuesOnError: true)
    #expect(try all(going) == [])
    #expect(going.faults.count == 100 && going.list.split(separator: "\n").count == 20)
  }
}
