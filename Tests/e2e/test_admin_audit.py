"""Every action of the dashboard in the audit: who, from where, by which request, and no secret."""

import json

import pytest

from support import secrets
from support.admin import SIGN_IN, SIGN_OUT, Dashboard, records
from support.api import create_account
from support.cluster import contents, query
from support.furnished import database
from support.operations import CHANGES

ADDRESS = "198.51.100.77"


@pytest.fixture(scope="module")
def server(new_server):
    return new_server("--trusted-proxies=127.0.0.1")


def newest(ctl) -> int:
    return int(ctl.json("audit", "list", "--columns", "id", "--limit", 1)[0]["id"])


def since(ctl, number: int) -> list[dict]:
    return ctl.json("audit", "list", "--wide", "--where", f"id>{number}")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_every_change_leaves_one(dashboard, ctl, admin, change):
    before = newest(ctl)
    fields = list(change.fields.items())
    page = dashboard.post(change.path, fields, headers={"X-Forwarded-For": ADDRESS})
    if page.status == 200 and page.confirm:
        assert since(ctl, before) == [], "a question left a record"
        fields += [("confirm", page.confirm)]
        page = dashboard.post(change.path, fields, headers={"X-Forwarded-For": ADDRESS})
    assert page.status in (200, 303), str(page)
    for name in ("password", "token"):
        if page.status == 200:
            secrets.keep(page.thing.get(name, ""))
    found = [row for row in since(ctl, before) if row["what"] == change.what]
    assert found, since(ctl, before)
    for row in found:
        assert row["actor"] == admin.username and row["address"] == ADDRESS
        assert row["request"] == page.headers["X-Request-ID"]
        assert row["result"] == "done"


def test_the_same_records_stand_on_the_page(dashboard, ctl):
    page = dashboard.page("/admin/audit/", {"limit": 200, "columns": "id,time,actor,address,what,target,result,request"})
    told = ctl.json("audit", "list", "--columns", "id,time,actor,address,what,target,result,request", "--limit", 200)
    assert page.rows == [{name: "" if value is None else str(value) for name, value in row.items()} for row in told]


def test_signing_in_and_out_does_too(server, ctl):
    account = create_account(ctl, 3)
    visitor = Dashboard(server.url)
    visitor.get(SIGN_IN)
    wrong = secrets.password()
    headers = {"X-Forwarded-For": ADDRESS}
    visitor.post(SIGN_IN, {"username": account.username, "password": wrong}, headers=headers)
    visitor.post(SIGN_IN, {"username": account.username, "password": account.password}, headers=headers)
    visitor.post(SIGN_OUT, headers=headers)
    for what in ("sign-in-failed", "sign-in", "sign-out"):
        [row] = records(ctl, what, account.username)
        assert row["address"] == ADDRESS and row["request"], row
        if what == "sign-in":
            assert json.loads(row["after"])["dialect"] == "dashboard" if isinstance(row["after"], str) \
                else row["after"]["dialect"] == "dashboard"


def test_who_may_not_enter_is_on_record(server, ctl):
    account = create_account(ctl, 1)
    visitor = Dashboard(server.url)
    assert visitor.try_to_sign_in(account).status == 403
    found = [row for row in ctl.json("audit", "list", "--user", account.username, "--wide")
             if row["what"] in ("refused", "sign-in-failed", "sign-in")]
    assert found and found[0]["result"] != "done", found


def test_passwords_and_tokens_are_nowhere(dashboard, ctl, database):
    password = secrets.password()
    name = create_account(ctl, 1).username
    typed = {"USER": name, "password-way": "type", "password1": password, "password2": password}
    assert dashboard.done("/admin/users/passwd/", typed)
    made = dashboard.done("/admin/users/passwd/", {"USER": name, "password-way": "make"}).thing
    assert len(made["password"]) >= 12
    token = dashboard.done("/admin/tokens/issue/", {"USER": name, "kind": "opaque"}).thing["token"]
    assert len(token) == 40
    text = json.dumps(contents(database), default=str)
    assert not [secret for secret in (password, made["password"], token) if secret in text]
    pages = [dashboard.page("/admin/audit/", {"limit": 200, "columns": "what,target,before,after"}),
             dashboard.page("/admin/users/", {"q": name})]
    assert not [secret for secret in (password, made["password"], token) for page in pages
        if secret in page.answer.text]


def test_what_is_refused_leaves_none_of_a_change(dashboard, ctl):
    before = newest(ctl)
    for path, fields in (("/admin/users/lock/", {"USER": "nobody"}), ("/admin/users/create/", {"USERNAME": "one"}),
                         ("/admin/groups/delete/", {"ID": "Core"}), ("/admin/users/delete/", {"USER": "one"})):
        dashboard.post(path, fields)
    assert since(ctl, before) == []


def test_a_thing_s_history_tells_it(dashboard, ctl, admin):
    name = create_account(ctl, 1).username
    dashboard.done("/admin/users/lock/", {"USER": name, "reason": "left the club"})
    number = ctl.json("user", "show", name)["id"]
    history = " ".join(dashboard.page(f"/admin/users/{number}/").texts("//*[contains(@class, 'history')]"))
    assert "lock" in history and admin.username in history and "left the club" in history


def test_a_session_says_where_and_with_what(dashboard, admin, database):
    [(number,)] = query(database, "SELECT s.id::text FROM session s JOIN account a ON a.id = s.account"
                                  " WHERE username = %s AND s.revoked IS NULL", admin.username)
    thing = dashboard.page(f"/admin/sessions/{number}/").thing
    assert thing["dialect"] == "dashboard" and thing["address"] == "127.0.0.1"
    assert "python-requests" in thing["user_agent"] and thing["state"] == "live"
