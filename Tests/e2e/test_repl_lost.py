"""havocctl repl: a database that goes away and comes back."""

import signal

import pytest

from support.api import new_account
from support.cluster import Cluster
from support.program import Ctl, until
from support.repl import disconnect, locked, stops, waiting


@pytest.fixture(scope="module")
def cluster():
    """One of this module's own."""
    with Cluster() as made:
        yield made


@pytest.fixture(scope="module")
def ctl(cluster, program) -> Ctl:
    made = Ctl(program, cluster.create("lost"))
    made.ok("db", "migrate")
    return made


@pytest.fixture
def url(ctl) -> str:
    return ctl.database


@pytest.fixture
def names() -> list[str]:
    return [new_account().username for _ in range(2)]


def create(name: str) -> str:
    return f"user create {name} --no-password"


def there(ctl, names: list[str]) -> list[bool]:
    return [ctl.run("user", "show", name).status == 0 for name in names]


def fell_over(cluster, url: str) -> None:
    disconnect(url)


def restarted(cluster, url: str) -> None:
    cluster.stop()
    cluster.start()


def crashed(cluster, url: str) -> None:
    cluster.kill9()
    cluster.start()


MISHAPS = [fell_over, restarted, crashed]


@pytest.mark.parametrize("mishap", MISHAPS)
def test_at_the_prompt_it_connects_again_by_itself(cluster, ctl, url, repl, names, mishap):
    repl.runs("user list")
    mishap(cluster, url)
    repl.runs(create(names[0]))
    assert repl.json(f"user show {names[0]}")["username"] == names[0]


def test_while_it_is_away_commands_fail_and_the_session_goes_on(cluster, url, repl, names):
    repl.runs("user list")
    cluster.stop()
    for _ in range(2):
        repl.fails(create(names[0]))
        assert repl.mark == "="
        repl.runs("version", "help user")
    cluster.start()
    repl.runs(create(names[0]), "user list")


def test_a_command_under_way_fails_with_the_reason(ctl, url, repl, names):
    with locked(url):
        repl.types(create(names[0]))
        until(lambda: waiting(url), "the command waits")
        disconnect(url)
        assert "havocctl: " in repl.prompt()
    assert repl.mark == "="
    assert there(ctl, names) == [False, False]
    repl.runs(create(names[0]))


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_transaction_is_gone_and_nothing_runs_outside_of_it(cluster, ctl, url, repl, names, mishap):
    repl.runs("begin", create(names[0]))
    mishap(cluster, url)
    assert "transaction" in repl.fails(create(names[1]))
    assert there(ctl, names) == [False, False]
    assert repl.mark == "="
    repl.runs(create(names[1]), "begin", create(names[0]), "commit")
    assert there(ctl, names) == [True, True]


@pytest.mark.parametrize("mishap", MISHAPS)
def test_the_commit_of_a_lost_one_is_a_failure(cluster, ctl, url, repl, names, mishap):
    repl.runs("begin", create(names[0]))
    mishap(cluster, url)
    repl.fails("commit")
    assert repl.mark == "="
    assert there(ctl, names) == [False, False]
    repl.runs("user list")


def test_the_rollback_of_a_lost_one_leaves_it(url, ctl, repl, names):
    repl.runs("begin", create(names[0]))
    disconnect(url)
    repl.run("rollback")
    assert repl.mark == "="
    repl.runs("user list")
    assert there(ctl, names) == [False, False]


def test_a_command_under_way_in_a_transaction(ctl, url, repl, names):
    repl.runs("begin", "group create Lost")
    with locked(url):
        repl.types(create(names[0]))
        until(lambda: waiting(url), "the command waits")
        disconnect(url)
        assert "transaction" in repl.prompt()
    assert repl.mark == "="
    assert "Lost" not in ctl.ok("group", "list").stdout
    repl.runs("user list")


def test_leaving_with_a_lost_one(url, ctl, repl, names):
    repl.runs("begin", create(names[0]))
    disconnect(url)
    repl.leaves()
    assert there(ctl, names) == [False, False]


def test_a_question_that_outlasts_the_connection(url, ctl, repl, names):
    repl.runs(create(names[0]))
    repl.types(f"user delete {names[0]} --purge")
    repl.asks(r"\[y/N\] ")
    disconnect(url)
    repl.types("y")
    deleted = "havocctl: " not in repl.prompt()
    assert there(ctl, names[:1]) == [not deleted]
    repl.runs("user list")


def test_a_script_stops_where_it_was(ctl, url, names, cluster):
    away = rf"\! kill -QUIT {cluster.process.pid}; while [ -e {cluster.data}/postmaster.pid ]; do sleep 0.02; done"
    try:
        stops(ctl, 4, (1, 6), "begin", create(names[0]), away, create(names[1]), "commit", timeout=60)
    finally:
        cluster.process.wait(60)
        cluster.start()
    assert there(ctl, names) == [False, False]


def test_one_that_hangs_is_left_with_an_interrupt(cluster, ctl, url, repl):
    repl.runs("user list")
    cluster.signal_all(signal.SIGSTOP)
    try:
        repl.types("user list")
        until(repl.is_busy, "the line is taken")
        repl.child.sendintr()
        assert "interrupted" in repl.prompt()
        repl.runs("version")
    finally:
        cluster.signal_all(signal.SIGCONT)
    repl.runs("user list")
