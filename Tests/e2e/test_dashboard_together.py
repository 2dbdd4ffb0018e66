"""Forms of the dashboard when somebody else, the clock or a wrong click comes in between."""

import pytest

from support.api import Account, create_account
from support.chromium import chromium
from support.cluster import query
from support.dashboard import Dashboard, sign_in_is_old, thing

LEAVE = """
const leaving = new Event("beforeunload", {cancelable: true});
window.dispatchEvent(leaving);
return leaving.defaultPrevented;
"""


@pytest.fixture(scope="module")
def browser():
    with chromium(capabilities={"goog:loggingPrefs": {"performance": "ALL"}}) as driver:
        yield driver


@pytest.fixture
def dashboard(browser, server, admin) -> Dashboard:
    """Signed in, whatever the test before did to the session."""
    made = Dashboard(browser, server.url).open()
    return made.sign_in(admin) if made.asks_who else made


@pytest.fixture(scope="module")
def other(server, ctl):
    """Another administrator's browser."""
    with chromium() as driver:
        yield Dashboard(driver, server.url).open().sign_in(create_account(ctl, 3, "other"))


@pytest.fixture
def exercise(ctl, account) -> str:
    name = f"Row of {account.username}"
    ctl.ok("group", "create", f"Group {account.username}")
    return str(ctl.json("exercise", "create", name, "--group", f"Group {account.username}", "--instructions",
                        "One.\nTwo.")["id"])


def stored(ctl, number: str) -> dict:
    return ctl.json("exercise", "show", number, "--wide")


def asked(dashboard: Dashboard) -> bool:
    """Whether the browser has asked whether the page is to be left, which the driver answered with yes."""
    return any('"type":"beforeunload"' in entry["message"] for entry in dashboard.driver.get_log("performance"))


def sign_out_elsewhere(dashboard: Dashboard) -> None:
    """In another tab of the same browser."""
    driver, here = dashboard.driver, dashboard.driver.current_window_handle
    driver.switch_to.new_window("tab")
    dashboard.open("bans/").sign_out()
    driver.close()
    driver.switch_to.window(here)


def end_sessions(ctl, account: Account) -> None:
    number = len(ctl.json("session", "list", "--user", account.username))
    ctl.ok("session", "revoke", "--user", account.username, "--confirm", number)


def test_the_second_of_two_is_told_and_may_save_again(dashboard, other, ctl, exercise):
    for each in (dashboard, other):
        each.open("exercises/edit/", ID=exercise)
    other.fill(name="Theirs", targeted_muscles="neck").submit()
    assert stored(ctl, exercise)["name"] == "Theirs"
    dashboard.fill(name="Mine", instructions="Hold\nstill.").submit()
    assert dashboard.status == 409
    assert any("Somebody else changed this" in told for told in dashboard.notices)
    assert stored(ctl, exercise)["name"] == "Theirs" and stored(ctl, exercise)["instructions"] == "One.\nTwo."
    assert dashboard.value("name") == "Mine" and dashboard.value("instructions") == "Hold\nstill."
    assert "Theirs" in dashboard.faults["field-name"] and "Two." in dashboard.faults["field-instructions"]
    dashboard.submit()
    row = stored(ctl, exercise)
    assert dashboard.at == thing("exercise", exercise)
    assert (row["name"], row["instructions"]) == ("Mine", "Hold\nstill.")


def test_the_second_is_told_again_when_a_third_was_quicker(dashboard, other, ctl, exercise):
    dashboard.open("exercises/edit/", ID=exercise)
    ctl.ok("exercise", "edit", exercise, "--name", "By the command line")
    dashboard.fill(name="Mine at last").submit()
    assert dashboard.status == 409
    other.open("exercises/edit/", ID=exercise).fill(name="By the third").submit()
    dashboard.submit()
    assert dashboard.status == 409 and "By the third" in dashboard.faults["field-name"]
    dashboard.submit()
    assert stored(ctl, exercise)["name"] == "Mine at last"


@pytest.mark.parametrize("noun", ["user", "permission", "group"])
def test_every_noun_that_is_edited_tells_the_second(dashboard, other, ctl, account, noun):
    path, field, key = {
        "user": ("users/edit/", "last-name", {"USER": account.username}),
        "permission": ("permissions/edit/", "level", {"CODE": "90"}),
        "group": ("groups/edit/", "name", {"ID": f"Pair {account.username}"})}[noun]
    if noun == "permission":
        ctl.ok("permission", "create", "90", "Pair")
    if noun == "group":
        key = {"ID": str(ctl.json("group", "create", key["ID"])["id"])}
    for each in (dashboard, other):
        each.open(path, **key)
    other.fill(**{field.replace("-", "_"): "Theirs"}).submit()
    dashboard.fill(**{field.replace("-", "_"): "Mine"}).submit()
    assert dashboard.status == 409 and dashboard.value(field) == "Mine" and len(dashboard.faults) == 1
    dashboard.submit()
    assert dashboard.status == 200 and "Mine" in dashboard.text


