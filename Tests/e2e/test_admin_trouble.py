"""Addresses and bodies that nobody's browser makes: told so, and never a failure of the server."""

import base64
import json
import random
import socket

import pytest

from support.admin import CSRF, PLURALS, SESSION, SIGN_IN, Dashboard
from support.api import create_account
from support.cluster import query
from support.plenty import fill
from support.program import Ctl, until
from support.server import Server


@pytest.fixture(scope="module")
def database(new_database):
    url = new_database()
    fill(url)
    return url


def cursor(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


CURSORS = [
    "", "x", "=", "!!!", "%", cursor([]), cursor({}), cursor("1"), cursor(None), cursor([None]), cursor([None] * 2),
    cursor(["abc"]),
    cursor(["1", "2"]), cursor([1]), cursor([True]), cursor([["1"]]), cursor(["9" * 40]), cursor(["' OR 1=1"]),
    cursor(["a\u0000b"]),
    cursor(["1"] * 50), cursor(["x" * 2000]), cursor(["infinity"]), cursor(["2024-99-99"]), cursor(["-1"]), "W10", "W1",
    base64.urlsafe_b64encode(b"\xff\xfe[").decode(), base64.urlsafe_b64encode(b'["\\ud800"]').decode(), "A" * 3000]


def sound(page) -> None:
    assert page.status in (200, 400, 404, 405, 413, 414, 431), str(page)
    if page.headers.get("Content-Type", "").startswith("text/html"):
        assert page.heading


@pytest.mark.parametrize("plural", PLURALS)
def test_any_cursor(dashboard, plural):
    for value in CURSORS:
        for name in ("next", "previous"):
            for sort in ({}, {"sort": "-created"}):
                sound(dashboard.get(f"/admin/{plural}/", {name: value} | sort))


def test_a_cursor_of_another_list_or_order(dashboard):
    for sort in ("id", "-created", "username", "email", "locked"):
        value = dashboard.page("/admin/users/", {"sort": sort, "limit": 2}).link("next").split("next=")[1]
        for plural in PLURALS:
            sound(dashboard.get(f"/admin/{plural}/?next={value}"))
            sound(dashboard.get(f"/admin/{plural}/?sort=created&previous={value}"))
    sound(dashboard.get(f"/admin/users/?next={value}&previous={value}"))


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1000000", "9" * 30, "abc", "1.5", "", "0x10", " 5 ", "+5", "٣",
    "1e2"])
@pytest.mark.parametrize("plural", ["users", "audit", "sessions"])
def test_any_limit(dashboard, plural, limit):
    page = dashboard.get(f"/admin/{plural}/", {"limit": limit})
    assert page.status in (200, 400), str(page)
    assert len(page.rows) <= 200


@pytest.mark.parametrize("path", [
    "/admin/users/?q=a&q=b&q=c", "/admin/users/?sort=id&sort=-id", "/admin/users/?limit=1&limit=2",
    "/admin/users/?columns=id&columns=id",
    "/admin/users/?columns=id,id,id", "/admin/users/?columns=,,", "/admin/users/?sort=,",
    "/admin/users/?sort=id,id,-id", "/admin/users/?sort=--id",
    "/admin/users/?locked=on&locked=on", "/admin/users/?count", "/admin/users/?count=&count=1", "/admin/users/?&&&",
    "/admin/users/?=1", "/admin/users/?q",
    "/admin/users/?done=user+lock&rows=2", "/admin/users/?done=%3Cscript%3E&rows=1",
    "/admin/users/?done=user+lock&rows=" + "9" * 40,
    "/admin/users/?unknown=1&_=2", "/admin/users/?q=%ff%fe", "/admin/users/?%ff=1", "/admin/users/?q=%C0%80",
    "/admin/users/?q=%ED%A0%80",
    "/admin/users/?q=%", "/admin/users/?q=%zz", "/admin/users/?q=+%2B", "/admin/%ff/", "/admin/users/%ff/",
    "/admin/users/%00/",
    "/admin/users/%2e%2e/", "/admin/users//", "/admin//users/", "/admin/users/1/2/", "/admin/users/-1/",
    "/admin/users/99999999999999999999/",
    "/admin/users/1%20/", "/admin/users/01/", "/admin/users/1e0/", "/admin/sessions/zzz/",
    "/admin/sessions/00000000-0000-0000-0000-000000000000/",
    "/admin/permissions/abc/", "/admin/permissions/%F0%9F%92%A9/", "/admin/keys/..%2f/", "/admin/audit/x/",
    "/admin/users/'/", "/admin/%2e/users/",
    "/admin/users/lock/?USER=", "/admin/users/lock/?USER=%00", "/admin/users/lock/?USER=-",
    "/admin/users/lock/?user=one", "/admin/users/edit/?USER=%ff",
    "/admin/users/create/?USERNAME=%00&permission=x", "/admin/permissions/edit/?CODE=99999999999999999999",
    "/admin/permissions/check/?USER=1&OPERATION=x"])
def test_any_address(dashboard, path):
    sound(dashboard.get(path))


