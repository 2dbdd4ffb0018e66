"""Sets of integers, small and large: posting, getting and an operation over three of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support import contestants, integer_loads, integer_sets, tokens
from support.arena import Arena
from support.figures import Figure, at_least, below, beside
from support.integer_limits import LARGE, NAME, IntegerLimits
from support.integer_loads import REQUESTS, LargeLoad, SmallLoad
from support.integer_sets import Trio
from support.load import Sample, median, progress
from support.processes import ProcessFailed, peak_bytes, resident_bytes
from support.program import HTTPPeer
from support.report import result_table
from support.rounds import Contender, Pace, Result, at, best

_DATABASE = "integers"
_LITTLE = 10
_SIZES = (_LITTLE, 1_000)
_LARGE, _QUICK_LARGE = 1_000_000, 100_000
_LEVELS, _QUICK_LEVELS = (1, 8), (8,)
# So many that wrk's two threads begin at opposite ends, and hardly meet at one session's lock.
_PEOPLE = 60
# A round; the suite has rounds enough.
_SECONDS, _QUICK_SECONDS = 2, 1
# Django is asked once, and not for ever.
_DJANGO_PATIENCE_SECONDS = 300

_OF_LIMIT = 0.5
_OF_DJANGO = 50
_BYTES_A_UNIT = 72

_HAVOCCTL, _WIDE, _DJANGO = "havocctl", "havocctl, 64 bits", "Django"

# What would take Django minutes to be posted: the rows of the limit's arrays.
_DJANGO_UNITS = """
INSERT INTO integers_unit (integer_set_id, index, "X", q)
SELECT s.id, u.* FROM integers_integerset s
JOIN integers_integersession e ON e.id = s.session_id
JOIN account a ON a.id = e.account_id
JOIN limit_set l ON l.name = s.name, unnest(l.indexes, l.xs, l.qs) u
WHERE a.username = %(username)s AND l.owner = %(owner)s
"""


@dataclass
class _Scene:
    """Who takes part, on a database of their own."""

    arena: Arena
    havocctl: HTTPPeer
    django: HTTPPeer | None
    limits: IntegerLimits
    people: list[tokens.Credentials]
    # Whose sets are large.
    giant: tokens.Credentials


def integers(arena: Arena) -> Iterator[Figure]:
    """Requests by many for small sets, single ones for large sets, and what those weigh."""
    scene = _prepare(arena)
    for size in _SIZES:
        yield from _small(scene, size)
    yield from _large(scene)
    yield from _memory(scene)
    for server in (scene.havocctl, scene.django):
        if server:
            arena.processes.stop(server.process)
    scene.limits.close()
    arena.cluster.drop(_DATABASE)


def _prepare(arena: Arena) -> _Scene:
    arena.start_havocctl()
    arena.stop_servers()
    arena.cluster.create(_DATABASE, arena.database)
    with arena.cluster.connect(_DATABASE) as connection:
        giant, *people = tokens.spread(connection, arena.pattern, _PEOPLE + 1)
    havocctl, django = _serve(arena), _serve_django(arena)
    if django:
        contestants.make_django_tables(arena.cluster, _DATABASE)
    return _Scene(arena, havocctl, django, IntegerLimits(arena, _DATABASE), people, giant)


def _serve(arena: Arena) -> HTTPPeer:
    return arena.program(_DATABASE).serve(arena.processes, arena.scratch / "integers.log")


def _serve_django(arena: Arena) -> HTTPPeer | None:
    return contestants.try_start(
        contestants.start_django, arena.processes, arena.cluster, _DATABASE, "0", arena.scratch
    )


def _small(scene: _Scene, size: int) -> Iterator[Figure]:
    """Requests a second, and how long one takes."""
    arena, people = scene.arena, scene.people
    progress(f"integers: storing sets of {size:,}")
    usual, wide = integer_sets.usual(size), integer_sets.wide(size)
    for server, trio in _servers(scene, usual, wide):
        integer_loads.store(server, trio, people)
    scene.limits.fill(usual, range(1, _PEOPLE + 1))
    arena.cluster.settle(_DATABASE)
    levels = _QUICK_LEVELS if arena.quick else _LEVELS
    seconds = _QUICK_SECONDS if arena.quick else _SECONDS
    pace = Pace(arena.pace.rounds, min(arena.pace.seconds, seconds), arena.pace.clock)
    for what in REQUESTS:
        for server, trio in _servers(scene, usual, wide):
            integer_loads.check(server, what, trio, people[0])
        groups = []
        for level in levels:
            group: list[Contender] = [
                SmallLoad(arena, scene.havocctl, what, usual, people, level, _HAVOCCTL),
                scene.limits.small(what, usual, _PEOPLE, level),
            ]
            if scene.django:
                group.append(SmallLoad(arena, scene.django, what, usual, people, level, _DJANGO))
            if level == levels[-1]:
                group.append(SmallLoad(arena, scene.havocctl, what, wide, people, level, _WIDE))
            groups.append(group)
        title = _title(what, usual, size)
        results = pace.interleave(groups, title)
        print(f"{title}\n{result_table(results, _HAVOCCTL)}\n", flush=True)
        # Answers that failed are no rate to be compared with; the table tells of them.
        sound = [one for one in results if one.name != _DJANGO or not one.sample.bad]
        yield from _compared(title, sound)
        if single := at(results, _HAVOCCTL, 1):
            yield Figure(f"{title}: median alone", single.sample.p50_us, "us", "", True)


def _servers(scene: _Scene, usual: Trio, wide: Trio) -> list[tuple[HTTPPeer, Trio]]:
    pairs = [(scene.havocctl, usual), (scene.havocctl, wide)]
    return [*pairs, (scene.django, usual)] if scene.django else pairs


def _title(what: str, trio: Trio, size: int) -> str:
    return f"integers: {trio.equation if what == 'operation' else what} of {size:,}"


def _compared(title: str, results: list[Result], large: int = 0) -> Iterator[Figure]:
    """The rates of small requests; of a large one, the rate of its units."""
    unit, factor = ("k units/s", large / 1e3) if large else ("/s", 1)
    ours, wide = best(results, _HAVOCCTL), best(results, _WIDE)
    for one in (ours, wide):
        if one.sample.bad:
            raise ProcessFailed(f"{title}: {one.name}: {one.sample.bad} requests failed")
    rate = ours.sample.rate * factor
    if limit := best(results, NAME):
        against = limit.sample.rate * factor
        if large:
            yield at_least(title, rate, unit, against, NAME, _OF_LIMIT)
        else:
            yield beside(title, rate, unit, against, NAME)
    if django := best(results, _DJANGO):
        # Who was stopped would have been slower still.
        who = f"{_DJANGO}, stopped" if django.sample.bad else _DJANGO
        yield at_least(title, rate, unit, django.sample.rate * factor, who, _OF_DJANGO)
    usual = at(results, _HAVOCCTL, wide.level).sample.rate * factor
    yield beside(f"{title}, 64 bits", wide.sample.rate * factor, unit, usual, "usual values")


def _large(scene: _Scene) -> Iterator[Figure]:
    """Single requests, each of so many units as a set may have."""
    arena, giant = scene.arena, scene.giant
    size = _QUICK_LARGE if arena.quick else _LARGE
    progress(f"integers: storing sets of {size:,}")
    usual, wide = integer_sets.usual(size), integer_sets.wide(size)
    scene.limits.fill(usual, range(LARGE, LARGE + 1))
    for trio in (usual, wide):
        integer_loads.store(scene.havocctl, trio, [giant])
    if scene.django:
        integer_loads.store(scene.django, integer_sets.usual(0), [giant])
        with arena.cluster.connect(_DATABASE) as connection:
            connection.execute(_DJANGO_UNITS, {"username": giant.username, "owner": LARGE})
    arena.cluster.settle(_DATABASE)
    for what in REQUESTS:
        title = _title(what, usual, size)
        results = _in_turns(title, _large_contenders(scene, what, usual, wide), arena.pace)
        print(f"{title}\n{result_table(results, _HAVOCCTL)}\n", flush=True)
        yield from _compared(title, results, size)
        ours = at(results, _HAVOCCTL, 1).sample
        yield Figure(f"{title}: median", ours.p50_us / 1e6, "s", "", True)
        django = best(results, _DJANGO)
        if django and django.sample.bad:
            # What it is still at would go on beside the next request.
            arena.processes.stop(scene.django.process)
            scene.django = _serve_django(arena)


def _large_contenders(
    scene: _Scene, what: str, usual: Trio, wide: Trio
) -> list[Contender]:
    arena, giant = scene.arena, scene.giant
    contenders = [
        LargeLoad(scene.havocctl, arena.cluster, what, usual, giant, _HAVOCCTL),
        *scene.limits.large(what, usual),
        LargeLoad(scene.havocctl, arena.cluster, what, wide, giant, _WIDE),
    ]
    if scene.django:
        patience = max(20, min(_DJANGO_PATIENCE_SECONDS, arena.pace.clock.left - 60))
        contenders.append(
            LargeLoad(scene.django, arena.cluster, what, usual, giant, _DJANGO, patience)
        )
    return contenders


def _in_turns(title: str, contenders: list[Contender], pace: Pace) -> list[Result]:
    """A request each, in turns; one of those who take minutes is enough."""
    samples: list[list[Sample]] = [[] for _ in contenders]
    for turn in range(pace.rounds):
        for contender, taken in zip(contenders, samples):
            if turn == 0 or contender.name != _DJANGO:
                progress(f"{title}: {contender.name}, round {turn + 1}")
                taken.append(contender.measure(0))
    progress("")
    return [
        Result(contender.name, contender.level, median(taken), len(taken))
        for contender, taken in zip(contenders, samples)
    ]


def _memory(scene: _Scene) -> Iterator[Figure]:
    """What one large request raises a fresh server's resident memory by, for each unit."""
    arena, giant = scene.arena, scene.giant
    size = _QUICK_LARGE if arena.quick else _LARGE
    large, little = integer_sets.usual(size), integer_sets.usual(_LITTLE)
    for what in REQUESTS:
        progress(f"integers: memory of {what}")
        server = _serve(arena)
        # Whatever the first of each kind needs is there before it counts.
        integer_loads.store(server, little, scene.people[:1])
        for first in REQUESTS:
            integer_loads.check(server, first, little, scene.people[0])
        before = resident_bytes(server.pid)
        Path(f"/proc/{server.pid}/clear_refs").write_text("5")
        integer_loads.check(server, what, large, giant)
        growth = peak_bytes(server.pid) - before
        arena.processes.stop(server.process)
        yield below(f"{_title(what, large, size)}: memory", growth / size, "B/unit", _BYTES_A_UNIT)
