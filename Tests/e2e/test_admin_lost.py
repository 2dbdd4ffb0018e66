"""Whoever is in the dashboard is out of it from the next request on when something happens to the account or session."""

import pytest

from support.admin import SESSION, SIGN_IN, Dashboard, where_to
from support.api import create_account
from support.cluster import contents, query
from support.microblog import jwt, obtain
from support.schemes import set_password

BLOWS = {
    "lock": (("user", "lock", "{user}"), 303), "delete": (("user", "delete", "{user}", "--yes"), 303),
    "purge": (("user", "delete", "{user}", "--purge", "--yes"), 303),
    "revoke": (("session", "revoke", "--user", "{user}", "--yes"), 303),
    "revoke the token": (("token", "revoke", "--user", "{user}", "--yes"), 303),
    "ban": (("ban", "add", "{user}"), 403), "demote": (("permission", "assign", "1", "{user}"), 403)}
PAGES = ["/admin/", "/admin/users/", "/admin/users/1/", "/admin/users/lock/?USER=x"]


@pytest.fixture
def person(ctl):
    return create_account(ctl, 3)


@pytest.fixture
def visitor(server, person) -> Dashboard:
    return Dashboard(server.url).sign_in(person)


def strike(ctl, blow: str, person) -> int:
    command, status = BLOWS[blow]
    ctl.ok(*(word.format(user=person.username) for word in command))
    return status


@pytest.mark.parametrize("blow", BLOWS)
def test_every_page_is_closed(ctl, visitor, person, blow):
    assert visitor.is_in
    status = strike(ctl, blow, person)
    for path in PAGES:
        page = visitor.get(path)
        assert page.status == status, str(page)
        assert person.username not in page.answer.text or status == 303


@pytest.mark.parametrize("blow", BLOWS)
def test_and_nothing_is_done_any_more(ctl, visitor, person, blow):
    target = create_account(ctl, 1).username
    status = strike(ctl, blow, person)
    page = visitor.post("/admin/users/lock/", {"USER": target})
    assert page.status == {303: 401}.get(status, status), str(page)
    assert ctl.json("user", "show", target)["locked"] is False


@pytest.mark.parametrize("blow", BLOWS)
def test_who_comes_back_without_a_right_to_gets_nowhere(server, ctl, person, blow):
    strike(ctl, blow, person)
    page = Dashboard(server.url).try_to_sign_in(person)
    assert page.status == {"revoke": 303, "revoke the token": 303, "ban": 403, "demote": 403}.get(blow, 401)


def test_who_becomes_staff_may_look_at_once_and_change_no_more(ctl, visitor, person):
    target = create_account(ctl, 1).username
    ctl.ok("permission", "assign", 2, person.username)
    assert visitor.page("/admin/users/")
    assert visitor.get("/admin/users/create/").status == 403
    assert visitor.post("/admin/users/lock/", {"USER": target}).status == 403
    assert ctl.json("user", "show", target)["locked"] is False
    ctl.ok("permission", "assign", 3, person.username)
    assert visitor.page("/admin/users/create/")


def test_a_code_that_loses_its_power(server, ctl):
    ctl.ok("permission", "create", 91, "LEAD", "--admin")
    visitor = Dashboard(server.url).sign_in(create_account(ctl, 91))
    assert visitor.page("/admin/users/create/")
    ctl.ok("permission", "edit", 91, "--no-admin")
    assert visitor.get("/admin/users/").status == 403


def test_an_expired_session_is_none(visitor, database, person):
    query(database, "UPDATE session SET expires = now() - interval '1 second' WHERE account ="
                    " (SELECT id FROM account WHERE username = %s) RETURNING 1", person.username)
    assert not visitor.is_in


def test_a_changed_password_ends_it(ctl, visitor, person):
    set_password(ctl, person)
    assert not visitor.is_in


def test_signing_out_everywhere_ends_it_too(server, ctl, visitor, person, api):
    access = obtain(api, person)["access"]
    assert api.call("POST", "/api/auth/user/logout_all/", headers=jwt(access)).status_code == 204
    assert not visitor.is_in


def test_another_server_hears_of_it(new_server, ctl, person):
    servers = [new_server() for _ in range(2)]
    visitor = Dashboard(servers[0].url).sign_in(person)
    twin = Dashboard(servers[1].url, **visitor.cookies)
    assert visitor.is_in and twin.is_in
    visitor.post("/admin/sign-out/")
    assert not twin.is_in


def test_a_form_that_was_open_comes_back_filled_in(server, ctl, visitor, person):
    ctl.ok("session", "revoke", "--user", person.username, "--yes")
    typed = {"TARGET": "198.51.100.0/24", "reason": "too loud & <b>\"rude\"", "for": "2h"}
    page = visitor.post("/admin/bans/add/", typed)
    assert page.kept == typed
    form = visitor.go_on(page, person).form("/admin/bans/add/")
    assert ctl.json("ban", "list", "--where", "target=198.51.100.0/24") == []
    assert dict(form.fields).items() >= typed.items()
    assert visitor.post("/admin/bans/add/", form.fields).status == 303
    assert ctl.json("ban", "list", "--where", "target=198.51.100.0/24")[0]["reason"] == typed["reason"]


