"""Permissions, bans, the catalogue, keys and tokens in the dashboard: made, changed and taken away."""

import pytest

from support import secrets
from support.api import create_account
from support.dashboard import Dashboard, thing


@pytest.fixture(scope="module")
def dashboard(browser, server, admin) -> Dashboard:
    return Dashboard(browser, server.url).open().sign_in(admin)


def only(rows: list[dict], **values) -> dict:
    found = [row for row in rows if all(row[name] == value for name, value in values.items())]
    assert len(found) == 1, rows
    return found[0]


def test_a_permission_code_from_its_making_to_its_end(dashboard, ctl):
    people = [create_account(ctl, 1, "nurse") for _ in range(2)]
    dashboard.open("permissions/").press("Create")
    dashboard.fill(CODE="70", LEVEL="Nurses", admin=True).submit()
    assert dashboard.at == thing("permission", "70") and dashboard.shown["Is admin"] == "yes"
    dashboard.press("Edit")
    assert dashboard.field("admin").is_selected() and dashboard.value("level") == "Nurses"
    dashboard.fill(level="Night nurses", admin=False).submit()
    assert only(ctl.json("permission", "list"), code=70) == {
        "code": 70, "level": "Night nurses", "is_admin": False, "users": 0}
    dashboard.open("users/")
    dashboard.choose(*[one.username for one in people])
    dashboard.press("Assign permission")
    dashboard.fill(CODE="70").submit()
    assert "2 rows will change. Nothing is done yet." in dashboard.notices
    assert only(ctl.json("permission", "list"), code=70)["users"] == 0
    dashboard.submit()
    assert only(ctl.json("permission", "list"), code=70)["users"] == 2
    dashboard.open(thing("permission", "70")).press("Users")
    assert set(dashboard.column("Username")) == {one.username for one in people}
    dashboard.open(thing("permission", "70")).press("Delete")
    dashboard.submit()
    assert any("in use" in told or "Night nurses" in told for told in dashboard.notices), dashboard.notices
    assert dashboard.status in (200, 409) and only(ctl.json("permission", "list"), code=70)
    ctl.ok("permission", "assign", "1", *[one.username for one in people], "--confirm=2")
    dashboard.open("permissions/delete/", CODE="70").press("Delete 1 row")
    assert dashboard.at == "permissions/"
    assert 70 not in [row["code"] for row in ctl.json("permission", "list")]


@pytest.mark.parametrize("change, field", [
    ({"CODE": "x"}, "field-code"), ({"CODE": "0"}, "field-code"), ({"CODE": "3"}, "field-code"),
    ({"LEVEL": "x" * 151}, "field-level")], ids=["letters", "zero", "taken", "long"])
def test_a_permission_that_can_not_be(dashboard, ctl, change, field):
    before = ctl.json("permission", "list")
    dashboard.open("permissions/create/").fill(**{"CODE": "71", "LEVEL": "Some"} | change).submit()
    assert list(dashboard.faults) == [field], dashboard.text
    assert ctl.json("permission", "list") == before


def test_whether_an_account_may_is_answered_at_once(dashboard, user):
    dashboard.open("permissions/check/").fill(USER=user.username, OPERATION="create_user").submit()
    assert dashboard.at == "permissions/check/" and "no" in dashboard.texts("main tbody td"), dashboard.text


def test_a_ban_with_its_reason_is_added_and_lifted_with_one_click(dashboard, ctl, api, account):
    token = api.tokens(account)["access_token"]
    dashboard.open("bans/").press("Add")
    dashboard.fill(TARGET=account.username, reason="Too \"loud\" & rude", **{"for": "2h"}).submit()
    row = only(ctl.json("ban", "list"), target=account.username)
    assert row["reason"] == "Too \"loud\" & rude" and row["expires"]
    assert api.get("/exercises/list/", token).status_code == 403
    dashboard.open("bans/")
    dashboard.press("Lift", dashboard.row(account.username))
    assert dashboard.at == "bans/" and any("done" in told for told in dashboard.notices)
    assert not ctl.json("ban", "list") and api.get("/exercises/list/", token).status_code == 200


@pytest.mark.parametrize("change, field", [
    ({"TARGET": "192.0.2.0/33"}, "field-target"), ({"TARGET": "nobody at all"}, "field-target"),
    ({"for": "soon"}, "field-for")], ids=["network", "user", "span"])
def test_a_ban_that_can_not_be(dashboard, ctl, change, field):
    dashboard.open("bans/add/").fill(**{"TARGET": "192.0.2.7"} | change).submit()
    assert list(dashboard.faults) == [field], dashboard.text
    assert not ctl.json("ban", "list")


