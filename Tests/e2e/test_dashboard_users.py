"""Accounts in the dashboard: made, changed, locked, deleted and brought back, one or many at once."""

import json

import pytest

from support import secrets
from support.api import Account, create_account, new_account
from support.dashboard import Dashboard, thing
from support.members import crowd


@pytest.fixture(scope="module")
def dashboard(browser, server, admin) -> Dashboard:
    return Dashboard(browser, server.url).open().sign_in(admin)


def shown(ctl, account: Account) -> dict:
    return ctl.json("user", "show", account.username, "--wide")


def opened(dashboard: Dashboard, ctl, account: Account) -> Dashboard:
    return dashboard.open(thing("user", shown(ctl, account)["id"]))


def test_making_one_with_a_password_that_is_typed(dashboard, ctl, api, admin):
    new = new_account("made")
    dashboard.open("users/").press("Create")
    dashboard.fill(USERNAME=new.username, email=new.email, first_name="Ada", last_name="Lovelace", permission="2",
                   password1=new.password, password2=new.password).submit()
    row = shown(ctl, new)
    assert dashboard.at == thing("user", row["id"]) and "user create: done." in dashboard.notices
    assert dashboard.shown["Email"] == new.email and dashboard.shown["Level"] == "STAFF"
    assert (row["first_name"], row["last_name"], row["permission"]) == ("Ada", "Lovelace", 2)
    assert api.login(new).status_code == 200
    [record] = ctl.json("audit", "list", "--what", "user-create", "--where", f"target={new.username}")
    assert record["actor"] == admin.username and record["address"] == "127.0.0.1"


def test_a_password_that_is_made_is_shown_once(dashboard, ctl, api):
    new = new_account("lazy")
    dashboard.open("users/create/").fill(USERNAME=new.username, password_way="make").submit()
    password = secrets.keep(dashboard.shown["Password"])
    assert any("once" in told for told in dashboard.notices)
    assert api.login(Account(new.username, password, "")).status_code == 200
    opened(dashboard, ctl, new)
    assert password not in dashboard.driver.page_source
    dashboard.open("audit/", columns="what,target,before,after")
    assert new.username in dashboard.text and password not in dashboard.driver.page_source


def test_one_without_a_password(dashboard, ctl):
    new = new_account("wordless")
    dashboard.open("users/create/").fill(USERNAME=new.username, password_way="none").submit()
    assert dashboard.at == thing("user", shown(ctl, new)["id"])


@pytest.mark.parametrize("change, field, word", [
    ({"USERNAME": "no/slash"}, "field-username", ""), ({"email": "nonsense"}, "field-email", "valid"),
    ({"permission": "77"}, "field-permission", "no such"), ({"password2": "other"}, "password2", "differ"),
    ({"password1": "12345678", "password2": "12345678"}, "password1", ""), ({"password1": ""}, "password1", "wanted")],
    ids=["username", "email", "permission", "repetition", "weak", "no password"])
def test_what_is_wrong_stands_beside_the_field(dashboard, ctl, change, field, word):
    new = new_account("wrong")
    fields = {"USERNAME": new.username, "email": new.email, "first_name": "Kept", "password1": new.password,
              "password2": new.password} | change
    dashboard.open("users/create/").fill(**fields).submit()
    assert dashboard.status in (400, 404, 409)
    faults = dashboard.faults
    assert set(faults) == {field} and word in faults[field], faults
    assert dashboard.value("first-name") == "Kept" and dashboard.value("USERNAME") == fields["USERNAME"]
    assert dashboard.value("password1") == dashboard.value("password2") == ""
    assert dashboard.driver.switch_to.active_element.get_attribute("id") == field
    ctl.fails(3, "user", "show", new.username)


def test_a_name_that_is_taken(dashboard, ctl, account):
    new = new_account()
    dashboard.open("users/create/").fill(USERNAME=account.username.upper(), password_way="none").submit()
    assert dashboard.status == 409 and list(dashboard.faults) == ["field-username"]
    dashboard.fill(USERNAME=new.username, password_way="none").submit()
    assert shown(ctl, new)["username"] == new.username


def test_editing_one_changes_what_differs(dashboard, ctl, account):
    opened(dashboard, ctl, account).press("Edit")
    assert dashboard.value("email") == account.email and dashboard.value("permission") == "1"
    assert dashboard.field("USER").get_attribute("readonly")
    dashboard.fill(first_name="Grace", email="").submit()
    row = shown(ctl, account)
    assert dashboard.at == thing("user", row["id"]) and "user edit: done." in dashboard.notices
    assert row["first_name"] == "Grace" and row["email"] is None and row["last_name"] in ("", None)
    history = dashboard.one(".history").text
    assert "user-edit" in history and "Grace" in history


def test_saving_without_a_change_changes_nothing(dashboard, ctl, account):
    opened(dashboard, ctl, account).press("Edit")
    dashboard.submit()
    assert "user edit: nothing changed." in dashboard.notices
    assert not [row for row in ctl.json("audit", "list", "--user", account.username) if row["what"] == "user-edit"]