def test_so_does_one_with_several_names(server, ctl, visitor, person):
    names = [create_account(ctl, 1).username for _ in range(2)]
    ctl.ok("session", "revoke", "--user", person.username, "--yes")
    page = visitor.post("/admin/users/lock/", {"USER": "\r\n".join(names), "reason": "spam", "confirm": "2"})
    page = visitor.go_on(page, person)
    assert dict(page.form("/admin/users/lock/").fields)["USER"].split() == names
    assert page.confirm == "2"
    assert [ctl.json("user", "show", name)["locked"] for name in names] == [False] * 2


def test_and_what_was_chosen_in_a_list(server, ctl, visitor, person):
    names = [create_account(ctl, 1).username for _ in range(2)]
    chosen = visitor.page("/admin/users/", {"sort": "-id"}).chosen(names)
    ctl.ok("session", "revoke", "--user", person.username, "--yes")
    page = visitor.go_on(visitor.post("/admin/users/lock/", chosen), person)
    assert page.confirm == "2" and sorted(dict(page.form("/admin/users/lock/").fields)["USER"].split()) == sorted(names)


def test_an_edit_comes_back_with_what_was_typed(server, ctl, visitor, person):
    name = create_account(ctl, 1).username
    form = visitor.page("/admin/users/edit/", {"USER": name}).form("/admin/users/edit/")
    ctl.ok("session", "revoke", "--user", person.username, "--yes")
    page = visitor.post("/admin/users/edit/", form.filled(first_name="Ada", email=""))
    page = visitor.go_on(page, person)
    kept = dict(page.form("/admin/users/edit/").fields)
    assert kept["first-name"] == "Ada" and kept["email"] == "" and kept["version"]
    assert not ctl.json("user", "show", name)["first_name"]
    assert visitor.post("/admin/users/edit/", page.form("/admin/users/edit/").fields).status == 303
    assert ctl.json("user", "show", name)["first_name"] == "Ada"


def test_somebody_else_s_edit_meanwhile_is_told(server, ctl, visitor, person):
    name = create_account(ctl, 1).username
    form = visitor.page("/admin/users/edit/", {"USER": name}).form("/admin/users/edit/")
    ctl.ok("session", "revoke", "--user", person.username, "--yes")
    page = visitor.post("/admin/users/edit/", form.filled(first_name="Ada"))
    ctl.ok("user", "edit", name, "--first-name", "Grace")
    page = visitor.go_on(page, person)
    page = visitor.post("/admin/users/edit/", page.form("/admin/users/edit/").fields)
    assert page.status == 409, str(page)
    assert ctl.json("user", "show", name)["first_name"] == "Grace"


@pytest.mark.parametrize("size", [500, 2_000, 3_500, 5_000, 7_500, 50_000])
def test_a_long_form_leads_to_a_sign_in_all_the_same(visitor, ctl, person, database, size):
    ctl.ok("session", "revoke", "--user", person.username, "--yes")
    before = contents(database)["public.exercise"]
    text = "é " * (size // 2)
    form = visitor.go_on(visitor.post("/admin/exercises/create/", {"NAME": "Long", "instructions": text}),
        person).form("/admin/exercises/create/")
    kept = dict(form.fields)
    assert (kept["NAME"], kept["instructions"].strip()) == ("Long", text.strip())
    assert contents(database)["public.exercise"] == before


@pytest.mark.parametrize("size", [1_000, 1_900, 3_000, 6_000])
def test_a_long_address_leads_to_a_sign_in_all_the_same(visitor, ctl, person, size):
    ctl.ok("session", "revoke", "--user", person.username, "--yes")
    page = visitor.get("/admin/users/?q=" + "%C3%A9" * (size // 6))
    assert page.status == 303 and where_to(page.location)[0] == SIGN_IN
    page = visitor.page(page.location)
    page = visitor.post(SIGN_IN, page.form(SIGN_IN).filled(username=person.username, password=person.password))
    assert visitor.page(page.location)


def test_a_dead_cookie_is_replaced(server, ctl, visitor, person):
    ctl.ok("session", "revoke", "--user", person.username, "--yes")
    old = visitor.cookies[SESSION]
    visitor.sign_in(person)
    assert visitor.cookies[SESSION] != old and visitor.is_in


def test_its_own_session_can_be_ended_from_the_list(visitor, ctl, person):
    [row] = ctl.json("session", "list", "--user", person.username)
    page = visitor.post("/admin/sessions/revoke/", {"SESSION": row["id"], "confirm": "1", "return": "/admin/sessions/"})
    assert page.status == 303
    assert not visitor.is_in
