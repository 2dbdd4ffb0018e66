"""Forms of the dashboard that another site makes a browser send."""

import pytest

from support.admin import CSRF, SIGN_IN, SIGN_OUT, Dashboard
from support.api import create_account
from support.cluster import contents
from support.furnished import database
from support.operations import CHANGES

FORMS = [(change.path, change.fields) for change in CHANGES]
ONE_EACH = [("/admin/users/lock/", {"USER": "one"}), (SIGN_OUT, {}), (SIGN_IN, {"username": "one", "password": "x"})]


@pytest.fixture(scope="module")
def other(server, ctl) -> Dashboard:
    """Somebody else who is signed in."""
    return Dashboard(server.url).sign_in(create_account(ctl, 3))


@pytest.fixture(scope="module")
def untouched(database, dashboard, other):
    """What the database holds, without what a visit leaves."""
    def tables():
        return {name: rows for name, rows in contents(database).items()
                if not name.endswith((".session", ".credential", ".audit", ".sample"))}
    return tables


def refused(page) -> None:
    assert page.status == 403, str(page)
    assert page.notices, str(page)


@pytest.mark.parametrize("path, fields", FORMS)
def test_every_form_wants_its_token(dashboard, other, untouched, path, fields):
    before = untouched()
    for token in (False, "", "x" * 43, other.cookies[CSRF]):
        refused(dashboard.post(path, fields | {"confirm": "1"}, csrf=token))
    assert untouched() == before


@pytest.mark.parametrize("path, fields", FORMS)
def test_and_is_turned_away_from_elsewhere_with_the_right_one(dashboard, untouched, path, fields):
    before = untouched()
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        refused(dashboard.post(path, fields | {"confirm": "1"}, headers=header))
    assert untouched() == before


@pytest.mark.parametrize("path, fields", ONE_EACH)
@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "none, cross-site", "SAME-ORIGIN ", "null"])
def test_whatever_is_not_the_same_origin_is_refused(dashboard, path, fields, site):
    refused(dashboard.post(path, fields, headers={"Sec-Fetch-Site": site}))
    assert dashboard.is_in


@pytest.mark.parametrize("path, fields", ONE_EACH)
@pytest.mark.parametrize("change_of", [
    lambda own: "https://evil.example", lambda own: own + ".evil.example", lambda own: own.replace("http:", "https:"),
    lambda own: own.rpartition(":")[0], lambda own: "http://localhost:1", lambda own: "garbage", lambda own: "file://"])
def test_so_is_an_origin_that_is_not_its_own(dashboard, server, path, fields, change_of):
    refused(dashboard.post(path, fields, headers={"Origin": change_of(server.url)}))
    assert dashboard.is_in


@pytest.mark.parametrize("headers", [
    lambda own: {}, lambda own: {"Sec-Fetch-Site": "same-origin"}, lambda own: {"Sec-Fetch-Site": "none"},
    lambda own: {"Origin": own}, lambda own: {"Origin": "null", "Sec-Fetch-Site": "same-origin"}])
def test_its_own_pages_are_heeded(dashboard, server, ctl, headers):
    name = create_account(ctl, 1).username
    page = dashboard.post("/admin/users/lock/", {"USER": name}, headers=headers(server.url))
    assert page.status == 303, str(page)
    assert ctl.json("user", "show", name)["locked"] is True


@pytest.mark.parametrize("change", [
    lambda token: token[:-1], lambda token: token + "A", lambda token: token.swapcase(), lambda token: f'"{token}"',
    lambda token: token[::-1], lambda token: "null"])
def test_a_token_that_nearly_fits(dashboard, change):
    refused(dashboard.post("/admin/users/lock/", {"USER": "one"}, csrf=change(dashboard.cookies[CSRF])))


def test_a_token_without_its_cookie(server, dashboard, ctl):
    name = create_account(ctl, 1).username
    held = {key: value for key, value in dashboard.cookies.items() if key != CSRF}
    for cookies, token in ((held, ""), (held, dashboard.cookies[CSRF]), (held | {CSRF: ""}, ""),
        (held | {CSRF: ""}, dashboard.cookies[CSRF])):
        page = Dashboard(server.url, **cookies).post("/admin/users/lock/", {"USER": name}, csrf=token)
        assert page.status in (401, 403), str(page)
    assert ctl.json("user", "show", name)["locked"] is False


def test_a_header_or_a_query_is_no_field(dashboard):
    token = dashboard.cookies[CSRF]
    refused(dashboard.post("/admin/users/lock/", {"USER": "one"}, csrf=False, headers={"X-CSRFToken": token}))
    refused(dashboard.post(f"/admin/users/lock/?csrf={token}", {"USER": "one"}, csrf=False))


def test_a_visitor_s_form_from_before_the_sign_in_is_too_old(server, ctl):
    """Whoever knew the token of the sign-in page knows nothing of the session behind it."""
    account = create_account(ctl, 3)
    visitor = Dashboard(server.url)
    visitor.get(SIGN_IN)
    before = visitor.cookies[CSRF]
    visitor.sign_in(account)
    refused(visitor.post("/admin/users/lock/", {"USER": "one"}, csrf=before))


def test_reading_changes_nothing(dashboard, untouched):
    before = untouched()
    for path, fields in FORMS:
        page = dashboard.get(path, fields | {"confirm": "1", "csrf": dashboard.cookies[CSRF]})
        assert page.status in (200, 303, 400), str(page)
    assert untouched() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_method_does_it(dashboard, untouched, method):
    before = untouched()
    for path, fields in FORMS[:6]:
        page = dashboard.call(method, path, data=fields | {"confirm": "1", "csrf": dashboard.cookies[CSRF]})
        assert page.status == 405 and page.headers["Allow"]
    assert untouched() == before


def test_nor_does_a_method_in_a_header_or_a_field(dashboard, untouched):
    before = untouched()
    for extra in ({"headers": {"X-HTTP-Method-Override": "POST"}}, {"params": {"_method": "POST"}}):
        options = {"params": {"USER": "one", "csrf": dashboard.cookies[CSRF]} | extra.get("params", {})}
        dashboard.call("GET", "/admin/users/lock/", **options, headers=extra.get("headers", {}))
    assert untouched() == before


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_what_another_site_made_a_browser_send_is_not_carried_through_a_sign_in(server, headers):
    """A browser sends no cookie along with such a form, so it comes as a stranger's."""
    page = Dashboard(server.url).post("/admin/users/create/", {"USERNAME": "mallory", "permission": "3"},
        headers=headers)
    assert page.status in (401, 403), str(page)
    assert page.kept == {}
