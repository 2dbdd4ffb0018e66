import Domain

/// An endpoint on the page.
extension Route {
  var badge: HTML {
    "<span class=\"method \(method.rawValue.lowercased())\">\(method.rawValue)</span>"
  }

  var article: HTML {
    """
    <article id="\(operationID)" class="endpoint" aria-labelledby="\(operationID)-title">
    <h3 id="\(operationID)-title">\(badge) <code>\(template)</code></h3>
    <p>\(documentation.summary). <span class="about">\(callers) \
    \((documentation.about ?? "").marked)</span></p>
    \(list("Parameters", parameters.map { row($0.name, $0.schema, $0.about, $0.isRequired, $0.place.rawValue) }))
    \(list("Body", fields: hasBody ? fields : []))
    <h4>Answers</h4>
    \(documentation.answers.map(answer))
    \(failures.map(failure))
    \(isSocket ? HTML.empty : command)
    \(isSocket ? HTML.empty : form)
    </article>

    """
  }

  // MARK: What is asked

  private func list(_ title: String, fields: [Field]) -> HTML {
    let needed = documentation.alternatives.joined(separator: " or ")
    let rows = fields.map { field in
      let note = documentation.alternatives.contains(field.name) ? "\(needed) is needed" : nil
      return row(field.name, field.schema(in: .json), field.about ?? "", field.isRequired, note)
    }
    return list(title, rows)
  }

  private func list(_ title: String, _ rows: [HTML]) -> HTML {
    rows.isEmpty ? .empty : "<h4>\(title)</h4>\n<dl class=\"members\">\n\(rows)</dl>\n"
  }

  private func row(
    _ name: String, _ schema: Schema, _ about: String, _ isRequired: Bool, _ note: String? = nil
  ) -> HTML {
    """
    <div><dt><code>\(name)</code>\(isRequired ? " <em>required</em>" as HTML : HTML.empty)\
    \(note.map { " <small>\($0)</small>" as HTML })</dt>
    <dd>\(about.marked) <span class="about">\(schema.words.asSentence)</span>\
    \(Self.members(schema.properties))</dd></div>

    """
  }

  /// What an object, or each object of a list, has.
  private static func members(_ properties: [Schema.Property]) -> HTML {
    guard !properties.isEmpty else { return .empty }
    let rows = properties.map { property -> HTML in
      """
      <div><dt><code>\(property.name)</code>\
      \(property.isRequired ? HTML.empty : " <small>if there is one</small>" as HTML)</dt>
      <dd>\((property.schema.meaning ?? "").marked) \
      <span class="about">\(property.schema.words.asSentence)</span>\
      \(members(property.schema.properties))</dd></div>

      """
    }
    return "<dl class=\"members\">\n\(rows)</dl>"
  }

  // MARK: What is answered

  private func answer(_ answer: Answer) -> HTML {
    """
    <details class="answer"><summary><b>\(answer.status)</b> \(answer.about.marked)</summary>
    \(content(answer.content))</details>

    """
  }

  private func content(_ content: Answer.Content) -> HTML {
    switch content {
    case .none: "<p class=\"none\">Without a body.</p>\n"
    case .other(let types, _): "<p>\(types.joined(separator: ", "))</p>\n"
    case .json(let schema):
      """
      \(Self.members(schema.properties))
      \(Self.example(schema.example, "Example of an answer"))
      """
    }
  }

  static func example(_ value: JSON, _ label: String) -> HTML {
    """
    <pre tabindex="0" role="group" aria-label="\(label)"><code>\(value.pretty())</code></pre>

    """
  }

  private func failure(_ status: Int, _ reason: String?) -> HTML {
    let about = reason ?? FailureKind.of(status)?.about ?? ""
    return "<p class=\"failure\"><b>\(status)</b> \(about.marked)</p>\n"
  }

  // MARK: A command

  private var command: HTML {
    """
    <h4>Command</h4>
    <pre tabindex="0" role="group" aria-label="Command"><code class="command">\(curl)</code></pre>

    """
  }

  /// The call for a shell, with the examples' values.
  private var curl: String {
    var address = template
    for parameter in parameters where parameter.place == .path {
      address = address.split(separator: "{\(parameter.name)}", omittingEmptySubsequences: false)
        .joined(separator: parameter.schema.example.plain)
    }
    let query = parameters.filter { $0.place == .query && $0.isRequired }
      .map { "\($0.name)=\($0.schema.example.plain)" }.joined(separator: "&")
    var words = ["curl"]
    if method != .get { words.append("-X \(method.rawValue)") }
    words.append("'\(DocsPage.server)\(address)\(query.isEmpty ? "" : "?" + query)'")
    if access != .anyone { words.append("-H 'Authorization: Bearer ACCESS'") }
    if hasBody {
      words.append("-H 'Content-Type: \(BodyEncoding.json.rawValue)'")
      words.append("-d '\(body(in: .json).example.text)'")
    }
    return words.joined(separator: " ")
  }
}

extension JSON {
  /// A text as it is, anything else as JSON.
  var plain: String { string ?? text }
}
