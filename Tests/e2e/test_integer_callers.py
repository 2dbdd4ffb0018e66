"""Who may do what with sets and sessions: every scheme, nobody else's, and the cookie's CSRF token."""

import pytest

from support.api import (
    Api, assert_detail, assert_field_error, bearer, create_account, encoded)
from support.browser import Browser, keep_all
from support.integers import OPERATION, SESSION, SET, Owner, join, units, units_text
from support.schemes import SCHEMES, prove
from support.wire import Wire, request

# One request of each kind that succeeds, or would find nothing, for whoever is signed in.
REQUESTS = [
    ("GET", SET, {"set_id": "mine"}), ("POST", SET, {"set_id": "new", "integers": units(2)}),
    ("DELETE", SET, {"set_id": "mine"}), ("POST", OPERATION, {"equation": "mine+mine"}),
    ("GET", SESSION, {"session_id": "named"}), ("DELETE", SESSION, {"session_id": "named"}),
    ("POST", SESSION, {"session_id": "named", "integer_sets": [{"set_id": "new", "integers": []}]})]
NAMES = [f"{method} {path}" for method, path, _ in REQUESTS]


@pytest.fixture
def owner(api) -> Owner:
    """Somebody with a set in the current session and in a named one."""
    made = join(api)
    made.keep("mine", units(3))
    made.keep_session("named", {"mine": units(4)})
    return made


def everything(owner: Owner) -> dict:
    return {"current": owner.session(), "named": owner.session(session_id="named")}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(api, ctl, scheme):
    proof = prove(api, create_account(ctl, 1), scheme)
    # A credential in the body may stand in front of a set and behind it.
    fields = {"set_id": "a", "integers": units(3)}
    for body in (proof.body | fields, fields | proof.body):
        answer = api.call("POST", SET, headers=proof.headers, json=body)
        assert answer.status_code == 201, answer.text
    made = answer.json()
    assert proof.call(api, "GET", SET, set_id="a").json() == made
    answer = proof.call(api, "POST", OPERATION, equation="a+a", set_id="b")
    assert answer.status_code == 201 and answer.json()["integers"] == units(3, 2), answer.text
    session = proof.call(api, "GET", SESSION).json()
    assert session == {"session_id": made["session_id"], "integer_sets": [
        {"set_id": "a", "integers": units(3)}, {"set_id": "b", "integers": units(3, 2)}]}
    answer = proof.call(api, "POST", SESSION, session_id="named", integer_sets=session["integer_sets"])
    assert answer.status_code == 201, answer.text
    assert answer.json() == session | {"session_id": "named"}
    assert proof.call(api, "DELETE", SET, set_id="a").status_code == 204
    assert proof.call(api, "DELETE", SESSION, session_id="named").status_code == 204
    assert proof.call(api, "GET", SET, set_id="a").status_code == 404


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_a_session_token_in_a_form(api, ctl, kind):
    held = api.credential(create_account(ctl, 1))
    answer = api.call("POST", SET, **encoded(kind, {"set_id": "a", "integers": units_text(3)} | held))
    assert answer.status_code == 201 and answer.json()["integers"] == units(3), answer.text
    answer = api.call("GET", SET, **encoded(kind, {"set_id": "a"} | held))
    assert answer.status_code == 200 and answer.json()["integers"] == units(3), answer.text


