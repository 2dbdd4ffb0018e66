"""Attempts that count: failures of sign-in, and what the limits say about them."""

import itertools
from dataclasses import replace

import requests

from support import secrets
from support.api import Account, Api
from support.browser import Place
from support.schemes import sign_in

LIMIT = 10
# The servers of the tests have none unless they are told.
LIMITED = f"--attempt-limit={LIMIT}"
WINDOW_SECONDS = 900

# Every test gets addresses of its own, so that none is counted against another.
_hosts = itertools.count(1)


def fresh_address() -> str:
    number = next(_hosts)
    return f"127.{20 + number // 62500}.{number // 250 % 250 + 1}.{number % 250 + 1}"


def somewhere(server) -> Place:
    """A client at an address that nobody used yet."""
    return Place(server.url, fresh_address())


def wrong(account: Account) -> Account:
    return replace(account, password=secrets.password())


def fail(api: Api, account: Account, times: int, path: str = "/api/auth/login/") -> list[int]:
    """Signs in with a wrong password; gives the statuses."""
    return [sign_in(api, path, wrong(account)).status_code for _ in range(times)]


def exhaust(server, account: Account) -> None:
    """As many failures as are allowed, each from another address."""
    for _ in range(LIMIT):
        assert fail(somewhere(server), account, 1) == [401]


def assert_limited(answer: requests.Response, havoc: bool = False) -> None:
    assert answer.status_code == 429, f"{answer.status_code} {answer.text}"
    assert 1 <= int(answer.headers["Retry-After"]) <= WINDOW_SECONDS
    body = answer.json()
    if havoc:
        assert set(body) == {"status", "data"} and body["status"] == 429 and body["data"], body
    else:
        assert set(body) == {"detail"} and body["detail"], body
