"""havocctl session and token: what they show, and that revoking holds at once."""

import time

import pytest

from support import forge, secrets
from support.api import create_account
from support.cluster import contents
from support.program import rows, until
from support.terminal import Terminal

SESSION = {"id", "username", "dialect", "address", "created", "last_seen", "expires", "sockets", "state"}
TOKEN = {"id", "session", "username", "kind", "dialect", "created", "expires", "last_used", "state"}


@pytest.fixture
def account(ctl):
    """One for each test: filters then find only its own sessions."""
    return create_account(ctl, 1)


def sid(pair: dict) -> str:
    return forge.claims_of(pair["access_token"])["sid"]


def mine(ctl, noun: str, account, *options) -> list[dict]:
    return ctl.json(noun, "list", "--user", account.username, *options)


def test_list_shows_live_ones_of_both_dialects(ctl, api, account):
    pair, havoc = api.tokens(account), api.credential(account)
    found = mine(ctl, "session", account)
    assert all(set(row) == SESSION for row in found)
    assert sorted(row["dialect"] for row in found) == ["havoc", "trainer"]
    assert {row["username"] for row in found} == {account.username}
    assert {row["address"] for row in found} == {"127.0.0.1"}
    assert len({row["state"] for row in found}) == 1
    assert sid(pair) in {row["id"] for row in found}
    assert [row["dialect"] for row in mine(ctl, "session", account, "--dialect", "havoc")] == ["havoc"]
    assert mine(ctl, "session", account, "--dialect", "microblog") == []
    wide = mine(ctl, "session", account, "--wide")
    assert all(set(row) == SESSION | {"user_agent", "device"} for row in wide)
    assert "python-requests" in wide[0]["user_agent"]
    assert havoc["session_token"] not in str(wide)


def test_show_by_the_beginning_of_the_id(ctl, api, account):
    number = sid(api.tokens(account))
    assert ctl.json("session", "show", number)["id"] == number
    assert ctl.json("session", "show", number[:13])["id"] == number
    ctl.fails((2, 3), "session", "show", "")
    ctl.fails(3, "session", "show", "ffffffff-0000-0000-0000-00000000dead")
    ctl.fails((2, 3), "session", "show", "not an id")


def test_revoke_by_id_holds_at_once(ctl, api, account):
    one, two = api.tokens(account), api.tokens(account)
    ctl.fails(5, "session", "revoke", sid(one))
    assert api.alive(one["access_token"])
    assert rows(ctl.json("session", "revoke", sid(one), "--yes"))[0]["changed"] is True
    assert not api.alive(one["access_token"]) and api.alive(two["access_token"])
    assert api.refresh(one["refresh_token"]).status_code == 401
    assert rows(ctl.json("session", "revoke", sid(one), "--yes"))[0]["changed"] is False
    assert [row["id"] for row in mine(ctl, "session", account)] == [sid(two)]
    states = {row["id"]: row["state"] for row in mine(ctl, "session", account, "--all")}
    assert set(states) == {sid(one), sid(two)} and states[sid(one)] != states[sid(two)]


def test_revoke_by_user_and_dialect(ctl, api, account, user):
    kept = api.tokens(user)
    pairs = [api.tokens(account) for _ in range(2)]
    havoc = api.credential(account)
    ctl.ok("session", "revoke", "--user", account.username, "--dialect", "havoc", "--yes")
    assert not api.connected(havoc) and api.alive(pairs[0]["access_token"])
    for options in ([], ["--yes"], ["--confirm=3"]):
        ctl.fails(5, "session", "revoke", "--user", account.username, *options)
    assert all(api.alive(pair["access_token"]) for pair in pairs)
    ctl.ok("session", "revoke", "--user", account.username, "--confirm=2")
    assert not any(api.alive(pair["access_token"]) for pair in pairs)
    assert api.alive(kept["access_token"])


def test_revoke_by_age(ctl, api, account):
    pair = api.tokens(account)
    for options in (["--before", "1h"], ["--idle-since", "30m"], ["--before", "2001-01-01"],
                    ["--before", "2001-01-01T00:00:00Z"]):
        assert mine(ctl, "session", account, *options) == []
        ctl("session", "revoke", "--user", account.username, *options, "--yes")
        assert api.alive(pair["access_token"]), options
    time.sleep(1.5)
    assert [row["id"] for row in mine(ctl, "session", account, "--before", "1s")] == [sid(pair)]
    ctl.ok("session", "revoke", "--user", account.username, "--before", "1s", "--yes")
    assert not api.alive(pair["access_token"])


@pytest.mark.parametrize("value", ["yesterday-ish", "1x", "2026-13-01", "99999999999999999999d", ""])
@pytest.mark.parametrize("noun", ["session", "token"])
def test_when_that_is_no_time(ctl, noun, value):
    failed = ctl.fails(2, noun, "list", f"--before={value}")
    assert "--before" in failed.stderr or "before" in failed.stderr


def test_revoke_wants_something_to_go_by(ctl, api, account):
    pair = api.tokens(account)
    for noun in ("session", "token"):
        ctl.fails(2, noun, "revoke", "--yes")
        ctl.fails(3, noun, "revoke", "ffffffff-0000-0000-0000-00000000dead", "--yes")
        ctl.fails(3, noun, "revoke", "--user", "nobody-of-this-name", "--yes")
    ctl.fails(3, "session", "revoke", sid(pair), "ffffffff-0000-0000-0000-00000000dead", "--confirm=2")
    assert api.alive(pair["access_token"])


