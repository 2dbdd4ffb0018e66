"""A database's people into a file and out of it again, beside psql's \\copy."""

import csv
import operator
import statistics
from collections.abc import Iterator

from support.arena import Arena
from support.figures import Figure, at_most, below, beside
from support.load import progress
from support.processes import Course, ProcessFailed, run, run_watched
from support.program import Havocctl
from support.statements import learn_list

_TARGET = "brought"
_MEMORY_MIB = 64
# What an account must have, and all that an export tells of it.
_COLUMNS = (
    "user_id, username, username_key, email, email_key, first_name, last_name, permission, "
    "avatar, is_42, two_factor, locked, created, last_login"
)
# Those that look the same in both files: the others are times and true or false.
_COMPARED = (
    "id",
    "username",
    "email",
    "first_name",
    "last_name",
    "permission",
    "level",
    "user_id",
    "avatar",
)


class Transfers:
    """All people of a database in and out, by turns; `empty` is a migrated database."""

    def __init__(self, arena: Arena, source: str, empty: str, count: int):
        self._arena = arena
        self._source = source
        self._empty = empty
        self._count = count
        self._courses: dict[str, list[Course]] = {}
        self._ours, self._theirs, self._accounts = (
            arena.scratch / f"{name}.csv" for name in ("ours", "theirs", "accounts")
        )

    def figures(self) -> Iterator[Figure]:
        program = self._arena.program(self._source)
        sql = learn_list(self._arena.cluster, program, "user", "export", self._ours)
        # A \copy ends with its line.
        query = " ".join(sql.split())
        run(self._psql(self._source, f"\\copy account ({_COLUMNS}) TO '{self._accounts}' CSV"))
        for turn in range(1 if self._arena.quick else 2):
            progress(f"user export and import, round {turn + 1}")
            self._export(query)
            if turn == 0:
                self._compare()
            self._import()
            self._copy()
        self._arena.cluster.drop(_TARGET)
        for file in (self._ours, self._theirs, self._accounts):
            file.unlink()
        yield from self._ratios()
        for what in ("export", "import", "import again"):
            peak = max(course.peak for course in self._courses[what]) / 2**20
            yield below(f"user {what}: memory", peak, "MiB", _MEMORY_MIB)

    def _ratios(self) -> Iterator[Figure]:
        export, first, again, out, copy, profiles = (
            statistics.median(course.seconds for course in self._courses[what])
            for what in ("export", "import", "import again", "copy out", "copy in", "profiles")
        )
        bare, whole = "psql \\copy", "psql \\copy and the profiles"
        name = f"user export of {self._count:,}"
        yield at_most(name, export, "s", out, "psql \\copy, the same columns", 2)
        name = f"user import of {self._count:,}"
        yield at_most(name, first, "s", copy + profiles, whole, 2)
        yield beside(name, first, "s", copy, bare)
        name = f"user import of {self._count:,}, all there"
        yield at_most(name, again, "s", copy, bare, 2)
        yield beside(name, again, "s", copy + profiles, whole)

    def _export(self, query: str) -> None:
        program = self._arena.program(self._source)
        self._ours.unlink()
        self._note("export", program.command("user", "export", self._ours), program.env)
        copy = f"\\copy ({query}) TO '{self._theirs}' CSV HEADER"
        self._note("copy out", self._psql(self._source, copy))

    def _import(self) -> None:
        """Into an empty database, and once more, when all are there."""
        program = self._fresh()
        words = program.command("user", "import", self._ours, "-o", "plain")
        for what, expected in (
            ("import", (self._count, 0, 0)),
            ("import again", (0, 0, self._count)),
        ):
            said = self._note(what, words, program.env).output
            if tuple(map(int, said.split())) != expected:
                raise ProcessFailed(f"user {what}: {said.split()} instead of {expected}")
        self._check()

    def _copy(self) -> None:
        self._fresh()
        copy = f"\\copy account ({_COLUMNS}) FROM '{self._accounts}' CSV"
        profiles = "INSERT INTO profile (account) SELECT id FROM account"
        self._note("copy in", self._psql(_TARGET, copy))
        self._note("profiles", self._psql(_TARGET, profiles))
        self._check()

    def _note(self, what: str, command: list[str], env: dict[str, str] | None = None) -> Course:
        with self._arena.cluster.connect("postgres") as connection:
            connection.execute("CHECKPOINT")
        course = run_watched(command, env=env)
        self._courses.setdefault(what, []).append(course)
        return course

    def _fresh(self) -> Havocctl:
        """The program on a database that nobody is in."""
        self._arena.cluster.create(_TARGET, self._empty)
        return self._arena.program(_TARGET)

    def _psql(self, database: str, command: str) -> list[str]:
        cluster = self._arena.cluster
        return [str(cluster.bin / "psql"), "-X", "-q", *cluster.options(database), "-c", command]

    def _check(self) -> None:
        with self._arena.cluster.connect(_TARGET) as connection:
            there = connection.execute(
                "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM profile)"
            ).fetchone()
        if there != (self._count, self._count):
            raise ProcessFailed(f"{there} accounts and profiles instead of {self._count:,}")

    def _compare(self) -> None:
        """Raises ProcessFailed unless both files tell the same."""
        rows = 0
        with self._ours.open(newline="") as ours, self._theirs.open(newline="") as theirs:
            header, _ = next(ours), next(theirs)
            names = next(csv.reader([header]))
            compared = operator.itemgetter(*(names.index(name) for name in _COMPARED))
            for one, other in zip(csv.reader(ours), csv.reader(theirs)):
                rows += 1
                if compared(one) != compared(other):
                    raise ProcessFailed(f"user export, row {rows}: {one} instead of {other}")
        if rows != self._count:
            raise ProcessFailed(f"user export: {rows:,} rows instead of {self._count:,}")
