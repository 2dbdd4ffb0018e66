"""The command that a page shows, typed in a shell: it gives the same rows and does the same."""

import json
import re
import subprocess

import pytest

from support import secrets
from support.admin import PLURALS, Page
from support.cluster import SEEN, query
from support.furnished import ONE
from support.operations import BY_NAME
from support.plenty import fill
from support.program import Result

SHELLS = ["bash", "dash"]
LISTS = [
    ("users", {}), ("users", {"q": "person 1"}), ("users", {"q": "o'neil \"x\" $HOME `id` \\ *"}),
    ("users", {"where": ["first_name=100%", "id>3"]}),
    ("users", {"where": "first_name='; DROP TABLE account; --"}), ("users", {"where": "first_name=two\nlines"}),
    ("users", {"locked": "on"}),
    ("users", {"permission": "1", "sort": "-last_name,id"}), ("users", {"deleted": "on"}),
    ("users", {"columns": "id,username,avatar"}),
    ("users", {"limit": "3"}), ("users", {"column": "username", "comparison": "~", "value": "(1|2)$"}),
    ("users", {"q": "-o json"}),
    ("users", {"where": "first_name=$(touch /tmp/x) `id`"}), ("users", {"q": "日本"}), ("users", {"sort": "last_login"}),
    ("users", {"q": "#"}),
    ("sessions", {"all": "on"}), ("sessions", {"user": "Person 3", "all": "on"}),
    ("sessions", {"dialect": "community", "all": "on"}),
    ("sessions", {"address": "192.0.2.0/24"}), ("tokens", {"kind": "opaque", "all": "on"}),
    ("tokens", {"before": "1d", "all": "on"}),
    ("exercises", {"group": "Group 2a"}), ("mail", {"all": "on"}), ("audit", {"what": "lock"}),
    ("audit", {"user": "actor 1"}),
    *[(plural, {}) for plural in PLURALS[1:]]]


@pytest.fixture(scope="module")
def database(new_database):
    url = new_database()
    fill(url)
    return url


def typed(ctl, page: Page, *more: str, shell: str = "bash") -> Result:
    """What a shell says to the line of a page."""
    assert page.command.startswith("havocctl ")
    line = " ".join([page.command, *more])
    done = subprocess.run(
        [shell, "-c", f'havocctl() {{ "$PROGRAM" "$@"; }}\n{line}'], capture_output=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL, env=ctl.env | {"PROGRAM": str(ctl.program)}, start_new_session=True, text=True)
    return Result((line,), done.returncode, done.stdout, done.stderr)


def rows(ctl, page: Page, *more: str, shell: str = "bash") -> list[dict]:
    done = typed(ctl, page, "-o", "json", *more, shell=shell)
    assert done.status == 0, str(done)
    return json.loads(done.stdout)


def text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("plural, asked", LISTS)
def test_a_list_s_command_gives_its_rows(dashboard, ctl, plural, asked, shell):
    page = dashboard.page(f"/admin/{plural}/", asked)
    told = rows(ctl, page, shell=shell)
    shown = page.rows
    assert len(shown) == len(told)
    for mine, theirs in zip(shown, told):
        both = (mine.keys() & theirs.keys()) - set(SEEN)
        assert len(both) >= 2
        assert {name: mine[name] for name in both} == {name: text(theirs[name]).strip() for name in both}


@pytest.mark.parametrize("plural", PLURALS)
def test_a_thing_s_command_shows_it(dashboard, ctl, plural):
    listed = dashboard.page(f"/admin/{plural}/", {"all": "on"} if plural in ("sessions", "tokens", "mail") else {})
    for key in listed.keys[:8]:
        page = dashboard.page(f"/admin/{plural}/{key}/")
        if plural in ("conversations", "integers"):
            assert re.search(rf"\b{key}\b", page.command), page.command
            continue
        told = rows(ctl, page)
        [told] = told if isinstance(told, list) else [told]
        both = (page.thing.keys() & told.keys()) - set(SEEN)
        assert len(both) >= 3, page.command
        assert {name: page.thing[name] for name in both} == {name: text(told[name]).strip() for name in both}


