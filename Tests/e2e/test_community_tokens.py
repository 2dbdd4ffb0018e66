"""The community dialect's refresh from its three places, and the change of a password."""

from dataclasses import replace

import pytest

from support import secrets
from support.api import BODY_KINDS, assert_detail, bearer, encoded
from support.cluster import query
from support.community import login, triple

PLACES = {
    "header Bearer": lambda token: {"headers": {"Bearer": f"Token {token}"}},
    "header Authorization": lambda token: {"headers": bearer(token)},
    **{f"body as {kind}": lambda token, kind=kind: encoded(kind, {"refresh": token})
       for kind in BODY_KINDS},
}


def refresh(office, token: str, place: str = "body as json"):
    answer = office.api.call("POST", "/api/token/refresh/", **PLACES[place](token))
    if answer.status_code == 200:
        for name in ("access_token", "refresh_token"):
            secrets.keep_jwt(answer.json()[name])
    return answer


def spent(office, seconds: int) -> None:
    """As if every exchange had been so long ago."""
    query(office.database, "UPDATE credential SET"
          " spent = clock_timestamp() - make_interval(secs => %s)"
          " WHERE spent IS NOT NULL RETURNING 1", seconds)


@pytest.mark.parametrize("place", PLACES)
def test_refresh_takes_the_token_from(office, place):
    old = triple(office.api, office.person(two_factor=False))
    answer = refresh(office, old["refresh_token"], place)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    new = answer.json()
    assert set(new) == {"access_token", "refresh_token"}
    assert len({*new.values(), *old.values()}) == 5
    assert office.api.alive(new["access_token"]) and office.api.alive(old["token_auth"], "Token")
    assert refresh(office, new["refresh_token"], place).status_code == 200


@pytest.mark.parametrize("place", PLACES)
def test_a_repeat_within_the_grace_gets_the_same_pair(office, place):
    old = triple(office.api, office.person(two_factor=False))
    new = refresh(office, old["refresh_token"], place).json()
    spent(office, 0)
    assert refresh(office, old["refresh_token"], place).json() == new


@pytest.mark.parametrize("place", PLACES)
def test_a_spent_token_ends_its_session(office, place):
    account = office.person(two_factor=False)
    other = triple(office.api, account)
    old = triple(office.api, account)
    new = refresh(office, old["refresh_token"], place).json()
    spent(office, 11)
    assert_detail(refresh(office, old["refresh_token"], place), 401)
    assert not office.api.alive(new["access_token"])
    assert not office.api.alive(old["token_auth"], "Token")
    assert_detail(refresh(office, new["refresh_token"], place), 401)
    assert office.api.alive(other["token_auth"], "Token")
    found = office.ctl.json("audit", "list", "--what", "token-reuse", "--user", account.username)
    assert len(found) == 1


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["access_token", "token_auth"])
def test_another_kind_of_token_is_none(office, place, name):
    held = triple(office.api, office.person(two_factor=False))
    assert_detail(refresh(office, held[name], place), 401)
    assert office.api.alive(held["token_auth"], "Token")


@pytest.mark.parametrize("options", [
    {}, {"json": {}}, {"headers": {"Bearer": ""}}, {"headers": {"Bearer": "Token"}},
    {"headers": {"Bearer": "Token "}}, {"headers": {"Authorization": "Bearer"}},
    {"json": {"refresh": ""}}],
    ids=str)
def test_without_a_token_it_is_refused(office, options):
    assert office.api.call("POST", "/api/token/refresh/", **options).status_code in (400, 401)


@pytest.mark.parametrize("place", PLACES)
def test_a_token_in_the_query_is_none(office, place):
    held = triple(office.api, office.person(two_factor=False))
    answer = office.api.call(
        "POST", "/api/token/refresh/", params={"refresh": held["refresh_token"]})
    assert answer.status_code in (400, 401)
    assert refresh(office, held["refresh_token"], place).status_code == 200


def test_refresh_asks_for_no_code(office):
    account = office.person()
    held = triple(office.api, account, office.code(account))
    assert refresh(office, held["refresh_token"]).status_code == 200


def change(office, held: dict, new: str, again: str | None = None, kind: str = "json"):
    return office.api.call(
        "POST", "/auth/password/change/", headers=bearer(held["token_auth"], "Token"),
        **encoded(kind, {"new_password1": new, "new_password2": again or new}))


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_a_new_password_ends_the_other_sessions(office, kind):
    account = office.person(two_factor=False)
    own, other = triple(office.api, account), triple(office.api, account)
    trainer, havoc = office.api.tokens(account), office.api.credential(account)
    changed = replace(account, password=secrets.password())
    answer = change(office, own, changed.password, kind=kind)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"detail": "New password has been saved."}
    assert office.api.alive(own["token_auth"], "Token") and office.api.alive(own["access_token"])
    assert refresh(office, own["refresh_token"]).status_code == 200
    assert not office.api.alive(other["token_auth"], "Token")
    assert not office.api.alive(other["access_token"])
    assert not office.api.alive(trainer["access_token"])
    assert_detail(refresh(office, other["refresh_token"]), 401)
    assert not office.api.connected(havoc)
    assert_detail(login(office.api, account), 401)
    assert login(office.api, changed).status_code == 200
    found = office.ctl.json(
        "audit", "list", "--what", "password-change", "--user", account.username)
    assert len(found) == 1


@pytest.mark.parametrize("new, again, fields", [
    ("Canary-one-password", "Canary-two-password", {"new_password2"}),
    ("Sh0rt!7", None, {"new_password1", "new_password2"}),
    ("8675309421", None, {"new_password1", "new_password2"}),
    ("sunshine", None, {"new_password1", "new_password2"})])
def test_a_password_that_does_not_do_changes_nothing(office, new, again, fields):
    account = office.person(two_factor=False)
    own, other = triple(office.api, account), triple(office.api, account)
    answer = change(office, own, new, again)
    assert answer.status_code == 400 and answer.json(), answer.text
    assert set(answer.json()) <= fields
    assert office.api.alive(other["token_auth"], "Token")
    assert login(office.api, account).status_code == 200


@pytest.mark.parametrize("fields", [{}, {"new_password1": "Canary-one-password"}])
def test_both_passwords_are_needed(office, fields):
    held = triple(office.api, office.person(two_factor=False))
    answer = office.api.post("/auth/password/change/", fields,
                             headers=bearer(held["token_auth"], "Token"))
    assert answer.status_code == 400 and "new_password2" in answer.json(), answer.text


def test_only_who_is_signed_in_changes_a_password(office):
    body = {"new_password1": "Canary-one-password", "new_password2": "Canary-one-password"}
    assert_detail(office.api.post("/auth/password/change/", body), 401)
    held = triple(office.api, office.person(two_factor=False))
    assert_detail(office.api.post("/auth/password/change/", body, token=held["refresh_token"]), 401)


def test_the_second_factor_stays_on(office):
    account = office.person()
    held = triple(office.api, account, office.code(account))
    changed = replace(account, password=secrets.password())
    assert change(office, held, changed.password).status_code == 200
    assert login(office.api, changed).status_code == 401
    assert login(office.api, changed, office.code(changed)).status_code == 200
