"""Streaming sessions by REST: started, listed and ended, and who may do so."""

import uuid
from contextlib import ExitStack

import pytest

from support.api import Api, assert_detail, assert_field_error, encoded
from support.program import rows, until
from support.schemes import SCHEMES, prove
from support.streams import (
    Stage, active, close_code, cut, ended, live, publisher_path, row, shows, started, status_of,
    watch_path)

GIVEN = ["query", "json", "form", "multipart"]


def given(kind: str, **fields) -> dict:
    return {"params": fields} if kind == "query" else encoded(kind, fields)


@pytest.fixture(scope="module")
def tokens(api, user, staff, admin) -> dict[str, str]:
    """An access token of each kind of caller; `owner` starts the sessions."""
    people = {"owner": user, "other": api.registered(), "staff": staff, "admin": admin}
    return {name: api.tokens(person)["access_token"] for name, person in people.items()}


@pytest.fixture
def stream(api, tokens) -> str:
    return started(api, tokens["owner"])


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_start_is_a_session_of_its_own(api, account, scheme, slash):
    proof = prove(api, account, scheme)
    answers = [proof.call(api, "GET", "/stream/sessions/start" + slash) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    made = [answer.json()["session_id"] for answer in answers]
    assert all(str(uuid.UUID(one)) == one for one in made) and made[0] != made[1]
    listed = proof.call(api, "GET", "/stream/sessions/active" + slash).json()["sessions"]
    assert {session["session_id"] for session in listed} == set(made)
    for one in made:
        answer = proof.call(api, "GET", "/stream/sessions/end" + slash, session_id=one)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"session_id": one, "message": "Session ended"}
    assert proof.call(api, "GET", "/stream/sessions/active/").json() == {"sessions": []}


@pytest.mark.parametrize("verb", ["start", "end", "active"])
def test_strangers_and_other_methods(api, tokens, verb):
    path = f"/stream/sessions/{verb}/"
    assert_detail(api.get(path), 401)
    assert_detail(api.get(path, "no token at all"), 401)
    answer = api.post(path, {}, tokens["owner"])
    assert_detail(answer, 405)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("kind", GIVEN)
def test_the_id_may_come_in_many_ways(api, tokens, stream, kind):
    path = "/stream/sessions/end/"
    answer = api.get(path, tokens["owner"], **given(kind, session_id=stream))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"session_id": stream, "message": "Session ended"}
    assert stream not in active(api, tokens["owner"])
    assert_detail(api.get(path, tokens["owner"], **given(kind, session_id=stream)), 404)


@pytest.mark.parametrize("kind", GIVEN)
def test_an_id_that_is_none(api, tokens, stream, kind):
    path = "/stream/sessions/end/"
    assert_field_error(api.get(path, tokens["owner"]), 400, "session_id")
    assert_field_error(api.get(path, tokens["owner"], **given(kind, id=stream)), 400, "session_id")
    for none in (str(uuid.uuid4()), "none", stream[:-1], stream + "0", "' OR true --"):
        assert_detail(api.get(path, tokens["owner"], **given(kind, session_id=none)), 404)
    assert stream in active(api, tokens["owner"])


@pytest.mark.parametrize("caller, status", [
    ("owner", 200), ("admin", 200), ("staff", 403), ("other", 403), (None, 401)])
def test_who_may_end_it(api, tokens, stream, caller, status):
    answer = ended(api, tokens.get(caller), stream)
    assert answer.status_code == status, answer.text
    assert (stream in active(api, tokens["owner"])) is (status != 200)


def test_whom_active_shows_what(api, tokens, stream):
    of_other = started(api, tokens["other"])
    assert of_other not in active(api, tokens["owner"])
    assert stream not in active(api, tokens["other"])
    assert not {stream, of_other} & set(active(api, tokens["staff"]))
    assert {stream, of_other} <= set(active(api, tokens["admin"]))
    with Stage(api, tokens["owner"]) as stage:
        stage.publish()
        assert stage.id in active(api, tokens["owner"])


def test_testing_routes_show_anybody_everything(new_server, api, tokens, stream):
    assert_detail(api.get("/stream/sessions/active/"), 401)
    testing = Api(new_server("--testing-routes", "on").url)
    of_other = started(testing, tokens["other"])
    for token in (None, tokens["owner"], tokens["staff"]):
        assert {stream, of_other} <= set(active(testing, token))
    assert_detail(testing.get("/stream/sessions/start/"), 401)
    assert_detail(ended(testing, tokens["other"], stream), 403)
    assert ended(testing, tokens["owner"], stream).status_code == 200
    assert stream not in active(testing, None)


@pytest.mark.slow
def test_one_that_nobody_opens_ends_by_itself(new_server, ctl, tokens):
    hasty = Api(new_server("--stream-open-timeout", "5s").url)
    with ExitStack() as stack:
        opened = stack.enter_context(Stage(hasty, tokens["owner"]))
        publisher = opened.publish()
        waiting = stack.enter_context(Stage(hasty, tokens["owner"]))
        watcher = waiting.watch()
        until(lambda: waiting.id not in active(hasty, tokens["owner"]), "it ends")
        assert close_code(watcher) == 1000
        for path in (publisher_path(waiting.id), watch_path(waiting.id)):
            assert status_of(hasty, path, tokens["owner"]) == 404
        assert_detail(ended(hasty, tokens["owner"], waiting.id), 404)
        assert waiting.id not in live(ctl) and row(ctl, waiting.id)["frames"] == 0
        # The one that was opened in time goes on.
        assert opened.id in active(hasty, tokens["owner"])
        publisher.send("still here")
        shows(ctl, opened.id, frames=1)


