import Postgres

/// A noun's list, described once: which columns there are, what each is in SQL, and where the rows
/// come from. Filters, sorting, limits and pages of every list follow from it.
public struct Listing: Sendable {
  /// A column and its expression.
  public struct Field: Sendable {
    public let column: Column
    let sql: String

    public init(_ key: String, _ kind: Column.Kind, _ sql: String? = nil, wide: Bool = false) {
      self.init(Column(key, kind, wide: wide), sql ?? key)
    }

    init(_ column: Column, _ sql: String) {
      self.column = column
      self.sql = sql
    }

    /// The placeholder that a filter's value stands in, typed like the column.
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
  /// An expression that is unique and orders rows where nothing else does.
  let order: String

  public init(from: String, order: String, _ fields: [Field]) {
    self.from = from
    self.order = order
    self.fields = fields
  }

  public var columns: [Column] { fields.map(\.column) }
}

/// What is wanted of a list.
public struct ListRequest: Sendable {
  /// Names of the columns, in order; nil for the usual ones.
  public var columns: [String]?
  public var wide = false
  public var filters: [Filter] = []
  /// A column's name; a leading `-` turns the order around.
  public var sort: [String] = []
  public var limit: Int?
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
      chosen = fields.filter { request.wide || !$0.column.wide }
    }
    var parameters: [Parameter] = []
    var sql = "SELECT " + chosen.map(\.sql).joined(separator: ", ") + " FROM " + from
    var conditions = request.conditions
    for filter in request.filters {
      conditions.append(try filter.condition(on: field(named: filter.key)))
    }
    for (index, condition) in conditions.enumerated() {
      sql += index == 0 ? " WHERE (" : " AND ("
      condition.append(to: &sql, &parameters)
      sql += ")"
    }
    sql += " ORDER BY "
    for name in request.sort {
      let descending = name.hasPrefix("-")
      let field = try field(named: descending ? String(name.dropFirst()) : name)
      sql += field.sql + (descending ? " DESC NULLS LAST, " : ", ")
    }
    sql += order
    if let limit = request.limit {
      parameters.append(.int(limit))
      sql += " LIMIT $\(parameters.count)"
    }
    return ListQuery(columns: chosen.map(\.column), sql: sql, parameters: parameters)
  }

  private func field(named name: String) throws(Refusal) -> Field {
    if let field = fields.first(where: { $0.column.key == name }) { return field }
    let known = fields.map(\.column.key).joined(separator: ", ")
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
    let bound = BoundStatement(statement: .once(sql, .reads), parameters: parameters)
    if let limit, limit <= Self.batch {
      for row in try await database.query(bound) { try await receive(try values(of: row)) }
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

  private func values(of row: Row) throws(PostgresError) -> [Value] {
    var cells = row.cells
    var values: [Value] = []
    values.reserveCapacity(columns.count)
    for _ in columns { values.append(try cells.decode(Value.self)) }
    return values
  }
}
