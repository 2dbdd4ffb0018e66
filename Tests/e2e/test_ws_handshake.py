"""The opening handshake, RFC 6455 section 4: what opens a WebSocket and what is refused instead."""

import json

import pytest

from support.api import bearer
from support.frames import ACCEPT, KEY, PING, PONG, TEXT, Frame, FrameSocket, answer_to, frame, handshake
from support.sockets import begin
from support.wire import Wire, request

ALLOWED = "https://app.example.org"

GOOD = {
    "the plainest": {},
    "as Firefox sends it": {"Connection": "keep-alive, Upgrade"},
    "small letters": {"Connection": "upgrade", "Upgrade": "websocket"},
    "capital letters": {"Connection": "UPGRADE", "Upgrade": "WEBSOCKET"},
    "mixed letters": {"Upgrade": "WebSocket"},
    "empty elements in the list": {"Connection": ", ,Upgrade,"},
    "Connection in two lines": {"Connection": ["keep-alive", "Upgrade"]},
    "two protocols": {"Upgrade": "h2c, websocket"},
    "two protocols in two lines": {"Upgrade": ["h2c", "websocket"]},
    "blanks around values": {"Sec-WebSocket-Key": f"  {KEY}\t ", "Sec-WebSocket-Version": " 13 "},
    "names in small letters": {
        "Upgrade": None, "Connection": None, "Sec-WebSocket-Version": None, "Sec-WebSocket-Key": None,
        "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13", "sec-websocket-key": KEY},
    "compression": {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"},
    "extensions nobody knows": {"Sec-WebSocket-Extensions": ["x-one; a=\"b, c\"", "x-two"]}}

# Another protocol than ours, or none.
NO_UPGRADE = {
    "no Upgrade": {"Upgrade": None},
    "another protocol": {"Upgrade": "h2c"},
    "one that begins so": {"Upgrade": "websocket2"},
    "no Connection": {"Connection": None},
    "a Connection that doesn't say so": {"Connection": "keep-alive"},
    "one that begins so too": {"Connection": "Upgrades"},
    "a plain request": {"Upgrade": None, "Connection": None, "Sec-WebSocket-Version": None,
                        "Sec-WebSocket-Key": None}} | {
    f"version {version}": {"Sec-WebSocket-Version": version}
    for version in (None, "0", "7", "8", "12", "14", "131", "255")}

# Not a number at all, or not one.
NO_VERSION = ["", "thirteen", "-13", "13.0", "1 3", "13, 8", "0013", "9" * 40, ["13", "8"]]

BAD_KEYS = {
    "none": None, "empty": "", "a word": "key", "not base64": "!" * 22 + "==",
    "15 bytes": "AAAAAAAAAAAAAAAAAAAA", "17 bytes": "AAAAAAAAAAAAAAAAAAAAAAA=",
    "32 bytes": "A" * 43 + "=", "no padding": KEY[:-2], "more padding": KEY + "=",
    "a blank within": KEY[:10] + " " + KEY[10:], "the other alphabet": "_" * 22 + "==",
    "two": [KEY, "AAAAAAAAAAAAAAAAAAAAAA=="], "the same twice": [KEY, KEY]}


@pytest.fixture(scope="module")
def server(new_server):
    return new_server(f"--allowed-origins={ALLOWED},http://localhost:3000")


@pytest.fixture(scope="module")
def talk(server, ctl):
    return begin(ctl, server)


@pytest.fixture(scope="module")
def ask(server, talk):
    """Sends a handshake with some headers changed; gives the answer."""
    def send(changes=None, target=None, **line):
        headers = bearer(talk.one.access) | (changes or {})
        return answer_to(server.address, handshake(target or talk.path, headers, **line))
    return send


def assert_upgrade_required(answer) -> None:
    assert answer.status == 426, answer
    assert answer.headers["upgrade"].lower() == "websocket"
    assert answer.headers["sec-websocket-version"] == "13"
    assert json.loads(answer.body)["detail"]


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD)
def test_it_opens(ask, changes):
    answer = ask(changes)
    assert answer.status == 101, answer
    assert answer.headers["upgrade"].lower() == "websocket"
    assert answer.headers["connection"].lower() == "upgrade"
    assert answer.headers["sec-websocket-accept"] == ACCEPT
    assert answer.headers["x-request-id"]
    # Neither an extension nor a subprotocol that the client didn't ask for.
    assert {"sec-websocket-extensions", "sec-websocket-protocol"}.isdisjoint(answer.headers)


