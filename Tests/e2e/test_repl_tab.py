"""havocctl repl: what TAB completes."""

import signal

import psycopg
import pytest

from support.api import create_account, new_account
from support.cluster import Cluster, query
from support.integers import join as owner
from support.integers import units
from support.members import join
from support.nouns import made
from support.program import Ctl, until
from support.repl import Repl, locked, waiting

# Ids far from any other number.
FIRST_ID = 7_340_001


def tabs_to(repl, line: str, rest: str) -> None:
    """Types it, and TAB until the rest is there: live names may come late, and then the bell rings."""
    repl.child.send(line)
    repl.child.expect_exact(line)
    for _ in range(20):
        repl.child.send("\t")
        if repl.child.expect_exact([rest, "\a"], timeout=60) == 0:
            return
    raise AssertionError(f"TAB after {line!r} never gave {rest!r}\n{repl.child.buffer!r}")


def completes(repl, line: str, expected: str) -> None:
    assert expected.startswith(line) and expected != line
    tabs_to(repl, line, expected.removeprefix(line))


def lists(repl, line: str, *expected: str) -> None:
    """Two TABs show these among what it could be, and the line again."""
    repl.child.send(line)
    repl.child.expect_exact(line)
    repl.child.send("\t\t")
    shown = repl.prompt().split()
    assert set(expected) <= set(shown), shown


def stays(repl, line: str) -> None:
    """TAB adds nothing and says nothing: as a remark the line does nothing either."""
    repl.child.send(line + "\t\t\x01# \r")
    assert repl.prompt().partition("\n")[2] == ""
    assert repl.run(r"\history").rstrip().split("\n")[-2].endswith("# " + line)


@pytest.mark.parametrize("line, expected", [
    ("exer", "exercise "), ("user two", "user two-factor "), ("roll", "rollback "), ("help exer", "help exercise "),
    ("help user two", "help user two-factor "), (r"\tim", r"\timing "), (r"\hist", r"\history"),
    (r"\h perm", r"\h permission "), ("user list --perm", "user list --permission"),
    ("user create x --two", "user create x --two-factor"), ("user list -o ya", "user list -o yaml "), (r"\o ya", r"\o yaml"),
    ("user list --output=ya", "user list --output=yaml "), ("user two-factor x of", "user two-factor x off "),
    ("havocctl exer", "havocctl exercise ")])
def test_words_that_are_always_there(repl, line, expected):
    completes(repl, line, expected.rstrip())


@pytest.mark.parametrize("line, words", [
    ("user ", ["create", "ensure", "two-factor"]), ("user l", ["list", "lock"]), ("user list --", ["--permission", "--locked", "--sort"]),
    (r"\o ", ["csv", "json", "table", "yaml"]), ("help ", ["audit", "user"]), ("session ", ["list", "revoke"])])
def test_two_tabs_list_what_it_could_be(repl, line, words):
    lists(repl, line, *words)


@pytest.mark.parametrize("line", [
    "nonsense", "user nonsense", "user show nobody-of-this", "user list --nonsense", "user list --databa",
    "serv", "version x", "# exer", "user list 'nonsens"])
def test_where_nothing_fits_nothing_happens(repl, line):
    stays(repl, line)


@pytest.fixture(scope="module")
def far(database) -> None:
    """New rows have ids that stand out."""
    tables = query(database, "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
                             " AND column_name = 'id' AND is_identity = 'YES'")
    with psycopg.connect(database, autocommit=True) as connection:
        for (table,) in tables:
            connection.execute(f'ALTER TABLE "{table}" ALTER COLUMN id RESTART WITH {FIRST_ID}')


@pytest.fixture(scope="module")
def names(far, api, ctl) -> dict[str, str]:
    """One of each kind, by what it is called on the command line."""
    one, two = join(api, "one"), join(api, "two")
    owner(api).keep("numbers", units(2))
    ctl.ok("permission", "create", 73_400, "LEAD")
    ctl.ok("group", "create", "Isometric")
    ctl.ok("exercise", "create", "Wallsit", "--group", "Isometric")
    ctl.ok("ban", "add", "198.51.100.77")
    found = {noun: str(made(noun, one, two)) for noun in ("conversation", "tweet", "stream")}
    found["session"] = ctl.json("session", "list", "--user", one.name)[0]["id"]
    found["token"] = ctl.json("token", "list", "--user", one.name)[0]["id"]
    found["integers"] = str(ctl.json("integers", "list")[0]["id"])
    return found | {"user": one.name, "permission": "73400", "group": "Isometric", "exercise": "Wallsit",
                    "ban": "198.51.100.77"}


