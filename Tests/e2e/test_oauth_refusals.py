"""Signing in with 42 that must not succeed: states, codes, and accounts that belong to others."""

import pytest

from support.api import Api, create_account
from support.cluster import query
from support.community import login
from support.oauth import new_person
from support.oauth_client import PATH, Browser, account, ctl_of, names, query_of, with_query
from support.program import Ctl

# Refused by its length alone, before anything else is looked at.
TOO_LONG = (414, 431)

LINKING = ["--oauth-link-by-email", "on", "--oauth-verified", "verified"]


@pytest.fixture
def client(new_client, provider):
    return new_client(provider)


@pytest.fixture
def ctl(program, client) -> Ctl:
    return ctl_of(program, client)


def assert_refused(answer, ctl: Ctl, statuses=(400, 401, 403)) -> None:
    """An error that says why; nobody is signed in, and nobody new is there."""
    assert answer.status_code in statuses, answer.text
    if answer.status_code not in TOO_LONG:
        assert isinstance(answer.json(), dict) and all(answer.json().values()), answer.text
    assert "token_auth" not in answer.text
    assert not query(ctl.database, "SELECT 1 FROM session")
    assert not names(ctl)


@pytest.mark.parametrize("bend", [
    lambda back: with_query(back, state=None), lambda back: with_query(back, state=""),
    lambda back: with_query(back, state=query_of(back)["state"][::-1]),
    lambda back: with_query(back, state=query_of(back)["state"] + "x"),
    lambda back: with_query(back, state="\u0000"),
    lambda back: with_query(back, state="é" * 5000)],
    ids=["missing", "empty", "reversed", "longer", "nul", "huge"])
def test_a_bent_state_is_refused(client, ctl, provider, bend):
    browser = Browser(client.url)
    answer = browser.get(bend(browser.consent(browser.begin())))
    assert_refused(answer, ctl, (400, 401, 403, *TOO_LONG))
    assert not provider.seen["token"]


def test_the_state_of_another_sign_in_does_not_do(client, ctl, provider):
    """The code belongs to the challenge of its own sign-in."""
    browser = Browser(client.url)
    first, second = (browser.consent(browser.begin()) for _ in range(2))
    answer = browser.get(with_query(first, state=query_of(second)["state"]))
    assert_refused(answer, ctl)


@pytest.mark.parametrize("has_begun", [False, True])
def test_from_another_browser_it_is_refused(client, ctl, provider, has_begun):
    """Neither a stolen address signs the thief in, nor one that was planted its victim."""
    one, other = Browser(client.url), Browser(client.url)
    back = one.consent(one.begin())
    if has_begun:
        other.begin()
    assert_refused(other.get(back), ctl)
    assert not provider.seen["token"]


def test_a_state_is_good_once(client, ctl, provider):
    browser = Browser(client.url)
    back = browser.consent(browser.begin())
    assert browser.get(back).status_code == 200
    sessions = query(ctl.database, "SELECT count(*) FROM session")
    answer = browser.get(back)
    assert answer.status_code in (400, 401, 403), answer.text
    assert query(ctl.database, "SELECT count(*) FROM session") == sessions
    assert len(provider.seen["token"]) == 1


def test_an_expired_state_is_refused(client, ctl, provider):
    browser = Browser(client.url)
    back = browser.consent(browser.begin())
    assert query(ctl.database, "UPDATE oauth_state SET created = created - interval '1 day',"
                               " expires = expires - interval '1 day' RETURNING 1")
    assert_refused(browser.get(back), ctl)
    assert not provider.seen["token"]


def test_a_replayed_code_is_refused(client, ctl, provider):
    browser = Browser(client.url)
    back = browser.consent(browser.begin())
    code = query_of(back)["code"]
    provider.codes.pop(code)
    assert_refused(browser.get(back), ctl)
    assert provider.seen["token"][0]["code"] == code


def test_denied_by_the_person(client, ctl, provider):
    provider.trouble.denied = True
    assert_refused(Browser(client.url).sign_in(), ctl)
    assert not provider.seen["token"]


@pytest.mark.parametrize("error", [
    "access_denied", "server_error", "<script>alert(1)</script>", "x\r\ny: z"])
def test_an_error_without_a_good_state_is_refused(client, ctl, error):
    answer = Browser(client.url).get(client.url + PATH, params={"error": error, "state": "x"})
    assert_refused(answer, ctl)
    assert "<script>" not in answer.text or "json" in answer.headers["Content-Type"]


def test_without_configuration_there_is_none(new_server):
    answer = Api(new_server().url).get(PATH)
    assert answer.status_code in (404, 503) and answer.json()["detail"], answer.text


def test_post_is_405(client):
    answer = Api(client.url).post(PATH, {"code": "x", "state": "y"})
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


def taken(ctl: Ctl, provider, **person):
    """A local account, and somebody at 42 who gives its e-mail address as theirs."""
    local = create_account(ctl, 3, "local")
    provider.person = new_person(email=local.email, **person)
    return local


def assert_not_linked(server, ctl: Ctl, local) -> None:
    before = account(ctl, local.username)
    answer = Browser(server.url).sign_in()
    assert answer.status_code in (200, 409), answer.text
    assert not ctl.json("session", "list", "--user", local.username)
    assert account(ctl, local.username) == before
    assert login(Api(server.url), local).status_code == 200
    assert not ctl.json("audit", "list", "--what", "oauth-link", "--user", local.username)


@pytest.mark.parametrize(
    "options", [[], LINKING[2:], LINKING[:2]], ids=["neither", "verified", "link"])
def test_an_address_links_nothing_by_default(new_client, provider, program, options):
    client = new_client(provider, *options)
    ctl = ctl_of(program, client)
    assert_not_linked(client, ctl, taken(ctl, provider, verified=True))


@pytest.mark.parametrize("verified", [False, None, 0, "", "false", [], {}], ids=repr)
def test_an_unverified_address_links_nothing(new_client, provider, program, verified):
    client = new_client(provider, *LINKING)
    ctl = ctl_of(program, client)
    assert_not_linked(client, ctl, taken(ctl, provider, verified=verified))


@pytest.mark.parametrize("change", [str, str.upper], ids=["as it is", "upper case"])
def test_a_verified_address_links(new_client, provider, program, change):
    client = new_client(provider, *LINKING)
    ctl = ctl_of(program, client)
    local = taken(ctl, provider, verified=True)
    provider.person["email"] = change(local.email)
    before = names(ctl)
    assert Browser(client.url).sign_in().status_code == 200
    assert names(ctl) == before
    assert len(ctl.json("session", "list", "--user", local.username)) == 1
    assert len(ctl.json("audit", "list", "--what", "oauth-link", "--user", local.username)) == 1
    assert account(ctl, local.username)["permission"] == 3
    assert login(Api(client.url), local).status_code == 200
    provider.person = provider.person | {"verified": False, "email": "moved@example.org"}
    assert Browser(client.url).sign_in().status_code == 200
    assert names(ctl) == before


def test_a_taken_name_is_not_taken_over(client, ctl, provider):
    local = create_account(ctl, 3, "local")
    provider.person = new_person(login=local.username.upper())
    assert_not_linked(client, ctl, local)
    assert account(ctl, local.username)["is_42"] is False
