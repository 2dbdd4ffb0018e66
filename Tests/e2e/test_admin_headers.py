"""The dashboard's answers of every kind: what their headers keep browsers from doing."""

import pytest

from support import secrets
from support.admin import SIGN_IN, SIGN_OUT, Dashboard
from support.api import create_account

# Methods, addresses and statuses, with somebody signed in.
ANSWERS = [
    ("GET", "/admin/", 200), ("GET", "/admin/users/", 200), ("GET", "/admin/users/1/", 200),
    ("GET", "/admin/users/create/", 200), ("GET", SIGN_IN, 200), ("GET", "/admin/users/0/", 404),
    ("GET", "/admin/nothing/", 404), ("GET", "/admin/users/edit/x/", 404), ("GET", "/admin/users/?sort=nothing", 400),
    ("POST", "/admin/users/create/", 403), ("POST", "/admin/users/", 405), ("DELETE", "/admin/users/", 405),
    ("PUT", "/admin/", 405), ("GET", SIGN_OUT, (404, 405)), ("HEAD", "/admin/users/", 200)]


@pytest.fixture(scope="module")
def server(new_server):
    return new_server("--trusted-proxies=127.0.0.1")


@pytest.fixture(scope="module")
def direct(new_server):
    return new_server()


def directives(policy: str) -> dict[str, list[str]]:
    found = [part.split() for part in policy.split(";") if part.strip()]
    return {name: values for name, *values in found}


def assert_guarded(page) -> None:
    policy = directives(page.headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"], policy
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"], policy
    assert policy["form-action"] == ["'self'"], policy
    words = {word for values in policy.values() for word in values}
    assert words <= {"'none'", "'self'", "data:"}, policy
    assert "data:" not in policy.get("script-src", []) + policy.get("style-src", []), policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Request-ID"]
    assert "Access-Control-Allow-Origin" not in page.headers


@pytest.mark.parametrize("method, path, status", ANSWERS)
def test_every_answer_is_guarded(dashboard, method, path, status):
    page = dashboard.call(method, path)
    assert page.status in (status if isinstance(status, tuple) else (status,)), str(page)
    assert_guarded(page)


@pytest.mark.parametrize("method, path", [(method, path) for method, path, _ in ANSWERS])
def test_as_are_those_to_strangers(server, method, path):
    page = Dashboard(server.url).call(method, path)
    assert page.status < 500
    assert_guarded(page)


def test_and_what_is_done_goes_on_elsewhere(dashboard, ctl):
    name = create_account(ctl, 1).username
    page = dashboard.post("/admin/users/lock/", {"USER": name})
    assert page.status == 303
    assert_guarded(page)


def test_and_refused_sign_ins(server, user):
    visitor = Dashboard(server.url)
    assert_guarded(visitor.try_to_sign_in(user))
    assert_guarded(visitor.try_to_sign_in(user, password=secrets.password()))
    assert_guarded(visitor.post(SIGN_IN, {}, csrf=False))


def test_pages_are_html_in_utf_8(dashboard, server):
    for page in (dashboard.get("/admin/users/"), dashboard.get("/admin/nothing/"), Dashboard(server.url).get(SIGN_IN)):
        assert page.headers["Content-Type"].lower() == "text/html; charset=utf-8"
        assert "".join(page.all("//meta/@charset")).lower() == "utf-8"


@pytest.mark.parametrize("method, path, status", ANSWERS)
def test_over_tls_a_browser_is_told_to_keep_to_it(dashboard, method, path, status):
    page = dashboard.call(method, path, headers={"X-Forwarded-Proto": "https"})
    assert "max-age=" in page.headers["Strict-Transport-Security"]
    assert int(page.headers["Strict-Transport-Security"].split("max-age=")[1].split(";")[0]) >= 86_400


@pytest.mark.parametrize("path", ["/admin/", SIGN_IN, "/admin/nothing/"])
@pytest.mark.parametrize("scheme", [None, "http", "httpss", "wss", ""])
def test_elsewhere_it_is_not(dashboard, path, scheme):
    headers = {} if scheme is None else {"X-Forwarded-Proto": scheme}
    assert "Strict-Transport-Security" not in dashboard.call("GET", path, headers=headers).headers


@pytest.mark.parametrize("path", ["/admin/", SIGN_IN])
def test_nor_where_a_stranger_speaks_of_tls(direct, path):
    page = Dashboard(direct.url).get(path, headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" not in page.headers


def test_nothing_in_a_page_runs_by_itself_or_comes_from_elsewhere(dashboard):
    for path in ("/admin/", "/admin/users/", "/admin/users/1/", "/admin/users/create/", SIGN_IN, "/admin/nothing/"):
        page = dashboard.get(path)
        assert not page.all("//style | //*[@style] | //script[not(@src)] | //script[normalize-space()]"), path
        assert not [name for element in page.all("//*") for name in element.attrib if name.startswith("on")], path
        for address in page.all("//@src | //link/@href | //form/@action | //@formaction | //a/@href"):
            assert address.startswith(("/assets/", "/admin/", "#", "?", "data:,")), f"{path}: {address}"


def test_the_files_of_a_page_are_there(dashboard):
    page = dashboard.get("/admin/users/")
    for address in page.all("//script/@src | //link[@rel='stylesheet']/@href"):
        answer = dashboard.call("GET", str(address))
        assert answer.status == 200 and answer.answer.content
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        wanted = "text/css" if ".css" in address else "text/javascript"
        assert answer.headers["Content-Type"].startswith(wanted)
