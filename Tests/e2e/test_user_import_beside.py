"""`havocctl user import` beside other administrators, and ended in the middle."""

import signal

import pytest

from support import bulk
from support.api import create_account
from support.bulk import counts, people, stored, tables, write
from support.caught import Holder, Running
from support.cluster import query

SELECT = "SELECT FROM account WHERE username = '{}' FOR UPDATE"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "people.csv"


def test_an_edit_under_way_is_waited_for_and_kept(ctl, database, path):
    made = create_account(ctl, 1)
    path.write_text(f"username,first_name\n{made.username},Imported\nbeside-{made.username},New\n")
    edit = f"UPDATE account SET last_name = 'Edited' WHERE username = '{made.username}'"
    with Holder(database, edit) as other, Running(ctl, "-o", "json", "user", "import", path) as running:
        other.catch(running)
        other.release()
        done = running.ends()
    assert done.status == 0 and done.json() == counts(added=1, changed=1), str(done)
    row = stored(database, made.username)
    assert (row["first_name"], row["last_name"]) == ("Imported", "Edited")


def test_the_same_edit_under_way(ctl, database, path):
    """What the other has made of it meanwhile is what counts."""
    made = create_account(ctl, 1)
    path.write_text(f"username,first_name\n{made.username},Same\n")
    edit = f"UPDATE account SET first_name = 'Same' WHERE username = '{made.username}'"
    with Holder(database, edit) as other, Running(ctl, "-o", "json", "user", "import", path) as running:
        other.catch(running)
        other.release()
        done = running.ends()
    assert done.status == 0 and done.json() in (counts(unchanged=1), counts(changed=1)), str(done)
    assert stored(database, made.username)["first_name"] == "Same"


@pytest.mark.parametrize("what", ["username", "address"])
def test_an_account_that_another_is_making(ctl, database, path, what):
    one = people(1)[0]
    write(path, [one])
    name, email = (one["username"], None) if what == "username" else ("other-" + one["username"], one["email"])
    insert = ("INSERT INTO account (user_id, username, username_key, email, email_key, first_name) SELECT"
              f" '{bulk.random.token_hex(20)}', '{name}', '{name}', nullif('{email or ''}', ''),"
              f" nullif('{email or ''}', ''), 'theirs'")
    with Holder(database, insert) as other, Running(ctl, "-o", "json", "user", "import", path) as running:
        other.catch(running)
        other.release()
        done = running.ends()
    assert done.status in ((0, 1, 4) if what == "username" else (1, 4)), str(done)
    assert "duplicate key" not in done.stderr and "violates" not in done.stderr
    assert stored(database, name)["first_name"] == "theirs"
    if done.status:
        assert f"line 2, column {1 if what == 'username' else 2}:" in done.stderr, str(done)
        assert what == "username" or stored(database, one["username"]) is None


def test_an_account_that_another_purges(ctl, database, path):
    made = create_account(ctl, 1)
    path.write_text(f"username,first_name\n{made.username},Imported\n")
    with Holder(database, f"DELETE FROM account WHERE username = '{made.username}'") as other, \
            Running(ctl, "-o", "json", "user", "import", path) as running:
        other.catch(running)
        other.release()
        done = running.ends()
    # Added anew, or refused; never said to be done and not there.
    row = stored(database, made.username)
    assert (row is not None and row["first_name"] == "Imported") if done.status == 0 else row is None, str(done)


def test_two_imports_at_once(ctl, database, tmp_path):
    """They hold the same accounts in opposite order."""
    given = people(300)
    ctl.ok("user", "import", write(tmp_path / "first.csv", given))
    one = write(tmp_path / "one.csv", [person | {"first_name": "One"} for person in given])
    two = write(tmp_path / "two.csv", [person | {"first_name": "Two"} for person in reversed(given)])
    with Running(ctl, "user", "import", one) as first, Running(ctl, "user", "import", two) as second:
        done = [first.ends(), second.ends()]
    assert [result.status for result in done] == [0, 0], "\n".join(map(str, done))
    found = bulk.accounts(database)
    names = {found[person["username"]][1] for person in given}
    assert len(names) == 1 and names <= {"One", "Two"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP],
                         ids=lambda number: number.name)
def test_ended_in_the_middle_nothing_is_imported(ctl, database, path, number):
    made = create_account(ctl, 1)
    write(path, [*people(50), {"username": made.username, "email": made.email, "first_name": "Imported"}])
    before = tables(database)
    with Holder(database, SELECT.format(made.username)) as other, Running(ctl, "user", "import", path) as running:
        other.catch(running)
        running.send(number)
        status = running.ends().status
        if number == signal.SIGINT:
            other.alone()
    assert status == (130 if number == signal.SIGINT else -number) or (number != signal.SIGKILL and status > 0)
    assert tables(database) == before
    assert ctl.json("user", "import", path) == counts(added=50, changed=1)


def test_a_lost_connection(ctl, database, path):
    made = create_account(ctl, 1)
    path.write_text(f"username,first_name\n{made.username},Imported\nlost-{made.username},New\n")
    before = tables(database)
    with Holder(database, SELECT.format(made.username)) as other, Running(ctl, "user", "import", path) as running:
        for pid in other.catch(running):
            query(database, "SELECT pg_terminate_backend(%s)", pid)
        failed = running.ends()
    assert failed.status in (1, 6) and failed.stderr.startswith("havocctl: "), str(failed)
    assert tables(database) == before
