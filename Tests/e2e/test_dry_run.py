"""`--dry-run` of every command that changes something: it says what would change, and nothing does."""

import re

import pytest

from support import bulk, dumps, secrets
from support.catalogue import entry
from support.cluster import contents
from support.furnished import CHANGES, READS, furnish
from support.program import Ctl

# They bring the schema up to date, so they want one that isn't.
OUTDATED = ("db migrate", "doctor")


@pytest.fixture(scope="module")
def furnished(cluster, new_database) -> str:
    """The name of a furnished database."""
    url = new_database()
    furnish(url)
    return url.rpartition("/")[2]


@pytest.fixture(scope="module")
def files(cluster, new_database, furnished, tmp_path_factory):
    place = tmp_path_factory.mktemp("files")
    (place / "exercises.json").write_text(bulk.json.dumps([entry(0), entry(1)]))
    return {"people": bulk.write(place / "people.csv", bulk.people(2)), "exercises": place / "exercises.json",
            "backup": dumps.dump(cluster, new_database(), place / "empty.dump")}


@pytest.fixture
def ctl_of(program, cluster, furnished):
    """A database of the command's own."""
    made = []

    def create(command: str) -> Ctl:
        made.append(f"dry_{secrets.random.token_hex(4)}")
        if command in OUTDATED:
            dumps.database_of(cluster, made[-1], 1)
        else:
            cluster.create(made[-1], furnished)
        return Ctl(program, cluster.url(made[-1]))

    yield create
    for name in made:
        cluster.drop(name)


def line_of(command: str, files: dict) -> list[str]:
    return [*command.split(), *(word.format(**files) for word in CHANGES[command].split())]


def go_ahead(ctl: Ctl, line: list[str]):
    """Confirms whatever is asked."""
    done = ctl(*line, "--yes")
    if done.status == 5:
        asked = re.search(r"--confirm=(\d+)", done.stderr)
        assert asked, str(done)
        done = ctl(*line, asked[0])
    assert done.status == 0, str(done)


def test_every_command_is_one_of_these(program):
    """So that a new one can't be forgotten here."""
    ctl = Ctl(program, None)
    nouns = re.findall(r"^  (\S+)  +\S", ctl.ok("help").stdout, re.MULTILINE)
    assert len(nouns) > 15
    found = set()
    for noun in nouns:
        text = ctl.ok("help", noun).stdout
        found |= set(re.findall(rf"^  ({noun} [a-z-]+)", text, re.MULTILINE)) or {noun}
    assert found - CHANGES.keys() - READS == set(), "neither changes nor reads"


@pytest.mark.parametrize("command", CHANGES)
def test_nothing_changes(ctl_of, files, command):
    ctl = ctl_of(command)
    line = line_of(command, files)
    before = contents(ctl.database)
    done = ctl(*line, "--dry-run")
    # What isn't mended yet is a failed check.
    assert done.status == (1 if command == "doctor" else 0), str(done)
    assert "dry run" in done.stderr, str(done)
    assert contents(ctl.database) == before
    go_ahead(ctl, line)
    assert contents(ctl.database) != before, "this command changes nothing in earnest either"


@pytest.mark.parametrize("command", [name for name in CHANGES if name not in ("db migrate", "doctor", "db restore")])
def test_it_answers_as_in_earnest(ctl_of, files, command):
    """The same columns, and so many rows."""
    ctl = ctl_of(command)
    line = ["-o", "json", *line_of(command, files)]
    dry = ctl.ok(*line, "--dry-run").json()
    real = ctl(*line, "--yes")
    if real.status == 5:
        real = ctl(*line, re.search(r"--confirm=(\d+)", real.stderr)[0])
    assert real.status == 0, str(real)

    def shape(answer) -> list:
        return [sorted(row) for row in (answer if isinstance(answer, list) else [answer])]
    if command in ("session prune", "token prune"):
        assert set(shape(dry)[0]) <= set(shape(real.json())[0]) and real.json()["removed"] == 1
    else:
        assert shape(dry) == shape(real.json())


@pytest.mark.parametrize("command", ["user list", "audit list", "status", "permission list"])
def test_with_what_only_reads_it_makes_no_difference(ctl_of, command):
    ctl = ctl_of(command)
    words = command.split()
    assert ctl.ok(*words, "--dry-run").stdout == ctl.ok(*words).stdout
