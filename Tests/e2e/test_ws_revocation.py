"""What ends a session ends its sockets, on every server, within a second, with 1008."""

import pytest

from support.api import Api, bearer
from support.attempts import fresh_address
from support.crowd import LISTENERS, terminate
from support.program import until
from support.schemes import prove
from support.sockets import Chat, again, assert_alive, assert_closed, begin, open_socket, opened


@pytest.fixture
def talk(ctl, servers):
    return begin(ctl, servers[0])


def session_of(ctl, person, dialect: str = "community") -> str:
    found = ctl.json("session", "list", "--user", person.name, "--dialect", dialect)
    assert len(found) == 1, found
    return found[0]["id"]


# name: what an administrator does to the account
BLOWS = {
    "session revoke": ("session", "revoke", "--user", "{}", "--yes"),
    "token revoke": ("token", "revoke", "--user", "{}", "--kind", "access", "--yes"),
    "lock": ("user", "lock", "{}", "--yes"),
    "lock for a while": ("user", "lock", "{}", "--until", "1h", "--yes"),
    "delete": ("user", "delete", "{}", "--yes"),
    "ban": ("ban", "add", "{}"),
    "ban for a while": ("ban", "add", "{}", "--for", "1h")}


@pytest.mark.parametrize("command", BLOWS.values(), ids=BLOWS)
def test_the_account_s_sockets_close(ctl, servers, talk, command):
    mine, theirs = opened(servers, talk), opened(servers, talk, talk.other)
    mine[0].say("heard by all")
    ctl.ok(*(word.format(talk.one.name) for word in command))
    assert_closed(*mine)
    assert_alive(*theirs)
    assert set(talk.texts()) == {"heard by all", "still here"}


def test_purging_the_account(ctl, servers, talk):
    mine = opened(servers, talk)
    ctl.ok("user", "delete", talk.one.name, "--purge", "--yes")
    assert_closed(*mine)


def test_one_session_of_several(ctl, servers, talk):
    first = session_of(ctl, talk.one)
    other = again(servers[1], talk.one.account)
    mine, kept = opened(servers, talk), opened(servers, talk, other)
    ctl.ok("session", "revoke", first, "--yes")
    assert_closed(*mine)
    assert_alive(*kept)


def test_many_sessions_at_once(ctl, servers, talk):
    people = [again(servers[number % 2], talk.one.account) for number in range(5)]
    mine = [chat for person in people for chat in opened(servers, talk, person)]
    kept = opened(servers, talk, talk.other)
    ctl.ok("session", "revoke", "--user", talk.one.name, "--confirm=6")
    assert_closed(*mine)
    assert_alive(*kept)


def test_a_banned_address(ctl, servers, talk):
    address = fresh_address()
    mine, kept = opened(servers, talk, at=address), opened(servers, talk)
    ctl.ok("ban", "add", address)
    assert_closed(*mine)
    assert_alive(*kept)
    ctl.ok("ban", "lift", address, "--yes")
    assert_alive(*opened(servers, talk, at=address))


def test_a_banned_network(ctl, servers, talk):
    mine, kept = opened(servers, talk, at="127.77.0.5"), opened(servers, talk, at="127.77.1.5")
    ctl.ok("ban", "add", "127.77.0.0/24", "--for", "1h")
    assert_closed(*mine)
    assert_alive(*kept)


def test_a_banned_address_behind_a_proxy(ctl, new_server, talk):
    server, address = new_server("--trusted-proxies=127.0.0.1"), fresh_address()
    mine, kept = (talk.open(server, additional_headers={"X-Forwarded-For": one})
                  for one in (address, fresh_address()))
    ctl.ok("ban", "add", address)
    assert_closed(mine)
    assert_alive(kept)


def test_a_server_that_did_not_hear_of_it_finds_out(ctl, servers, talk, database):
    """The connections by which it hears are cut at the same moment."""
    for _ in range(4):
        person = again(servers[0], talk.one.account)
        mine, kept = opened(servers, talk, person), opened(servers, talk)
        until(lambda: terminate(database, LISTENERS), "there is one that listens")
        answer = Api(servers[0].url).post("/auth/logout/", {}, person.access)
        assert answer.status_code == 200, answer.text
        assert_closed(*mine)
        assert_alive(*kept)


def test_sockets_of_every_credential(ctl, servers, talk):
    """However it was opened, the socket belongs to the session."""
    api, account = Api(servers[0].url), talk.one.account
    mine = []
    for scheme in ("Bearer", "Token"):
        token = prove(api, account, scheme).headers["Authorization"].partition(" ")[2]
        for server in servers:
            mine += [Chat(open_socket(server, talk.path, additional_headers=bearer(token, scheme))),
                     Chat(open_socket(server, f"{talk.path}?token={token}")),
                     Chat(open_socket(server, talk.path, subprotocols=["token." + token]))]
    held = api.credential(account)["session_token"]
    mine += [Chat(open_socket(server, f"{talk.path}?token={held}")) for server in servers]
    ctl.ok("session", "revoke", "--user", account.username, "--confirm=4")
    assert_closed(*mine)


def test_a_new_permission_leaves_them_open(ctl, servers, talk):
    kept = opened(servers, talk)
    ctl.ok("permission", "assign", 2, talk.one.name, "--yes")
    assert_alive(*kept)


def test_what_changes_nothing_closes_nothing(ctl, servers, talk):
    kept = [*opened(servers, talk), *opened(servers, talk, talk.other)]
    ctl.ok("session", "revoke", "--user", talk.one.name, "--dry-run")
    ctl.ok("user", "lock", talk.other.name, "--dry-run")
    ctl.ok("user", "edit", talk.one.name, "--first-name", "Ada")
    ctl.ok("key", "rotate", "--yes")
    assert_alive(*kept)


def test_session_list_counts_sockets(ctl, servers, talk):
    def counts() -> dict[str, int]:
        return {row["id"]: row["sockets"] for row in ctl.json("session", "list", "--user", talk.one.name)}

    first = session_of(ctl, talk.one)
    assert counts() == {first: 0}
    other = again(servers[0], talk.one.account)
    second = next(name for name in counts() if name != first)
    mine, theirs = [*opened(servers, talk), talk.open(servers[0])], opened(servers[:1], talk, other)
    assert counts() == {first: 3, second: 1}
    assert ctl.json("session", "show", first)["sockets"] == 3
    mine[0].connection.close()
    until(lambda: counts() == {first: 2, second: 1}, "the closed one counts no more")
    ctl.ok("session", "revoke", second, "--yes")
    assert_closed(*theirs)
    assert counts() == {first: 2}
    assert_alive(*mine[1:])
