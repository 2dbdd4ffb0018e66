"""What is dangerous wants a sign-in of the last fifteen minutes, and goes on where it was."""

import pytest

from support import secrets
from support.admin import SESSION, SIGN_IN, Dashboard, minutes_pass, tables, where_to
from support.api import create_account
from support.cluster import query
from support.furnished import database
from support.operations import BY_NAME, CHANGES

DANGEROUS = [change for change in CHANGES if change.is_dangerous]
HARMLESS = [change for change in CHANGES if not change.is_dangerous]


@pytest.fixture(scope="module")
def stale(server, admin, database) -> Dashboard:
    """Somebody who signed in sixteen minutes ago."""
    made = Dashboard(server.url).sign_in(admin)
    minutes_pass(database)
    return made


@pytest.mark.parametrize("change", DANGEROUS, ids=lambda change: change.name)
def test_it_is_not_done_before_that(stale, database, change):
    before = tables(database)
    page = stale.post(change.path, change.fields | {"confirm": "1"})
    assert page.status == 401 and page.notices, str(page)
    assert dict(page.form(SIGN_IN).fields)["next"] == change.path
    assert page.kept == change.fields
    assert tables(database) == before


@pytest.mark.parametrize("change", DANGEROUS, ids=lambda change: change.name)
def test_nor_is_its_form_shown(stale, change):
    page = stale.get(change.path, change.fields)
    assert page.status == 303, str(page)
    path, asked = where_to(page.location)
    assert path == SIGN_IN and where_to(asked["next"])[0] == change.path


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.name)
def test_what_can_be_undone_needs_no_second_sign_in(stale, change):
    page = stale.get(change.path, change.fields)
    assert page.status == 200, str(page)


@pytest.mark.parametrize("path", ["/admin/", "/admin/users/", "/admin/users/1/", "/admin/audit/"])
def test_nor_does_looking(stale, path):
    assert stale.page(path)


def test_a_new_sign_in_takes_the_old_one_s_place_and_leads_back(server, ctl, database):
    account, target = create_account(ctl, 3), create_account(ctl, 1).username
    visitor = Dashboard(server.url).sign_in(account)
    held = dict(visitor.cookies)
    minutes_pass(database)
    question = visitor.go_on(visitor.post("/admin/users/delete/", {"USER": target, "confirm": "1"}), account)
    assert visitor.cookies[SESSION] != held[SESSION]
    assert not Dashboard(server.url, **held).is_in
    assert question.status == 200 and question.confirm == "1" and target in question.answer.text
    assert ctl.json("user", "show", target, "--wide")["deleted"] is None
    assert visitor.done("/admin/users/delete/", {"USER": target}).status == 303
    assert ctl.json("user", "show", target, "--wide")["deleted"] is not None
    live = query(database, "SELECT count(*) FROM session JOIN account ON account.id = account WHERE username = %s"
                           " AND revoked IS NULL", account.username)
    assert live == [(1,)]


def test_a_wrong_password_leaves_the_old_session_as_it_is(server, ctl, database):
    account = create_account(ctl, 3)
    visitor = Dashboard(server.url).sign_in(account)
    minutes_pass(database)
    page = visitor.try_to_sign_in(account, password=secrets.password(), next="/admin/users/delete/?USER=one")
    assert page.status == 401, str(page)
    assert visitor.is_in
    assert visitor.get("/admin/users/delete/", {"USER": "one"}).status == 303


def test_fourteen_minutes_are_recent(server, ctl, database):
    visitor = Dashboard(server.url).sign_in(create_account(ctl, 3))
    minutes_pass(database, 14)
    assert visitor.page("/admin/users/delete/", {"USER": "one"}).confirm == "1"
    minutes_pass(database, 1)
    assert visitor.get("/admin/users/delete/", {"USER": "one"}).status == 303


def test_being_seen_does_not_make_it_recent(server, ctl, database):
    visitor = Dashboard(server.url).sign_in(create_account(ctl, 3))
    minutes_pass(database)
    for _ in range(3):
        assert visitor.page("/admin/users/")
    assert visitor.get("/admin/users/delete/", {"USER": "one"}).status == 303


def test_another_s_sign_in_does_not_help(stale, server, ctl):
    Dashboard(server.url).sign_in(create_account(ctl, 3))
    assert stale.get("/admin/users/delete/", {"USER": "one"}).status == 303


def test_what_was_typed_comes_back_without_the_password(server, ctl, database):
    account = create_account(ctl, 3)
    visitor = Dashboard(server.url).sign_in(account)
    minutes_pass(database)
    password = secrets.password()
    typed = {"USERNAME": "Ada & Grace", "email": "ada@example.org", "first-name": 'A "da" <b>', "permission": "2",
             "two-factor": "on", "password-way": "type", "password1": password, "password2": password}
    page = visitor.post("/admin/users/create/", typed)
    assert password not in page.answer.text
    page = visitor.go_on(page, account)
    assert page.status == 200 and password not in page.answer.text
    kept = {name: value for name, value in page.form("/admin/users/create/").fields if value and name != "csrf"}
    assert kept.items() >= {name: value for name, value in typed.items() if not name.startswith("password")}.items()
    assert typed["USERNAME"] not in [row["username"] for row in ctl.json("user", "list")]


def test_a_page_that_was_asked_for_is_reached(server, ctl, database):
    account = create_account(ctl, 3)
    visitor = Dashboard(server.url).sign_in(account)
    minutes_pass(database)
    page = visitor.get(visitor.get("/admin/users/delete/", {"USER": "one"}).location)
    page = visitor.post(SIGN_IN, page.form(SIGN_IN).filled(password=account.password))
    assert page.status == 303
    assert visitor.page(page.location).confirm == "1"


def test_a_button_in_a_row_is_no_way_around(stale, database):
    session = BY_NAME["sessions revoke"].fields["SESSION"]
    page = stale.post("/admin/sessions/revoke/", {"SESSION": session, "confirm": "1", "return": "/admin/sessions/"})
    assert page.status == 401, str(page)
    assert query(database, "SELECT revoked FROM session WHERE id = %s", session) == [(None,)]