@pytest.mark.parametrize("changes", NO_UPGRADE.values(), ids=NO_UPGRADE)
def test_426_says_what_it_speaks(ask, changes):
    assert_upgrade_required(ask(changes))


def test_426_lists_upgrade_in_connection(ask):
    """As every message with an Upgrade field must, RFC 9110 section 7.8."""
    assert "upgrade" in ask({"Upgrade": None}).headers.get("connection", "").lower()


def test_426_comes_before_anything_else(server):
    assert_upgrade_required(answer_to(server.address, request("GET", "/ws/chat/1/")))


@pytest.mark.parametrize("version", NO_VERSION)
def test_a_version_that_is_none(ask, version):
    assert ask({"Sec-WebSocket-Version": version}).status in (400, 426)


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_bad_key(ask, key):
    answer = ask({"Sec-WebSocket-Key": key})
    assert answer.status == 400, answer
    assert json.loads(answer.body)["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_method(ask, method):
    answer = ask(method=method)
    assert answer.status == 405 and "GET" in answer.headers["allow"], answer


@pytest.mark.parametrize("method, version", [("HEAD", "HTTP/1.1"), ("OPTIONS", "HTTP/1.1"), ("GET", "HTTP/1.0")])
def test_a_method_or_a_version_without_sockets(ask, method, version):
    answer = ask(method=method, version=version)
    assert answer.status in (200, 204, 400, 405, 426, 505), answer
    assert "sec-websocket-accept" not in answer.headers


@pytest.mark.parametrize("offered, chosen", [
    ("chat", "chat"), ("chat, other", "chat"), (" chat ,other", "chat"), (["chat", "other"], "chat"),
    ("token.x, chat", "chat"), ("chat, token.x", "chat"), (["token.x", "chat"], "chat"),
    ("token.x", "token.x"), ("token.x, token.y", "token.x")])
def test_a_subprotocol_is_chosen(ask, offered, chosen):
    answer = ask({"Sec-WebSocket-Protocol": offered})
    assert answer.status == 101 and answer.headers["sec-websocket-protocol"] == chosen, answer


def test_its_own_origin_and_allowed_ones_open(server, ask):
    own = server.url.removeprefix("http://")
    for origin in (f"http://{own}", ALLOWED, "http://localhost:3000"):
        assert ask({"Host": own, "Origin": origin}).status == 101, origin


@pytest.mark.parametrize("origin", [
    "https://evil.example", "null", "", "file://", "http://localhost:1", "http://127.0.0.1",
    ALLOWED + ".evil.example", ALLOWED + "/", "http://app.example.org", f"{ALLOWED} {ALLOWED}",
    [ALLOWED, "https://evil.example"], "https://evil.example, " + ALLOWED])
def test_a_foreign_origin_is_403_with_the_right_token(server, ask, origin):
    own = server.url.removeprefix("http://")
    assert ask({"Host": own, "Origin": origin}).status == 403


def test_a_foreign_origin_is_403_before_anybody_is_known(ask):
    assert ask({"Origin": "https://evil.example", "Authorization": None}).status == 403


@pytest.mark.parametrize("piece", [1, 7])
def test_in_pieces(server, talk, piece):
    data = handshake(talk.path, bearer(talk.one.access))
    with Wire(server.address) as wire:
        for start in range(0, len(data), piece):
            wire.send(data[start:start + piece])
        assert wire.response().status == 101


def test_what_follows_at_once_is_read_as_frames(server, talk):
    behind = frame(b"early", PING) + frame(b'{"message":"early"}') + frame(b"late", PING)
    with FrameSocket(server.address, talk.path, bearer(talk.one.access), behind) as socket:
        got = [socket.receive() for _ in range(3)]
        said = [json.loads(one.payload)["message"] for one in got if one.opcode == TEXT]
        assert said == ["early"]
        assert [one for one in got if one.opcode != TEXT] == [Frame(PONG, b"early"), Frame(PONG, b"late")]


def test_a_refusal_leaves_the_connection_to_http(server, talk):
    with Wire(server.address) as wire:
        for changes, status in (({}, 401), ({"Upgrade": None}, 426), ({"Sec-WebSocket-Key": ""}, 400)):
            wire.send(handshake(talk.path, changes))
            assert wire.response().status == status
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200


def test_a_route_without_sockets_answers_as_ever(ask):
    assert ask(target="/status/").status == 200
    assert ask(target="/nothing/").status == 404


def test_with_and_without_the_last_slash(ask, talk):
    assert ask(target=talk.path.rstrip("/")).status == 101
