"""Signing in to the dashboard: who may, and where it leads."""

from urllib.parse import urljoin, urlsplit

import pytest

from support import secrets
from support.admin import ROOT, SESSION, SIGN_IN, Dashboard, where_to
from support.api import create_account

ELSEWHERE = [
    "https://evil.example/", "http://evil.example", "//evil.example/", "///evil.example", "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)", "data:text/html,x", "evil.example", "", "admin/users/", "/", "/administer/", "/admin",
    "/api/jwt/",
    "/admin/\\evil.example", "/admin/../api/jwt/", "/admin/..", "/admin/./../x", "/admin/%2e%2e/x", "/admin/.%2E/x",
    "/admin/users/../../x", "/admin/\t../x", "/admin/.\t./x", "/admin/\n//evil.example", "/admin/\r\nSet-Cookie: a=b",
    "/admin/\x00", "\t/admin/", " //evil.example", "/admin//../../evil", "/admin/\x85x", "/admin/\u2028x",
    "/admin@evil.example/",
    "https:/admin/", "?next=//evil.example", "#", "/admin/users/\x0b..\\..", "/ADMIN/../x", "/admin/%2e%2e%2fx",
    "/admin/..;/x"]
OWN = ["/admin/", "/admin/users/", "/admin/users/?q=ada%20b&limit=20",
    "/admin/users/lock/?USER=a&USER=b%26c&reason=%3Cb%3E",
       "/admin/users/1/", "/admin/exercises/edit/?ID=Caf%C3%A9%0D%0A"]


def is_own(server, location: str) -> bool:
    """Where a browser goes by it, which drops tabs and line ends and resolves dots."""
    cleaned = "".join(sign for sign in location.strip() if sign not in "\t\r\n").replace("\\", "/")
    parts = urlsplit(urljoin(server.url + SIGN_IN, cleaned))
    path = urljoin("http://x/", parts.path.replace("%2e", ".").replace("%2E", ".")).removeprefix("http://x")
    return f"{parts.scheme}://{parts.netloc}" == server.url and (path.startswith(ROOT))


@pytest.mark.parametrize("value", ELSEWHERE)
def test_it_never_leads_away(server, admin, value):
    visitor = Dashboard(server.url)
    form = visitor.get(SIGN_IN, {"next": value})
    assert form.status in (200, 400), str(form)
    if form.status == 200:
        assert is_own(server, dict(form.form(SIGN_IN).fields)["next"])
    page = visitor.try_to_sign_in(admin, next=value)
    assert page.status in (303, 400), str(page)
    if page.status == 303:
        assert is_own(server, page.location), page.location
        assert set(visitor.cookies) == {"admin_session", "admin_csrf"}


@pytest.mark.parametrize("value", OWN)
def test_it_leads_back_to_where_somebody_wanted_to_go(server, admin, value):
    visitor = Dashboard(server.url)
    page = visitor.get(value)
    assert page.status == 303
    path, asked = where_to(page.location)
    assert path == SIGN_IN and asked.get("next", ROOT) == value
    form = visitor.get(page.location).form(SIGN_IN)
    page = visitor.post(SIGN_IN, form.filled(username=admin.username, password=admin.password))
    assert page.status == 303 and page.location == value


def test_two_of_them_lead_to_an_own_one(server, admin):
    for values in (["/admin/users/", "//evil.example"], ["//evil.example", "/admin/users/"]):
        visitor = Dashboard(server.url)
        visitor.get(SIGN_IN, {"next": values})
        page = visitor.post(SIGN_IN, [("username", admin.username), ("password", admin.password),
                                      *[("next", value) for value in values]])
        assert page.status in (303, 400)
        assert page.status == 400 or is_own(server, page.location)


@pytest.mark.parametrize("permission, heading", [(2, "Overview"), (3, "Overview")])
def test_staff_and_administrators_enter(server, ctl, permission, heading):
    visitor = Dashboard(server.url).sign_in(create_account(ctl, permission))
    assert visitor.page(ROOT).heading == heading


def test_others_are_told_so_and_get_no_session(server, ctl, account):
    ctl.ok("permission", "create", 77, "GUEST")
    for person in (account, create_account(ctl, 77)):
        visitor = Dashboard(server.url)
        page = visitor.try_to_sign_in(person)
        assert page.status == 403 and page.notices, str(page)
        assert SESSION not in visitor.cookies and not visitor.is_in
        assert ctl.json("session", "list", "--user", person.username, "--all") == []
        assert page.form(SIGN_IN)


def test_a_code_of_one_s_own_making_that_is_admin_enters(server, ctl):
    ctl.ok("permission", "create", 78, "CHIEF", "--admin")
    visitor = Dashboard(server.url).sign_in(create_account(ctl, 78))
    assert visitor.page("/admin/users/create/")


def test_a_plain_user_with_a_wrong_password_learns_nothing(server, account, admin):
    wrong = [Dashboard(server.url).try_to_sign_in(person, password=secrets.password()) for person in (account, admin)]
    assert [page.status for page in wrong] == [401, 401]
    assert wrong[0].notices == wrong[1].notices


@pytest.mark.parametrize("command, status", [
    (("lock", "{user}"), 401), (("lock", "{user}", "--until", "1h"), 401), (("delete", "{user}", "--yes"), 401),
    (("delete", "{user}", "--purge", "--yes"), 401)])
def test_whoever_is_locked_or_gone_does_not(server, ctl, command, status):
    person = create_account(ctl, 3)
    ctl.ok("user", *(word.format(user=person.username) for word in command))
    visitor = Dashboard(server.url)
    page = visitor.try_to_sign_in(person)
    assert page.status == status and page.notices
    assert SESSION not in visitor.cookies


def test_nor_whoever_is_banned(server, ctl):
    person = create_account(ctl, 3)
    ctl.ok("ban", "add", person.username)
    assert Dashboard(server.url).try_to_sign_in(person).status == 403


@pytest.mark.parametrize("fields", [
    {}, {"username": ""}, {"password": ""}, {"username": "x" * 10_000}, {"username": "a\x00b"},
    {"password": "x" * 5_000},
    {"code": "000000"}, {"code": "x" * 1000}, {"username": "' OR 1=1 --"}, {"next": "x" * 9_000}])
def test_what_is_not_right_is_answered_by_the_form(server, fields):
    visitor = Dashboard(server.url)
    visitor.get(SIGN_IN)
    page = visitor.post(SIGN_IN, {"username": "nobody", "password": secrets.password()} | fields)
    assert page.status in (400, 401), str(page)
    assert SESSION not in visitor.cookies


def test_the_name_is_kept_and_the_password_is_not(server, account):
    visitor = Dashboard(server.url)
    visitor.get(SIGN_IN)
    password = secrets.password()
    page = visitor.post(SIGN_IN, {"username": '"><b>', "password": password, "next": "/admin/users/?q=%22"})
    form = dict(page.form(SIGN_IN).fields)
    assert form["username"] == '"><b>' and form["next"] == "/admin/users/?q=%22" and not form.get("password")
    assert password not in page.answer.text


def test_a_name_may_be_the_e_mail_s_only_where_it_is_elsewhere(server, admin, api):
    answer = api.post("/api/auth/login/", {"username": admin.email, "password": admin.password})
    page = Dashboard(server.url).post(SIGN_IN, {})
    assert page.status == 403
    visitor = Dashboard(server.url)
    visitor.get(SIGN_IN)
    page = visitor.post(SIGN_IN, {"username": admin.email, "password": admin.password})
    assert (page.status == 303) == (answer.status_code == 200)
