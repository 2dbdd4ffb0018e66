"""Profiles in the microblog dialect: seen by everybody, changed by their owner."""

import pytest

from support.api import BODY_KINDS, Api, assert_detail, assert_field_error, encoded, new_account
from support.community import UPDATE
from support.members import ABSURD_IDS, Member, join, signed_in
from support.microblog import EDIT, PROFILE, PROFILE_VIEW, VIEW, profile, registration
from support.schemes import SCHEMES, prove

NEW = {"alias": "new alias – é", "bio": "Two\nlines.", "image_url": "https://img.example.org/n.png",
       "background_image_url": "http://img.example.org/m.png?x=y#z", "date_of_birth": "1985-12-31"}


def registered(api: Api) -> Member:
    """With a profile that says something."""
    account = new_account()
    assert api.post("/api/auth/user/register/", registration(account)).status_code == 201
    return signed_in(api, account, connected=False)


@pytest.fixture
def member(api) -> Member:
    return registered(api)


@pytest.mark.parametrize("slash", ["", "/"])
def test_everybody_sees_it(api, member, slash):
    for viewer in (member, join(api)):
        answer = viewer.get(f"{VIEW}{member.id}{slash}")
        assert answer.status_code == 200, answer.text
        assert answer.json() == PROFILE | {
            "id": member.id, "user": {"id": member.id, "username": member.name},
            "followers_count": 0, "following_count": 0, "is_following": False}


def test_an_account_of_another_dialect_has_one_too(api, member):
    other = join(api)
    found = profile(member, other)
    assert found["user"] == {"id": other.id, "username": other.name}
    assert not any(found[name] for name in PROFILE)


def test_it_shows_the_name_of_now(api, member):
    name = new_account().username
    assert member.post(UPDATE, {"username": name}).status_code == 200
    assert profile(join(api), member)["user"]["username"] == name


@pytest.mark.parametrize("number", ABSURD_IDS)
def test_an_unknown_one_is_404(member, number):
    assert_detail(member.get(f"{VIEW}{number}/"), 404)


@pytest.mark.parametrize("options", [[], ["--purge"]])
def test_a_deleted_one_is_404(ctl, api, member, options):
    viewer = join(api)
    ctl.ok("user", "delete", member.name, "--yes", *options)
    assert_detail(viewer.get(f"{VIEW}{member.id}/"), 404)
    if not options:
        ctl.ok("user", "restore", member.name, "--yes")
        assert profile(viewer, member)["alias"] == PROFILE["alias"]


# Editing

@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("path", [EDIT, EDIT.rstrip("/"), "/api/prfiles/edit/", "/api/prfiles/edit"])
def test_edit_everything(api, member, kind, path):
    answer = member.call("PUT", path, **encoded(kind, NEW | {"profile_id": member.id}))
    assert answer.status_code == 200 and set(answer.json()) == PROFILE_VIEW, answer.text
    assert {name: answer.json()[name] for name in NEW} == NEW
    assert profile(join(api), member) == answer.json()


@pytest.mark.parametrize("field", NEW)
def test_only_what_is_sent_changes(member, field):
    before = profile(member)
    answer = member.put(EDIT, {field: NEW[field]})
    assert answer.status_code == 200, answer.text
    assert answer.json() == before | {field: NEW[field]} == profile(member)


@pytest.mark.parametrize("fields", [{}, {"colour": "red"}, {"user": {"id": 1}}])
def test_nothing_sent_changes_nothing(member, fields):
    before = profile(member)
    answer = member.put(EDIT, fields)
    assert answer.status_code == 200 and answer.json() == before, answer.text


@pytest.mark.parametrize("field", ["alias", "bio", "image_url", "background_image_url"])
def test_what_is_optional_may_be_emptied(member, field):
    answer = member.put(EDIT, {field: ""})
    assert answer.status_code == 200 and not answer.json()[field], answer.text
    assert not profile(member)[field]


