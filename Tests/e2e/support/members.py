"""People who are signed in, what they ask for, and thousands of others around them."""

import re
from dataclasses import dataclass, replace

import psycopg
import requests

from support import forge
from support.api import Account, Api, bearer
from support.cluster import query
from support.community import triple
from support.microblog import obtain

# Ids that nothing has, or that aren't any.
ABSURD_IDS = ["0", "-1", "999999999", str(2**31), str(2**63 - 1), str(2**63), str(2**64 + 1),
              "9" * 400, "abc", "1.5", "1e0", "0x1", "+1", "null", "1,2", "%D9%A1"]

NEXT = re.compile(r'<([^>]+)>; rel="next"')


@dataclass(frozen=True)
class Member:
    """An account with a session of its own; give every thread its own client."""

    api: Api
    account: Account
    id: int
    headers: dict[str, str]

    @property
    def name(self) -> str:
        return self.account.username

    def elsewhere(self, url: str | None = None) -> "Member":
        """The same session through another client."""
        return replace(self, api=Api(url or self.api.url))

    def call(self, method: str, path: str, body=None, **options) -> requests.Response:
        if body is not None:
            options["json"] = body
        headers = self.headers | options.pop("headers", {})
        return self.api.call(method, path, headers=headers, **options)

    def get(self, path: str, **options) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body=None, **options) -> requests.Response:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body=None, **options) -> requests.Response:
        return self.call("PUT", path, body, **options)

    def delete(self, path: str, **options) -> requests.Response:
        return self.call("DELETE", path, **options)

    def seen(self, path: str):
        """What a GET that succeeds answers."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str) -> list[list]:
        """A list part by part, as the Link headers lead."""
        found = []
        while True:
            answer = self.get(path)
            assert answer.status_code == 200, answer.text
            found.append(answer.json())
            following = NEXT.search(answer.headers.get("Link", ""))
            if following is None:
                return found
            assert found[-1], f"an empty part has a next one: {path}"
            path = following[1].removeprefix(self.api.url)


def signed_in(api: Api, account: Account, connected: bool = True) -> Member:
    """A new session: a community one, which connects, or a microblog one, which doesn't."""
    if connected:
        tokens = triple(api, account)
        access, headers = tokens["access_token"], bearer(tokens["token_auth"], "Token")
    else:
        access = obtain(api, account)["access"]
        headers = bearer(access, "JWT")
    return Member(api, account, int(forge.claims_of(access)["user_id"]), headers)


def join(api: Api, prefix: str = "user", connected: bool = True) -> Member:
    """A new account and its session."""
    return signed_in(api, api.registered(prefix), connected)


def analyze(url: str) -> None:
    """What PostgreSQL does by itself within a minute, so that it plans for tables as they are."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def crowd(url: str, count: int, prefix: str) -> list[int]:
    """So many accounts that nobody can sign in to; gives their ids in order."""
    found = query(url, """
        WITH made AS (
          INSERT INTO account (user_id, username, username_key)
          SELECT substr(encode(sha256(convert_to(name, 'UTF8')), 'hex'), 1, 40), name, name
          FROM (SELECT %s || i AS name FROM generate_series(1, %s::int) i) named RETURNING id),
        described AS (INSERT INTO profile (account) SELECT id FROM made)
        SELECT id FROM made ORDER BY id""", prefix, count)
    return [row[0] for row in found]
