import Postgres

/// A noun's list, described once: which columns there are, what each is in SQL, and where the rows
/// come from. Filters, sorting, limits, searches and pages of every list follow from it.
public struct Listing: Sendable {
  /// A column and its expression.
  public struct Field: Sendable {
    public let column: Column
    let sql: String
    /// What it is compared with and sorted by, where that isn't its expression: never null, and with
    /// an index.
    let indexed: String?
    /// The type that a filter's value is read as; nil for the column's own.
    var comparedAs: String?

    public init(
      _ key: String, _ kind: Column.Kind, _ sql: String? = nil, wide: Bool = false,
      isHidden: Bool = false, indexed: String? = nil
    ) {
      self.init(Column(key, kind, wide: wide, isHidden: isHidden), sql ?? key, indexed: indexed)
    }

    init(_ column: Column, _ sql: String, indexed: String? = nil) {
      self.column = column
      self.sql = sql
      self.indexed = indexed
    }

    /// A column of UUIDs, which are shown as text and looked for by their index.
    static func uuid(_ key: String, _ sql: String) -> Field {
      var field = Field(key, .text, sql + "::text", indexed: sql)
      field.comparedAs = "uuid"
      return field
    }

    /// The placeholder that a value stands in, typed like the column.
    var placeholder: String {
      switch column.kind {
      case .bool: "?::boolean"
      case .int: "?::bigint"
      case .text, .list: "?::text"
      case .time: "?::timestamptz"
      }
    }
  }

  public let fields: [Field]
  let from: String
  /// Columns, as in `ListRequest.sort`, that order rows where nothing else does; together they are
  /// unique.
  let order: [String]
  /// Where a search looks.
  let searched: [Search]

  public init(from: String, order: [String], searched: [Search] = [], _ fields: [Field]) {
    self.from = from
    self.order = order
    self.searched = searched
    self.fields = fields
  }

  /// Those that are shown without being asked for by name.
  public var columns: [Column] { fields.map(\.column).filter { !$0.isHidden } }

  /// What one row can be picked by.
  public func condition(_ key: String, is value: String) throws(Refusal) -> Condition {
    try Filter(key, .equal, value).condition(on: field(named: key))
  }
}

/// What is wanted of a list.
public struct ListRequest: Sendable {
  /// Names of the columns, in order; nil for the usual ones.
  public var columns: [String]?
  public var wide = false
  public var filters: [Filter] = []
  /// Words that a row is found by.
  public var search: String?
  /// A column's name; a leading `-` turns the order around.
  public var sort: [String] = []
  public var limit: Int?
  /// Where the list goes on; nil for a list in one piece.
  public var page: ListPage?
  /// What the noun's own options ask.
  public var conditions: [Condition] = []

  public init() {}
}

/// A list's statement, ready to run.
public struct ListQuery: Sendable {
  public let columns: [Column]
  public let sql: String
  public let parameters: [Parameter]
}

extension Listing {
  /// - Throws: `Refusal.invalid` naming the column that doesn't exist, or the value that isn't one.
  public func query(_ request: ListRequest) throws(Refusal) -> ListQuery {
    var chosen: [Field] = []
    if let names = request.columns {
      for name in names { chosen.append(try field(named: name)) }
    } else {
      chosen = fields.filter { !$0.column.isHidden && (request.wide || !$0.column.wide) }
    }
    var terms = try orderTerms(request.sort, inParts: request.page != nil)
    if request.page?.direction == .backward { terms = terms.map(\.reversed) }
    if request.page != nil { chosen += terms.map(\.cursorField) }
    var parameters: [Parameter] = []
    var sql = "SELECT " + chosen.map(\.sql).joined(separator: ", ") + " FROM " + from
    var conditions = request.conditions
    for filter in request.filters {
      conditions.append(try filter.condition(on: field(named: filter.key)))
    }
    if let text = request.search { conditions.append(search(text)) }
    if let cursor = request.page?.cursor { conditions.append(try terms.condition(behind: cursor)) }
    for (index, condition) in conditions.enumerated() {
      sql += index == 0 ? " WHERE (" : " AND ("
      condition.append(to: &sql, &parameters)
      sql += ")"
    }
    sql += " ORDER BY " + terms.map(\.sql).joined(separator: ", ")
    // Not as a parameter: how many are wanted decides how they are found.
    if let limit = request.limit { sql += " LIMIT \(limit)" }
    return ListQuery(columns: chosen.map(\.column), sql: sql, parameters: parameters)
  }

  func field(named name: String) throws(Refusal) -> Field {
    if let field = fields.first(where: { $0.column.key == name }) { return field }
    let known = columns.map(\.key).joined(separator: ", ")
    throw .invalid([FieldError(name, "There is no such column. There are: \(known).")])
  }
}

extension ListQuery {
  /// How many rows there are.
  public func count(in database: any Querying) async throws -> Int {
    let statement = Statement.once("SELECT count(*) FROM (\(sql)) list", .reads)
    return try await database.query(
      BoundStatement(statement: statement, parameters: parameters))[0].decode(Int.self)
  }

  /// Rows that are read in one piece; more come through a cursor.
  private static let batch = 1_000

  /// Reads the rows in bounded memory and hands each to `receive`.
  public func read(
    from database: any Querying, limit: Int?,
    receive: @escaping @Sendable ([Value]) async throws -> Void
  ) async throws {
    if let limit, limit <= Self.batch {
      for row in try await rows(from: database) { try await receive(row) }
      return
    }
    try await database.transaction { transaction in
      let declare = Statement.once("DECLARE list NO SCROLL CURSOR FOR " + sql)
      try await transaction.query(BoundStatement(statement: declare, parameters: parameters))
      let fetch = Statement.once("FETCH \(Self.batch) FROM list")
      var rows = try await transaction.query(fetch)
      while true {
        guard rows.count == Self.batch else {
          for row in rows { try await receive(try values(of: row)) }
          break
        }
        // The server reads on while these are received.
        async let following = transaction.query(fetch)
        for row in rows { try await receive(try values(of: row)) }
        rows = try await following
      }
      try await transaction.query(Statement.once("CLOSE list"))
    }
  }

  /// The rows, of a list that is limited.
  public func rows(from database: any Querying) async throws -> [[Value]] {
    let bound = BoundStatement(statement: .once(sql, .reads), parameters: parameters)
    let statements = parameters.isEmpty ? [bound] : [Self.ownPlan(), bound]
    return try await database.run(statements).last?.map { try values(of: $0) } ?? []
  }

  /// What is looked for decides how it is found, also where a server plans its statements once.
  private static let ownPlan = Statement(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")

  private func values(of row: Row) throws(PostgresError) -> [Value] {
    var cells = row.cells
    var values: [Value] = []
    values.reserveCapacity(columns.count)
    for _ in columns { values.append(try cells.decode(Value.self)) }
    return values
  }
}