def test_a_profile_of_somebody_else_is_403(api, admin, member):
    other = registered(api)
    for one in (member, signed_in(api, admin)):
        answer = one.put(EDIT, NEW | {"profile_id": other.id})
        assert_detail(answer, 403)
    assert {name: profile(other)[name] for name in PROFILE} == PROFILE
    assert {name: profile(member)[name] for name in PROFILE} == PROFILE


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63 - 1])
def test_a_profile_that_nobody_has(member, number):
    answer = member.put(EDIT, NEW | {"profile_id": number})
    assert answer.status_code in (403, 404), answer.text
    assert profile(member)["alias"] == PROFILE["alias"]


@pytest.mark.parametrize("value", ["x", "", 1.5, True, [], {}, str(2**63), "1e0"])
def test_a_profile_id_that_is_none(member, value):
    assert_field_error(member.put(EDIT, NEW | {"profile_id": value}), 400, "profile_id")
    assert profile(member)["alias"] == PROFILE["alias"]


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("field", ["image_url", "background_image_url"])
@pytest.mark.parametrize("value", [
    "no address", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "ftp://example.org/a",
    "file:///etc/passwd", "vbscript:x", "https://a b", "https://a\"onload=x", "https://a<b>",
    "https://a'b", "https://a\nb", "https://" + "x" * 2_000])
def test_a_bad_address_is_400(member, kind, field, value):
    answer = member.call("PUT", EDIT, **encoded(kind, {field: value, "alias": "changed"}))
    assert_field_error(answer, 400, field)
    assert profile(member)["alias"] == PROFILE["alias"] and profile(member)[field] == PROFILE[field]


@pytest.mark.parametrize("value", [
    "1990-13-01", "1990-02-30", "2023-02-29", "28.02.1990", "1990-2-8", "1990-02-28T00:00:00Z",
    "tomorrow", "0000-00-00", "-1990-02-28", "9999-12-31"])
def test_a_bad_date_of_birth_is_400(member, value):
    assert_field_error(member.put(EDIT, {"date_of_birth": value}), 400, "date_of_birth")
    assert profile(member)["date_of_birth"] == PROFILE["date_of_birth"]


@pytest.mark.parametrize("field", NEW)
@pytest.mark.parametrize("value", [5, 1.5, True, [], ["a"], {}, {"a": "b"}])
def test_another_type_is_400(member, field, value):
    assert_field_error(member.put(EDIT, {field: value}), 400, field)
    assert profile(member)[field] == PROFILE[field]


@pytest.mark.parametrize("field, most", [("alias", 150), ("bio", 2_000)])
@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_lengths_are_in_characters(member, field, most, letter):
    answer = member.put(EDIT, {field: letter * most})
    assert answer.status_code == 200 and answer.json()[field] == letter * most, answer.text
    assert_field_error(member.put(EDIT, {field: letter * (most + 1)}), 400, field)


def test_every_bad_field_is_named(member):
    answer = member.put(EDIT, {"alias": "x" * 151, "image_url": "x", "date_of_birth": "x", "bio": "fine"})
    assert_field_error(answer, 400, "alias", "image_url", "date_of_birth")
    assert {name: profile(member)[name] for name in PROFILE} == PROFILE


def test_counters_are_not_for_editing(api, member):
    other = registered(api)
    answer = member.put(EDIT, {
        "followers_count": 10**6, "following_count": 10**6, "is_following": True, "id": other.id,
        "account": other.id, "user": {"id": other.id, "username": "forged"}, "mode": "dark"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["id"], found["user"]["username"]) == (member.id, member.name)
    assert (found["followers_count"], found["following_count"], found["is_following"]) == (0, 0, False)


# Who may

@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(api, member, scheme):
    proof = prove(api, member.account, scheme)
    assert proof.call(api, "PUT", EDIT, alias=scheme).json()["alias"] == scheme
    assert proof.call(api, "GET", f"{VIEW}{member.id}/").json()["alias"] == scheme


@pytest.mark.parametrize("method, path", [
    ("GET", VIEW + "1/"), ("GET", VIEW + "999999999/"), ("PUT", EDIT), ("PUT", "/api/prfiles/edit/")])
def test_a_credential_is_needed(api, method, path):
    assert_detail(api.call(method, path, json={"alias": "x"}), 401)


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_other_methods_are_405(member, method):
    answer = member.call(method, EDIT)
    assert_detail(answer, 405)
    assert "PUT" in answer.headers["Allow"]
