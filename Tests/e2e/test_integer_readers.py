"""Sets and sessions that are deleted or replaced while a slow client is still reading them."""

import json
import socket

import pytest

from support.integers import SESSION, SET, Owner, join, listed, many, sets_of, units, units_text
from support.pieces import post_head
from support.wire import Wire, request

# More than the sockets between server and client could hold.
COUNT = 150_000


@pytest.fixture
def owner(api) -> Owner:
    return join(api)


@pytest.fixture(scope="module")
def large() -> str:
    return units_text(COUNT, 10**12)


@pytest.fixture(scope="module")
def expected() -> list[dict]:
    return units(COUNT, 10**12)


class SlowReader(Wire):
    """Has the first bytes of an answer, and takes no more for now."""

    def __init__(self, server, sent: bytes):
        # A small window, from the first, so that the rest of it stays with the server.
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        self.socket.settimeout(30)
        self.socket.connect(server.address)
        self.buffer, self.eof = b"", False
        self.send(sent)
        while len(self.buffer) < 2_000:
            assert self._more(), self.buffer

    def rest_of_it(self, status: int = 200):
        """The JSON of the whole answer."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        answer = self.response()
        assert answer.status == status
        return json.loads(answer.body)


def asking(owner: Owner, target: str) -> bytes:
    return request("GET", target, b"", *(f"{name}: {value}" for name, value in owner.headers.items()))


CHANGES = {
    "the set is deleted": lambda owner, ctl: owner.delete(SET, set_id="a", session_id="s"),
    "the set is replaced": lambda owner, ctl: owner.post_set(units(3), set_id="a", session_id="s"),
    "the session is deleted": lambda owner, ctl: owner.delete(SESSION, session_id="s"),
    "the session is posted": lambda owner, ctl: owner.post_session(
        listed({"a": units(2), "b": []}), session_id="s"),
    "its owner leaves": lambda owner, ctl: owner.again().call("POST", "/api/auth/del-logout/"),
    "it is deleted on the command line": lambda owner, ctl: ctl.ok(
        "integers", "delete", *(row["id"] for row in ctl.json(
            "integers", "list", "--user", owner.account.username, "--where", "set=a")), "--yes")}


@pytest.mark.parametrize("change", CHANGES)
def test_a_set_that_goes_while_it_is_read(server, ctl, owner, large, expected, change):
    assert owner.post_text(large, set_id="a", session_id="s").status_code == 201
    with SlowReader(server, asking(owner, f"{SET}?set_id=a&session_id=s")) as wire:
        answer = CHANGES[change](owner, ctl)
        assert getattr(answer, "status_code", 200) < 300
        # The change holds for others at once.
        again = owner.again()
        assert again.lacks("a", session_id="s") or again.integers("a", session_id="s") != expected
        body = wire.rest_of_it()
        assert body["set_id"] == "a" and body["integers"] == expected


@pytest.mark.parametrize("change", ["the set is deleted", "the session is posted"])
def test_a_session_that_goes_while_it_is_read(server, ctl, owner, large, expected, change):
    owner.keep_session("s", {"Z": units(5), "z": units(7)})
    assert owner.post_text(large, set_id="a", session_id="s").status_code == 201
    with SlowReader(server, asking(owner, f"{SESSION}?session_id=s")) as wire:
        assert CHANGES[change](owner, ctl).status_code < 300
        found = sets_of(wire.rest_of_it())
        assert found == {"Z": units(5), "a": expected, "z": units(7)}


def test_a_session_of_many_sets_that_goes(server, owner, large, expected):
    """No list that ends where the deletion overtook it."""
    owner.keep_session("s", many(100))
    assert owner.post_text(large, set_id="a", session_id="s").status_code == 201
    with SlowReader(server, asking(owner, f"{SESSION}?session_id=s")) as wire:
        assert owner.delete(SESSION, session_id="s").status_code == 204
        assert sets_of(wire.rest_of_it()) == {"a": expected} | many(100)


def test_a_session_that_goes_while_it_is_answered(server, owner, large, expected):
    """A post is answered with all that it stored."""
    others = json.dumps(listed(many(100)))[1:-1]
    body = f'{{"session_id":"s","integer_sets":[{{"set_id":"a","integers":{large}}},{others}]}}'.encode()
    head = post_head(SESSION, owner.headers, f"Content-Length: {len(body)}")
    with SlowReader(server, head + body) as wire:
        assert owner.delete(SESSION, session_id="s").status_code == 204
        assert sets_of(wire.rest_of_it(201)) == {"a": expected} | many(100)


def test_a_session_of_many_sets_that_changes(server, owner, large, expected):
    """Each of its sets is there, as it was or as it is."""
    owner.keep_session("s", many(100))
    assert owner.post_text(large, set_id="a", session_id="s").status_code == 201
    with SlowReader(server, asking(owner, f"{SESSION}?session_id=s")) as wire:
        owner.keep_session("s", many(100, value=2))
        found = sets_of(wire.rest_of_it())
    assert found.pop("a") == expected and found.keys() == many(100).keys()
    assert all(integers in (units(2), units(2, 2)) for integers in found.values())


def test_a_reader_that_goes_away_harms_nobody(server, owner, large):
    assert owner.post_text(large, set_id="a", session_id="s").status_code == 201
    for target in (f"{SET}?set_id=a&session_id=s", f"{SESSION}?session_id=s"):
        for _ in range(3):
            with SlowReader(server, asking(owner, target)) as wire:
                # Linger of zero: a reset instead of an orderly end.
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert len(owner.integers("a", session_id="s")) == COUNT