@pytest.mark.parametrize("name", ["-dash", "--help", "-o", "12", "a'b c", "@x.y+z"])
def test_a_user_whose_name_is_an_option_or_a_number(dashboard, ctl, name):
    number = ctl.json("user", "create", "--no-password", "--", name)["id"]
    done = typed(ctl, dashboard.page(f"/admin/users/{number}/"))
    assert done.status == 0 and re.search(rf"^id +{number}$", done.stdout, re.MULTILINE), str(done)
    done = typed(ctl, dashboard.page("/admin/users/lock/", {"USER": name}))
    assert done.status == 0, str(done)
    assert query(ctl.database, "SELECT locked IS NOT NULL FROM account WHERE id = %s", number) == [(True,)]


@pytest.mark.parametrize("name", ["users lock", "users unlock", "users delete", "users restore", "permissions assign",
    "permissions delete", "bans lift",
                                  "sessions revoke", "tokens revoke", "streams end", "exercises delete",
                                  "groups delete", "tweets delete",
                                  "conversations delete", "integers delete", "mail retry", "mail delete"])
def test_a_question_s_command_does_what_it_asks_about(dashboard, ctl, database, name):
    change = BY_NAME[name]
    words = {
        "users lock": "Person 1", "users unlock": "Person 6", "users delete": "Person 2", "users restore": "Person 23",
        "bans lift": "203.0.113.5"}
    tables = {"sessions": "session", "tokens": "credential", "streams": "stream", "exercises": "exercise",
        "tweets": "tweet",
              "conversations": "conversation", "integers": "integer_set", "mail": "mail"}
    fields = dict(change.fields)
    plural = name.split()[0]
    if plural in tables:
        live = " WHERE revoked IS NULL AND expires > now()" if plural in ("sessions", "tokens") else ""
        [(number,)] = query(database, f"SELECT id::text FROM {tables[plural]}{live} ORDER BY created, id LIMIT 1"
                            if plural in ("sessions", "tokens")
                                else f"SELECT id::text FROM {tables[plural]} ORDER BY id LIMIT 1")
        fields = {key: number for key in fields}
    elif name == "permissions assign":
        fields = {"CODE": "1001", "USER": "Person 3"}
    elif name == "permissions delete":
        fields = {"CODE": "1003"}
    elif name == "groups delete":
        fields = {"ID": str(query(database, "SELECT id FROM exercise_group WHERE name LIKE 'Group 9%%'")[0][0])}
    else:
        fields = {key: words[name] for key in fields}
    page = dashboard.page(change.path, fields)
    assert page.confirm == "1", str(page)
    done = typed(ctl, page, "-o", "json")
    assert done.status == 0, str(done)
    [row] = json.loads(done.stdout) if done.stdout.startswith("[") else [json.loads(done.stdout)]
    assert row["changed"] is True
    if name != "mail retry":
        again = dashboard.get(change.path, fields)
        assert again.confirm in (None, "0"), str(again)


def test_that_of_several_has_their_number(dashboard, ctl):
    names = ["Person 7", "Person 8", "Person 9"]
    page = dashboard.page("/admin/users/lock/", [*[("USER", name) for name in names], ("reason", "it's \"too\" much")])
    done = typed(ctl, page, "-o", "json")
    assert done.status == 0 and [row["changed"] for row in json.loads(done.stdout)] == [True] * 3, str(done)
    assert [ctl.json("user", "show", name)["locked"] for name in names] == [True] * 3


def test_what_was_just_filled_in_wrongly_fails_alike(dashboard, ctl):
    page = dashboard.post("/admin/groups/create/", {"NAME": "Group 2a"})
    assert page.status in (400, 409)
    assert typed(ctl, page).status == 4


def test_a_password_is_in_none(dashboard):
    password = secrets.password()
    page = dashboard.post("/admin/users/passwd/", {"USER": "Person 4", "password-way": "type", "password1": password,
        "password2": "x" + password})
    assert page.status == 400 and password not in page.answer.text
    assert "havocctl user passwd" in page.command


def test_every_page_has_one(dashboard):
    for path in ("/admin/", "/admin/users/create/", "/admin/keys/rotate/", "/admin/sessions/prune/",
        "/admin/exercises/seed/"):
        assert dashboard.page(path).command.startswith("havocctl "), path
    assert ONE not in dashboard.page("/admin/sessions/revoke/").command
