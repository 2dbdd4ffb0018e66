"""Registration in the microblog dialect, with its nested profile."""

from dataclasses import replace

import pytest

from support.api import assert_field_error, encoded, new_account
from support.microblog import PROFILE, flat, obtain, registration

PATH = "/api/auth/user/register/"


def assert_profile_error(answer, *fields: str) -> None:
    """Errors of the profile nest, each field with its list of messages."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert set(body) == {"profile"} and isinstance(body["profile"], dict), body
    assert set(body["profile"]) == set(fields), body
    for messages in body["profile"].values():
        assert messages and all(isinstance(message, str) and message for message in messages), body


def assert_absent(ctl, account) -> None:
    ctl.fails(3, "user", "show", account.username)
    ctl.fails(3, "user", "show", account.email)


@pytest.mark.parametrize("slash", ["", "/"])
def test_register_with_everything(api, ctl, slash):
    account = new_account()
    answer = api.post(PATH.rstrip("/") + slash, registration(account))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert set(body) == {"id", "username", "email", "profile"}
    assert (body["username"], body["email"]) == (account.username, account.email)
    assert body["id"] == ctl.json("user", "show", account.username)["id"]
    assert isinstance(body["profile"]["id"], int)
    assert {name: body["profile"][name] for name in PROFILE} == PROFILE
    assert account.password not in answer.text
    assert obtain(api, account)


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_register_by_form(api, kind):
    account = new_account()
    answer = api.call("POST", PATH, **encoded(kind, flat(registration(account))))
    assert answer.status_code == 201, answer.text
    assert {name: answer.json()["profile"][name] for name in PROFILE} == PROFILE
    assert obtain(api, account)


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
def test_only_the_date_of_birth_is_required(api, kind):
    account = new_account()
    fields = registration(account, profile={"date_of_birth": "2000-02-29"})
    answer = api.call("POST", PATH, **encoded(kind, fields if kind == "json" else flat(fields)))
    assert answer.status_code == 201, answer.text
    profile = answer.json()["profile"]
    assert profile["date_of_birth"] == "2000-02-29"
    assert not any(profile[name] for name in PROFILE if name != "date_of_birth")


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
@pytest.mark.parametrize("value", [
    None, "", "1990-13-01", "1990-02-30", "2023-02-29", "28.02.1990", "1990-2-8", "90-02-28",
    "1990-02-28T00:00:00Z", "tomorrow", "0000-00-00", "-1990-02-28", "1990-02-28; DROP TABLE x"])
def test_a_bad_date_of_birth_is_named_inside_the_profile(api, ctl, kind, value):
    account = new_account()
    profile = {name: given for name, given in (PROFILE | {"date_of_birth": value}).items()
               if given is not None}
    fields = registration(account, profile=profile)
    answer = api.call("POST", PATH, **encoded(kind, fields if kind == "json" else flat(fields)))
    assert_profile_error(answer, "date_of_birth")
    assert_absent(ctl, account)


@pytest.mark.parametrize("value", [5, True, None, [], ["1990-02-28"], {"year": 1990}])
def test_a_date_of_birth_of_another_kind(api, ctl, value):
    account = new_account()
    answer = api.post(PATH, registration(account, profile=PROFILE | {"date_of_birth": value}))
    assert_profile_error(answer, "date_of_birth")
    assert_absent(ctl, account)


@pytest.mark.parametrize("field", ["alias", "bio", "image_url", "background_image_url"])
@pytest.mark.parametrize("value", [5, [], {}, True])
def test_another_part_of_another_kind(api, ctl, field, value):
    account = new_account()
    answer = api.post(PATH, registration(account, profile=PROFILE | {field: value}))
    assert_profile_error(answer, field)
    assert_absent(ctl, account)


def test_every_bad_part_is_named(api, ctl):
    account = new_account()
    answer = api.post(PATH, registration(account, profile={"date_of_birth": "never", "bio": []}))
    assert_profile_error(answer, "date_of_birth", "bio")
    assert_absent(ctl, account)


@pytest.mark.parametrize("profile", [None, 5, "text", [], [PROFILE], True])
def test_a_profile_that_is_none(api, ctl, profile):
    account = new_account()
    fields = registration(account) | {"profile": profile}
    if profile is None:
        del fields["profile"]
    answer = api.post(PATH, fields)
    assert answer.status_code == 400 and set(answer.json()) == {"profile"}, answer.text
    assert answer.json()["profile"]
    assert_absent(ctl, account)


@pytest.mark.parametrize("missing", ["username", "email", "password"])
def test_what_is_missing_is_named(api, ctl, missing):
    account = new_account()
    answer = api.post(PATH, registration(account, **{missing: None}))
    assert_field_error(answer, 400, missing)
    assert_absent(ctl, account)


def test_errors_inside_and_outside_are_told_together(api, ctl):
    account = replace(new_account(), email="no address")
    answer = api.post(PATH, registration(account, profile={}))
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"email", "profile"}
    assert set(answer.json()["profile"]) == {"date_of_birth"}
    ctl.fails(3, "user", "show", account.username)


@pytest.mark.parametrize("password", ["Sh0rt!7", "8675309421", "password"])
def test_passwords_are_held_to_the_rules(api, ctl, password):
    account = replace(new_account(), password=password)
    assert_field_error(api.post(PATH, registration(account)), 400, "password")
    assert_absent(ctl, account)


@pytest.mark.parametrize("field", ["username", "email"])
def test_a_taken_one_is_409(api, user, field):
    taken = {"username": user.username.upper(), "email": user.email.upper()}[field]
    account = replace(new_account(), **{field: taken})
    assert_field_error(api.post(PATH, registration(account)), 409, field)


def test_a_profile_holds_any_text(api):
    account = new_account()
    bio = "Zoë 李小龍 \U0001f600\nsecond line \"quoted\" <b>'; DROP TABLE profile; --"
    answer = api.post(PATH, registration(account, profile=PROFILE | {"bio": bio}))
    assert answer.status_code == 201, answer.text
    assert answer.json()["profile"]["bio"] == bio


@pytest.mark.parametrize("given", ["1990-02-28", "1900-01-01"])
def test_a_date_reads_back_as_it_was_given(api, given):
    answer = api.post(PATH, registration(new_account(), profile={"date_of_birth": given}))
    assert answer.status_code == 201, answer.text
    assert answer.json()["profile"]["date_of_birth"] == given
