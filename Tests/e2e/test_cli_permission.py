"""havocctl permission: list, create, edit, delete, assign, check."""

import pytest

from support.api import create_account
from support.cluster import contents
from support.program import rows

INSTALLED = [
    {"code": 1, "level": "USER", "is_admin": False}, {"code": 2, "level": "STAFF", "is_admin": False},
    {"code": 3, "level": "ADMIN", "is_admin": True}]


def listed(ctl) -> dict[int, dict]:
    return {row["code"]: row for row in ctl.json("permission", "list")}


def test_what_is_installed(ctl, user, staff, admin):
    found = ctl.json("permission", "list")
    assert all(set(row) == {"code", "level", "is_admin", "users"} for row in found)
    for row in INSTALLED:
        assert row in [{key: one[key] for key in row} for one in found]
    counts = {row["code"]: row["users"] for row in found}
    assert all(counts[code] >= 1 for code in (1, 2, 3))


def test_create_edit_delete(ctl, api, admin):
    made = ctl.json("permission", "create", 40, "COACH")
    assert (made["code"], made["level"], made["is_admin"], made["changed"]) == (40, "COACH", False, True)
    shown = api.post("/permission_admin/get_permissions", api.credential(admin)).json()["data"]
    assert {"permission_code": 40, "permission_level": "COACH"} in shown
    edited = ctl.json("permission", "edit", 40, "--level", "HEAD COACH", "--admin")
    assert (edited["level"], edited["is_admin"], edited["changed"]) == ("HEAD COACH", True, True)
    assert ctl.json("permission", "edit", 40, "--admin")["changed"] is False
    assert ctl.json("permission", "edit", 40, "--no-admin")["is_admin"] is False
    ctl.fails(5, "permission", "delete", 40)
    assert 40 in listed(ctl)
    ctl.ok("permission", "delete", 40, "--yes")
    assert 40 not in listed(ctl)
    ctl.fails(3, "permission", "delete", 40, "--yes")


@pytest.mark.parametrize("command, status", [
    (("create", 1, "AGAIN"), 4), (("create", 41, "USER"), 4), (("create", "x", "WORD"), 2),
    (("create", 42), 2), (("create",), 2), (("create", 2**63, "HUGE"), (1, 2)),
    (("create", 43, ""), (1, 2)), (("edit", 99, "--level", "NOBODY"), 3), (("edit", 2, "--level", "USER"), 4),
    (("edit", 2, "--admin", "--no-admin"), 2), (("delete", 99, "--yes"), 3), (("assign", 99, "{user}"), 3),
    (("assign", 2, "nobody-of-this-name"), 3), (("assign", 2), 2), (("check", "{user}"), 2)])
def test_what_fails_changes_nothing(ctl, user, database, command, status):
    before = contents(database)
    words = [str(word).format(user=user.username) for word in command]
    ctl.fails(status, "permission", *words)
    assert contents(database) == before


def test_delete_is_refused_while_used(ctl, user, staff, admin):
    for code in (1, 2, 3):
        failed = ctl.fails(5, "permission", "delete", code, "--yes")
        assert "used" in failed.stderr or "user" in failed.stderr
    assert {1, 2, 3} <= set(listed(ctl))


def test_assign_holds_at_once(ctl, api, admin):
    account = create_account(ctl, 1)
    held = api.credential(account)
    assert api.post("/user_admin/get_all_users", held).status_code == 403
    assert rows(ctl.json("permission", "assign", 3, account.username))[0]["changed"] is True
    assert api.post("/user_admin/get_all_users", held).status_code == 200
    assert rows(ctl.json("permission", "assign", 3, account.username))[0]["changed"] is False
    ctl.ok("permission", "assign", 2, account.username)
    assert api.post("/user_admin/get_all_users", held).status_code == 403


def test_an_edit_of_a_permission_holds_at_once(ctl, api):
    ctl.ok("permission", "create", 50, "LEAD", "--admin")
    account = create_account(ctl, 50)
    held = api.credential(account)
    assert api.post("/user_admin/get_all_users", held).status_code == 200
    ctl.ok("permission", "edit", 50, "--no-admin")
    assert api.post("/user_admin/get_all_users", held).status_code == 403


def test_assign_to_many_wants_the_count(ctl):
    made = [create_account(ctl, 1).username for _ in range(3)]
    ctl.fails(5, "permission", "assign", 2, *made)
    ctl.fails(5, "permission", "assign", 2, *made, "--yes")
    ctl.fails(3, "permission", "assign", 2, *made, "nobody-of-this-name", "--confirm=4")
    assert {ctl.json("user", "show", name)["permission"] for name in made} == {1}
    ctl.ok("permission", "assign", 2, "-", "--confirm=3", input="\n".join(made))
    assert {ctl.json("user", "show", name)["permission"] for name in made} == {2}


@pytest.mark.parametrize("who, status", [("admin", 0), ("staff", 5), ("user", 5)])
def test_check_says_whether_and_why(ctl, request, who, status):
    account = request.getfixturevalue(who)
    result = ctl("permission", "check", account.username, "create_user", "-o", "json")
    assert result.status == status, str(result)
    answer = result.json()
    assert answer["allowed"] is (status == 0)
    assert isinstance(answer["because"], str) and answer["because"]


def test_check_of_nobody_and_nothing(ctl, user):
    ctl.fails(3, "permission", "check", "nobody-of-this-name", "create_user")
    ctl.fails((2, 3), "permission", "check", user.username, "no-operation-of-this-name")


@pytest.mark.parametrize("command", [
    ("create", 60, "DRY"), ("edit", 2, "--level", "DRY"), ("assign", 3, "{user}"),
    ("edit", 2, "--admin")])
def test_dry_run_changes_nothing(ctl, user, database, command):
    before = contents(database)
    ctl.ok("permission", *(str(word).format(user=user.username) for word in command), "--dry-run")
    assert contents(database) == before