@pytest.mark.parametrize("behind", [False, True])
def test_a_session_token_in_a_large_body(api, ctl, behind):
    held = api.credential(create_account(ctl, 1))
    first, last = (f'"username":"{held["username"]}"', f'"session_token":"{held["session_token"]}"')
    integers = f'"set_id":"large","integers":{units_text(60_000)}'
    parts = [integers, first, last] if behind else [first, last, integers]
    body = "{" + ",".join(parts) + "}"
    assert len(body) > 2**20
    answer = api.call("POST", SET, data=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text[:2000]
    answer = api.call("GET", SET, json=held | {"set_id": "large"})
    assert answer.json()["integers"] == units(60_000)


def test_a_wrong_session_token_behind_a_large_set(api, ctl):
    account = create_account(ctl, 1)
    held = api.credential(account)
    for wrong in ({"session_token": "A" * 43}, {"username": "nobody-of-this-name"}):
        body = {"set_id": "a", "integers": units(60_000)} | held | wrong
        assert_detail(api.post(SET, body), 401)
    assert_detail(api.call("GET", SET, json=held | {"set_id": "a"}), 404)


@pytest.mark.parametrize("method, path, fields", REQUESTS, ids=NAMES)
def test_a_credential_is_needed(api, owner, method, path, fields):
    before = everything(owner)
    for headers in ({}, bearer("0" * 40, "Token"), bearer("a.b.c")):
        assert_detail(api.call(method, path, headers=headers, json=fields), 401)
        assert_detail(api.call(method, path.rstrip("/"), headers=headers), 401)
    assert everything(owner) == before


def test_a_stranger_with_a_large_body_hears_401(server):
    body = f'{{"set_id":"a","integers":{units_text(60_000)}}}'.encode()
    with Wire(server.address) as wire:
        wire.send(request("POST", SET, body, "Content-Type: application/json",
                          f"Authorization: Token {'0' * 40}"))
        assert wire.response().status == 401


# Others

@pytest.mark.parametrize("method, path, fields", REQUESTS, ids=NAMES)
def test_what_is_somebody_elses_is_not_there(api, owner, method, path, fields):
    before = everything(owner)
    other = join(api, "other")
    answer = other.call(method, path, fields | {"session_id": owner.current()})
    if method == "POST" and path != OPERATION:
        # The name of a session is everybody's own.
        assert answer.status_code == 201, answer.text
        assert other.session(session_id=owner.current()).keys() == {"new"}
    else:
        assert_detail(answer, 404)
    assert everything(owner) == before


@pytest.mark.parametrize("method, path, fields", REQUESTS, ids=NAMES)
def test_a_user_id_that_is_ones_own(owner, method, path, fields):
    answer = owner.call(method, path, fields | {"user_id": owner.user_id})
    assert answer.status_code in (200, 201, 204), answer.text


@pytest.mark.parametrize("method, path, fields", REQUESTS, ids=NAMES)
def test_a_user_id_that_is_not(api, owner, method, path, fields):
    before = everything(owner)
    for user_id in (join(api, "other").user_id, "0" * 40):
        assert_detail(owner.call(method, path, fields | {"user_id": user_id}), 404)
        if method != "POST":
            assert_detail(owner.call(method, path, params=fields | {"user_id": user_id}), 404)
    assert everything(owner) == before


@pytest.mark.parametrize("user_id", ["", "x", "0" * 39, "0" * 41, "é" * 20])
def test_nor_what_is_none(owner, user_id):
    for method, path, fields in REQUESTS:
        answer = owner.call(method, path, fields | {"user_id": user_id})
        assert answer.status_code in (400, 404) and answer.json(), answer.text
    assert everything(owner) == {"current": {"mine": units(3)}, "named": {"mine": units(4)}}


def test_a_foreign_user_id_behind_a_large_set(api, owner):
    other = join(api, "other").user_id
    answer = owner.call("POST", SET, {"integers": units(60_000), "set_id": "mine", "user_id": other})
    assert_detail(answer, 404)
    assert owner.integers("mine") == units(3)


# Cookies

@pytest.fixture
def browser(server, owner) -> Browser:
    """The owner's, who has the named session there too; its current one holds `mine` as well."""
    made = Browser(server.url)
    made.sign_in(owner.account)
    assert made.post(SET, {"set_id": "mine", "integers": units(3)}).status_code == 201
    return made


@pytest.mark.parametrize("method, path, fields", REQUESTS, ids=NAMES)
def test_a_cookie_wants_the_csrf_token(browser, owner, method, path, fields):
    before, current = everything(owner), browser.get(SESSION).json()
    for wrong in (False, "x" * 43):
        answer = browser.call(method, path, json=fields, csrf=wrong)
        if method == "GET":
            assert answer.status_code == 200, answer.text
        else:
            assert_detail(answer, 403)
            assert answer.json()["detail"].startswith("CSRF Failed: ")
    assert everything(owner) == before and browser.get(SESSION).json() == current
    assert browser.call(method, path, json=fields).status_code in (200, 201, 204)


def test_a_form_may_carry_it(browser):
    token = browser.cookies["csrftoken"]
    for kind in ("form", "multipart"):
        fields = {"set_id": "formed", "integers": units_text(2)}
        assert browser.call("POST", SET, csrf=False, **encoded(kind, fields)).status_code == 403
        answer = browser.call("POST", SET, csrf=False, **encoded(
            kind, fields | {"csrfmiddlewaretoken": token}))
        assert answer.status_code == 201, answer.text


def test_a_large_set_wants_it_too(browser):
    body = {"set_id": "large", "integers": units(60_000)}
    assert_detail(browser.call("POST", SET, json=body, csrf=False), 403)
    assert_detail(browser.get(SET, params={"set_id": "large"}), 404)
    assert browser.post(SET, body).status_code == 201


def test_with_a_header_it_is_not_needed(browser, owner):
    answer = browser.call("POST", SET, json={"set_id": "new", "integers": []}, csrf=False,
                          headers=owner.headers)
    assert answer.status_code == 201 and answer.json()["session_id"] == owner.current(), answer.text


def test_a_stranger_gets_cookies(api):
    for method, path, fields in REQUESTS:
        answer = api.call(method, path, json=fields)
        assert answer.status_code == 401
        assert {"sessionid", "csrftoken"} <= set(answer.cookies.keys()), f"{method} {path}"
        keep_all({"token": answer.cookies["sessionid"]})


@pytest.mark.parametrize("path", [SET, SESSION])
def test_a_field_in_the_query_is_no_credential(server, ctl, path):
    api = Api(server.url)
    held = api.credential(create_account(ctl, 1))
    assert_detail(api.get(path, params=held | {"set_id": "a"}), 401)
    assert_field_error(api.call("GET", SET, json=held), 400, "set_id")