@pytest.mark.parametrize("size", [1_000, 5_000, 20_000, 70_000])
@pytest.mark.parametrize("made", [lambda size: "users/?q=" + "%C3%A9" * (size // 6),
    lambda size: "users/" + "x" * size + "/"], ids=["query", "path"])
def test_long_addresses(dashboard, size, made):
    sound(dashboard.get("/admin/" + made(size)))


@pytest.mark.parametrize("count", [50, 200, 500, 1_000, 5_000])
def test_many_arguments(dashboard, count):
    """As when so many boxes are chosen."""
    sound(dashboard.get("/admin/users/lock/?" + "&".join(f"USER=u{number}" for number in range(count))))


@pytest.mark.parametrize("body, kind", [
    (b"", "application/x-www-form-urlencoded"), (b"csrf", "application/x-www-form-urlencoded"),
    (b"%ff=%fe", "application/x-www-form-urlencoded"),
    (b"USER=%00", "application/x-www-form-urlencoded"), (b"&&&=", "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (b"[1]", "application/json"), (b"{", "application/json"),
    (b'{"csrf": ["x"], "USER": {"a": 1}}', "application/json"), (b"x", "text/plain"),
    (b"\xff" * 100, "application/octet-stream"), (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"x", "multipart/form-data"), (b"a=1", "")])
def test_any_body(dashboard, body, kind):
    for path in ("/admin/users/lock/", "/admin/users/create/", SIGN_IN, "/admin/sign-out/", "/admin/sessions/revoke/"):
        page = dashboard.call("POST", path, data=body, headers={"Content-Type": kind})
        assert page.status in (400, 403, 415), str(page)
    assert dashboard.is_in


def test_a_body_that_is_too_large(dashboard):
    page = dashboard.post("/admin/exercises/create/", {"NAME": "Large", "instructions": "x" * 2_000_000})
    assert page.status == 413, str(page)


def test_json_is_no_form_without_the_token(dashboard):
    page = dashboard.call("POST", "/admin/users/lock/", json={"USER": "Person 1", "csrf": dashboard.cookies[CSRF]})
    assert page.status in (303, 400, 403, 415), str(page)


@pytest.mark.parametrize("fields", [
    {"USERNAME": "x" * 200}, {"USERNAME": "a\x00b"}, {"USERNAME": "<b>"}, {"USERNAME": "new", "permission": "0"},
    {"USERNAME": "new", "permission": "9" * 20},
    {"USERNAME": "new", "permission": "1; DROP"}, {"USERNAME": "new", "email": "no"},
    {"USERNAME": "new", "password-way": "type"},
    {"USERNAME": "new", "password-way": "type", "password1": "short", "password2": "short"}, {"USERNAME": "-"},
    {"USERNAME": "new", "two-factor": "on"},
    {"USERNAME": "new", "password-way": "type", "password1": "one thing 1", "password2": "another 2"},
    {"USERNAME": "Person 1"}, {}])
def test_a_form_that_is_wrong_says_where(dashboard, ctl, fields):
    before = len(ctl.json("user", "list"))
    page = dashboard.post("/admin/users/create/", {"password-way": "none"} | fields)
    assert page.status in (400, 409), str(page)
    assert page.faults or page.notices, str(page)
    assert len(ctl.json("user", "list")) == before
    for name, value in fields.items():
        if not name.startswith("password") and "\x00" not in value:
            assert dict(page.form("/admin/users/create/").fields).get(name) == value


def test_random_bytes_in_a_query(dashboard):
    chance = random.Random(7)
    names = ["q", "where", "sort", "columns", "limit", "next", "previous", "count", "column", "comparison", "value",
        "locked", "permission"]
    for _ in range(300):
        pairs = [f"{chance.choice(names)}={''.join(f'%{chance.randrange(256):02x}' for _ in range(chance.randrange(12)))}"
                 for _ in range(chance.randrange(1, 4))]
        sound(dashboard.get(f"/admin/{chance.choice(PLURALS)}/?{'&'.join(pairs)}"))


def test_raw_bytes_in_a_request_line(server, dashboard):
    cookie = f"{SESSION}={dashboard.cookies[SESSION]}"
    for target in (b"/admin/users/?q=\xff\xfe", b"/admin/users/?q=<script>", b"/admin/\xc3\xa9/", b"/admin/users/?q=\"",
        b"/admin/users/?q=\\", b"//admin/users/",
                   b"http://evil.example/admin/users/", b"/admin/users/?q=\x7f"):
        with socket.create_connection(server.address, timeout=30) as connection:
            connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: " + cookie.encode() + b"\r\n\r\n")
            answer = connection.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 ") and answer[9:10] != b"5", (target, answer[:200])


def test_nothing_of_it_failed(server, dashboard):
    assert dashboard.is_in
    assert not [line for line in server.log().splitlines() if "status=500" in line or "level=error" in line]


def test_without_a_database_it_says_so_and_comes_back(program, cluster, new_database):
    """A page, not a broken connection; who was in is in again."""
    url = new_database()
    person = create_account(Ctl(program, url), 3)
    server = Server(program, url).start()
    visitor = Dashboard(server.url).sign_in(person)
    name = url.rpartition("/")[2]
    cluster.execute("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    try:
        query(cluster.url(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
        page = until(lambda: (found := visitor.get("/admin/users/")).status != 200 and found, "the database is away")
        assert page.status == 503 and page.headers["Retry-After"] and page.heading, str(page)
    finally:
        cluster.execute("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
    until(lambda: visitor.get("/admin/users/").status == 200, "it is back")
    server.stop()
