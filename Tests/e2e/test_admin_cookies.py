"""The dashboard's two cookies: where they go, and that neither they nor those of the APIs pass for each other."""

import pytest

from support.admin import CSRF, ROOT, SESSION, SIGN_IN, SIGN_OUT, Dashboard, query, where_to
from support.api import Account, Api, bearer, create_account
from support.browser import set_cookies
from support.schemes import PROBES, SCHEMES, prove

HTTPS = {"X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def server(new_server):
    return new_server("--trusted-proxies=127.0.0.1")


def cookies_of(page):
    return set_cookies(page.answer)


def signed_in(server, account: Account, **headers: str):
    """Both cookies as a sign-in sets them."""
    visitor = Dashboard(server.url)
    visitor.get(SIGN_IN)
    page = visitor.post(SIGN_IN, {"username": account.username, "password": account.password}, headers=headers)
    assert page.status == 303, str(page)
    return cookies_of(page)


def test_a_visitor_is_given_one_against_forgery_alone(server):
    found = cookies_of(Dashboard(server.url).get(SIGN_IN))
    assert set(found) == {CSRF} and len(found[CSRF].value) >= 32


def test_no_page_before_that_sets_any(server):
    for path in (ROOT, "/admin/users/", "/admin/nothing/"):
        assert SESSION not in cookies_of(Dashboard(server.url).get(path))


def test_they_are_for_the_dashboard_alone_and_for_no_script(server, admin):
    found = signed_in(server, admin)
    assert set(found) == {SESSION, CSRF}
    for cookie in found.values():
        assert cookie["path"] == "/admin" and cookie["httponly"], cookie
        assert cookie["samesite"] in ("Lax", "Strict") and not cookie["domain"], cookie
        assert not cookie["secure"]
    assert 0 < int(found[SESSION]["max-age"]) <= 12 * 3600
    assert found[SESSION].value != found[CSRF].value


def test_behind_tls_they_keep_to_it(server, admin):
    found = signed_in(server, admin, **HTTPS)
    assert set(found) == {SESSION, CSRF} and all(cookie["secure"] for cookie in found.values())
    page = Dashboard(server.url).get(SIGN_IN, headers=HTTPS)
    assert cookies_of(page)[CSRF]["secure"]


def test_a_stranger_who_speaks_of_tls_is_not_believed(new_server, admin):
    assert not signed_in(new_server(), admin, **HTTPS)[SESSION]["secure"]


def test_each_sign_in_has_its_own(server, admin):
    one, two = signed_in(server, admin), signed_in(server, admin)
    assert one[SESSION].value != two[SESSION].value and one[CSRF].value != two[CSRF].value


def test_a_cookie_that_came_along_is_never_promoted(server, admin):
    visitor = Dashboard(server.url, **{SESSION: "s" * 43, CSRF: "c" * 43})
    visitor.sign_in(admin)
    assert visitor.cookies[SESSION] != "s" * 43 and visitor.cookies[CSRF] != "c" * 43
    assert not Dashboard(server.url, **{SESSION: "s" * 43, CSRF: "c" * 43}).is_in


def test_it_lives_as_long_as_is_configured(new_server, admin, database):
    server = new_server("--dashboard-lifetime=2h")
    found = signed_in(server, admin)
    assert 7_000 < int(found[SESSION]["max-age"]) <= 7_200
    [(hours,)] = query(database, "SELECT extract(epoch FROM expires - created)::int / 3600.0 FROM session"
                                 " WHERE dialect = 'dashboard' ORDER BY created DESC LIMIT 1")
    assert 1.9 < hours <= 2


def test_signing_out_ends_it_on_both_sides(server, admin):
    visitor = Dashboard(server.url).sign_in(admin)
    held = dict(visitor.cookies)
    page = visitor.post(SIGN_OUT)
    assert page.status == 303 and where_to(page.location)[0] == SIGN_IN
    assert SESSION not in visitor.cookies and not visitor.is_in
    assert not Dashboard(server.url, **held).is_in


def test_it_is_one_with_the_token_against_forgery(server, admin):
    """Half of a sign-in is none."""
    held = Dashboard(server.url).sign_in(admin).cookies
    assert Dashboard(server.url, **held).is_in
    assert not Dashboard(server.url, **{SESSION: held[SESSION]}).is_in
    assert not Dashboard(server.url, **{CSRF: held[CSRF]}).is_in


def test_only_its_hash_is_kept(server, admin, database):
    token = Dashboard(server.url).sign_in(admin).cookies[SESSION]
    kinds = query(database, "SELECT kind, session.dialect FROM credential JOIN session ON session.id = session"
                            " WHERE hash = sha256(%s)", token.encode())
    assert kinds == [("dashboard", "dashboard")]


@pytest.mark.parametrize("dialect", PROBES)
@pytest.mark.parametrize("carried", [
    lambda name, token: {"headers": bearer(token)}, lambda name, token: {"headers": bearer(token, "JWT")},
    lambda name, token: {"headers": bearer(token, "Token")},
    lambda name, token: {"json": {"username": name, "session_token": token}},
    lambda name, token: {"headers": {"Cookie": f"sessionid={token}; csrftoken=x", "X-CSRFToken": "x"}},
    lambda name, token: {"headers": {"Cookie": f"admin_session={token}; admin_csrf=x; csrftoken=x",
    "X-CSRFToken": "x"}}],
    ids=["Bearer", "JWT", "Token", "body", "sessionid", "its own cookie"])
def test_it_is_no_credential_of_an_api(server, admin, dashboard, dialect, carried):
    method, path, _ = PROBES[dialect]
    answer = Api(server.url).call(method, path, **carried(admin.username, dashboard.cookies[SESSION]))
    assert answer.status_code == 401, answer.text


def credential(api: Api, account: Account, scheme: str) -> str:
    """The token itself, however it is carried."""
    proof = prove(api, account, scheme)
    if scheme == "cookie":
        return proof.headers["Cookie"].split("sessionid=")[1].split(";")[0]
    return proof.body.get("session_token") or proof.headers["Authorization"].split()[1]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_credential_of_an_api_opens_the_dashboard(server, admin, scheme):
    token = credential(Api(server.url), admin, scheme)
    for name in (SESSION, "sessionid"):
        assert not Dashboard(server.url, **{name: token, CSRF: "c" * 43}).is_in
    for word in ("Bearer", "JWT", "Token"):
        assert Dashboard(server.url, **{CSRF: "c" * 43}).get("/admin/users/", headers=bearer(token, word)).status == 303
    page = Dashboard(server.url, **{CSRF: "c" * 43}).get("/admin/users/",
        {"username": admin.username, "session_token": token, "token": token})
    assert page.status == 303


def test_nor_does_a_token_that_is_issued_on_the_command_line(server, ctl, admin):
    for kind in ("access", "opaque", "session_token"):
        token = ctl.json("token", "issue", admin.username, "--kind", kind)["token"]
        assert not Dashboard(server.url, **{SESSION: token, CSRF: "c" * 43}).is_in


@pytest.mark.parametrize("value", ["", "x", "s" * 43, "s" * 10_000, "%00", "a b", "'; --", "é"])
def test_a_made_up_one_proves_nobody(server, value):
    page = Dashboard(server.url).get("/admin/users/", headers={"Cookie": f"{CSRF}=c; {SESSION}={value}".encode()})
    assert page.status in (303, 400, 431), str(page)


def test_two_of_them_are_no_way_in(server, ctl):
    token = credential(Api(server.url), create_account(ctl, 3), "cookie")
    held = {"Cookie": f"{CSRF}=c; {SESSION}=x; sessionid={token}; {SESSION}={token}"}
    assert Dashboard(server.url).get("/admin/users/", headers=held).status == 303
