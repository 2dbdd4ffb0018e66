"""What PostgreSQL does by itself: sets kept as arrays, each request one statement."""

import time

import psycopg

from support.arena import Arena
from support.cluster import Cluster
from support.integer_sets import Trio, units_of
from support.limits import PGBenchScript
from support.load import CPU, Sample
from support.processes import ProcessFailed
from support.statements import filled

NAME = "PostgreSQL"
# An owner whose sets are as large as sets get.
LARGE = 0

# Compressing the arrays would cost more than it saves.
_TABLE = """
CREATE TABLE limit_set (owner int, name text, indexes bigint[], xs bigint[], qs bigint[]);
ALTER TABLE limit_set ALTER indexes SET STORAGE EXTERNAL;
ALTER TABLE limit_set ALTER xs SET STORAGE EXTERNAL;
ALTER TABLE limit_set ALTER qs SET STORAGE EXTERNAL;
CREATE INDEX ON limit_set (owner, name);
"""
# Nothing spills to disk; what lies in order is merged.
_SETTINGS = "SET work_mem = '512MB'; SET enable_hashjoin = off"

# Owner, name, body.
_POST = """
INSERT INTO limit_set (owner, name, indexes, xs, qs)
SELECT $1::int, $2::text, array_agg(u.index), array_agg(u."X"), array_agg(u.q) FROM (
  SELECT * FROM KIND_to_recordset($3::KIND -> 'integers') AS u (index bigint, "X" bigint, q bigint)
  ORDER BY index) u
RETURNING cardinality(indexes)
"""
# json is read where it stands; jsonb is made into a tree of its own first.
_JSON, _JSONB = (_POST.replace("KIND", kind) for kind in ("json", "jsonb"))
# Owner, name.
_GET = """
SELECT json_agg(u)::text FROM limit_set s
CROSS JOIN LATERAL (SELECT * FROM unnest(s.indexes, s.xs, s.qs) u (index, "X", q)) u
WHERE s.owner = $1::int AND s.name = $2::text
"""
_OPERAND = """(
  SELECT u.* FROM limit_set s, unnest(s.indexes, s.xs, s.qs) u (index, x, q)
  WHERE s.owner = $1::int AND s.name = '{name}') {name}"""
# Owner, name of the result.
_OPERATION = f"""
INSERT INTO limit_set (owner, name, indexes, xs, qs)
SELECT $1::int, $2::text, array_agg(r.index), array_agg(r.x), array_agg(r.q) FROM (
  SELECT index, coalesce(a.x, 0) + coalesce(b.x, 0) * coalesce(c.x, 0) AS x,
    coalesce(a.q, 0) + coalesce(b.q, 0) * coalesce(c.q, 0) AS q
  FROM {_OPERAND.format(name="a")}
  FULL JOIN {_OPERAND.format(name="b")} USING (index)
  FULL JOIN {_OPERAND.format(name="c")} USING (index)
  ORDER BY index) r
RETURNING cardinality(indexes)
"""
_STATEMENTS = {"POST": _JSON, "GET": _GET, "operation": _OPERATION}


class _SmallStatement(PGBenchScript):
    """pgbench running the statement of a request, for any of so many owners."""

    def __init__(self, arena: Arena, database: str, what: str, body: str, people: int, level: int):
        script = arena.scratch / f"integers-{what}.sql"
        name = "'a'" if what == "GET" else "'made'"
        script.write_text(
            f"\\set owner random(1, {people})\n"
            f"{filled(_STATEMENTS[what], [':owner', name, ':body']).strip()};\n"
        )
        super().__init__(arena.cluster, database, script, level)
        self.name = NAME
        # As a variable it travels with each request.
        self._options = ["-D", f"body={body}", *self._options]


class _LargeStatement:
    """The statement of a request for a large set, once."""

    level = 1

    def __init__(
        self,
        connection: psycopg.Connection,
        cluster: Cluster,
        what: str,
        trio: Trio,
        name: str = NAME,
        statement: str = "",
    ):
        self.name = name
        self._connection = connection
        self._cluster = cluster
        self._statement = statement or _STATEMENTS[what]
        self._name = "a" if what == "GET" else "made"
        self._body = trio.body("a")
        self._count = trio.result.count("{")

    def measure(self, _seconds: float) -> Sample:
        cpu = CPU(None, self._cluster)
        began = time.perf_counter()
        value = _run(self._connection, self._statement, LARGE, self._name, self._body)
        taken = time.perf_counter() - began
        sample = cpu.charge(Sample(rate=1 / taken, p50_us=taken * 1e6), 1)
        if (value if isinstance(value, int) else value.count("{")) != self._count:
            raise ProcessFailed(f"{self.name}: {str(value)[:200]}")
        return sample


class IntegerLimits:
    """The arrays in their table, and those who work on them."""

    def __init__(self, arena: Arena, database: str):
        self._arena = arena
        self._database = database
        self._connection = arena.cluster.connect(database)
        self._connection.execute(_TABLE)
        self._connection.execute(_SETTINGS)

    def fill(self, trio: Trio, owners: range) -> None:
        """The same sets for each of the owners, and nothing else."""
        self._connection.execute("TRUNCATE limit_set")
        for owner in owners:
            for name in trio.names:
                _run(self._connection, _JSON, owner, name, trio.body(name))
        self._check(trio, owners[0])

    def _check(self, trio: Trio, owner: int) -> None:
        _run(self._connection, _OPERATION, owner, "checked", "")
        for name, wanted in (("a", trio.units["a"]), ("checked", trio.result)):
            value = _run(self._connection, _GET, owner, name, "")
            if units_of(value.encode()) != wanted:
                raise ProcessFailed(f"PostgreSQL's own {name} isn't what it should be")

    def small(self, what: str, trio: Trio, people: int, level: int) -> _SmallStatement:
        return _SmallStatement(self._arena, self._database, what, trio.body("a"), people, level)

    def large(self, what: str, trio: Trio) -> list[_LargeStatement]:
        made = [_LargeStatement(self._connection, self._arena.cluster, what, trio)]
        if what == "POST":
            made.append(
                _LargeStatement(
                    self._connection, self._arena.cluster, what, trio, f"{NAME}, jsonb", _JSONB
                )
            )
        return made

    def close(self) -> None:
        self._connection.close()


def _run(
    connection: psycopg.Connection, statement: str, owner: int, name: str, body: str
) -> int | str:
    """The statement's only value."""
    values = {"owner": owner, "name": name, "body": body}
    text = filled(statement, [f"%({key})s" for key in values])
    (value,) = connection.execute(text, values, prepare=True).fetchone()
    return value