def test_revoke_all(ctl, api, account, user):
    one, two = api.tokens(account), api.tokens(user)
    count = len(ctl.json("session", "list"))
    assert count >= 2
    ctl.fails(5, "session", "revoke", "--all", "--yes")
    ctl.fails(5, "session", "revoke", "--all", f"--confirm={count + 1}")
    assert api.alive(one["access_token"])
    ctl.ok("session", "revoke", "--all", f"--confirm={count}")
    assert not api.alive(one["access_token"]) and not api.alive(two["access_token"])
    assert ctl.json("session", "list") == []


def test_revoke_all_at_a_terminal(ctl, api, account):
    pair = api.tokens(account)
    count = len(ctl.json("session", "list"))
    terminal = Terminal(ctl, "session", "revoke", "--all")
    terminal.asks(rf"{count}[^\r\n]*[:?>] ?")
    terminal.types(str(count))
    assert terminal.ends() == 0, terminal.seen
    assert not api.alive(pair["access_token"])


@pytest.mark.parametrize("kind, scheme", [("access", "Bearer"), ("opaque", "Token")])
def test_issue_list_revoke(ctl, api, account, kind, scheme):
    issued = ctl.json("token", "issue", account.username, "--kind", kind, "--ttl", "1h")
    token = secrets.keep(issued["token"].rpartition(".")[2]) and issued["token"]
    assert TOKEN <= set(issued) and issued["kind"] == kind
    assert api.alive(token, scheme)
    found = mine(ctl, "token", account)
    assert [row["id"] for row in found if row["kind"] == kind] == [issued["id"]]
    assert all(set(row) == TOKEN for row in found)
    assert token not in str(mine(ctl, "token", account, "--wide", "--all"))
    assert mine(ctl, "token", account, "--kind", kind)[0]["id"] == issued["id"]
    ctl.fails(5, "token", "revoke", issued["id"])
    assert api.alive(token, scheme)
    ctl.ok("token", "revoke", issued["id"], "--yes")
    assert not api.alive(token, scheme)


def test_issue_of_a_session_token(ctl, api, account):
    issued = ctl.json("token", "issue", account.username, "--kind", "session_token")
    held = {"username": account.username, "session_token": secrets.keep(issued["token"])}
    assert api.connected(held)
    ctl.ok("session", "revoke", issued["session"], "--yes")
    assert not api.connected(held)


def test_a_token_ends_with_its_time(ctl, api, account):
    for kind, scheme in (("access", "Bearer"), ("opaque", "Token")):
        issued = ctl.json("token", "issue", account.username, "--kind", kind, "--ttl", "2s")
        secrets.keep(issued["token"].rpartition(".")[2])
        until(lambda: not api.alive(issued["token"], scheme), f"{kind} expires")


@pytest.mark.parametrize("options, status", [
    (["nobody-of-this-name", "--kind", "opaque"], 3), (["{user}", "--kind", "golden"], 2), ([], 2),
    (["{user}", "--kind", "opaque", "--ttl", "soon"], 2), (["{user}", "--kind", "opaque", "--ttl", "-1h"], 2),
    (["{user}", "--kind", "opaque", "--ttl", "0s"], 2)])
def test_issue_refuses(ctl, account, options, status):
    ctl.fails(status, "token", "issue", *(word.format(user=account.username) for word in options))
    assert mine(ctl, "token", account) == []


def test_a_sign_in_shows_its_tokens(ctl, api, account):
    pair = api.tokens(account)
    found = mine(ctl, "token", account)
    assert sorted(row["kind"] for row in found) == ["access", "refresh", "web"]
    assert {row["session"] for row in found} == {sid(pair)}


def test_prune_takes_the_dead_and_leaves_the_living(ctl, api, account):
    living = api.tokens(account)
    dead = ctl.json("token", "issue", account.username, "--kind", "opaque", "--ttl", "1s")
    secrets.keep(dead["token"])
    until(lambda: not api.alive(dead["token"], "Token"), "the token expires")
    for noun, number in (("token", dead["id"]), ("session", dead["session"])):
        assert number in {row["id"] for row in mine(ctl, noun, account, "--all")}
        # What died a moment ago is not what died an hour ago.
        ctl.ok(noun, "prune", "--before", "1h", "--yes")
        assert number in {row["id"] for row in mine(ctl, noun, account, "--all")}
        time.sleep(1.1)
        ctl.fails(5, noun, "prune", "--before", "1s")
        assert ctl.json(noun, "prune", "--before", "1s", "--yes")["changed"] is True
        assert number not in {row["id"] for row in mine(ctl, noun, account, "--all")}
        assert ctl.json(noun, "prune", "--before", "1s", "--yes")["changed"] is False
    assert api.alive(living["access_token"])


@pytest.mark.parametrize("command", [
    ("session", "revoke", "{sid}", "--yes"), ("session", "revoke", "--user", "{user}", "--yes"),
    ("session", "prune", "--yes"), ("token", "issue", "{user}", "--kind", "opaque"),
    ("token", "revoke", "--user", "{user}"), ("session", "revoke", "--all"), ("token", "prune", "--yes")])
def test_dry_run_changes_nothing(ctl, api, account, database, command):
    pair = api.tokens(account)
    before = contents(database)
    result = ctl.ok(*(word.format(sid=sid(pair), user=account.username) for word in command), "--dry-run")
    assert contents(database) == before
    if command[1] == "issue":
        for word in result.stdout.split():
            assert not api.alive(word.strip('",'), "Token")
    assert api.alive(pair["access_token"])
