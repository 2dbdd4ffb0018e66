"""What a page of another origin may read: nothing, unless `allowed-origins` says so."""

import pytest

from support.api import Api, bearer

APP = "https://app.example.org"
PATHS = ["/api/auth/login/", "/api/jwt/", "/api/auth/user/edit/", "/user/login",
         "/auth/registration/", "/exercises/list/", "/status/"]


@pytest.fixture(scope="module")
def welcoming(new_server) -> Api:
    return Api(new_server(f"--allowed-origins={APP}").url)


def preflight(api, path: str, origin: str, method: str = "POST"):
    return api.call("OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, x-csrftoken"})


def cors_headers(answer) -> set[str]:
    return {name.lower() for name in answer.headers if name.lower().startswith("access-control-")}


def words(header: str) -> set[str]:
    return {word.strip().lower() for word in header.split(",")}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", [APP, "null", "https://evil.example"])
def test_it_is_off_by_default(api, path, origin):
    assert not cors_headers(preflight(api, path, origin))
    assert not cors_headers(api.get(path, headers={"Origin": origin}))


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_of_an_allowed_origin(welcoming, path):
    answer = preflight(welcoming, path, APP)
    assert answer.status_code in (200, 204), answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert {"authorization", "content-type", "x-csrftoken"} <= words(
        answer.headers["Access-Control-Allow-Headers"])
    assert "origin" in words(answer.headers["Vary"])


@pytest.mark.parametrize("path, method", [
    ("/api/auth/login/", "POST"), ("/api/auth/user/edit/", "PUT"),
    ("/api/auth/user/delete/", "DELETE"), ("/exercises/list/", "GET")])
def test_a_preflight_names_the_method(welcoming, path, method):
    answer = preflight(welcoming, path, APP, method)
    assert method.lower() in words(answer.headers["Access-Control-Allow-Methods"])


def test_a_preflight_does_nothing(welcoming, user):
    access = welcoming.tokens(user)["access_token"]
    answer = welcoming.call("OPTIONS", "/api/auth/logout/", headers=bearer(access) | {
        "Origin": APP, "Access-Control-Request-Method": "POST"})
    assert answer.status_code in (200, 204)
    assert welcoming.alive(access)


@pytest.mark.parametrize("origin", [
    "https://evil.example", "null", "http://app.example.org", APP + ":8443", APP + ".evil.example",
    "https://x.app.example.org", "*"])
@pytest.mark.parametrize("path", ["/api/auth/login/", "/exercises/list/"])
def test_others_are_told_nothing(welcoming, path, origin):
    assert "access-control-allow-origin" not in cors_headers(preflight(welcoming, path, origin))
    answer = welcoming.get(path, headers={"Origin": origin})
    assert "access-control-allow-origin" not in cors_headers(answer)


@pytest.mark.parametrize("status", [200, 400, 401])
def test_answers_good_and_bad_may_be_read(welcoming, user, status):
    body = {200: {"username": user.username, "password": user.password}, 400: {},
            401: {"username": "nobody", "password": "x"}}[status]
    answer = welcoming.post("/api/auth/obtain/", body, headers={"Origin": APP})
    assert answer.status_code == status, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert "origin" in words(answer.headers["Vary"])


def test_a_request_without_an_origin_is_told_nothing(welcoming):
    assert "access-control-allow-origin" not in cors_headers(welcoming.get("/status/"))
