"""Who signs out, or gives themselves a new password, takes the session's sockets along everywhere."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.exceptions import InvalidStatus

from support import secrets
from support.api import Account, Api
from support.browser import Browser
from support.program import until
from support.sockets import (Chat, Talk, again, assert_alive, assert_closed, begin, open_socket,
                             opened)


@pytest.fixture
def talk(ctl, servers):
    return begin(ctl, servers[0])


LEAVING = [("trainer", "/api/auth/logout/"), ("community", "/auth/logout/"), ("havoc", "/user/logout"),
           ("integers", "/api/auth/del-logout/")]


@pytest.mark.parametrize("dialect, path", LEAVING, ids=[dialect for dialect, _ in LEAVING])
def test_signing_out(servers, talk, dialect, path):
    """On one server; the other's sockets close too, and those of other sessions stay."""
    other = again(servers[0], talk.one.account)
    mine, kept = opened(servers, talk), opened(servers, talk, other)
    answer = Api(servers[1].url).post(path, {}, talk.one.access)
    assert answer.status_code in (200, 204), answer.text
    assert_closed(*mine)
    assert_alive(*kept)


def test_signing_out_of_all(servers, talk):
    other = again(servers[0], talk.one.account)
    mine = [*opened(servers, talk), *opened(servers, talk, other)]
    answer = Api(servers[0].url).post("/api/auth/user/logout_all/", {}, talk.one.access)
    assert answer.status_code == 204, answer.text
    assert_closed(*mine)


def test_a_browser_signs_out(servers, talk):
    browser = Browser(servers[0].url)
    browser.sign_in(talk.one.account)
    cookie = {"Cookie": f"sessionid={browser.cookies['sessionid']}"}
    mine = [Chat(open_socket(server, talk.path, additional_headers=cookie)) for server in servers]
    kept = opened(servers, talk)
    assert browser.post("/api/auth/logout/", {}).status_code == 204
    assert_closed(*mine)
    assert_alive(*kept)


def test_a_new_password_closes_the_other_sessions(servers, talk):
    other = again(servers[0], talk.one.account)
    mine, kept = opened(servers, talk, other), opened(servers, talk)
    new = secrets.password()
    answer = Api(servers[0].url).post(
        "/auth/password/change/", {"new_password1": new, "new_password2": new}, talk.one.access)
    assert answer.status_code == 200, answer.text
    assert_closed(*mine)
    assert_alive(*kept)
    again(servers[1], Account(talk.one.name, new, ""))


def test_no_socket_slips_in_while_the_session_ends(servers, talk):
    """Whatever was opened meanwhile is closed, and from then on it's 401."""
    person = again(servers[0], talk.one.account)
    with ThreadPoolExecutor() as pool:
        came: list[Chat] = []
        arriving = [pool.submit(keep_opening, server, talk, person, came) for server in servers * 2]
        until(lambda: len(came) > 4, "some are open")
        assert Api(servers[1].url).post("/auth/logout/", {}, person.access).status_code == 200
        for one in arriving:
            one.result()
    assert_closed(*came)


def keep_opening(server, talk: Talk, person, came: list[Chat]) -> None:
    """One socket after the other until it's refused."""
    while len(came) < 2000:
        try:
            came.append(talk.open(server, person))
        except InvalidStatus as error:
            assert error.response.status_code == 401
            return
    raise AssertionError("it was never refused")
