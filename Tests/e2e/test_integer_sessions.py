"""Integer sessions: the current one, named ones, several sets at once, and what leaving does to them."""

import json

import pytest

from support.api import BODY_KINDS, assert_detail, assert_field_error, bearer, encoded
from support.browser import keep_all
from support.integers import (
    OPERATION, REQUIRED, SESSION, SESSION_ID, SET, Owner, join, many, sets_of, unit, units)

# As the reference shows it.
SAMPLE = [{"set_id": "posted_session_set", "integers": [unit(1, 1, 1), unit(2, 2, 2)]},
          {"set_id": "posted_session_set2", "integers": [unit(1, 12, 12), unit(2, 22, 22)]}]


@pytest.fixture
def owner(api) -> Owner:
    return join(api)


# The current one

@pytest.mark.parametrize("slash", ["", "/"])
def test_untouched_it_is_empty(owner, slash):
    answer = owner.get(SESSION.rstrip("/") + slash)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"session_id": owner.current(), "integer_sets": []}
    assert SESSION_ID.fullmatch(owner.current())


def test_it_is_the_same_for_every_credential_of_a_sign_in(api, owner):
    pair = api.post("/api/jwt/", headers=owner.headers).json()
    keep_all(pair)
    access = api.post("/api/jwt/refresh/", {"refresh": pair["refresh"]}).json()
    keep_all(access)
    made = owner.keep("a", units(3))
    for header in (bearer(pair["access"]), bearer(pair["access"], "JWT"), bearer(access["access"])):
        assert api.get(SET, headers=header, params={"set_id": "a"}).json() == made
        assert sets_of(api.get(SESSION, headers=header).json()) == {"a": units(3)}


def test_every_sign_in_has_its_own(owner):
    again = owner.again()
    assert again.current() != owner.current()
    owner.keep("a", units(3))
    assert again.lacks("a") and again.session() == {}
    again.keep("a", units(4))
    assert owner.integers("a") == units(3)


def test_it_can_be_named(owner):
    made = owner.keep("a", units(3))
    again = owner.again()
    assert again.integers("a", session_id=made["session_id"]) == units(3)
    again.keep("b", units(4), session_id=made["session_id"])
    assert owner.session() == again.session(session_id=made["session_id"]) == {
        "a": units(3), "b": units(4)}
    answer = again.call("POST", OPERATION, {"equation": "a+b", "set_id": "c",
                                            "session_id": made["session_id"]})
    assert answer.status_code == 201 and answer.json()["session_id"] == made["session_id"]
    assert set(owner.session()) == {"a", "b", "c"}


# Posted

@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_several_sets_at_once(owner, kind, slash):
    sent = SAMPLE if kind == "json" else json.dumps(SAMPLE)
    answer = owner.call("POST", SESSION.rstrip("/") + slash, **encoded(
        kind, {"session_id": "old_session_example", "integer_sets": sent}))
    whole = {"session_id": "old_session_example", "integer_sets": SAMPLE}
    assert (answer.status_code, answer.json()) == (201, whole), answer.text
    for sent in (encoded(kind, {"session_id": "old_session_example"}),
                 {"params": {"session_id": "old_session_example"}}):
        answer = owner.call("GET", SESSION.rstrip("/") + slash, **sent)
        assert (answer.status_code, answer.json()) == (200, whole), answer.text
    assert owner.session() == {}, "the current one is another"


def test_without_a_name_it_is_the_current_one(owner):
    owner.keep("a", units(1))
    answer = owner.post_session(SAMPLE)
    assert answer.status_code == 201 and answer.json()["session_id"] == owner.current(), answer.text
    assert set(sets_of(answer.json())) == {"a", "posted_session_set", "posted_session_set2"}


def test_sets_stand_in_the_order_of_their_names(owner):
    names = ["b", "_", "a", "Z", "A", "a0", "aa", "a_", "B", "_a", "aB"]
    found = owner.keep_session("s", {name: [] for name in names})
    assert list(found) == list(owner.session(session_id="s")) == sorted(names, key=str.encode)


def test_sets_are_added_and_replaced(owner):
    owner.keep_session("s", {"a": units(3), "b": units(3)})
    found = owner.keep_session("s", {"b": units(5, 2)[::-1], "c": []})
    assert found == owner.session(session_id="s") == {"a": units(3), "b": units(5, 2), "c": []}


def test_no_sets_make_an_empty_session(owner):
    assert owner.keep_session("s", {}) == owner.session(session_id="s") == {}
    owner.keep("a", units(1), session_id="s")
    assert owner.keep_session("s", {}) == {"a": units(1)}


def test_one_set_makes_a_session_too(owner):
    assert owner.keep("a", units(2), session_id="new")["session_id"] == "new"
    assert owner.session(session_id="new") == {"a": units(2)} and owner.session() == {}


def test_the_same_name_in_two_sessions(owner):
    for at, name in enumerate(["one", "two"], 1):
        owner.keep_session(name, {"a": units(3, at)})
    owner.keep("a", units(3, 3))
    assert [owner.integers("a", **place) for place in (
        {"session_id": "one"}, {"session_id": "two"}, {})] == [units(3, at) for at in (1, 2, 3)]


@pytest.mark.parametrize("name", [
    "x", "session example", "é", "x" * 255, "é" * 127, "😀" * 63, "' OR '1'='1", "a/b?c#d&e=%41+f",
    "\u202ename", "<b>", "null", "00000000-0000-4000-8000-000000000000"], ids=ascii)