def test_it_opens_once(api, tokens):
    with Stage(api, tokens["owner"]) as stage:
        publisher, watcher = stage.publish(), stage.watch()
        for token in (None, tokens["owner"], tokens["admin"]):
            assert status_of(api, publisher_path(stage.id), token) == 409
        publisher.send("still the one")
        assert watcher.recv(timeout=60) == "still the one"
        publisher.close()
        assert close_code(watcher) == 1000
        until(lambda: status_of(api, publisher_path(stage.id)) == 404, "it is over")


def test_ids_that_no_socket_opens(api, tokens, stream):
    assert ended(api, tokens["owner"], stream).status_code == 200
    for none in (stream, str(uuid.uuid4()), "none", stream[:-1]):
        assert status_of(api, publisher_path(none)) == 404
        assert status_of(api, watch_path(none), tokens["owner"]) == 404


@pytest.mark.parametrize("how", [1000, 1001, 4321, "cut"])
def test_a_publisher_that_leaves_ends_the_session(api, ctl, tokens, how):
    with Stage(api, tokens["owner"]) as stage:
        publisher = stage.publish()
        watchers = [stage.watch(), stage.watch(tokens["admin"])]
        publisher.send("last words")
        assert [watcher.recv(timeout=60) for watcher in watchers] == ["last words"] * 2
        if how == "cut":
            cut(publisher)
        else:
            publisher.close(how)
            assert publisher.close_code == how
        assert [close_code(watcher) for watcher in watchers] == [1000, 1000]
        until(lambda: stage.id not in active(api, tokens["owner"]), "it is over")
        assert_detail(ended(api, tokens["owner"], stage.id), 404)
        shows(ctl, stage.id, frames=1, bytes=10, watchers=0)
        assert stage.id not in live(ctl)


@pytest.mark.parametrize("who", ["owner", "admin", "command line"])
def test_an_end_from_outside_closes_every_socket(api, ctl, tokens, who):
    with Stage(api, tokens["owner"]) as stage:
        sockets = [stage.publish(), stage.watch(), stage.watch(tokens["staff"])]
        if who == "command line":
            answer = rows(ctl.json("stream", "end", stage.id, "--yes"))
            assert answer == [{"id": stage.id, "changed": True}]
        else:
            assert ended(api, tokens[who], stage.id).status_code == 200
        assert [close_code(one) for one in sockets] == [1000, 1000, 1000]
        assert stage.id not in active(api, tokens["owner"])
        assert status_of(api, publisher_path(stage.id)) == 404


# Each revokes the session that started the stream.
BLOWS = {
    "revoke": ("session", "revoke", "--user", "{}", "--yes"),
    "lock": ("user", "lock", "{}", "--yes"),
    "delete": ("user", "delete", "{}", "--yes"), "ban": ("ban", "add", "{}")}


@pytest.mark.parametrize("blow", [*BLOWS, "log out"])
def test_with_the_session_that_started_it(api, ctl, account, tokens, blow):
    pair = api.tokens(account)
    with Stage(api, pair["access_token"]) as stage:
        publisher, own, other = stage.publish(), stage.watch(), stage.watch(tokens["admin"])
        if blow == "log out":
            gone = api.post("/api/auth/logout/", {"refresh": pair["refresh_token"]})
            assert gone.status_code == 204
        else:
            ctl.ok(*(word.format(account.username) for word in BLOWS[blow]))
        assert [close_code(one) for one in (publisher, own, other)] == [1008, 1008, 1000]
        until(lambda: stage.id not in live(ctl), "it is over")


def test_ending_on_the_command_line(api, ctl, tokens, user):
    first, second, third = (started(api, tokens["owner"]) for _ in range(3))
    ctl.fails(5, "stream", "end", first)
    ctl.fails(3, "stream", "end", str(uuid.uuid4()), "--yes")
    ctl.fails(3, "stream", "end", first, str(uuid.uuid4()), "--confirm=2")
    ctl.fails(5, "stream", "end", first, second, "--yes")
    assert {first, second, third} <= set(live(ctl))
    ctl.ok("stream", "end", first, second, "--confirm=2")
    assert not {first, second} & set(live(ctl)) and third in live(ctl)
    assert rows(ctl.json("stream", "end", first, "--yes")) == [{"id": first, "changed": False}]
    found = ctl.json("audit", "list", "--what", "stream-end", "--user", user.username)
    assert found and found[0]["actor"].startswith("cli:")
    assert rows(ctl.json("stream", "delete", first, "--yes")) == [{"id": first, "changed": True}]
    assert first not in [one["id"] for one in ctl.json("stream", "list", "--all")]


def test_the_list_and_its_columns(api, ctl, tokens, user):
    with Stage(api, tokens["owner"]) as stage:
        shown = rows(ctl.json("stream", "list", "--user", user.username))
        assert set(shown[0]) == {"id", "username", "started", "publisher", "watchers", "frames",
                                 "bytes", "dropped"}
        assert {one["username"] for one in shown} == {user.username}
        unopened = row(ctl, stage.id)
        stage.publish(), stage.watch(), stage.watch(tokens["admin"])
        shows(ctl, stage.id, watchers=2)
        assert row(ctl, stage.id)["publisher"] != unopened["publisher"]
        assert rows(ctl.json("stream", "show", stage.id))[0]["id"] == stage.id
    ctl.fails(3, "stream", "list", "--user", "nobody-at-all-knows")
