import AdminKit
import Domain

/// What a list is searched and narrowed with.
struct ListControls {
  let resource: Resource
  let form: OperationForm
  let asked: ListAsked
  let values: [String: [String]]
  let shown: [String]

  private typealias Name = ListAsked.Name

  /// The list's address as it was asked for, from its first page on.
  var address: Address {
    var address = Dashboard.address(resource)
    if !asked.search.isEmpty { address = address.adding(Name.search, asked.search) }
    for field in given { address = address.adding(field.name, values[field.name]?.last ?? "") }
    for filter in asked.filters { address = address.adding(Name.filter, filter.text) }
    if !asked.columns.isEmpty {
      address = address.adding(Name.columns, asked.columns.joined(separator: ","))
    }
    if !asked.sort.isEmpty {
      address = address.adding(Name.sort, asked.sort.joined(separator: ","))
    }
    if asked.limit != ListAsked.usualLimit {
      address = address.adding(Name.limit, "\(asked.limit)")
    }
    return address
  }

  /// Options of the operation that the address gives.
  private var given: [FormField] {
    form.fields.filter { values[$0.name]?.last?.trimmed.isEmpty == false }
  }

  var html: HTML { "\(search)\(chips)\(filters)" }

  // MARK: Searching

  private var search: HTML {
    guard resource.listing.isSearchable else { return .empty }
    return """
      <form method="get" role="search" class="search" action="\(Dashboard.address(resource))">
      <label for="q">Search \(resource.plural)</label>
      <input id="q" type="search" name="\(Name.search)" value="\(asked.search)" \
      aria-describedby="q-help" data-shortcut="/">
      \(hidden(address.without(Name.search)))
      <button type="submit">Search</button>
      <small id="q-help">Names are found by their beginning, ids whole.</small>
      </form>
      """
  }

  private func hidden(_ address: Address) -> HTML {
    """
    \(address.items.map { HTML.hidden($0.name, $0.value) })
    """
  }

  // MARK: What narrows it now

  private var chips: HTML {
    var chips: [HTML] = []
    if !asked.search.isEmpty {
      chips.append(chip("search: \(asked.search)", address.without(Name.search)))
    }
    for field in given {
      let value = field.control == .toggle ? "" : ": " + (values[field.name]?.last ?? "")
      chips.append(chip(field.label + value, address.without(field.name)))
    }
    for filter in asked.filters {
      chips.append(chip(filter.text, address.without(Name.filter, value: filter.text)))
    }
    if !asked.sort.isEmpty {
      chips.append(
        chip("sorted by \(asked.sort.joined(separator: ", "))", address.without(Name.sort)))
    }
    guard !chips.isEmpty else { return .empty }
    return "<ul class=\"chips\" aria-label=\"What narrows the list\">\(chips)</ul>"
  }

  private func chip(_ text: String, _ address: Address) -> HTML {
    """
    <li>\(text) <a href="\(address)" aria-label="Remove \(text)">×</a></li>

    """
  }

  // MARK: What may narrow it

  private var filters: HTML {
    """
    <details class="filters"><summary>Filters and columns</summary>
    <form method="get" action="\(Dashboard.address(resource))">
    \(hidden(kept))
    <div class="fields">
    \(form.fields.map { FieldHTML(field: $0, value: values[$0.name]?.last ?? "").html })
    </div>
    <fieldset><legend>Any column</legend><div class="fields">
    <p class="field"><label for="filter-column">Column</label>
    <select id="filter-column" name="\(Name.column)"><option value=""></option>\
    \(resource.listing.columns.map { Self.option($0.key, Cells.title($0)) })</select></p>
    <p class="field"><label for="filter-comparison">Comparison</label>
    <select id="filter-comparison" name="\(Name.comparison)">\
    \(Filter.Comparison.allCases.map {
      Self.option($0.rawValue, $0.words, isChosen: $0 == .equal)
    })</select></p>
    <p class="field"><label for="filter-value">Value</label>
    <input id="filter-value" name="\(Name.value)"></p>
    </div></fieldset>
    <fieldset><legend>Columns</legend><div class="checks">
    \(resource.listing.columns.map { column in
      """
      <label><input type="checkbox" name="\(Name.columns)" value="\(column.key)"\
      \(shown.contains(column.key) ? " checked" : "" as HTML)> \(Cells.title(column))</label>

      """ as HTML
    })</div></fieldset>
    <p class="field"><label for="limit">Rows</label>
    <select id="limit" name="\(Name.limit)">\
    \([20, ListAsked.usualLimit, 100, 200].map {
      Self.option("\($0)", "\($0)", isChosen: asked.limit == $0)
    })</select></p>
    <p><button type="submit" class="primary">Apply</button></p>
    </form></details>
    """
  }

  /// What the form doesn't hold itself.
  private var kept: Address {
    form.fields.reduce(address.without(Name.columns, Name.limit)) { $0.without($1.name) }
  }

  static func option(_ value: String, _ text: String, isChosen: Bool = false) -> HTML {
    """
    <option value="\(value)"\(isChosen ? " selected" : "" as HTML)>\(text)</option>
    """
  }
}

extension Filter {
  var text: String { key + comparison.rawValue + value }
}

extension Filter.Comparison {
  var words: String {
    switch self {
    case .equal: "is"
    case .notEqual: "is not"
    case .less: "is less than"
    case .greater: "is more than"
    case .matches: "matches"
    }
  }
}
