import Domain

/// The form that tries an endpoint; `docs.js` shows and sends it.
extension Route {
  var form: HTML {
    """
    <details class="try" data-script hidden><summary>Try it</summary>
    <form data-method="\(method.rawValue)" data-path="\(template)">
    \(parameters.map { input($0) })
    \(hasBody ? bodyInputs : HTML.empty)
    <button type="submit" class="primary">Send</button>
    <div class="result" role="status"></div>
    </form></details>

    """
  }

  private func input(_ parameter: RequestParameter) -> HTML {
    control(
      parameter.name, place: parameter.place.rawValue, about: parameter.about,
      isRequired: parameter.isRequired,
      example: parameter.isRequired ? parameter.schema.example : nil
    ) { attributes in "<input \(attributes)>" }
  }

  private var bodyInputs: HTML {
    """
    \(fields.map(input))
    <div class="field"><label for="\(operationID)-as">Send as</label>
    <select id="\(operationID)-as" class="encoding">
    \(BodyEncoding.allCases.map { "<option>\($0.rawValue)</option>" as HTML })
    </select></div>
    """
  }

  private func input(_ field: Field) -> HTML {
    let schema = field.schema(in: .json)
    let example = field.isRequired ? schema.example : nil
    return control(
      field.name, place: "body", about: field.about ?? "", isRequired: field.isRequired,
      example: field.kind.isText ? nil : example
    ) { attributes in
      switch field.kind {
      case .object, .sets:
        """
        <textarea data-kind="json" rows="6" spellcheck="false" \(attributes)>\
        \(example?.pretty() ?? "")</textarea>
        """
      case .boolean:
        """
        <select data-kind="json" \(attributes)><option value=""></option>\
        <option>true</option><option>false</option></select>
        """
      case .secret: "<input type=\"password\" autocomplete=\"off\" \(attributes)>"
      case .textOrFile:
        """
        <input \(attributes)> <input type="file" aria-label="\(field.name), a file" \
        data-name="\(field.name)" data-place="file">
        """
      case .integer: "<input inputmode=\"numeric\" data-kind=\"json\" \(attributes)>"
      case .text, .code: "<input \(attributes)>"
      }
    }
  }

  /// A labelled control; `make` is given the attributes that all of them have.
  private func control(
    _ name: String, place: String, about: String, isRequired: Bool, example: JSON?,
    _ make: (HTML) -> HTML
  ) -> HTML {
    let id = "\(operationID)-\(name)"
    let value = example.map(\.plain) ?? ""
    var attributes: HTML = """
      id="\(id)" data-name="\(name)" data-place="\(place)" aria-describedby="\(id)-about"
      """
    if isRequired { attributes += " required" }
    if !value.isEmpty, place != "body" { attributes += " value=\"\(value)\"" }
    return """
      <div class="field"><label for="\(id)">\(name)</label>
      \(make(attributes))
      <small id="\(id)-about">\(about.marked)</small></div>

      """
  }
}

extension Field.Kind {
  /// Whether it is put in as it is.
  fileprivate var isText: Bool {
    switch self {
    case .text, .secret, .code, .textOrFile: true
    case .boolean, .integer, .object, .sets: false
    }
  }
}