# One place for each kind of name; which other places there are is the same as in the shells.
@pytest.mark.parametrize("command, kind", [
    ("user show", "user"), ("session list --user", "user"), ("permission assign 3", "user"),
    ("user list --permission", "permission"), ("session revoke", "session"), ("token revoke", "token"),
    ("exercise show", "exercise"), ("group delete", "group"), ("exercise create x --group", "group"), ("ban lift", "ban"),
    ("stream end", "stream"), ("conversation show", "conversation"), ("tweet delete", "tweet"),
    ("integers show", "integers")])
def test_live_names(names, repl, command, kind):
    name = str(names[kind])
    completes(repl, f"{command} {name[:max(3, len(name) // 2)]}", f"{command} {name}")


def test_the_second_of_several_is_completed_too(names, repl, user):
    completes(repl, f"user lock {user.username} {names['user'][:-3]}", f"user lock {user.username} {names['user']}")


@pytest.mark.parametrize("typed", ["Stret", "'Stret", '"Stret', r"Stretch\ an"])
def test_a_name_with_blanks_is_quoted_and_runs(ctl, repl, typed):
    name = "Stretch and reach"
    ctl.ok("group", "create", name)
    ctl.ok("exercise", "create", f"In {name}", "--group", name)
    tabs_to(repl, f"exercise list --group {typed}", "each")
    assert f"In {name}" in repl.run("")
    ctl.ok("exercise", "delete", f"In {name}", "--yes")
    ctl.ok("group", "delete", name, "--yes")


@pytest.mark.parametrize("name", ["O'Neil's", 'The "best"', "back\\slash", "cost $5", "# one", "été 日本", "a*b"])
def test_a_name_with_characters_of_its_own_runs(ctl, repl, name):
    ctl.ok("group", "create", f"Zz {name} end")
    tabs_to(repl, "exercise list --group Zz", "end")
    assert "havocctl: " not in repl.run("")
    ctl.ok("group", "delete", f"Zz {name} end", "--yes")


def test_a_name_made_meanwhile(ctl, repl):
    repl.runs("permission list")
    name = create_account(ctl, 1, "meanwhile").username
    completes(repl, f"user show {name[:-4]}", f"user show {name}")


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("script.havoc", "two words.csv", ".hidden"):
        (folder / name).write_text("version\n")
    (folder / "inside").mkdir()
    (folder / "inside" / "deep.jsonl").write_text("")
    return folder


@pytest.mark.parametrize("command, typed, rest", [
    (r"\i", "scr", "ipt.havoc"), (r"\i", "ins", "ide/"), (r"\i", "inside/", "deep.jsonl"), (r"\i", ".hid", "den"),
    ("exercise import", "inside/", "deep.jsonl"), ("exercise export", "scr", "ipt.havoc"),
    ("user create x --password-file", "scr", "ipt.havoc")])
def test_files(repl, files, command, typed, rest):
    line = f"{command} {files}/{typed}"
    completes(repl, line, line + rest)


def test_a_file_with_a_blank_runs(ctl, repl, files):
    repl.child.send(rf"\i {files}/two" + "\t")
    repl.child.expect_exact("words.csv")
    assert ctl.ok("version").stdout.strip() in repl.run("")


def test_rows_that_are_locked_are_no_names(ctl, database, repl, user):
    """What waits is given up, here and in the server."""
    with locked(database):
        stays(repl, f"user show {user.username[:-2]}")
        until(lambda: not waiting(database), "the query is given up")
        repl.runs("version")
    completes(repl, f"user show {user.username[:-2]}", f"user show {user.username}")


@pytest.fixture
def stuck(program, tmp_path):
    """A session on a cluster that stops answering without going away."""
    cluster = Cluster()
    ctl = Ctl(program, cluster.url())
    ctl.ok("db", "migrate")
    name = new_account().username
    ctl.ok("user", "create", name, "--no-password")
    repl = Repl(ctl, tmp_path)
    yield cluster, repl, name
    cluster.signal_all(signal.SIGCONT)
    repl.close()
    cluster.remove()


def test_a_database_that_hangs_gives_no_names_and_no_trouble(stuck):
    cluster, repl, name = stuck
    repl.runs("user list")
    cluster.signal_all(signal.SIGSTOP)
    for _ in range(3):
        stays(repl, f"user show {name[:-2]}")
    completes(repl, "user two", "user two-factor")
    repl.run("\x15version")
    repl.runs(r"\?", "version", "help user")
    cluster.signal_all(signal.SIGCONT)
    completes(repl, f"user show {name[:-2]}", f"user show {name}")
    assert name in repl.run("")


def test_a_database_that_is_gone_gives_no_names_and_no_trouble(stuck):
    cluster, repl, name = stuck
    cluster.stop()
    stays(repl, f"user show {name[:-2]}")
    cluster.start()
    completes(repl, f"user show {name[:-2]}", f"user show {name}")
