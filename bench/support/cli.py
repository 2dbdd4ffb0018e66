"""The command line with a million accounts: one shown, all in and out of files, and TAB."""

import statistics
from collections.abc import Iterator

from support.arena import Arena
from support.commands import timed
from support.contestants import Missing, django_shell
from support.figures import Figure, at_most, below
from support.load import progress
from support.names import add_named_people
from support.processes import ProcessFailed, run
from support.program import Havocctl
from support.repl import Repl
from support.statements import learn_list
from support.transfers import Transfers

_PEOPLE = 1_000_000
_QUICK_PEOPLE = 50_000
_NAMED = "named"
_EMPTY = "empty"
_RUNS_EACH = 10
_COMPLETIONS = 20
# What `user show` prints, by Django's ORM.
_DJANGO = """
from peer.models import Member
print(*Member.objects.values_list("id", "username", "email", "first_name", "last_name",
  "permission__code", "permission__level", "two_factor", "locked", "created", "last_login",
).get(username_key={!r}), sep="|")
"""
# Nearly whole usernames that nobody else's begins with.
_UNIQUE = """
SELECT username, left(username, -2) FROM (
  SELECT username, username_key, lag(username_key) OVER sorted AS before,
    lead(username_key) OVER sorted AS after
  FROM account WINDOW sorted AS (ORDER BY username_key COLLATE "C")) a
WHERE NOT starts_with(before, left(username_key, -2))
  AND NOT starts_with(after, left(username_key, -2))
ORDER BY md5(username_key) LIMIT %s
"""


def cli(arena: Arena) -> Iterator[Figure]:
    count = _QUICK_PEOPLE if arena.quick else _PEOPLE
    progress(f"loading {count:,} people with names")
    arena.cluster.create(_EMPTY)
    arena.program(_EMPTY)("db", "migrate")
    arena.cluster.create(_NAMED, _EMPTY)
    with arena.cluster.connect(_NAMED) as connection:
        add_named_people(connection, count)
    arena.cluster.settle(_NAMED)
    with arena.cluster.connect(_NAMED) as connection:
        unique = connection.execute(_UNIQUE, [_COMPLETIONS]).fetchall()
    yield from _show(arena, unique[0][0])
    yield from _complete(arena.program(_NAMED), unique, count)
    yield from Transfers(arena, _NAMED, _EMPTY, count).figures()
    arena.cluster.drop(_NAMED)


def _show(arena: Arena, username: str) -> Iterator[Figure]:
    """One account, by three programs that start for it."""
    program = arena.program(_NAMED)
    query = learn_list(arena.cluster, program, "user", "show", username)
    # Debian's psql on the path is a Perl script that looks for the real one.
    psql = [str(arena.cluster.bin / "psql"), "-X", "-A", "-t", "-c", query]
    psql += arena.cluster.options(_NAMED)
    commands = {
        "havocctl": (program.command("user", "show", username), program.env),
        "psql": (psql, program.env),
    }
    try:
        code = _DJANGO.format(username.lower())
        commands["Django"] = django_shell(arena.cluster, _NAMED, code, arena.scratch)
    except Missing as problem:
        print(f"left out: {problem}", flush=True)
    for name, (command, env) in commands.items():
        if username not in (said := run(command, env=env)):
            raise ProcessFailed(f"{name} doesn't show {username}: {said[:300]!r}")
    times: dict[str, list[float]] = {name: [] for name in commands}
    for batch in range(2 if arena.quick else 8):
        for name, (command, env) in commands.items():
            progress(f"user show, batch {batch + 1}: {name}")
            times[name] += timed(command, env, _RUNS_EACH, arena.scratch)
    medians = {name: statistics.median(taken) * 1e3 for name, taken in times.items()}
    ours = medians["havocctl"]
    yield at_most("user show", ours, "ms", medians["psql"], "psql, the same row", 1.5)
    if "Django" in medians:
        who = "Django's manage.py shell, the same row"
        yield at_most("user show", ours, "ms", medians["Django"], who, 0.1)


def _complete(program: Havocctl, unique: list[tuple[str, str]], count: int) -> Iterator[Figure]:
    """TAB behind so much of a username that there is only one way on."""
    progress("TAB in the REPL")
    if len(unique) < _COMPLETIONS:
        raise ProcessFailed(f"only {len(unique)} usernames have a beginning of their own")
    with Repl(program) as repl:
        times = [
            # Behind a name that can't go on comes a blank.
            repl.complete(f"user show {typed}", username.removeprefix(typed) + " ") * 1e3
            for username, typed in unique
        ]
    name = f"TAB among {count:,} users"
    yield below(name, statistics.median(times), "ms", 50)
    yield Figure(f"{name}: the first, which connects", times[0], "ms", "", True)
    yield Figure(f"{name}: the slowest", max(times), "ms", "", True)
