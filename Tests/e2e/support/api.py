"""What a program that speaks to havocctl would do, in the two dialects."""

import secrets as random
from dataclasses import dataclass

import requests

from support import secrets
from support.program import Ctl

# Only a hang reaches it.
TIMEOUT_SECONDS = 90


@dataclass(frozen=True)
class Account:
    username: str
    password: str
    email: str


def new_account(prefix: str = "user") -> Account:
    name = f"{prefix}-{random.token_hex(5)}"
    return Account(name, secrets.password(), f"{name}@example.org")


def bearer(token: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {token}"}


def encoded(kind: str, fields: dict) -> dict:
    """The fields as one of the three kinds of body, in the words of `requests`."""
    if kind == "json":
        return {"json": fields}
    if kind == "form":
        return {"data": fields}
    return {"files": {name: (None, str(value)) for name, value in fields.items()}}


def create_account(ctl: Ctl, permission: int, prefix: str = "user") -> Account:
    """An account made on the command line."""
    account = new_account(prefix)
    ctl.ok("user", "create", account.username, "--email", account.email, "--permission", permission,
           "--password-stdin", input=account.password + "\n")
    return account


BODY_KINDS = ["json", "form", "multipart"]


class Api:
    """One client; give every thread its own."""

    def __init__(self, url: str):
        self.url = url
        self.session = requests.Session()
        # Neither a proxy nor a .netrc of whoever runs the tests.
        self.session.trust_env = False

    def call(self, method: str, path: str, **options) -> requests.Response:
        self.session.cookies.clear()
        return self.session.request(
            method, self.url + path, timeout=TIMEOUT_SECONDS, allow_redirects=False, **options)

    def get(self, path: str, token: str | None = None, **options) -> requests.Response:
        return self.call("GET", path, **with_token(token, options))

    def post(self, path: str, body=None, token: str | None = None, **options) -> requests.Response:
        if body is not None:
            options["json"] = body
        return self.call("POST", path, **with_token(token, options))

    # trainer

    def register(self, account: Account) -> requests.Response:
        return self.post("/api/auth/register/", {
            "username": account.username, "email": account.email, "password": account.password})

    def registered(self, prefix: str = "user") -> Account:
        account = new_account(prefix)
        answer = self.register(account)
        assert answer.status_code == 201, answer.text
        return account

    def login(self, account: Account) -> requests.Response:
        answer = self.post("/api/auth/login/", {
            "username": account.username, "password": account.password})
        if answer.status_code == 200:
            keep_pair(answer.json())
        return answer

    def tokens(self, account: Account) -> dict:
        """A new session's pair of tokens."""
        answer = self.login(account)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refresh(self, refresh: str, **options) -> requests.Response:
        answer = self.post("/api/auth/token/refresh/", {"refresh": refresh}, **options)
        if answer.status_code == 200:
            keep_pair(answer.json())
        return answer

    def alive(self, token: str, scheme: str = "Bearer") -> bool:
        """Whether an Authorization header is taken; anything but 200 and 401 is an error."""
        answer = self.get("/exercises/list/", headers=bearer(token, scheme))
        assert answer.status_code in (200, 401), f"{answer.status_code} {answer.text}"
        return answer.status_code == 200

    # havoc

    def havoc_login(self, account: Account) -> requests.Response:
        answer = self.post("/user/login", {
            "username": account.username, "password": account.password})
        if answer.status_code == 200:
            secrets.keep(answer.json()["data"]["session_token"])
        return answer

    def credential(self, account: Account) -> dict[str, str]:
        """A new havoc session as the two fields that every request of it carries."""
        answer = self.havoc_login(account)
        assert answer.status_code == 200, answer.text
        return {"username": account.username,
                "session_token": answer.json()["data"]["session_token"]}

    def connected(self, credential: dict[str, str]) -> bool:
        answer = self.post("/user/check_status", credential)
        assert answer.status_code in (200, 401), f"{answer.status_code} {answer.text}"
        return answer.status_code == 200


def with_token(token: str | None, options: dict) -> dict:
    if token is not None:
        options["headers"] = bearer(token) | options.get("headers", {})
    return options


def keep_pair(pair: dict) -> None:
    secrets.keep_jwt(pair["access_token"])
    secrets.keep_jwt(pair["refresh_token"])


def assert_havoc_error(answer: requests.Response, status: int, *words: str) -> None:
    """havoc's failure: the status again, and why, in a string that names the field."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"status", "data"}, body
    assert body["status"] == status
    assert isinstance(body["data"], str) and body["data"], body
    for word in words:
        assert word in body["data"], body
    if status == 401:
        assert answer.headers["WWW-Authenticate"]


def assert_detail(answer: requests.Response, status: int) -> None:
    """An error that isn't about one field."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"detail"} and isinstance(body["detail"], str) and body["detail"], body
    if status == 401:
        assert answer.headers["WWW-Authenticate"]


def assert_field_error(answer: requests.Response, status: int, *fields: str) -> None:
    """Errors under the names of exactly these fields."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == set(fields), body
    for messages in body.values():
        assert isinstance(messages, list) and messages, body
        assert all(isinstance(message, str) and message for message in messages), body
