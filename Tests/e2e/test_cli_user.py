"""havocctl user: create, show, edit, lock, unlock and delete."""

import re

import pytest

from support import secrets
from support.api import Account, assert_detail, assert_havoc_error, create_account, new_account
from support.cluster import contents
from support.program import rows

COLUMNS = {"id", "username", "email", "first_name", "last_name", "permission", "level",
           "two_factor", "locked", "created", "last_login"}
WIDE = COLUMNS | {"user_id", "is_42", "is_connected", "deleted", "avatar"}
RFC3339_UTC = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"


def test_create_answers_the_user(ctl):
    made = new_account()
    shown = ctl.json("user", "create", made.username, "--email", made.email, "--first-name", "Ada",
                     "--last-name", "L'Ovelace", "--permission", 2, "--password-stdin",
                     input=made.password + "\n")
    assert shown["changed"] is True
    assert COLUMNS <= set(shown)
    assert "password" not in shown
    assert (shown["username"], shown["email"], shown["first_name"], shown["last_name"]) == (
        made.username, made.email, "Ada", "L'Ovelace")
    assert (shown["permission"], shown["level"]) == (2, "STAFF")
    assert shown["locked"] is False and shown["two_factor"] is False
    assert re.fullmatch(RFC3339_UTC, shown["created"])
    assert shown["last_login"] is None
    assert {key: value for key, value in shown.items() if key in COLUMNS} == {
        key: value for key, value in ctl.json("user", "show", made.username).items() if key in COLUMNS}


def test_wide_adds_the_columns_in_brackets(ctl, user):
    assert set(ctl.json("user", "show", user.username)) == COLUMNS
    wide = ctl.json("user", "show", user.username, "--wide")
    assert set(wide) == WIDE
    assert re.fullmatch("[0-9a-f]{40}", wide["user_id"])


def test_every_way_to_name_a_user(ctl, user):
    wide = ctl.json("user", "show", user.username, "--wide")
    for name in (user.username.upper(), user.email, user.email.upper(), wide["id"], wide["user_id"]):
        assert ctl.json("user", "show", name)["id"] == wide["id"], name
    ctl.fails(3, "user", "show", "nobody-of-this-name")
    ctl.fails(3, "user", "show", 2**31 - 1)
    ctl.fails(3, "user", "show", 2**80)
    ctl.fails(3, "user", "show", "0" * 40)


def test_last_login_is_kept(ctl, api, user):
    api.tokens(user)
    assert re.fullmatch(RFC3339_UTC, ctl.json("user", "show", user.username)["last_login"])


@pytest.mark.parametrize("spelling", [str, str.upper, lambda name: f" {name} "])
def test_a_taken_name_or_email_is_4(ctl, user, spelling):
    other = new_account()
    ctl.fails(4, "user", "create", spelling(user.username), "--password-stdin", input=other.password)
    ctl.fails(4, "user", "create", other.username, "--email", spelling(user.email).strip(),
              "--password-stdin", input=other.password)
    ctl.fails(3, "user", "show", other.username)


def test_if_not_exists_changes_nothing(ctl, user, database):
    before = contents(database)
    shown = ctl.json("user", "create", user.username, "--if-not-exists", "--password-stdin",
                     "--permission", 3, input=secrets.password())
    assert shown["changed"] is False and shown["permission"] == 1
    assert contents(database) == before


@pytest.mark.parametrize("options, status", [
    (["--permission", "99"], (1, 2, 3)), (["--permission", "USER"], (0, 2)), (["--permission", "x"], (2, 3)),
    (["--email", "nope"], (1, 2)), (["--two-factor", "perhaps"], (2,)), (["--first-name", "x" * 5000], (1, 2))])
def test_bad_values_make_no_user(ctl, options, status):
    made = new_account()
    result = ctl("user", "create", made.username, *options, "--password-stdin", input=made.password)
    assert result.status in status, str(result)
    if result.status:
        ctl.fails(3, "user", "show", made.username)


@pytest.mark.parametrize("name", ["", " ", "semi;colon", "n" * 151, "tab\there", "a/b"])
def test_bad_names_are_refused(ctl, name):
    result = ctl("user", "create", name, "--no-password")
    assert result.status in (1, 2), str(result)
    assert "username" in result.stderr.lower() or "name" in result.stderr.lower()


def test_a_name_that_begins_with_a_dash(ctl):
    ctl.ok("user", "create", "--no-password", "--", "-dash")
    assert ctl.json("user", "show", "--", "-dash")["username"] == "-dash"


def test_edit_changes_each_field_and_then_nothing(ctl, database):
    made = create_account(ctl, 1)
    new = new_account("renamed")
    changes = {"username": new.username, "email": new.email, "first_name": "Grace",
               "last_name": "Hopper", "permission": 2}
    number = ctl.json("user", "show", made.username)["id"]
    for field, value in changes.items():
        options = ["user", "edit", number, "--" + field.replace("_", "-"), value]
        shown = ctl.json(*options)
        assert shown["changed"] is True and shown[field] == value
        before = contents(database)
        assert ctl.json(*options)["changed"] is False
        assert {name: lines for name, lines in contents(database).items() if "audit" not in name} == {
            name: lines for name, lines in before.items() if "audit" not in name}