def test_a_group_and_an_exercise_from_their_making_to_their_end(dashboard, ctl):
    dashboard.open("groups/").press("Create")
    dashboard.fill(NAME="Legs & feet").submit()
    group = only(ctl.json("group", "list"), name="Legs & feet")
    assert dashboard.at == thing("group", group["id"])
    dashboard.press("Edit")
    dashboard.fill(name="Feet").submit()
    assert dashboard.shown["Name"] == "Feet"
    dashboard.open("exercises/").press("Create")
    dashboard.fill(NAME="Heel raise", group="Feet", instructions="Up.\nDown.", targeted_muscles="calves").submit()
    row = only(ctl.json("exercise", "list", "--wide"), name="Heel raise")
    assert dashboard.at == thing("exercise", row["id"])
    assert (row["group"], row["instructions"], row["targeted_muscles"]) == ("Feet", "Up.\nDown.", "calves")
    dashboard.press("Edit")
    assert dashboard.value("instructions") == "Up.\nDown." and dashboard.value("group") == "Feet"
    dashboard.fill(name="Toe raise", instructions="\n Up,\nhold.\n").submit()
    row = only(ctl.json("exercise", "list", "--wide"), id=row["id"])
    assert row["name"] == "Toe raise" and row["instructions"].strip() == "Up,\nhold."
    dashboard.open(thing("group", group["id"])).press("Delete")
    assert any("in use" in told for told in dashboard.notices)
    dashboard.open(thing("exercise", row["id"])).press("Delete")
    dashboard.press("Delete 1 row")
    assert dashboard.at == "exercises/" and not ctl.json("exercise", "list")
    dashboard.open(thing("group", group["id"])).press("Delete")
    dashboard.press("Delete 1 row")
    assert not ctl.json("group", "list")


def test_seeding_counts_and_many_are_deleted_at_once(dashboard, ctl):
    dashboard.open("exercises/").press("Seed")
    dashboard.submit()
    assert int(dashboard.shown["Added"]) == len(ctl.json("exercise", "list")) > 40
    dashboard.open("exercises/", limit="20", sort="-name")
    chosen = dashboard.rows
    dashboard.one("[data-choose-all]").click()
    dashboard.press("Delete")
    assert "20 rows will change. Nothing is done yet." in dashboard.notices
    assert [row[0] for row in dashboard.concerned] == [row["Id"] for row in chosen]
    dashboard.press("Delete 20 rows")
    left = {row["name"] for row in ctl.json("exercise", "list")}
    assert left and not left & {row["Name"] for row in chosen}


def test_rotating_a_key(dashboard, ctl):
    before = only(ctl.json("key", "list"), state="signs")["kid"]
    dashboard.open("keys/").press("Rotate")
    assert len(ctl.json("key", "list")) == 1, "looking at the form rotated it"
    dashboard.submit()
    after = only(ctl.json("key", "list"), state="signs")["kid"]
    assert after != before and dashboard.at == thing("key", after)
    assert dashboard.shown["State"] == "signs"


@pytest.mark.parametrize("kind, scheme", [("access", "Bearer"), ("opaque", "Token"), ("", "Bearer")])
def test_an_issued_token_is_shown_once_and_revoked_with_one_click(dashboard, ctl, api, account, kind, scheme):
    dashboard.open("tokens/").press("Issue")
    dashboard.fill(USER=account.username, kind=kind, ttl="1h").submit()
    token = dashboard.shown["Token"]
    secrets.keep_jwt(token) if "." in token else secrets.keep(token)
    assert any("once" in told for told in dashboard.notices) and api.alive(token, scheme)
    dashboard.open("tokens/", user=account.username)
    assert token not in dashboard.driver.page_source
    dashboard.press("Revoke", dashboard.row(account.username))
    assert dashboard.at == "tokens/" and f"user={account.username}" in dashboard.query
    assert not api.alive(token, scheme) and not dashboard.rows


def test_the_bulk_page_revokes_the_tokens_that_were_chosen(dashboard, ctl, api, account):
    pair = api.tokens(account)
    dashboard.open("tokens/", user=account.username)
    assert {row["Kind"] for row in dashboard.rows} >= {"access", "refresh"}
    dashboard.one("[data-choose-all]").click()
    number = len(dashboard.rows)
    dashboard.press("Revoke", dashboard.one(".bulk"))
    dashboard.press(f"Revoke {number} rows")
    assert not ctl.json("token", "list", "--user", account.username) and not api.alive(pair["access_token"])
