"""Signing in with 42 while 42 is down, slow, or says what nobody should believe."""

import threading

import pytest

from support.api import Api
from support.cluster import query
from support.oauth import OVERSIZE_BYTES, Trouble, new_person
from support.oauth_client import PATH, Browser, account, ctl_of, names
from support.program import Ctl, until

# What a gateway says of whom it asks; 503 and 504 tell when to come again or why not.
UPSTREAM = (502, 503, 504)


@pytest.fixture
def client(new_client, provider):
    return new_client(provider)


@pytest.fixture
def ctl(program, client) -> Ctl:
    return ctl_of(program, client)


def assert_failed(answer, ctl: Ctl, statuses=UPSTREAM) -> None:
    assert answer.status_code in statuses, answer.text
    assert set(answer.json()) == {"detail"} and answer.json()["detail"], answer.text
    if answer.status_code == 503:
        assert int(answer.headers["Retry-After"]) > 0
    assert not query(ctl.database, "SELECT 1 FROM session")
    assert not names(ctl)


def assert_recovers(client, provider) -> None:
    provider.trouble = Trouble()
    assert Browser(client.url).sign_in().status_code == 200


@pytest.mark.parametrize("endpoint", ["token", "userinfo"])
def test_an_endpoint_that_is_down(client, ctl, provider, endpoint):
    provider.trouble.down = {endpoint}
    assert_failed(Browser(client.url).sign_in(), ctl)
    assert_recovers(client, provider)


def test_nobody_listens(client, ctl, provider):
    browser = Browser(client.url)
    back = browser.consent(browser.begin())
    provider.stop()
    assert_failed(browser.get(back), ctl)
    # The first redirect asks nobody.
    assert Browser(client.url).begin().startswith(provider.url)


@pytest.mark.parametrize("endpoint", ["token", "userinfo"])
def test_an_endpoint_that_never_answers_holds_up_nobody_else(new_client, program, provider, endpoint):
    client = new_client(provider, timeout="2s")
    ctl = ctl_of(program, client)
    provider.trouble.slow = {endpoint}
    waiting = [Browser(client.url) for _ in range(8)]
    backs = [browser.consent(browser.begin()) for browser in waiting]
    answers = []
    threads = [threading.Thread(target=lambda one, back: answers.append(one.get(back)), args=pair)
               for pair in zip(waiting, backs)]
    for thread in threads:
        thread.start()
    until(lambda: provider.seen[endpoint], "the endpoint is asked")
    assert Api(client.url).get("/status/").status_code == 200
    wrong = {"username": "a", "password": "b"}
    assert Api(client.url).post("/auth/login/", wrong).status_code == 401
    for thread in threads:
        thread.join()
    for answer in answers:
        assert_failed(answer, ctl)
    assert len(answers) == 8


@pytest.mark.parametrize("endpoint", ["token", "userinfo"])
@pytest.mark.parametrize("kind", ["html", "array", "redirect", "oversize"])
def test_an_answer_that_is_none(client, ctl, provider, endpoint, kind):
    provider.trouble.answers = {endpoint: kind}
    assert_failed(Browser(client.url).sign_in(), ctl)
    # Whoever could bend the answer could point at a server inside: a redirect isn't followed.
    assert not provider.seen["trap"]
    assert_recovers(client, provider)


def resident_bytes(pid: int) -> int:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("endpoint", ["token", "userinfo"])
def test_an_oversize_answer_is_not_read_to_its_end(client, ctl, provider, endpoint):
    before = resident_bytes(client.process.pid)
    provider.trouble.answers = {endpoint: "oversize"}
    assert_failed(Browser(client.url).sign_in(), ctl)
    assert resident_bytes(client.process.pid) - before < OVERSIZE_BYTES // 2


@pytest.mark.parametrize("changes", [
    {"id": None}, {"id": ""}, {"id": {}}, {"id": [1]}, {"id": True}, {"login": None}, {"login": ""},
    {"login": {"a": 1}}], ids=str)
def test_without_an_id_or_a_name_nobody_is_signed_in(client, ctl, provider, changes):
    provider.person = new_person(**changes)
    assert_failed(Browser(client.url).sign_in(), ctl, (*UPSTREAM, 400, 403))


@pytest.mark.parametrize("changes", [
    {"email": None}, {"email": ""}, {"email": "absent"}], ids=str)
def test_without_an_address_it_goes_on(client, ctl, provider, changes):
    provider.person = new_person(**changes)
    if changes["email"] == "absent":
        del provider.person["email"]
    answer = Browser(client.url).sign_in()
    assert answer.status_code == 200, answer.text
    assert account(ctl, provider.person["login"])["email"] is None


def test_two_without_an_address_are_two(client, ctl, provider):
    for _ in range(2):
        provider.person = new_person(email=None)
        assert Browser(client.url).sign_in().status_code == 200
    assert len(names(ctl)) == 2


@pytest.mark.parametrize("image", [
    None, "absent", {}, {"link": None}, {"link": 5}, "text", {"link": "javascript:alert(1)"},
    {"link": "x" * 100_000}, {"link": "https://a.example/\r\nSet-Cookie: a=b"}], ids=str)
def test_an_avatar_that_is_none_is_left_out(client, ctl, provider, image):
    provider.person = new_person(image=image)
    if image == "absent":
        del provider.person["image"]
    answer = Browser(client.url).sign_in()
    assert answer.status_code == 200, answer.text
    assert account(ctl, provider.person["login"])["avatar"] == "/media/avatars/default.png"


@pytest.mark.parametrize("changes", [
    {"login": "a\r\nSet-Cookie: a=b"}, {"login": "<script>alert(1)</script>"}, {"login": "n" * 500},
    {"login": "a\u0000b"}, {"login": "\u202eroot"},
    {"email": "a@example.org\r\nBcc: b@example.net"},
    {"email": "no address"}, {"email": 5}], ids=str)
def test_hostile_fields_are_refused_or_left_out(client, ctl, provider, changes):
    provider.person = new_person(**changes)
    answer = Browser(client.url).sign_in()
    assert answer.status_code in (200, 400, 403, *UPSTREAM), answer.text
    assert "Set-Cookie: a=b" not in str(answer.headers)
    for made in ctl.json("user", "list"):
        for value in (made["username"], made["email"] or ""):
            assert not set(value) & set("\r\n\u0000\u202e<>") and len(value) <= 254
        assert made["email"] is None or "@" in made["email"]
    assert bool(names(ctl)) == (answer.status_code == 200)


def test_a_huge_callback_is_refused(client, ctl):
    answer = Browser(client.url).get(client.url + PATH, params={"code": "x" * 6000, "state": "y"})
    assert answer.status_code in (400, 401, 403, 414, 431)
    assert not names(ctl)
