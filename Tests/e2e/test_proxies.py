"""Behind real proxies, nginx and HAProxy, by a Unix socket and within TLS: nothing is lost on the way."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import Api, create_account
from support.behind import Pairs, curl, secure_api, through
from support.browser import set_cookies
from support.community import PEOPLE
from support.integers import join, units_text
from support.members import crowd
from support.members import join as member_of
from support.proxies import KINDS
from support.sockets import Chat, assert_closed, begin
from support.streams import MIB, frames, joined, publisher_path, received, started, watch_path
from support.wire import Wire, request

WAYS = [(way, kind) for way in ("unix", "TLS") for kind in KINDS]


@pytest.fixture(scope="module")
def pairs(new_server, certificates):
    made = Pairs(new_server, certificates)
    yield made
    made.close()


@pytest.fixture(scope="module", params=WAYS, ids=[f"{kind} by {way}" for way, kind in WAYS])
def pair(request, pairs):
    """A server and the proxy in front of it."""
    way, kind = request.param
    return pairs.by_unix(kind, "--chat-rate", "0") if way == "unix" else pairs.by_tls(kind, "--chat-rate", "0")


@pytest.fixture(scope="module")
def proxy(pair):
    return pair[1]


@pytest.fixture(scope="module")
def api(proxy) -> Api:
    return Api(proxy.url)


def test_requests(api):
    assert [api.get(path).status_code for path in ("/status/", "/nothing/", "/exercises/list/")] == [200, 404, 401]
    account = api.registered()
    access = api.tokens(account)["access_token"]
    assert api.alive(access)
    assert api.post("/user/login", {"username": account.username, "password": "wrong"}).status_code == 401


def test_every_method(api):
    for method, status in {"HEAD": 200, "OPTIONS": 204, "PUT": 405, "PATCH": 405, "DELETE": 405}.items():
        answer = api.call(method, "/status/")
        assert answer.status_code == status
        assert answer.headers["X-Request-ID"]


def seen(ctl, api, *hops: str) -> str:
    """The address that a sign-in is known to have come from."""
    account = create_account(ctl, 1)
    answer = api.post("/api/auth/login/", {"username": account.username, "password": account.password},
                      headers={"X-Forwarded-For": ", ".join(hops)} if hops else {})
    assert answer.status_code == 200, answer.text
    return ctl.json("session", "list", "--user", account.username)[0]["address"]


def test_the_client_is_known(ctl, api):
    """Within TLS the proxy's network is this client's too, and all of it trusted."""
    assert seen(ctl, api) == "127.0.0.1"


@pytest.mark.parametrize("hops", [
    ["198.51.100.7"], ["198.51.100.7", "203.0.113.9"], ["garbage"], ["unix"], [""]], ids=str)
def test_what_a_client_says_of_itself_isn_t_believed(pair, ctl, api, hops):
    if pair[0].url.startswith("https"):
        pytest.skip("this client comes from the proxy's own network")
    assert seen(ctl, api, *hops) == "127.0.0.1"


def test_tls_before_the_proxy_is_known(proxy, api, ctl):
    """Whatever is spoken behind it."""
    account = create_account(ctl, 1)
    for client, is_secure in ((secure_api(proxy), True), (api, False)):
        answer = client.login(account)
        assert answer.status_code == 200
        assert {bool(morsel["secure"]) for morsel in set_cookies(answer).values()} == {is_secure}
        assert ("Strict-Transport-Security" in answer.headers) == is_secure


def test_large_bodies(api):
    owner = join(api)
    text = units_text(150_000)
    owner.made(owner.post_text(text, set_id="big"))
    assert owner.integers("big") == json.loads(text)


def test_a_chunked_body(proxy, api):
    account = api.registered()
    body = json.dumps({"username": account.username, "password": account.password}).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    with Wire(proxy.address) as wire:
        wire.send(request("POST", "/api/auth/login/", b"", "Content-Type: application/json",
                          "Transfer-Encoding: chunked") + chunks)
        assert wire.response().status == 200


def test_a_body_over_the_limit(api):
    """The server answers before it has read all of it, and the proxy passes the answer on."""
    answer = api.call("POST", "/user/login", data=b"x" * (3 << 20), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413 and answer.json()["status"] == 413
    assert api.get("/status/").status_code == 200


@pytest.fixture(scope="module")
def many(database):
    return crowd(database, 5_000, "crowd")


def test_streamed_lists(api, many):
    member = member_of(api)
    assert len({one["username"] for one in member.seen(PEOPLE)}) >= 5_001


def test_http_2_towards_the_client(proxy, many):
    text, transfer = curl(proxy, proxy.secure + "/status/")
    assert transfer["http_version"] == "2" and json.loads(text)["status"] == "ok"
    member = member_of(secure_api(proxy))
    headers = [word for name, value in member.headers.items() for word in ("--header", f"{name}: {value}")]
    text, transfer = curl(proxy, *headers, proxy.secure + PEOPLE)
    assert transfer["http_version"] == "2" and len(json.loads(text)) >= 5_001


def test_a_chat(proxy, ctl):
    talk = begin(ctl, proxy)
    with (Chat(through(proxy, talk.path, talk.one.access)) as one,
          Chat(through(proxy, talk.path, talk.other.access)) as other):
        for number in range(200):
            one.send(f"one {number}")
            other.send(f"other {number}")
        while len(one.seen) < 400:
            one.next()
        assert other.read_to(one.seen[-1]["id"]) == one.ids
        ctl.ok("session", "revoke", "--user", talk.one.name, "--yes")
        assert_closed(one)
    assert len(talk.texts()) == 400


def test_a_stream(proxy, api, ctl):
    token = api.tokens(create_account(ctl, 1))["access_token"]
    stream = started(api, token)
    with through(proxy, publisher_path(stream)) as publisher, through(proxy, watch_path(stream), token) as watcher:
        joined(publisher, watcher)
        sent = frames(5) + [bytes(range(256)) * (MIB // 256)]
        for one in sent:
            publisher.send(one)
        assert received(watcher, len(sent)) == sent
        watcher.send("thank you")
        assert publisher.recv(timeout=60) == "thank you"


def test_many_at_once(proxy):
    def work(number: int) -> list[int]:
        api = Api(proxy.url)
        return [api.get("/status/" if turn % 2 else "/nothing/").status_code for turn in range(20)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [[404, 200] * 10] * 8
