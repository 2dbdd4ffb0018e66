"""What the log holds: one access line a request with its id, and never a secret."""

import secrets as random

import pytest

from support import secrets
from support.api import Account, bearer, new_account
from support.cluster import assert_no_secret_in
from support.program import until
from support.wire import exchange


def lines_with(server, request_id: str) -> list[str]:
    return [line for line in server.log().splitlines() if request_id in line]


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/status/", 200), ("GET", "/nothing/", 404), ("POST", "/status/", 405),
    ("GET", "/exercises/list/", 401), ("POST", "/user/login", 400), ("POST", "/user/check_status", 401)])
def test_one_line_a_request(api, server, method, path, status):
    number = api.call(method, path).headers["X-Request-ID"]
    found = until(lambda: lines_with(server, number), "the access line")
    api.get("/status/")  # A second line for the first request would have come by now.
    assert len(lines_with(server, number)) == 1, found
    line = found[0]
    for word in (method, path, str(status)):
        assert word in line, line


def test_it_is_logfmt(api, server):
    number = api.get("/status/").headers["X-Request-ID"]
    line = until(lambda: lines_with(server, number), "the access line")[0]
    pairs = dict(word.split("=", 1) for word in line.split(" ") if "=" in word)
    assert len(pairs) >= 5 and number in pairs.values(), line


def test_a_refused_request_is_logged_too(server):
    answers, _, _ = exchange(server.address, b"GET /status/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    number = answers[0].headers["x-request-id"]
    until(lambda: lines_with(server, number), "the line of a refused request")


def test_the_log_says_who(api, server, user):
    access = api.tokens(user)["access_token"]
    number = api.get("/exercises/list/", access).headers["X-Request-ID"]
    assert access.rpartition(".")[2] not in until(lambda: lines_with(server, number), "the line")[0]


def test_no_secret_is_in_logs_or_tables(api, server, ctl, user, admin, database):
    """Every place where one might be written down."""
    pair = api.tokens(user)
    held = api.credential(user)
    wrong = secrets.password()
    api.login(Account(user.username, wrong, ""))
    api.havoc_login(Account(user.username, secrets.password(), ""))
    # In a query, where none belongs; it must not be logged with the path.
    api.get("/exercises/list/", params={"password": secrets.password(), "token": pair["access_token"],
                                        "session_token": held["session_token"]})
    api.call("POST", "/user/login?password=" + secrets.password())
    api.get("/exercises/list/", headers=bearer(secrets.keep(random.token_hex(20)), "Token"))
    api.get("/exercises/list/", headers={"Authorization": "Basic " + secrets.keep(random.token_hex(20))})
    api.get("/exercises/list/", headers={"Cookie": "sessionid=" + secrets.keep(random.token_urlsafe(32))})
    # In malformed bodies: what can't be read must not be shown either.
    for body in (f'{{"username":"a","password":"{secrets.password()}"', f'{{"password":"{secrets.password()}\\x"}}',
                 f'{{"password":["{secrets.password()}"],"username":"a"}}'):
        answer = api.call("POST", "/api/auth/login/", data=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400 and not secrets.leaked(answer.text)
    api.register(Account("semi;colon", secrets.password(), "x@example.org"))
    new_user = {"username": new_account().username, "password": secrets.password(), "fk_permission_code": 99}
    answer = api.post("/user_admin/create_user", api.credential(admin) | {"new_user": new_user})
    assert answer.status_code == 400 and not secrets.leaked(answer.text)
    api.refresh(pair["refresh_token"])
    api.post("/api/auth/logout/", {"refresh": pair["refresh_token"]}, token=pair["access_token"])
    api.post("/user/logout", held)
    for kind in ("access", "opaque", "session_token"):
        secrets.keep(ctl.json("token", "issue", user.username, "--kind", kind)["token"].rpartition(".")[2])
    secrets.keep(ctl.json("user", "passwd", user.username, "--generate-password")["password"])
    number = api.get("/status/").headers["X-Request-ID"]
    until(lambda: lines_with(server, number), "the log is written")
    assert not secrets.leaked(server.log())
    assert_no_secret_in(database)


def test_the_search_finds_what_is_there(server):
    """The search itself: without this, a search that never finds anything would pass."""
    canary = secrets.password()
    try:
        assert secrets.leaked(f"x{canary}y") == [canary]
        assert secrets.leaked("\\x" + canary.encode().hex()) == [canary]
    finally:
        secrets.forget(canary)