def test_edit_refuses(ctl, user, admin):
    ctl.fails(4, "user", "edit", user.username, "--username", admin.username)
    ctl.fails(4, "user", "edit", user.username, "--email", admin.email)
    ctl.fails(3, "user", "edit", "nobody-of-this-name", "--email", "a@example.org")
    ctl.fails(2, "user", "edit", user.username, "--colour", "red")
    ctl.fails((1, 2, 3), "user", "edit", user.username, "--permission", "99")


def test_lock_and_unlock_hold_at_once(ctl, api):
    account = create_account(ctl, 1)
    held, havoc = api.tokens(account), api.credential(account)
    assert rows(ctl.json("user", "lock", account.username, "--reason", "left the house"))[0]["changed"] is True
    assert ctl.json("user", "show", account.username)["locked"] is True
    assert not api.alive(held["access_token"]) and not api.connected(havoc)
    assert_detail(api.login(account), 401)
    assert_havoc_error(api.havoc_login(account), 401)
    again = ctl.json("user", "lock", account.username, "--reason", "left the house")
    assert rows(again)[0]["changed"] is False
    assert rows(ctl.json("user", "unlock", account.username, "--yes"))[0]["changed"] is True
    assert rows(ctl.json("user", "unlock", account.username, "--yes"))[0]["changed"] is False
    assert api.alive(api.tokens(account)["access_token"])


def test_a_lock_that_ends_by_itself(ctl, api):
    account = create_account(ctl, 1)
    ctl.ok("user", "lock", account.username, "--until", "7d")
    assert_detail(api.login(account), 401)
    other = create_account(ctl, 1)
    ctl.fails((1, 2), "user", "lock", other.username, "--until", "whenever")
    assert api.tokens(other)


def test_many_at_once_want_the_count(ctl, api):
    made = [create_account(ctl, 1) for _ in range(3)]
    names = [account.username for account in made]
    for options in ([], ["--yes"], ["--confirm=2"], ["--confirm=4"]):
        ctl.fails(5, "user", "lock", *names, *options)
        assert not any(ctl.json("user", "show", name)["locked"] for name in names)
    shown = ctl.json("user", "lock", *names, "--confirm=3")
    assert [row["changed"] for row in shown] == [True] * 3
    ctl.ok("user", "unlock", "-", "--confirm=3", input="\n".join(names) + "\n")
    assert all(api.tokens(account) for account in made)


def test_one_unknown_name_among_many_changes_nothing(ctl, user, database):
    before = contents(database)
    failed = ctl.fails(3, "user", "lock", user.username, "nobody-of-this-name", "--confirm=2")
    assert "nobody-of-this-name" in failed.stderr
    ctl.fails(3, "user", "delete", "-", "--confirm=2", input=f"{user.username}\nnobody-of-this-name\n")
    assert contents(database) == before


def test_delete_keeps_the_name_and_purge_frees_it(ctl, api):
    account = create_account(ctl, 1)
    held = api.tokens(account)
    ctl.fails(5, "user", "delete", account.username)
    assert api.alive(held["access_token"])
    assert rows(ctl.json("user", "delete", account.username, "--yes"))[0]["changed"] is True
    assert not api.alive(held["access_token"])
    assert_detail(api.login(account), 401)
    assert account.username not in ctl.ok("user", "list", "-o", "name").stdout.splitlines()
    assert account.username in ctl.ok("user", "list", "--deleted", "-o", "name").stdout.splitlines()
    ctl.fails(4, "user", "create", account.username, "--no-password")
    assert api.register(account).status_code == 409
    ctl.ok("user", "delete", account.username, "--purge", "--yes")
    assert account.username not in ctl.ok("user", "list", "--deleted", "-o", "name").stdout.splitlines()
    ctl.fails(3, "user", "show", account.username)
    assert api.register(account).status_code == 201


def test_purge_leaves_nothing(ctl, api, database):
    account = Account(new_account("purged-trace").username, secrets.password(), "trace@example.org")
    assert api.register(account).status_code == 201
    api.tokens(account)
    ctl.ok("user", "delete", account.username, "--purge", "--yes")
    for table, lines in contents(database).items():
        if "audit" not in table:  # The record of what was done outlives its subject.
            assert account.username not in "\n".join(lines), table
            assert account.email not in "\n".join(lines), table


@pytest.mark.parametrize("command", [
    ("lock", "{name}"), ("delete", "{name}", "--yes"), ("delete", "{name}", "--purge", "--yes"),
    ("edit", "{name}", "--first-name", "Dry"), ("create", "dry-run-only", "--no-password"),
    ("passwd", "{name}", "--generate-password"), ("lock", "{name}", "{other}"),
    ("delete", "{name}", "{other}")])
def test_dry_run_changes_nothing(ctl, user, admin, database, command):
    before = contents(database)
    words = [word.format(name=user.username, other=admin.username) for word in command]
    result = ctl.ok("user", *words, "--dry-run")
    assert words[1] in result.stdout + result.stderr, "the rows that would change are not named"
    assert contents(database) == before


def test_dry_run_fails_where_the_command_would(ctl, user):
    ctl.fails(3, "user", "lock", "nobody-of-this-name", "--dry-run")
    ctl.fails(4, "user", "create", user.username, "--no-password", "--dry-run")
