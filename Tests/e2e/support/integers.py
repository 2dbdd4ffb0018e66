"""What a program that speaks the integers dialect does: people with sets, and their sessions."""

import json
import re
from dataclasses import dataclass, replace

import requests

from support.api import Account, Api, bearer, new_account
from support.browser import keep_all
from support.members import NEXT

SET, OPERATION, SESSION = "/integers/set/", "/integers/operation/", "/integers/session/"

# What an X, a q and, from 0 on, an index may be.
LEAST, MOST = -(2**63), 2**63 - 1

SET_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
SESSION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

REQUIRED, NOT_NULL = ["This field is required."], ["This field may not be null."]


def unit(index: int, x: int, q: int) -> dict[str, int]:
    return {"index": index, "X": x, "q": q}


def units(count: int, value: int = 1) -> list[dict[str, int]]:
    """Consecutive ones; the value tells two such lists apart at every index."""
    return [unit(index, value * (index + 1), -value) for index in range(count)]


def units_text(count: int, value: int = 1) -> str:
    """The same as JSON: for hundreds of thousands of them, quicker than an encoder."""
    return "[" + ",".join(f'{{"index":{index},"X":{value * (index + 1)},"q":{-value}}}'
                          for index in range(count)) + "]"


def many(count: int, prefix: str = "s", value: int = 1) -> dict:
    """So many small sets by their names."""
    return {f"{prefix}{at:05}": units(2, value) for at in range(count)}


def listed(sets: dict) -> list[dict]:
    return [{"set_id": name, "integers": integers} for name, integers in sets.items()]


@dataclass(frozen=True)
class Owner:
    """An account, and the device token of one sign-in; give every thread its own client."""

    api: Api
    account: Account
    user_id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.token, "Token")

    def elsewhere(self, url: str | None = None) -> "Owner":
        """The same sign-in through another client."""
        return replace(self, api=Api(url or self.api.url))

    def again(self) -> "Owner":
        """The same account signed in once more."""
        answer = self.api.post("/api/auth/obtain/", {
            "username": self.account.username, "password": self.account.password})
        assert answer.status_code == 200, answer.text
        keep_all(answer.json())
        return replace(self, token=answer.json()["token"])

    def call(self, method: str, path: str, body=None, **options) -> requests.Response:
        if body is not None:
            options["json"] = body
        headers = self.headers | options.pop("headers", {})
        return self.api.call(method, path, headers=headers, **options)

    def get(self, path: str, **query) -> requests.Response:
        return self.call("GET", path, params=query)

    def delete(self, path: str, **query) -> requests.Response:
        return self.call("DELETE", path, params=query)

    def post_set(self, integers, **fields) -> requests.Response:
        return self.call("POST", SET, {"integers": integers} | fields)

    def keep(self, set_id: str, integers, **fields) -> dict:
        """Stores a set that is to be taken."""
        return self.made(self.post_set(integers, set_id=set_id, **fields))

    def post_text(self, integers: str, **fields) -> requests.Response:
        """Posts a set whose units are JSON already."""
        head = json.dumps(fields)[1:-1]
        return self.call("POST", SET, data=f'{{{head}{"," * bool(head)}"integers":{integers}}}'.encode(),
                         headers={"Content-Type": "application/json"})

    def post_session(self, integer_sets, **fields) -> requests.Response:
        return self.call("POST", SESSION, {"integer_sets": integer_sets} | fields)

    def keep_session(self, session_id: str, integer_sets: dict) -> dict:
        """Stores sets, given by their names, in a session of this name."""
        answer = self.post_session(listed(integer_sets), session_id=session_id)
        assert answer.status_code == 201, answer.text
        return sets_of(answer.json())

    @staticmethod
    def made(answer: requests.Response) -> dict:
        assert answer.status_code == 201, answer.text[:2000]
        assert set(answer.json()) == {"set_id", "session_id", "integers"}, answer.text[:2000]
        return answer.json()

    def integers(self, set_id: str, **query) -> list[dict]:
        """What a set holds."""
        answer = self.get(SET, set_id=set_id, **query)
        assert answer.status_code == 200, answer.text[:2000]
        assert set(answer.json()) == {"set_id", "session_id", "integers"}, answer.text[:2000]
        assert answer.json()["set_id"] == set_id
        return answer.json()["integers"]

    def lacks(self, set_id: str, **query) -> bool:
        answer = self.get(SET, set_id=set_id, **query)
        assert answer.status_code in (200, 404), answer.text[:2000]
        return answer.status_code == 404

    def session(self, **query) -> dict[str, list[dict]]:
        """Every set of a session by its name, the current one's unless it is named."""
        answer = self.get(SESSION, **query)
        assert answer.status_code == 200, answer.text[:2000]
        return sets_of(answer.json())

    def lacks_session(self, session_id: str) -> bool:
        answer = self.get(SESSION, session_id=session_id)
        assert answer.status_code in (200, 404), answer.text[:2000]
        return answer.status_code == 404

    def current(self) -> str:
        """The name of the current session."""
        answer = self.get(SESSION)
        assert answer.status_code == 200, answer.text[:2000]
        return answer.json()["session_id"]

    def pages(self, **query) -> list[list[dict]]:
        """A set part by part, as the Link headers lead."""
        found = []
        answer = self.get(SET, **query)
        while True:
            assert answer.status_code == 200, answer.text
            found.append(answer.json()["integers"])
            following = NEXT.search(answer.headers.get("Link", ""))
            if following is None:
                return found
            assert found[-1], f"an empty part has a next one: {query}"
            answer = self.get(following[1].removeprefix(self.api.url))


def sets_of(session: dict) -> dict[str, list[dict]]:
    """The sets of a session's JSON by name, in the order they stand in it."""
    assert set(session) == {"session_id", "integer_sets"}, session
    assert all(set(one) == {"set_id", "integers"} for one in session["integer_sets"])
    found = {one["set_id"]: one["integers"] for one in session["integer_sets"]}
    assert len(found) == len(session["integer_sets"]), "a set stands there twice"
    return found


def join(api: Api, prefix: str = "owner") -> Owner:
    """A new account, signed up in this dialect."""
    account = new_account(prefix)
    answer = api.post("/api/auth/signup/", {
        "username": account.username, "password1": account.password, "password2": account.password})
    assert answer.status_code == 201, answer.text
    keep_all(answer.json())
    return Owner(api, account, answer.json()["user_id"], answer.json()["token"])
