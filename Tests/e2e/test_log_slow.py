"""Slow requests and slow queries in the log, and requests named in PostgreSQL's own."""

import re
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from support import logs
from support.api import Api
from support.caught import Holder
from support.cluster import Cluster, query
from support.held import EDIT, Editor, Held
from support.program import Ctl, until
from support.server import Server

SLOW = ("--slow-request", "100ms", "--slow-query", "50ms")

# Waits out a threshold in another transaction, which is what makes a request slow.
PAST_IT = "SELECT pg_sleep(0.2)"


def records(server: Server, message: str) -> list[dict[str, str]]:
    whole, _, _ = server.log().rpartition("\n")
    return [record for record in logs.records(whole + "\n") if record["msg"] == message]


def slowly(ctl: Ctl, server: Server) -> tuple[Held, requests.Response]:
    """A request that waited for another transaction."""
    with Held(ctl, server) as held:
        held.holder.connection.execute(PAST_IT)
        answer = held.release()
    assert answer.status_code == 200, answer.text
    return held, answer


@pytest.fixture(scope="module")
def slow(new_server) -> Server:
    return new_server(*SLOW)


def test_a_slow_request_has_a_line_beside_its_own(slow, ctl):
    _, answer = slowly(ctl, slow)
    number = answer.headers["X-Request-ID"]
    warning, = until(lambda: [one for one in records(slow, "slow request") if one["id"] == number], "the warning")
    access, = until(lambda: [one for one in records(slow, "request") if one["id"] == number], "the access line")
    assert warning["level"] == "warning"
    assert all(warning[name] == access[name] for name in ("method", "path", "status", "us"))
    assert (warning["method"], warning["path"], warning["status"]) == ("PUT", EDIT, "200")
    assert int(warning["us"]) >= 200_000


def test_a_slow_query_names_its_request_and_no_values(slow, ctl):
    held, answer = slowly(ctl, slow)
    number = answer.headers["X-Request-ID"]
    found = until(lambda: [one for one in records(slow, "slow query") if one.get("request") == number], "the warning")
    for record in found:
        assert record["level"] == "warning" and int(record["us"]) >= 50_000
    assert any(re.search(r"\bUPDATE account\b.*\$\d", record["sql"]) for record in found), found
    for secret in (held.editor.email, held.editor.account.username, number):
        assert not any(secret in record["sql"] for record in found)
    assert all(len(record["sql"]) < 1000 and "\n" not in record["sql"] for record in found)


def test_what_is_quick_has_none(slow, ctl):
    numbers = [Api(slow.url).get("/nothing/").headers["X-Request-ID"] for _ in range(5)]
    until(lambda: any(one["id"] == numbers[-1] for one in records(slow, "request")), "its line")
    mine = {one["id"]: int(one["us"]) for one in records(slow, "request") if one["id"] in numbers}
    warned = {one["id"] for one in records(slow, "slow request")} & set(numbers)
    assert len(mine) == 5 and warned == {number for number, us in mine.items() if us >= 100_000}


@pytest.mark.parametrize("options", [
    ("--slow-request", "off", "--slow-query", "off"), ("--slow-request", "10m", "--slow-query", "10m")])
def test_none_at_all(new_server, ctl, options):
    server = new_server(*options)
    _, answer = slowly(ctl, server)
    until(lambda: answer.headers["X-Request-ID"] in server.log(), "its line")
    assert "slow" not in server.log()


def test_in_json_too(new_server, ctl):
    server = new_server(*SLOW, "--log-format", "json")
    slowly(ctl, server)
    server.stop()
    found = {record["msg"]: record for record in logs.records(server.log(), "json") if record["msg"].startswith("slow")}
    assert set(found) == {"slow request", "slow query"}
    assert found["slow request"]["us"] >= 200_000 and found["slow query"]["us"] >= 50_000


# PostgreSQL's own log

@pytest.fixture(scope="module")
def telling(cluster, database) -> str:
    """The database, which writes down every statement of whoever connects from now on."""
    name = database.rpartition("/")[2]
    cluster.execute("ALTER DATABASE {} SET log_min_duration_statement = 0", name)
    return database