def test_setting_a_password_ends_the_sessions(dashboard, ctl, api, account):
    token = api.tokens(account)["access_token"]
    new = Account(account.username, secrets.password(), account.email)
    opened(dashboard, ctl, account).press("Set password")
    dashboard.fill(password1=new.password, password2=new.password).submit()
    assert dashboard.at == thing("user", shown(ctl, account)["id"])
    assert not api.alive(token)
    assert api.login(account).status_code == 401 and api.login(new).status_code == 200


def test_the_second_factor_is_switched(dashboard, ctl, account):
    opened(dashboard, ctl, account).press("Two factor")
    dashboard.fill(SWITCH="on").submit()
    assert dashboard.shown["Two factor"] == "yes" and shown(ctl, account)["two_factor"]


def test_what_will_happen_is_said_before_one_is_deleted(dashboard, ctl, api, account):
    row = shown(ctl, account)
    opened(dashboard, ctl, account).press("Delete")
    assert "One row will change. Nothing is done yet." in dashboard.notices
    assert dashboard.concerned == [[str(row["id"]), account.username, "yes"]]
    assert api.login(account).status_code == 200
    dashboard.press("Delete 1 row")
    assert dashboard.at == "users/" and "user delete: done." in dashboard.notices
    assert api.login(account).status_code == 401
    dashboard.open("users/", deleted="on")
    dashboard.choose(account.username)
    dashboard.press("Restore")
    dashboard.press("Restore 1 row")
    assert api.login(account).status_code == 200


def test_purging_leaves_nothing(dashboard, ctl, account):
    opened(dashboard, ctl, account).press("Delete")
    dashboard.fill(purge=True).submit()
    if dashboard.concerned:
        dashboard.submit()
    ctl.fails(3, "user", "show", account.username)
    assert account.username not in [row["username"] for row in ctl.json("user", "list", "--deleted")]


@pytest.mark.parametrize("title, says", [("Lock", "locked"), ("Delete", "deleted")])
def test_many_at_once(dashboard, ctl, database, title, says):
    prefix = f"many{says}"
    crowd(database, 6, prefix)
    dashboard.open("users/", q=prefix)
    dashboard.one("[data-choose-all]").click()
    assert "(6)" in dashboard.one(".bulk legend").text
    dashboard.one(f"td.choose input[value='{prefix}6']").click()
    dashboard.press(title)
    assert "5 rows will change. Nothing is done yet." in dashboard.notices
    names = [f"{prefix}{at}" for at in range(1, 6)]
    assert [row[1] for row in dashboard.concerned] == names
    assert not any(row[says] for row in ctl.json("user", "list", "--search", prefix, "--wide"))
    dashboard.press(f"{title} 5 rows")
    assert f"user {title.lower()}: done, 5 rows." in dashboard.notices
    options = ("--deleted",) if says == "deleted" else ("--locked",)
    assert [row["username"] for row in ctl.json("user", "list", "--search", prefix, *options)] == names
    assert not ctl.json("user", "show", f"{prefix}6", "--wide")[says]


def test_when_others_came_in_between_it_is_asked_again(dashboard, ctl, database):
    """The number that was shown isn't the number that would change any more."""
    crowd(database, 3, "between")
    dashboard.open("users/lock/", *[("USER", f"between{at}") for at in (1, 2, 3)])
    ctl.ok("user", "lock", "between2")
    dashboard.press("Lock 3 rows")
    assert "2 rows will change. Nothing is done yet." in dashboard.notices
    assert [row["username"] for row in ctl.json("user", "list", "--search", "between", "--locked")] == ["between2"]
    dashboard.press("Lock 2 rows")
    assert len(ctl.json("user", "list", "--search", "between", "--locked")) == 3


def test_a_lock_with_its_reason_and_its_end(dashboard, ctl, api, account):
    opened(dashboard, ctl, account).press("Lock")
    dashboard.fill(reason="Too loud", until="2h").submit()
    if dashboard.concerned:
        dashboard.submit()
    assert api.login(account).status_code == 401
    [record] = ctl.json("audit", "list", "--what", "lock", "--where", f"target={account.username}", "--wide")
    assert json.loads(record["after"])["reason"] == "Too loud"
    opened(dashboard, ctl, account).press("Unlock")
    dashboard.press("Unlock 1 row")
    assert api.login(account).status_code == 200


@pytest.mark.parametrize("verb", ["lock", "delete"])
def test_the_command_that_is_shown_does_the_same(dashboard, ctl, database, verb):
    """Names that are awkward on a command line included."""
    names = [f"{verb} grace", f"{verb}o'neil", f"-{verb}", f"--{verb}"]
    for name in names:
        ctl.ok("user", "create", "--no-password", "--", name)
    dashboard.open(f"users/{verb}/", *[("USER", name) for name in names])
    assert f"{len(names)} rows will change. Nothing is done yet." in dashboard.notices
    done = dashboard.run_command(ctl, "-o", "json")
    assert done.status == 0, str(done)
    assert [row["changed"] for row in done.json()] == [True] * len(names)


def test_an_administrator_is_no_exception(dashboard, ctl):
    other = create_account(ctl, 3, "other")
    opened(dashboard, ctl, other).press("Edit")
    dashboard.fill(permission="2").submit()
    assert shown(ctl, other)["level"] == "STAFF"