def test_what_is_gone_meanwhile_is_said_to_be(dashboard, ctl, exercise):
    dashboard.open("exercises/edit/", ID=exercise)
    ctl.ok("exercise", "delete", exercise, "--yes")
    dashboard.fill(name="Mine").submit()
    assert dashboard.status == 404 and dashboard.notices


@pytest.mark.parametrize("end", ["revoked", "expired", "signed out"])
def test_what_was_typed_comes_back_when_the_session_has_ended(dashboard, ctl, admin, exercise, end):
    words = "Ünïcode & \"quotes\" <b> %41 + =\nsecond line"
    name = f"Kept + & <i> {end}"
    dashboard.open("exercises/edit/", ID=exercise).fill(name=name, instructions=words)
    if end == "revoked":
        end_sessions(ctl, admin)
    elif end == "expired":
        query(ctl.database, "UPDATE session SET expires = now() - interval '1 second' WHERE revoked IS NULL AND account ="
                            " (SELECT id FROM account WHERE username = %s) RETURNING 1", admin.username)
    else:
        sign_out_elsewhere(dashboard)
    dashboard.submit()
    assert dashboard.asks_who, dashboard.text
    assert stored(ctl, exercise)["instructions"] == "One.\nTwo."
    dashboard.sign_in(admin)
    assert dashboard.at == "exercises/edit/"
    assert dashboard.value("name") == name and dashboard.value("instructions") == words
    dashboard.submit()
    assert stored(ctl, exercise)["instructions"] == words and stored(ctl, exercise)["name"] == name


def test_a_password_that_was_typed_does_not_come_back(dashboard, ctl, admin, account):
    dashboard.open("users/passwd/", USER=account.username).fill(password1=account.password, password2=account.password)
    end_sessions(ctl, admin)
    dashboard.submit()
    assert dashboard.asks_who and account.password not in dashboard.driver.current_url
    assert account.password not in dashboard.driver.page_source
    dashboard.sign_in(admin)
    assert dashboard.at == "users/passwd/" and dashboard.value("USER") == account.username
    assert dashboard.value("password1") == ""


@pytest.mark.parametrize("path", ["users/delete/", "users/create/", "permissions/create/", "keys/rotate/", "tokens/issue/",
                                  "sessions/prune/"])
def test_what_is_dangerous_wants_a_new_sign_in_after_a_while(dashboard, ctl, admin, path):
    filled = {"USER": admin.username} if path == "users/delete/" else {}
    sign_in_is_old(ctl.database)
    assert dashboard.open("users/").at == "users/"
    dashboard.open(path, **filled)
    assert dashboard.asks_who and any("Sign in again" in told for told in dashboard.notices)
    before = dashboard.driver.get_cookie("admin_session")["value"]
    dashboard.sign_in(admin)
    assert dashboard.at == path and all(dashboard.value(name) == value for name, value in filled.items())
    assert dashboard.driver.get_cookie("admin_session")["value"] != before
    assert len(ctl.json("session", "list", "--user", admin.username)) == 1


def test_what_was_typed_comes_back_after_the_new_sign_in(dashboard, ctl, admin):
    dashboard.open("permissions/create/").fill(CODE="91", LEVEL="Late & \"long\"", admin=True)
    sign_in_is_old(ctl.database)
    dashboard.submit()
    assert dashboard.asks_who and 91 not in [row["code"] for row in ctl.json("permission", "list")]
    dashboard.sign_in(admin)
    assert dashboard.value("LEVEL") == "Late & \"long\"" and dashboard.field("admin").is_selected()
    dashboard.submit()
    assert 91 in [row["code"] for row in ctl.json("permission", "list")]


def test_leaving_a_changed_form_is_warned_of(dashboard, ctl, exercise):
    dashboard.open("exercises/edit/", ID=exercise)
    assert not dashboard.driver.execute_script(LEAVE)
    dashboard.field("name").send_keys(" changed")
    assert dashboard.driver.execute_script(LEAVE)
    assert not asked(dashboard)
    dashboard.turn(dashboard.one(".brand").click)
    assert asked(dashboard) and not stored(ctl, exercise)["name"].endswith("changed")


def test_saving_is_not_leaving(dashboard, exercise):
    dashboard.open("exercises/edit/", ID=exercise).fill(name="Saved").submit()
    assert dashboard.at == thing("exercise", exercise) and dashboard.shown["Name"] == "Saved"
    dashboard.open("exercises/edit/", ID=exercise)
    dashboard.field("name").send_keys("x\b")
    assert not dashboard.driver.execute_script(LEAVE), "what was typed and taken back is no change"
