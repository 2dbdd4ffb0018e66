"""The way to PostgreSQL breaks in the middle of an import or an export: a clear end, and nothing half done."""

import pytest

from support import bulk
from support.caught import Running
from support.cluster import query
from support.formats import read_csv
from support.program import Ctl, Result
from trouble.scale import only_full, scaled
from trouble.tcp_proxy import DOWN, FAULTS, LOUD, UP

PEOPLE = scaled(20_000, 4_000)


@pytest.fixture(scope="module")
def far(program, proxy, database) -> Ctl:
    """The command line through the proxy."""
    return Ctl(program, proxy.url(database))


@pytest.fixture(autouse=True)
def mended(proxy):
    yield
    proxy.mend()


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    made = bulk.people(PEOPLE)
    return made, bulk.write(tmp_path_factory.mktemp("people") / "people.csv", made)


def accounts(database: str) -> int:
    return query(database, "SELECT count(*) FROM account")[0][0]


def ends(ctl: Ctl, *words) -> Result:
    """By itself, with the status for a database that can't be reached, and a reason."""
    with Running(ctl, *words) as running:
        result = running.ends()
    assert result.status == 6 and result.stderr.startswith("havocctl: ") and not result.stdout, str(result)
    return result


@pytest.mark.parametrize("fault", LOUD)
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_an_import_is_cut(proxy, far, database, people, fault, share):
    made, path = people
    before = accounts(database)
    proxy.trap(UP, made[int(share * PEOPLE)]["username"], FAULTS[fault], 3)
    ends(far, "user", "import", path)
    assert accounts(database) == before


@pytest.mark.parametrize("fault", LOUD)
def test_an_import_is_cut_when_it_is_stored(proxy, far, ctl, database, people, fault):
    """Whether it was done can't be known; to run it again makes it whole, once."""
    _, path = people
    before = accounts(database)
    proxy.trap(UP, "COMMIT", lambda line: line.limit(DOWN, 1, FAULTS[fault]))
    ends(far, "user", "import", path)
    proxy.mend()
    assert accounts(database) in (before, before + PEOPLE)
    answer = far.json("user", "import", path)
    assert answer["added"] + answer["unchanged"] == PEOPLE and answer["changed"] == 0
    assert accounts(database) == before + PEOPLE
    query(database, "DELETE FROM account WHERE username_key = ANY (%s) RETURNING 1",
          [person["username"].lower() for person in people[0]])


@pytest.mark.full
@pytest.mark.parametrize("fault", ["held", "vanished"])
def test_an_import_falls_silent(proxy, far, database, people, fault):
    made, path = people
    before = accounts(database)
    proxy.trap(UP, made[PEOPLE // 2]["username"], FAULTS[fault], 3)
    ends(far, "user", "import", path)
    assert accounts(database) == before


@pytest.fixture(scope="module")
def crowd(ctl, people):
    """Who is exported."""
    ctl.ok("user", "import", people[1])
    return people[0]


@pytest.mark.parametrize("fault", LOUD)
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_an_export_is_cut(proxy, far, crowd, tmp_path, fault, share):
    """The file is whole or not there, and what was there before stays."""
    proxy.trap(DOWN, crowd[int(share * (PEOPLE - 1))]["username"], FAULTS[fault], 3)
    (there := tmp_path / "there.csv").write_text("before")
    ends(far, "user", "export", "--format", "csv", there)
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"] and there.read_text() == "before"


@pytest.mark.full
@pytest.mark.parametrize("fault", ["held", "vanished"])
def test_an_export_falls_silent(proxy, far, crowd, tmp_path, fault):
    proxy.trap(DOWN, crowd[PEOPLE // 2]["username"], FAULTS[fault], 3)
    ends(far, "user", "export", tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fault", LOUD)
def test_a_line_that_breaks_while_it_connects(proxy, far, fault):
    proxy.greet = FAULTS[fault]
    assert str(proxy.port) in ends(far, "user", "list").stderr


@pytest.mark.parametrize("fault", [only_full("held"), only_full("vanished"), "swallowed"])
def test_nobody_answers(proxy, far, fault):
    if fault == "swallowed":
        proxy.blackhole()
    else:
        proxy.greet = FAULTS[fault]
    ends(far, "permission", "list")


def test_it_is_as_before_in_the_end(proxy, far, crowd, tmp_path):
    proxy.delay(0.001, 0.001)
    far.ok("user", "export", tmp_path / "out.csv")
    assert len(read_csv((tmp_path / "out.csv").read_text())) >= len(crowd)
