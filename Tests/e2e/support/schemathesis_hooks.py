"""What schemathesis must know beyond the API's description: who it is, and what JSON Schema can't say.

A case that keeps to its schema is to be accepted. Where the contract wants it refused all the same,
for what it means and not for what it looks like, it is made one that means something (`before_call`);
where that can't be, its refusal is looked at, and let pass only for the reason that is written here.
"""

import json
import os
import re
import secrets as random
import unicodedata
from collections.abc import Iterator

import jsonschema_rs
import requests
import schemathesis
from schemathesis.core import NotSet
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData

URL = os.environ["HAVOCCTL_TEST_URL"]
ADMIN = {"username": os.environ["HAVOCCTL_TEST_ADMIN"],
         "password": os.environ["HAVOCCTL_TEST_PASSWORD"]}
PASSWORD = "-".join(random.token_hex(3) for _ in range(3))

# What somebody has who has called these: another name, another password, no session, no account.
# A socket that opened would leave its connection to a client that can't speak WebSocket, so those
# are asked for by somebody who has no conversation.
SPENDS_ITS_CALLER = re.compile(
    r"logout|/password/change/|/users/update/|/user/edit/|/user/delete/|^GET /ws/")
FOR_ADMINS = re.compile(r"_admin/")


def post(path: str, body: dict) -> dict:
    answer = requests.post(URL + path, json=body, timeout=60)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def new_account() -> dict[str, str]:
    name = "fuzz-" + random.token_hex(8)
    post("/api/auth/register/", {
        "username": name, "email": f"{name}@example.org", "password": PASSWORD})
    return {"username": name, "password": PASSWORD}


@schemathesis.auth(refresh_interval=None)
class Accounts:
    """An account for all that leaves it as it was, and one for each call that doesn't."""

    def __init__(self):
        self.kept: dict[bool, dict] = {}

    def get(self, case, context):
        is_admin = bool(FOR_ADMINS.search(case.operation.label))
        if SPENDS_ITS_CALLER.search(case.operation.label):
            return post("/api/auth/login/", new_account())
        if is_admin not in self.kept:
            self.kept[is_admin] = post("/api/auth/login/", ADMIN if is_admin else new_account())
        return self.kept[is_admin]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data['access_token']}"
        REFRESH[data["access_token"]] = data["refresh_token"]


# The refresh token of each access token.
REFRESH: dict[str, str] = {}


def is_positive(case) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives what keeps to its schema a meaning that can be."""
    if is_positive(case):
        case.body = whole(case.body)
    body = case.body
    if case.operation.label.startswith("GET /ws/stream/") and is_positive(case):
        case.path_parameters["session_id"] = "none-" + random.token_hex(8)
    if not isinstance(body, dict) or not is_positive(case):
        return
    for first, second in (("password1", "password2"), ("new_password1", "new_password2")):
        if first in body:
            body[second] = body[first]
    if "current_password" in body:
        body["current_password"] = PASSWORD
    access = case.headers.get("Authorization", "").removeprefix("Bearer ")
    if case.operation.label == "DELETE /api/auth/user/delete/":
        body["refresh_token"] = REFRESH.get(access, body["refresh_token"])
    body.pop("reply_to", None)
    if "equation" in body:
        body["equation"] = equation(access, body)
    is_json = case.media_type == "application/json"
    for name in ("integers", "integer_sets"):
        if name in body and case.operation.label.startswith("POST /integers/s"):
            sets = body[name] if is_json else []
            distinguish([sets] if name == "integers" else [part["integers"] for part in sets])
            for number, part in enumerate(sets if name == "integer_sets" else []):
                part["set_id"] = f"set_{number}"
            if not is_json:
                body[name] = json.dumps(sets)


def whole(value):
    """1.0 is an integer to JSON Schema, and none where integers of 64 bits are told in full."""
    if isinstance(value, dict):
        return {name: whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [whole(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value


def distinguish(sets: list[list[dict]]) -> None:
    """No index stands twice in a set."""
    for units in sets:
        for number, unit in enumerate(units):
            unit["index"] = number


def equation(access: str, body: dict) -> str:
    """One of a set that is there."""
    place = {"session_id": body["session_id"]} if body.get("session_id") else {}
    requests.post(URL + "/integers/set/", json=place | {
        "set_id": "known", "integers": [{"index": 0, "X": 1, "q": 2}]},
        headers={"Authorization": f"Bearer {access}"}, timeout=60)
    return "-(known + 2) * known"


# What JSON Schema can't say.

def texts(value) -> Iterator[str]:
    """Every text in a value, names too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def numbers(value) -> Iterator[int | float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, (int, float)):
        yield value


