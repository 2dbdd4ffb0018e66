import AdminKit
import Domain

/// A field of a form.
struct FieldHTML {
  let field: FormField
  var value = ""
  var faults: [String] = []
  /// Names that can be chosen, where there are few.
  var suggestions: [LiveNames.Found] = []
  var isFixed = false

  private var id: String { "field-" + field.key }

  var html: HTML {
    let isToggle = field.control == .toggle
    return """
      <div class="field\(faults.isEmpty ? "" : " wrong" as HTML)">\(isToggle ? nil : label)
      \(control)\(isToggle ? label : nil)
      <small id="\(id)-help">\(field.help)</small>
      \(faults.isEmpty ? nil : fault)</div>

      """
  }

  private var label: HTML {
    """
    <label for="\(id)">\(field.label)\(field.isRequired ? " <b>*</b>" : "" as HTML)</label>
    """
  }

  private var fault: HTML {
    "<p class=\"fault\" id=\"\(id)-fault\">\(faults.joined(separator: " "))</p>"
  }

  private var attributes: HTML {
    let described: HTML = faults.isEmpty ? "\(id)-help" : "\(id)-help \(id)-fault"
    return """
      id="\(id)" name="\(field.name)" aria-describedby="\(described)"\
      \(faults.isEmpty ? "" : " aria-invalid=\"true\"" as HTML)\
      \(field.isRequired ? " required" : "" as HTML)\(isFixed ? " readonly" : "" as HTML)
      """
  }

  private var control: HTML {
    switch field.control {
    case .toggle:
      return """
        <input type="checkbox" \(attributes) value="on"\(value.isEmpty ? "" : " checked" as HTML)>
        """
    case .choice(let choices):
      return """
        <select \(attributes)>\(field.isRequired ? nil : ListControls.option("", ""))\
        \(choices.map { ListControls.option($0, $0, isChosen: $0 == value) })</select>
        """
    case .lines, .names:
      // The first newline of a text area is the area's own.
      return "<textarea \(attributes) rows=\"\(rows)\">\n\(value)</textarea>"
    case .number:
      return "<input \(attributes) inputmode=\"numeric\" value=\"\(value)\">"
    case .line, .moment, .name:
      guard !suggestions.isEmpty else { return "<input \(attributes) value=\"\(value)\">" }
      return """
        <input \(attributes) value="\(value)" list="\(id)-names" autocomplete="off">
        <datalist id="\(id)-names">\(suggestions.map {
          "<option value=\"\($0.name)\">\($0.description)</option>" as HTML
        })</datalist>
        """
    }
  }

  private var rows: Int {
    let lines = value.split(separator: "\n", omittingEmptySubsequences: false).count
    return min(20, max(field.control == .lines ? 6 : 2, lines))
  }
}

/// What was done a moment ago, as the address tells.
enum Flash {
  private static let name = "done"
  private static let count = "rows"

  static func adding(to address: Address, _ operation: AdminKit.Operation, changed: Int) -> Address
  {
    address.with(name, operation.name).with(count, "\(changed)")
  }

  static func html(_ values: [String: [String]]) -> HTML {
    guard let words = values[name]?.last?.split(separator: " ").map(String.init), words.count == 2,
      let operation = Registry.all.find(words[0], words[1]),
      let changed = values[count]?.last.flatMap({ Int($0) })
    else { return .empty }
    switch changed {
    case 0: return Notice.plain("\(operation.name): nothing changed.")
    case 1: return Notice.good("\(operation.name): done.")
    default: return Notice.good("\(operation.name): done, \(changed) rows.")
    }
  }
}
