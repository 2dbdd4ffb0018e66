"""What a program that speaks the community dialect does."""

import requests

from support import secrets
from support.api import Account, Api, encoded, new_account

SENT = {"detail": "Email sent. Use the code sent in the login process"}


def registration(account: Account) -> dict[str, str]:
    return {"username": account.username, "email": account.email,
            "password1": account.password, "password2": account.password}


def register(api: Api, account: Account, kind: str = "json", **changes) -> requests.Response:
    return api.call("POST", "/auth/registration/", **encoded(kind, registration(account) | changes))


def registered(api: Api, prefix: str = "member") -> Account:
    account = new_account(prefix)
    answer = register(api, account)
    assert answer.status_code == 201, answer.text
    return account


def send_code(api: Api, account: Account, **changes) -> requests.Response:
    return api.post("/twofa/send-code/", {
        "username": account.username, "email": account.email} | changes)


def keep_triple(triple: dict) -> dict:
    secrets.keep_jwt(triple["access_token"])
    secrets.keep_jwt(triple["refresh_token"])
    secrets.keep(triple["token_auth"])
    return triple


def login(
        api: Api, account: Account, code: str | None = None,
        kind: str = "json") -> requests.Response:
    fields = {"username": account.username, "password": account.password}
    if code is not None:
        fields["code"] = code
    answer = api.call("POST", "/auth/login/", **encoded(kind, fields))
    if answer.status_code == 200:
        keep_triple(answer.json())
    return answer


def triple(api: Api, account: Account, code: str | None = None) -> dict[str, str]:
    """A new session's three credentials."""
    answer = login(api, account, code)
    assert answer.status_code == 200, answer.text
    return answer.json()
