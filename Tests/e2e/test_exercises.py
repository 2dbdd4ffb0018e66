"""The exercise catalogue as the trainer dialect shows it."""

import json

import pytest
import requests

from support.api import assert_detail
from support.wire import Wire, request

KEYS = {"id", "name", "instructions", "targeted_muscles", "groupID", "groupName"}


@pytest.fixture(scope="module")
def catalogue(ctl) -> list[dict]:
    """Five exercises in two groups, in the shape that the API answers."""
    made = []
    groups = {name: ctl.json("group", "create", name)["id"] for name in ("Legs", "Ärme & \"Back\"")}
    for number, group in enumerate([*groups, *groups, "Legs"]):
        name, text = f"Exercise {number} – “quoted” \\ /", f"First.\nThen {number}.\tLast. \u2028 é 😀"
        shown = ctl.json("exercise", "create", name, "--group", group, "--instructions", text,
                         "--targeted-muscles", "quadriceps, glutes")
        made.append({"id": shown["id"], "name": name, "instructions": text,
                     "targeted_muscles": "quadriceps, glutes",
                     "groupID": groups[group], "groupName": group})
    return made


@pytest.fixture(scope="module")
def access(api, user) -> str:
    return api.tokens(user)["access_token"]


def raw_get(server, target: str, access: str):
    """Client libraries decode and tidy paths; this sends them as they stand."""
    with Wire(server.address) as wire:
        wire.send(request("GET", target, b"", f"Authorization: Bearer {access}", "Connection: close"))
        return wire.response()


@pytest.mark.parametrize("path", ["/exercises/list/", "/exercises/list"])
def test_the_list(api, catalogue, access, path):
    answer = api.get(path, access)
    assert answer.status_code == 200
    assert set(answer.json()) == {"excercises"}
    found = [one for one in answer.json()["excercises"] if one["groupName"] in ("Legs", "Ärme & \"Back\"")]
    assert [one for one in found if one["id"] in {made["id"] for made in catalogue}] == catalogue
    assert all(set(one) == KEYS for one in answer.json()["excercises"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_one_exercise(api, catalogue, access, slash):
    for made in catalogue:
        answer = api.get(f"/exercises/exercise/{made['id']}{slash}", access)
        assert answer.status_code == 200 and answer.json() == made


@pytest.mark.parametrize("number", [
    "0", "-1", "999999999", str(2**31), str(2**32 + 1), str(2**63 - 1), str(2**63), str(2**64),
    str(2**64 + 1), "9" * 400, "abc", "1.5", "1e0", "0x1", "+1", "1%00", "1%20", "%20", "1;", "1'",
    "%2e%2e", "1%2f", "%D9%A1", "1/2", "1%0a", "null"])
def test_an_absurd_id_is_404(server, catalogue, access, number):
    answer = raw_get(server, f"/exercises/exercise/{number}/", access)
    assert answer.status in ((400, 404) if "%" in number else (404,)), answer
    body = json.loads(answer.body)
    assert body["detail"]


def test_an_escaped_digit_is_that_digit(server, catalogue, access):
    number = catalogue[0]["id"]
    escaped = "".join(f"%{ord(digit):02x}" for digit in str(number))
    answer = raw_get(server, f"/exercises/exercise/{escaped}/", access)
    assert answer.status == 200 and json.loads(answer.body)["id"] == number


@pytest.mark.parametrize("path", ["/exercises/list/", "/exercises/exercise/1/",
                                  "/exercises/exercise/999999999/"])
def test_nothing_without_a_credential(api, catalogue, path):
    assert_detail(api.get(path), 401)


def test_etag_holds_until_an_exercise_changes(api, ctl, catalogue, access):
    first = api.get("/exercises/list/", access)
    tag = first.headers["ETag"]
    same = api.get("/exercises/list/", access, headers={"If-None-Match": tag})
    assert same.status_code == 304 and same.content == b""
    assert same.headers["ETag"] == tag and same.headers["X-Request-ID"]
    number = catalogue[0]["id"]
    for change in [("exercise", "create", "One more", "--group", "Legs", "--instructions", "x",
                    "--targeted-muscles", "y"),
                   ("exercise", "edit", number, "--instructions", "changed"),
                   ("group", "edit", catalogue[0]["groupID"], "--name", "Lower legs")]:
        ctl.ok(*change)
        answer = api.get("/exercises/list/", access, headers={"If-None-Match": tag})
        assert answer.status_code == 200, change
        assert answer.headers["ETag"] != tag
        tag = answer.headers["ETag"]
    shown = next(one for one in answer.json()["excercises"] if one["id"] == number)
    assert (shown["instructions"], shown["groupName"]) == ("changed", "Lower legs")
    ctl.ok("exercise", "edit", number, "--instructions", catalogue[0]["instructions"])
    ctl.ok("group", "edit", catalogue[0]["groupID"], "--name", "Legs")


@pytest.mark.parametrize("template, status", [
    ("{tag}", 304), ("W/{tag}", 304), ("\"other\", {tag}", 304), ("*", 304), ("\"other\"", 200),
    ("garbage", 200), ("", 200)])
def test_if_none_match(api, catalogue, access, template, status):
    tag = api.get("/exercises/list/", access).headers["ETag"]
    answer = api.get("/exercises/list/", access,
                     headers={"If-None-Match": template.format(tag=tag.removeprefix("W/"))})
    assert answer.status_code == status


def test_a_known_etag_is_no_credential(api, catalogue, access):
    tag = api.get("/exercises/list/", access).headers["ETag"]
    assert_detail(api.get("/exercises/list/", headers={"If-None-Match": tag}), 401)


def test_pages_follow_the_link(api, catalogue, access, server):
    whole = api.get("/exercises/list/", access).json()["excercises"]
    collected, target = [], server.url + "/exercises/list/?limit=2"
    while target:
        answer = requests.get(target, headers={"Authorization": f"Bearer {access}"}, timeout=60)
        assert answer.status_code == 200
        part = answer.json()["excercises"]
        assert len(part) <= 2
        collected += part
        target = requests.compat.urljoin(
            server.url, answer.links["next"]["url"]) if "next" in answer.links else None
        assert len(collected) <= len(whole)
    assert collected == whole


@pytest.mark.parametrize("parameters", [
    {"limit": "x"}, {"limit": "-1"}, {"limit": str(2**64)}, {"after": "x"}, {"after": "1.5"}])
def test_bad_page_parameters_are_400(api, catalogue, access, parameters):
    answer = api.get("/exercises/list/", access, params=parameters)
    assert answer.status_code == 400 and next(iter(parameters)) in answer.text


def test_a_deleted_exercise_is_gone(api, ctl, catalogue, access):
    made = ctl.json("exercise", "create", "Short-lived", "--group", "Legs", "--instructions", "x",
                    "--targeted-muscles", "y")["id"]
    assert api.get(f"/exercises/exercise/{made}/", access).status_code == 200
    ctl.ok("exercise", "delete", made, "--yes")
    assert_detail(api.get(f"/exercises/exercise/{made}/", access), 404)
    assert made not in [one["id"] for one in api.get("/exercises/list/", access).json()["excercises"]]
