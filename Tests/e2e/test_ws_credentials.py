"""Who may open a chat: every way to prove it, and every way to fail before the upgrade."""

import secrets as random

import pytest

from support import secrets
from support.api import Api, bearer
from support.browser import Browser
from support.program import until
from support.schemes import prove
from support.sockets import Chat, begin, newcomer, open_socket, refusal

KINDS = ["access", "opaque", "session_token"]


def by_header(scheme: str):
    return lambda path, token: (path, {"additional_headers": bearer(token, scheme)})


def by_query(path: str, token: str):
    return f"{path}?token={token}", {}


def by_subprotocol(path: str, token: str):
    return path, {"subprotocols": ["token." + token]}


def by_cookie(path: str, token: str):
    return path, {"additional_headers": {"Cookie": f"sessionid={token}"}}


# name: (the kind of token, how it goes along)
WAYS = {
    "Bearer": ("access", by_header("Bearer")), "JWT": ("access", by_header("JWT")),
    "Token": ("opaque", by_header("Token")), "cookie": ("cookie", by_cookie),
    **{f"token= with {kind}": (kind, by_query) for kind in KINDS},
    **{f"subprotocol with {kind}": (kind, by_subprotocol) for kind in KINDS}}


def tokens(api: Api, account) -> dict[str, str]:
    """One of each kind, each of a session of its own."""
    browser = Browser(api.url)
    browser.sign_in(account)
    return {"access": api.tokens(account)["access_token"],
            "opaque": prove(api, account, "Token").headers["Authorization"].removeprefix("Token "),
            "session_token": api.credential(account)["session_token"],
            "cookie": browser.cookies["sessionid"]}


@pytest.fixture(scope="module")
def talk(server, ctl):
    return begin(ctl, server)


@pytest.fixture(scope="module")
def held(api, talk):
    return tokens(api, talk.one.account)


@pytest.mark.parametrize("kind, way", WAYS.values(), ids=WAYS)
def test_it_opens_and_speaks_in_their_name(server, talk, held, kind, way):
    path, options = way(talk.path, held[kind])
    with Chat(open_socket(server, path, **options)) as chat:
        assert chat.say(random.token_hex(4))["sender"] == talk.one.name


@pytest.mark.parametrize("kind, way", WAYS.values(), ids=WAYS)
def test_a_wrong_one_is_401(server, talk, held, kind, way):
    for wrong in (held[kind][:-3] + "AAA", "x", secrets.keep(random.token_hex(20))):
        path, options = way(talk.path, wrong)
        assert refusal(server, path, **options) == 401


@pytest.mark.parametrize("way", [by_header("Bearer"), by_query, by_subprotocol])
def test_a_refresh_token_is_none(api, server, talk, way):
    path, options = way(talk.path, api.tokens(talk.one.account)["refresh_token"])
    assert refusal(server, path, **options) == 401


def test_none_at_all_is_401_and_says_so(api, server, talk):
    for path in (talk.path, talk.path + "?token=", "/ws/chat/999999/"):
        assert refusal(server, path) == 401
    assert refusal(server, talk.path, subprotocols=["token."]) == 401
    assert refusal(server, talk.path, subprotocols=["chat"]) == 401


@pytest.mark.parametrize("kind, way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("command, status", [
    (("user", "lock", "{}", "--yes"), 401), (("user", "delete", "{}", "--yes"), 401),
    (("session", "revoke", "--user", "{}", "--confirm={count}"), 401), (("ban", "add", "{}"), 403)],
    ids=["lock", "delete", "revoke", "ban"])
def test_what_ended_is_refused(server, talk, ended, command, status, kind, way):
    path, options = way(talk.path, ended[command][kind])
    assert refusal(server, path, **options) == status


@pytest.fixture(scope="module")
def ended(api, ctl, server, talk):
    """The tokens of accounts that met each of the commands, made when they are asked for."""
    class Ended(dict):
        def __missing__(self, command):
            person = newcomer(ctl, server)
            given = tokens(api, person.account)
            count = len(ctl.json("session", "list", "--user", person.name))
            ctl.ok(*(word.format(person.name, count=count) for word in command))
            self[command] = given
            return given
    return Ended()


@pytest.mark.parametrize("number, status", [
    ("999999", 404), ("0", 404), ("-1", 404), ("x", 404), ("1x", 404), ("9223372036854775807", 404),
    ("9223372036854775808", 404), ("%00", 400)])
def test_a_conversation_that_is_none(server, talk, number, status):
    assert refusal(server, f"/ws/chat/{number}/", talk.one.access) == status


@pytest.mark.parametrize("permission", [1, 2, 3])
def test_somebody_else_is_403(ctl, server, talk, permission):
    stranger = newcomer(ctl, server, permission=permission)
    assert refusal(server, talk.path, stranger.access) == 403
    assert refusal(server, talk.path + "?token=" + stranger.opaque) == 403


def test_a_conversation_that_was_deleted_is_404(ctl, server):
    gone = begin(ctl, server)
    ctl.ok("conversation", "delete", gone.id, "--yes")
    assert refusal(server, gone.path, gone.one.access) == 404


@pytest.mark.parametrize("way", [by_query, by_subprotocol])
def test_the_token_is_not_in_the_log(api, server, talk, held, way):
    nowhere = f"/ws/chat/{random.randbelow(10**9) + 10**9}/"
    marks = {kind: token.rpartition(".")[2] for kind, token in held.items() if kind in KINDS}
    for kind in marks:
        path, options = way(talk.path, held[kind])
        open_socket(server, path, **options).close()
        path, options = way(nowhere, held[kind])
        assert refusal(server, path, **options) == 404
    until(lambda: server.log().count(nowhere) >= 3, "the access lines")
    assert talk.path in server.log()
    assert not [kind for kind, mark in marks.items() if mark in server.log()]
