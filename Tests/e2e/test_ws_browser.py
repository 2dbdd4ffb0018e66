"""A browser's own WebSocket, driven through WebDriver."""

import functools
import http.server
import secrets as random
import threading

import pytest

from support import secrets
from support.sockets import begin

# Opens a WebSocket, says one thing, and tells how it went.
CONVERSE = """
const [url, protocols, text, done] = arguments;
const told = {opened: false, protocol: null, heard: [], code: null};
const socket = new WebSocket(url, protocols);
socket.onopen = () => {
  told.opened = true;
  told.protocol = socket.protocol;
  socket.send(JSON.stringify({message: text}));
};
socket.onmessage = event => {
  told.heard.push(JSON.parse(event.data));
  socket.close(1000, "enough");
};
socket.onclose = event => { told.code = event.code; done(told); };
"""

SIGN_IN = """
const [name, password, done] = arguments;
fetch("/api/auth/login/", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({username: name, password: password})}).then(answer => done(answer.status));
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def new_site(tmp_path_factory):
    """Starts servers of one empty page; gives their origins."""
    directory = tmp_path_factory.mktemp("site")
    (directory / "index.html").write_text("<!doctype html><title>A page</title>")
    started = []

    def start() -> str:
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=directory))
        threading.Thread(target=site.serve_forever, daemon=True).start()
        started.append(site)
        return f"http://127.0.0.1:{site.server_port}"

    yield start
    for site in started:
        site.shutdown()
        site.server_close()


@pytest.fixture(scope="module")
def friend(new_site) -> str:
    return new_site()


@pytest.fixture(scope="module")
def server(new_server, friend):
    return new_server(f"--allowed-origins={friend}")


@pytest.fixture(scope="module")
def talk(server, ctl):
    return begin(ctl, server)


@pytest.fixture
def converse(browser, server, talk):
    def run(token: str | None = None, *protocols: str) -> tuple[dict, str]:
        """What the page in the browser is told, and the text that it sent."""
        text = f"½ {random.token_hex(4)} \U0001f600"
        asked = "" if token is None else f"?token={token}"
        url = f"ws{server.url.removeprefix('http')}{talk.path}{asked}"
        return browser.execute_async_script(CONVERSE, url, list(protocols), text), text
    return run


def assert_said(talk, told: dict, text: str) -> None:
    assert told["opened"] and told["code"] == 1000, told
    assert [(one["sender"], one["message"]) for one in told["heard"]] == [(talk.one.name, text)]
    assert text in talk.texts()


def test_a_page_of_an_allowed_origin_with_a_token(browser, friend, talk, converse):
    browser.get(friend)
    for token in (talk.one.access, talk.one.opaque):
        told, text = converse(token)
        assert_said(talk, told, text)
        assert told["protocol"] == ""


@pytest.mark.parametrize("more, chosen", [((), None), (("chat",), "chat")])
def test_a_page_of_an_allowed_origin_with_a_subprotocol(browser, friend, talk, converse, more, chosen):
    browser.get(friend)
    for token in (talk.one.access, talk.one.opaque):
        told, text = converse(None, f"token.{token}", *more)
        assert_said(talk, told, text)
        assert told["protocol"] == (chosen or f"token.{token}")


def test_without_a_token_it_fails(browser, friend, converse):
    browser.get(friend)
    for token, protocols in ((None, ()), ("wrong", ()), (None, ("token.wrong",)), (None, ("chat",))):
        told, _ = converse(token, *protocols)
        assert not told["opened"] and told["code"] == 1006, told


def test_a_page_of_a_foreign_origin_fails(browser, new_site, talk, converse):
    browser.get(new_site())
    for token, protocols in ((talk.one.access, ()), (None, (f"token.{talk.one.access}",))):
        told, text = converse(token, *protocols)
        assert not told["opened"] and told["code"] == 1006, told
        assert text not in talk.texts()


def test_the_site_s_own_page_with_its_cookie(browser, server, talk, converse, new_site):
    """And no other page may use that cookie, though the browser would send it along."""
    browser.get(server.url + "/status/")
    account = talk.one.account
    assert browser.execute_async_script(SIGN_IN, account.username, account.password) == 200
    secrets.keep(browser.get_cookie("sessionid")["value"])
    told, text = converse()
    assert_said(talk, told, text)
    browser.get(new_site())
    told, text = converse()
    assert not told["opened"] and text not in talk.texts()