def statements(cluster: Cluster, *words: str) -> list[str]:
    """The entries of PostgreSQL's log with all these words; lines that go on begin with a tabulator."""
    entries = re.split(r"\n(?!\t)", (cluster.home / "log").read_text(errors="replace"))
    return [entry for entry in entries if all(word in entry for word in words)]


@pytest.fixture(scope="module")
def commented(new_server, telling) -> Server:
    return new_server("--sql-comments", "on")


def comment(answer: requests.Response) -> str:
    return f"/* request={answer.headers['X-Request-ID']} */"


def test_postgresql_s_log_names_the_request(commented, ctl, cluster):
    editor = Editor(ctl, commented)
    answer = editor.edit()
    assert answer.status_code == 200
    until(lambda: any(re.search(r"\bUPDATE account\b", line, re.I) for line in statements(cluster, comment(answer))),
          f"its statements: {statements(cluster, comment(answer))}")
    found = statements(cluster, comment(answer))
    # In front of the statement, so that what is cut off at a thousand characters still has it.
    assert all(re.search(r"(: |>: )/\* request=", line) for line in found), found


def test_each_statement_names_the_request_that_it_is_for(commented, ctl, cluster):
    """Many at once go over the same connections; what is prepared once is run for others later."""
    editors = [Editor(ctl, commented) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda editor: [editor.edit() for _ in range(5)], editors))
    for editor, each in zip(editors, answers):
        assert {answer.status_code for answer in each} == {200}
        for answer in each:
            for line in until(lambda: statements(cluster, comment(answer)), "its statements"):
                others = {other.email for other in editors} - {editor.email}
                assert not any(other in line for other in others)


def test_pg_stat_activity_names_it_while_it_runs(commented, ctl, database):
    with Held(ctl, commented) as held:
        found = query(database, "SELECT query FROM pg_stat_activity WHERE pid = ANY (%s)", held.holder.waiting())
        answer = held.release()
    assert len(found) == 1 and found[0][0].startswith(comment(answer)), found


def test_a_client_cannot_write_into_the_comment(commented, ctl, cluster):
    answer = Editor(ctl, commented).edit(headers={"X-Request-ID": "x */ DROP TABLE account; --"})
    assert answer.status_code == 200
    until(lambda: statements(cluster, comment(answer)), "its statements")
    assert not statements(cluster, "/* request=x")


def test_off_by_default_and_changed_by_a_reload(new_server, telling, ctl, cluster, tmp_path):
    (config := tmp_path / "havocctl.conf").write_text("")
    server = new_server("--config", str(config))
    editor = Editor(ctl, server)
    for value, shown in (("", False), ("sql-comments = on\n", True), ("sql-comments = off\n", False)):
        config.write_text(value)
        before = server.log().count("msg=reloaded")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: server.log().count("msg=reloaded") > before, "reloaded")
        answer = editor.edit()
        assert answer.status_code == 200
        if shown:
            until(lambda: statements(cluster, comment(answer)), "its statements")
        else:
            # A statement of this test's own that comes later is there already.
            query(telling, "SELECT %s::text", mark := f"mark {answer.headers['X-Request-ID']}")
            until(lambda: statements(cluster, mark), "the mark")
            assert not statements(cluster, comment(answer))


def test_slow_queries_are_told_without_the_comment(new_server, ctl):
    server = new_server(*SLOW, "--sql-comments", "on")
    _, answer = slowly(ctl, server)
    found = until(lambda: [one for one in records(server, "slow query")
                           if one.get("request") == answer.headers["X-Request-ID"]], "the warning")
    assert not any("request=" in record["sql"] for record in found)


def test_queries_of_nobody_s_request_are_told_too(new_server, ctl, new_database):
    """What a server does by itself has no request to name."""
    url = new_database()
    server = new_server(*SLOW, url=url)
    with Holder(url, "LOCK TABLE server IN ACCESS EXCLUSIVE MODE") as holder:
        holder.catch()
        holder.connection.execute(PAST_IT)
        holder.release()
    # Whichever of them came first.
    until(lambda: any(record.get("request", "-") == "-" and int(record["us"]) >= 150_000
                      for record in records(server, "slow query")), "the warning")
