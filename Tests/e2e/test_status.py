"""What every response has, shown on /status/ and on the edges of the route table."""

import re

import pytest

from support.wire import Wire, request


def test_status_says_what_is_well(api, ctl):
    answer = api.get("/status/")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"status", "version", "database", "uptime"}
    assert body["status"] == "ok" and body["database"] == "ok"
    assert body["uptime"] >= 0
    assert body["version"] in ctl.ok("version").stdout


def test_uptime_goes_forward(api):
    first = api.get("/status/").json()["uptime"]
    assert api.get("/status/").json()["uptime"] >= first


@pytest.mark.parametrize("path", ["/status/", "/status", "/status/?verbose=1", "/status?x"])
def test_the_last_slash_and_the_query_make_no_difference(api, path):
    assert api.get(path).status_code == 200


@pytest.mark.parametrize("path", [
    "/", "/nothing/", "/status/more/", "/statuses/", "/STATUS/", "//status/", "/status//",
    "/exercises/", "/exercises/exercise/", "/user/", "/api/auth/", "/../status/", "/./status/",
    "/status/..", "/%", "/%zz/", "/" + "x" * 4000])
def test_an_unknown_path_is_not_found(server, path):
    # Over a raw connection: client libraries tidy paths up.
    with Wire(server.address) as wire:
        wire.send(request("GET", path, b"", "Connection: close"))
        answer = wire.response()
    assert answer.status in ((400, 404) if "%" in path else (404,))
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("method, path, allowed", [
    ("POST", "/status/", {"GET"}),
    ("PUT", "/status/", {"GET"}),
    ("DELETE", "/status", {"GET"}),
    ("PATCH", "/exercises/list/", {"GET"}),
    ("POST", "/exercises/list", {"GET"}),
    ("DELETE", "/exercises/exercise/1/", {"GET"}),
    ("GET", "/api/auth/login/", {"POST"}),
    ("GET", "/api/auth/register", {"POST"}),
    ("PUT", "/api/auth/logout/", {"POST"}),
    ("GET", "/api/auth/token/refresh/", {"POST"}),
    ("GET", "/user/login", {"POST"}),
    ("PUT", "/user/logout/", {"POST"}),
    ("DELETE", "/user/check_status", {"POST"}),
    ("GET", "/user_admin/create_user", {"POST"}),
    ("GET", "/user_admin/get_all_users", {"POST"}),
    ("GET", "/permission_admin/get_permissions", {"POST"}),
])
def test_another_method_is_405_and_names_those_allowed(api, method, path, allowed):
    answer = api.call(method, path)
    assert answer.status_code == 405, answer.text
    named = {word.strip() for word in answer.headers["Allow"].split(",")}
    assert named - {"HEAD", "OPTIONS"} == allowed
    assert answer.json()


@pytest.mark.parametrize("method", ["BREW", "get", "PROPFIND", "G-E_T!"])
def test_a_method_that_is_none_is_refused(server, method):
    """405 as for any other, or RFC 9110's 501 for one that is recognised nowhere."""
    with Wire(server.address) as wire:
        wire.send(request(method, "/status/", b"", "Connection: close"))
        assert wire.response().status in (405, 501)


@pytest.mark.parametrize("method, path", [
    ("GET", "/user/login"), ("DELETE", "/user_admin/create_user")])
def test_405_speaks_the_dialect_of_its_path(api, method, path):
    body = api.call(method, path).json()
    assert body["status"] == 405 and isinstance(body["data"], str)


def test_404_is_a_detail(api):
    body = api.get("/nothing/").json()
    assert set(body) == {"detail"} and body["detail"]


def test_head_is_get_without_the_body(server):
    with Wire(server.address) as wire:
        wire.send(request("HEAD", "/status/") + request("GET", "/status/", b"", "Connection: close"))
        head = wire.response(head_only=True)
        # Where HEAD had sent a body, this would be no response.
        full = wire.response()
    assert head.status == 200 and full.status == 200 and full.body
    assert head.headers["content-type"] == full.headers["content-type"]
    assert head.headers["x-request-id"] != full.headers["x-request-id"]


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/status/", 200), ("HEAD", "/status/", 200), ("GET", "/nothing/", 404),
    ("POST", "/status/", 405), ("GET", "/exercises/list/", 401), ("POST", "/user/login", 400),
    ("POST", "/api/auth/login/", 400), ("POST", "/user/check_status", 401)])
def test_every_response_has_its_own_request_id(api, method, path, status):
    answers = [api.call(method, path) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, status]
    ids = [answer.headers["X-Request-ID"] for answer in answers]
    assert ids[0] != ids[1]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{8,64}", one) for one in ids), ids


def test_a_request_id_of_the_client_cannot_forge_ours(api, server):
    answer = api.get("/status/", headers={"X-Request-ID": "x\" level=crit user=\"root"})
    assert answer.status_code in (200, 400)
    assert "level=crit" not in answer.headers["X-Request-ID"]
    assert "level=crit user" not in server.log()


@pytest.mark.parametrize("path", ["/status/", "/nothing/", "/exercises/list/", "/user/nothing"])
def test_bodies_are_json(api, path):
    answer = api.get(path)
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert isinstance(answer.json(), dict)


def test_no_cross_origin_by_default(api):
    answer = api.get("/status/", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