def test_names_of_sessions(owner, name):
    assert owner.keep_session(name, {"a": units(2)}) == {"a": units(2)}
    assert owner.get(SESSION, session_id=name).json()["session_id"] == name
    assert owner.keep("b", [], session_id=name)["session_id"] == name
    assert owner.session(session_id=name) == {"a": units(2), "b": []}
    assert owner.delete(SESSION, session_id=name).status_code == 204


# Gone

@pytest.mark.parametrize("key", ["session_id", "sessioin_id"])
@pytest.mark.parametrize("kind", [*BODY_KINDS, "query"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_deleted(owner, key, kind, slash):
    owner.keep("a", units(1))
    for name in ("s", "t"):
        owner.keep_session(name, {"a": units(2)})
    sent = {"params": {key: "s"}} if kind == "query" else encoded(kind, {key: "s"})
    answer = owner.call("DELETE", SESSION.rstrip("/") + slash, **sent)
    assert answer.status_code == 204 and answer.content == b"", answer.text
    assert owner.lacks_session("s") and owner.lacks("a", session_id="s")
    assert_detail(owner.call("DELETE", SESSION, **sent), 404)
    assert owner.session() == {"a": units(1)} and owner.session(session_id="t") == {"a": units(2)}
    assert owner.keep_session("s", {"b": []}) == {"b": []}


@pytest.mark.parametrize("body", [
    None, {}, {"set_id": "a"}, {"user_id": ...}, {"session_id": None}, {"session_id": ""},
    {"sessioin_id": None}, {"sessioin_id": " "}], ids=str)
def test_which_one_must_be_said(owner, body):
    owner.keep("a", units(1))
    if body and "user_id" in body:
        body = {"user_id": owner.user_id}
    answer = owner.call("DELETE", SESSION, body)
    assert_field_error(answer, 400, "session_id")
    if not body or None not in body.values():
        assert answer.json()["session_id"] == REQUIRED
    assert owner.session() == {"a": units(1)}


def test_the_current_one_deleted_begins_anew(owner):
    owner.keep("a", units(1))
    assert owner.delete(SESSION, session_id=owner.current()).status_code == 204
    assert owner.session() == {} and owner.lacks("a")
    owner.keep("b", units(1))
    assert owner.session() == {"b": units(1)}


def test_an_unknown_one_is_404(owner):
    for method in ("GET", "DELETE"):
        for sent in ({"json": {"session_id": "nowhere"}}, {"params": {"session_id": "nowhere"}}):
            assert_detail(owner.call(method, SESSION, **sent), 404)
    assert_detail(owner.call("POST", OPERATION, {"equation": "a", "session_id": "nowhere"}), 404)
    assert owner.lacks_session("nowhere")


def test_people_share_no_names(api, owner):
    other = join(api, "other")
    owner.keep_session("s", {"a": units(1)})
    other.keep_session("s", {"b": units(2)})
    assert owner.session(session_id="s") == {"a": units(1)}
    assert other.delete(SESSION, session_id="s").status_code == 204
    assert owner.session(session_id="s") == {"a": units(1)}


@pytest.mark.parametrize("path, allowed", [(SESSION, {"GET", "POST", "DELETE"}), (OPERATION, {"POST"})])
def test_other_methods_are_405(owner, path, allowed):
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        answer = owner.call(method, path)
        assert_detail(answer, 405)
        assert allowed <= {word.strip() for word in answer.headers["Allow"].split(",")}


# Leaving

def test_signing_out_keeps_them(api, owner):
    owner.keep_session("named", {"a": units(2)})
    kept = owner.keep("a", units(3))
    assert owner.call("POST", "/api/auth/logout/").status_code == 204
    assert_detail(owner.get(SESSION), 401)
    again = owner.again()
    assert again.session() == {} and again.current() != kept["session_id"]
    assert again.integers("a", session_id=kept["session_id"]) == units(3)
    assert again.session(session_id="named") == {"a": units(2)}


def test_del_logout_removes_them_all(api, owner):
    other, second = join(api, "other"), owner.again()
    names = [one.keep("a", units(3))["session_id"] for one in (owner, second, other)]
    for one in (owner, other):
        one.keep_session("named", {"a": units(2), "b": []})
    answer = owner.call("POST", "/api/auth/del-logout/")
    assert answer.status_code == 204 and answer.content == b"", answer.text
    assert_detail(owner.get(SESSION), 401)
    again = owner.again()
    assert all(again.lacks_session(name) for name in ("named", *names[:2]))
    assert all(again.lacks("a", session_id=name) for name in ("named", *names[:2]))
    assert second.get(SESSION).status_code in (200, 401) and second.lacks_session("named")
    assert other.session() == {"a": units(3)}
    assert other.session(session_id="named") == {"a": units(2), "b": []}
    assert again.keep_session("named", {"c": []}) == {"c": []}


def test_del_logout_of_somebody_with_much(owner):
    for at in range(3):
        owner.keep_session(f"s{at}", many(300) | {"large": units(50_000)})
    assert owner.call("POST", "/api/auth/del-logout/").status_code == 204
    again = owner.again()
    assert all(again.lacks_session(f"s{at}") for at in range(3))


def test_del_logout_without_any(owner):
    assert owner.call("POST", "/api/auth/del-logout/").status_code == 204
    assert owner.again().session() == {}
