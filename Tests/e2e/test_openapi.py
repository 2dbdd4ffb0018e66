"""`/openapi.json`: valid, whole, and there unless the configuration says otherwise."""

import re

import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

from support.api import Api, bearer
from support.description import Description
from support.members import signed_in

# Every endpoint of the references, as they spell it.
REFERENCED = """
POST /api/auth/signup/      POST /api/auth/obtain/        POST /api/auth/login/
POST /api/auth/logout/      POST /api/auth/del-logout/    POST /api/jwt/
POST /api/jwt/refresh/      POST /api/jwt/verify/         GET /integers/set/
POST /integers/set/         DELETE /integers/set/         POST /integers/operation/
GET /integers/session/      POST /integers/session/       DELETE /integers/session/
POST /auth/registration/    POST /twofa/send-code/        POST /auth/login/
POST /auth/logout/          POST /api/token/refresh/      POST /auth/password/change/
POST /users/update/         GET /users/user_list/         POST /users/add_friend/
POST /users/remove_friend/  GET /users/friend_list/       GET /oauth/authorize
POST /conversations/start/  GET /conversations/           GET /conversations/{convo_id}/
GET /ws/chat/{convo_id}/    POST /permission_admin/get_permissions
POST /user_admin/create_user    POST /user_admin/get_all_users
POST /user/login            POST /user/logout             POST /user/check_status
POST /api/auth/obtain_token/    POST /api/auth/refresh_token/
POST /api/auth/user/register/   POST /api/auth/user/logout/
POST /api/auth/user/logout_all/ PUT /api/auth/user/edit/  DELETE /api/auth/user/delete/
GET /api/profiles/view_profile/{profile_id}               PUT /api/prfiles/edit/
PUT /api/profiles/follow_status/{profile_id}
GET /api/profiles/get_followers/{profile_id}
GET /api/profiles/get_following/{profile_id}              PUT /api/profiles/edit/
GET /api/tweets/            POST /api/tweets/             GET /api/tweets/{tweet_id}
DELETE /api/tweets/{tweet_id}   GET /api/tweets/user/{profile_id}
GET /api/tweets/{tweet_id}/replies                        PUT /api/tweets/like/{tweet_id}
POST /api/auth/register/    POST /api/auth/token/refresh/ GET /exercises/list/
GET /exercises/exercise/{exercise_id}/                    GET /stream/sessions/start/
GET /stream/sessions/end/   GET /stream/sessions/active/  GET /ws/stream/{session_id}/
GET /ws/stream/{session_id}/watch/  GET /status/          GET /metrics
GET /openapi.json           GET /docs/                    GET /media/avatars/{name}
"""


@pytest.fixture(scope="module")
def description(api) -> Description:
    return Description(api)


def test_it_is_valid(description):
    assert description.document["openapi"].startswith("3.1")
    assert not [str(error) for error in OpenAPIV31SpecValidator(description.document).iter_errors()]


def test_every_endpoint_of_the_references_is_in_it(description):
    referenced = set(re.findall(r"([A-Z]+) (/\S*)", REFERENCED))
    assert len(referenced) > 65
    assert referenced <= set(description.operations)
    assert not [path for path in description.document["paths"] if path.startswith(("/admin", "/assets"))]


def test_every_operation_is_told_in_full(description):
    for (method, path), operation in description.operations.items():
        called = f"{method} {path}"
        assert operation["summary"] and operation["description"], called
        assert {"403", "500", "503"} <= set(operation["responses"]), called
        for status, answer in operation["responses"].items():
            answer = description.resolved(answer)
            assert answer["description"], called
            assert "X-Request-ID" in answer["headers"], f"{called} {status}"
            for content in answer.get("content", {}).values():
                assert "schema" in content, f"{called} {status}"
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "schema" in content and "example" in content, called


def test_protected_operations_say_how_one_proves_who_one_is(api, description):
    """And those that don't ask for nothing."""
    for (method, path), operation in description.operations.items():
        if path.startswith("/ws/"):
            continue
        answer = api.call(method, re.sub(r"{\w+}", "1", path))
        assert (answer.status_code == 401) == ("401" in operation["responses"] and bool(
            operation["security"])) or not operation["security"], f"{method} {path}"


def test_a_session_of_the_documents_examples(api, description):
    """An account, a sign-in, a tweet: the examples as they stand."""
    def example(method: str, path: str) -> dict:
        content = description.operations[method, path]["requestBody"]["content"]
        return content["application/json"]["example"]

    made = api.post("/api/auth/user/register/", example("POST", "/api/auth/user/register/"))
    assert made.status_code == 201, made.text
    tokens = api.post("/api/auth/obtain_token/", example("POST", "/api/auth/obtain_token/")).json()
    tweet = example("POST", "/api/tweets/") | {"reply_to": None}
    answer = api.post("/api/tweets/", tweet, headers=bearer(tokens["access"], "JWT"))
    assert answer.status_code == 201, answer.text


def test_it_is_sent_once(api):
    first = api.get("/openapi.json")
    assert first.headers["Content-Type"] == "application/json"
    again = api.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content
    assert api.get("/openapi.json", headers={"If-None-Match": '"another"'}).content == first.content


def test_every_server_says_the_same(api, new_server):
    assert Api(new_server().url).get("/openapi.json").content == api.get("/openapi.json").content


def test_docs_off(new_server):
    api = Api(new_server("--docs=off").url)
    for path in ("/openapi.json", "/docs/", "/docs"):
        assert api.get(path).status_code == 404
    assert api.get("/metrics").status_code == 200


@pytest.mark.parametrize("networks, status", [
    ("", 200), ("127.0.0.0/8", 200), ("10.0.0.0/8,127.0.0.1", 200), ("10.0.0.0/8", 403), ("unix", 403)])
def test_who_may_read_the_figures(new_server, networks, status):
    api = Api(new_server(f"--metrics-allow={networks}").url)
    assert api.get("/metrics").status_code == status
    assert api.get("/openapi.json").status_code == 200


def test_networks_that_are_none_are_refused(ctl):
    result = ctl.run("serve", "--metrics-allow=somewhere", "--listen=127.0.0.1:0")
    assert result.status != 0 and "metrics-allow" in result.stderr


@pytest.mark.parametrize("where", ["query", "body"])
def test_a_credential_is_never_taken_from_an_address(api, where):
    person = signed_in(api, api.registered(), connected=False)
    refresh = api.post("/api/auth/obtain_token/", {
        "username": person.name, "password": person.account.password}).json()["refresh"]
    given = {"params" if where == "query" else "json": {"refresh_token": refresh}}
    answer = person.call("DELETE", "/api/auth/user/delete/", **given)
    assert answer.status_code == (204 if where == "body" else 400), answer.text


def test_a_method_that_nothing_takes(api):
    answer = requests.request("QUERY", api.url + "/api/tweets/", timeout=60)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
