"""Bans of an address, a network and a user: in force and lifted on every running server."""

import pytest

from support.api import assert_detail, assert_havoc_error, new_account
from support.attempts import fresh_address
from support.browser import Browser, Place
from support.cluster import query
from support.program import rows, until
from support.schemes import PROBES, SCHEMES, SIGN_INS, prove, sign_in

COLUMNS = {"id", "target", "reason", "by", "created", "expires"}


@pytest.fixture(scope="module")
def server(servers):
    return servers[0]


@pytest.fixture
def address() -> str:
    return fresh_address()


def assert_banned(answer, path: str = "") -> None:
    if path.startswith("/user/"):
        assert_havoc_error(answer, 403)
    else:
        assert_detail(answer, 403)


def banned(place) -> bool:
    """Whether the address may not even read."""
    status = place.get("/exercises/list/").status_code
    assert status in (401, 403)
    return status == 403


def turns_away(place) -> None:
    """Who says nothing of themselves isn't worth a question to the database: the server hears of
    the ban a moment later."""
    until(lambda: banned(place), "the ban begins")


def lift(ctl, target: str) -> None:
    ctl.ok("ban", "lift", target, "--yes")


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_a_banned_address_cannot_sign_in(servers, ctl, account, address, path):
    ctl.ok("ban", "add", address)
    for server in servers:
        assert_banned(sign_in(Place(server.url, address), path, account), path)
        assert sign_in(Place(server.url, fresh_address()), path, account).status_code == 200
    lift(ctl, address)
    for server in servers:
        assert sign_in(Place(server.url, address), path, account).status_code == 200


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dialect", PROBES)
def test_what_a_banned_address_holds_is_refused_there_only(
        servers, ctl, account, address, scheme, dialect):
    here = [Place(server.url, address) for server in servers]
    proof = prove(here[0], account, scheme)
    ctl.ok("ban", "add", address)
    assert [proof.probe(place, dialect) for place in here] == [403, 403]
    assert proof.probe(Place(servers[0].url, fresh_address()), dialect) == 200
    lift(ctl, address)
    assert [proof.probe(place, dialect) for place in here] == [200, 200]


def test_a_banned_address_cannot_sign_up(server, ctl, address):
    place, account = Place(server.url, address), new_account()
    ctl.ok("ban", "add", address)
    assert_banned(place.register(account))
    ctl.fails(3, "user", "show", account.username)
    lift(ctl, address)
    assert place.register(account).status_code == 201


@pytest.mark.parametrize("network, inside, outside", [
    ("127.77.0.0/16", "127.77.3.4", "127.78.0.1"), ("127.79.8.0/29", "127.79.8.7", "127.79.8.8"),
    ("127.80.1.1/32", "127.80.1.1", "127.80.1.2")])
def test_a_network(servers, ctl, network, inside, outside):
    ctl.ok("ban", "add", network)
    for server in servers:
        turns_away(Place(server.url, inside))
        assert not banned(Place(server.url, outside))
    lift(ctl, network)
    assert not any(banned(Place(server.url, inside)) for server in servers)


