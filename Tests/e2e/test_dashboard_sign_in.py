"""Signing in to the dashboard, and out of it, in a browser."""

import pytest

from support.api import Account, bearer, create_account
from support.dashboard import Dashboard
from support.secrets import password


@pytest.fixture
def dashboard(browser, server) -> Dashboard:
    """Nobody is signed in."""
    made = Dashboard(browser, server.url)
    browser.get(made.root + "sign-in/")
    browser.delete_all_cookies()
    return made.open()


def sessions(ctl, account: Account) -> list[dict]:
    return ctl.json("session", "list", "--user", account.username, "--wide")


def assert_outside(dashboard: Dashboard) -> None:
    """The next page wants a sign-in."""
    assert dashboard.open("users/").at == "sign-in/"


def test_nobody_sees_anything_without_it(dashboard):
    for path in ("", "users/", "users/create/", "users/1/", "audit/", "nothing/"):
        assert dashboard.open(path).at == "sign-in/"
        assert not dashboard.all("nav")


def test_an_administrator_gets_to_the_overview_and_out_again(dashboard, ctl, admin):
    dashboard.sign_in(admin)
    assert dashboard.at == "" and dashboard.status == 200
    assert admin.username in dashboard.one(".top").text
    [session] = sessions(ctl, admin)
    assert session["dialect"] == "dashboard" and session["address"] == "127.0.0.1"
    dashboard.sign_out()
    assert dashboard.at == "sign-in/" and not sessions(ctl, admin)
    assert_outside(dashboard)
    found = ctl.json("audit", "list", "--user", admin.username)
    assert {"sign-in", "sign-out"} <= {row["what"] for row in found}


def test_what_was_asked_for_comes_after_the_sign_in(dashboard, admin):
    dashboard.open("users/", sort="-created", limit="20")
    assert dashboard.at == "sign-in/"
    dashboard.sign_in(admin)
    assert dashboard.at == "users/" and dashboard.query == "sort=-created&limit=20"


@pytest.mark.parametrize("elsewhere", [
    "https://example.org/", "//example.org/admin/", "/\\example.org", "/status/", "javascript:alert(1)",
    "/admin/..//example.org"])
def test_nobody_is_sent_elsewhere(dashboard, server, admin, elsewhere):
    dashboard.open("sign-in/", next=elsewhere).sign_in(admin)
    assert dashboard.driver.current_url.startswith(server.url + "/"), dashboard.driver.current_url
    assert dashboard.open("users/").at == "users/"


@pytest.mark.parametrize("change", [
    {"password": "wrong"}, {"username": "nobody-at-all"}, {"password": "' OR '1'='1"}],
    ids=["password", "name", "SQL"])
def test_a_wrong_name_or_password(dashboard, ctl, admin, change):
    before = len(sessions(ctl, admin))
    wrong = Account(**{"username": admin.username, "password": password(), "email": ""} | change)
    dashboard.sign_in(wrong)
    assert dashboard.status == 401 and dashboard.at == "sign-in/"
    [told] = dashboard.notices
    assert told.startswith("The name, the password or the code is wrong")
    assert dashboard.one("#username").get_property("value") == wrong.username
    assert dashboard.one("#password").get_property("value") == ""
    assert len(sessions(ctl, admin)) == before
    assert_outside(dashboard)


def test_after_a_wrong_password_the_right_one_goes_where_it_was_meant_to(dashboard, admin):
    dashboard.open("bans/").sign_in(Account(admin.username, password(), ""))
    dashboard.sign_in(admin)
    assert dashboard.at == "bans/"


def test_somebody_who_is_neither_staff_nor_administrator(dashboard, ctl, user):
    dashboard.sign_in(user)
    assert dashboard.status == 403
    assert dashboard.notices == ["This account may not sign in here."]
    assert not sessions(ctl, user) and not dashboard.driver.get_cookie("admin_session")
    assert_outside(dashboard)


def test_staff_looks_and_changes_nothing(dashboard, ctl, staff):
    dashboard.sign_in(staff)
    for path in ("users/", "exercises/", "sessions/", "bans/"):
        dashboard.open(path)
        assert dashboard.status == 200
        assert not dashboard.all("main form[method=post] button, main .bulk, main td.choose, main .actions"), path
    shown = ctl.json("user", "show", staff.username)
    dashboard.open(f"users/{shown['id']}/")
    assert dashboard.shown["Username"] == staff.username and not dashboard.offers("Edit")
    for path in ("users/create/", "users/edit/", "sessions/revoke/", "keys/rotate/"):
        assert dashboard.open(path).status == 403 and not dashboard.all("main form")


@pytest.mark.parametrize("words", [("lock",), ("delete", "--yes")], ids=lambda words: words[0])
def test_who_is_locked_or_deleted_is_out_at_once(dashboard, ctl, words):
    account = create_account(ctl, 3, "leaver")
    dashboard.sign_in(account).open("users/")
    assert dashboard.at == "users/"
    ctl.ok("user", *words, account.username)
    assert_outside(dashboard)
    dashboard.sign_in(account)
    assert dashboard.status == 401


def test_who_becomes_a_plain_user_sees_no_more(dashboard, ctl):
    account = create_account(ctl, 3, "lowered")
    dashboard.sign_in(account)
    ctl.ok("permission", "assign", "1", account.username)
    dashboard.open("users/")
    assert not dashboard.all("form.list") and dashboard.at == "sign-in/" or dashboard.status == 403


def test_the_cookie_is_of_the_dashboard_alone(dashboard, api, admin):
    dashboard.sign_in(admin)
    cookies = {one["name"]: one for one in dashboard.driver.get_cookies()}
    assert set(cookies) == {"admin_session", "admin_csrf"}
    for cookie in cookies.values():
        assert cookie["path"] == "/admin" and cookie["httpOnly"] and cookie["sameSite"] in ("Lax", "Strict"), cookie
    assert dashboard.driver.execute_script("return document.cookie") == ""
    token = cookies["admin_session"]["value"]
    for headers in ({"Cookie": f"sessionid={token}"}, bearer(token), bearer(token, "Token")):
        assert api.get("/exercises/list/", headers=headers).status_code == 401
    dashboard.driver.get(dashboard.root.replace("/admin/", "/status/"))
    assert not dashboard.driver.get_cookies()


def test_the_second_factor_comes_by_mail(browser, office):
    account = create_account(office.ctl, 3, "careful")
    office.ctl.ok("user", "two-factor", account.username, "on")
    dashboard = Dashboard(browser, office.servers[0].url).open("keys/")
    browser.delete_all_cookies()
    dashboard.open("keys/").sign_in(account)
    assert dashboard.status == 401 and dashboard.at == "sign-in/"
    assert "e-mail" in dashboard.notices[0]
    assert dashboard.one("#code").get_attribute("aria-invalid") == "true"
    code = office.smtp.wait_for(account.email).code
    dashboard.sign_in(account, f"{(int(code) + 1) % 1_000_000:06}")
    assert dashboard.status == 401 and not sessions(office.ctl, account)
    dashboard.sign_in(account, code)
    assert dashboard.at == "keys/" and len(sessions(office.ctl, account)) == 1
    dashboard.sign_out()
    dashboard.sign_in(account, code)
    assert dashboard.status == 401, "a code is good once"
    assert not sessions(office.ctl, account)