def beyond_ascii(body) -> bool:
    return any(not text.isascii() for text in texts(body))


# A refusal of what keeps to its schema: what the answer says, and what must be so of the body.
REFUSALS = [
    # "Duplicate JSON keys, …, NUL, numbers out of range …: 400" (section 2).
    (r"Null characters|NUL|u0000|form is malformed|percent-encoding is malformed",
     lambda body: any("\0" in text for text in texts(body))),
    (r"JSON parse error: .*(big|range|overflow)",
     lambda body: any(not -2**63 <= number < 2**63 for number in numbers(body))),
    # What isn't flat, requests writes as one name that stands several times in a form.
    (r"The form names a field twice", lambda body: isinstance(body[0], dict) and any(
        isinstance(value, (list, dict)) for value in body[0].values())),
    # White space is Unicode's here, and ECMAScript's in a pattern.
    (r"This field may not be blank",
     lambda body: any(text and not text.strip() for text in texts(body))),
    # Letters, digits and marks of any script, after NFKC (section 1).
    (r"A username may hold|Enter a valid email address", beyond_ascii),
    # Bytes after NFKC, and the list of common passwords (section 1).
    (r"This password is", lambda body: True),
    (r"Ensure this field has no more than \d+ (bytes|characters)", beyond_ascii),
    (r"A session is called by", beyond_ascii),
    (r"A date in the past is wanted", lambda body: True),
    (r"There is no such permission code", lambda body: True),
    # "Self, twice, unknown: 400/404" (community), "oneself 400" (microblog).
    (r"is your friend already|isn't your friend|yourself", lambda body: True),
    # "a wrong current_password is 400" (microblog).
    (r"This isn't your password|^\{\"(current|new)_password\":\[\"This field is required",
     lambda body: True),
]


def is_explained(refusal: str, body) -> bool:
    return any(re.search(words, refusal) and so(body) for words, so in REFUSALS)


def is_nothing(case) -> bool:
    """Whether a body was left out that may be: schemathesis takes that for a violation."""
    required = case.operation.definition.raw.get("requestBody", {}).get("required", False)
    return isinstance(case.body, NotSet) and not required


def as_read(name: str, value, is_form: bool):
    """As the server reads it: a form's values are texts, trimmed; a password is so many bytes."""
    if is_form and not isinstance(value, str):
        value = json.dumps(value)
    if not isinstance(value, str):
        return value
    if "password" in name:
        return "x" * len(unicodedata.normalize("NFKC", value).encode())
    return value.strip()


def reads_well(case) -> bool:
    """Whether a body that violates its schema doesn't any more, once it is read."""
    if not isinstance(case.body, dict):
        return False
    is_form = case.media_type != "application/json"
    body = {name: as_read(name, value, is_form) for name, value in case.body.items()}
    schema = case.operation.get_body_for_media_type(case.media_type).optimized_schema
    return jsonschema_rs.Draft202012Validator(schema).is_valid(body)


@schemathesis.hook
def filter_failure(context, failure: Failure, case, response) -> bool:
    if isinstance(failure, RejectedPositiveData):
        return not is_explained(response.text, [case.body, case.query])
    if isinstance(failure, AcceptedNegativeData):
        only_body = all(part.mode.is_positive for place, part in case.meta.components.items()
                        if place is not ParameterLocation.BODY)
        return not (only_body and (is_nothing(case) or reads_well(case)))
    return True