def test_a_lifted_address_stays_banned_with_its_network(server, ctl):
    ctl.ok("ban", "add", "127.81.0.0/16")
    ctl.ok("ban", "add", "127.81.2.3")
    lift(ctl, "127.81.2.3")
    turns_away(Place(server.url, "127.81.2.3"))
    lift(ctl, "127.81.0.0/16")
    assert not banned(Place(server.url, "127.81.2.3"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dialect", PROBES)
def test_a_banned_user_is_403_on_the_next_request(servers, ctl, account, address, scheme, dialect):
    here = [Place(server.url, address) for server in servers]
    proof = prove(here[0], account, scheme)
    ctl.ok("ban", "add", account.username)
    assert [proof.probe(place, dialect) for place in here] == [403, 403]
    assert not banned(here[0]), "the address isn't meant"
    lift(ctl, account.username)
    assert [proof.probe(place, dialect) for place in here] == [200, 200]


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_a_banned_user_cannot_sign_in(servers, ctl, account, user, path):
    ctl.ok("ban", "add", account.username)
    for server in servers:
        assert_banned(sign_in(Place(server.url, fresh_address()), path, account), path)
        assert sign_in(Place(server.url, fresh_address()), path, user).status_code == 200
    lift(ctl, account.username)
    assert sign_in(Place(servers[1].url, fresh_address()), path, account).status_code == 200


def test_a_banned_user_cannot_refresh(server, ctl, account, address):
    place = Place(server.url, address)
    pair = place.tokens(account)
    ctl.ok("ban", "add", account.username)
    answer = place.refresh(pair["refresh_token"])
    assert answer.status_code in (401, 403), answer.text
    lift(ctl, account.username)


@pytest.mark.parametrize("named", ["username", "email", "id"])
def test_a_user_by_every_name(server, ctl, account, address, named):
    shown = ctl.json("user", "show", account.username)
    browser = Browser(server.url)
    browser.sign_in(account)
    ctl.ok("ban", "add", shown[named])
    assert browser.get("/exercises/list/").status_code == 403
    lift(ctl, shown[named])
    assert browser.alive()


def test_a_ban_ends_with_its_time(servers, ctl, address, database):
    here = [Place(server.url, address) for server in servers]
    ctl.ok("ban", "add", address, "--for", "1h")
    turns_away(here[0])
    assert query(database, "UPDATE ban SET expires = now() + interval '1 second' WHERE target = %s RETURNING 1", address)
    for place in here:
        until(lambda place=place: not banned(place), "the ban ends")
    assert address not in {row["target"] for row in ctl.json("ban", "list")}


def test_list_shows_who_and_why(ctl, address, account):
    added = rows(ctl.json(
        "ban", "add", address, "--reason", "guessing, “loudly”", "--for", "1h"))[0]
    assert COLUMNS <= set(added) and added["changed"] is True
    ctl.ok("ban", "add", account.username)
    found = {row["target"]: row for row in ctl.json("ban", "list")}
    assert all(set(row) == COLUMNS for row in found.values())
    row = found[address]
    assert row["reason"] == "guessing, “loudly”" and row["by"].startswith("cli:")
    assert row["expires"] > row["created"] and row["id"] == added["id"]
    assert found[account.username]["expires"] is None
    lift(ctl, address)
    lift(ctl, account.username)
    assert not {address, account.username} & {row["target"] for row in ctl.json("ban", "list")}


def test_both_are_on_record(ctl, address):
    ctl.ok("ban", "add", address, "--reason", "noise")
    lift(ctl, address)
    found = [row["what"] for row in ctl.json("audit", "list", "--since", "1h")
             if row["target"] == address]
    assert sorted(found) == ["ban", "ban-lift"]


def test_a_running_server_started_before_and_one_started_after(new_server, ctl, server, address):
    ctl.ok("ban", "add", address)
    turns_away(Place(server.url, address))
    turns_away(Place(new_server().url, address))
    lift(ctl, address)


@pytest.mark.parametrize("target", [
    "nobody-of-this-name", "127.0.0.0/33", "300.1.1.1", "10.0.0.0/-1", "10.0.0.0/x", "::1/129", ""])
def test_what_is_neither_address_nor_user(ctl, target):
    ctl.fails((2, 3), "ban", "add", target)
    ctl.fails((2, 3), "ban", "lift", target, "--yes")


@pytest.mark.parametrize("options", [["--for", "soon"], ["--for", "-1h"], ["--for", "0s"]])
def test_a_time_that_is_none(ctl, server, address, options):
    ctl.fails(2, "ban", "add", address, *options)
    assert not banned(Place(server.url, address))


def test_lifting_what_is_not_banned(ctl, account):
    result = ctl("ban", "lift", fresh_address(), "--yes")
    assert result.status in (0, 3), str(result)


def test_dry_run_bans_nobody(ctl, server, address):
    ctl.ok("ban", "add", address, "--dry-run")
    assert not banned(Place(server.url, address))
    assert address not in {row["target"] for row in ctl.json("ban", "list")}
