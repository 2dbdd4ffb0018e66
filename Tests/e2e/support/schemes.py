"""Every way to sign in and every way to prove it, for tests that must hold in all of them."""

from dataclasses import dataclass, field

import requests

from support import secrets
from support.api import Account, Api, bearer
from support.browser import keep_all, set_cookies
from support.program import Ctl

# Where each dialect signs in with a name and a password.
SIGN_INS = {
    "integers obtain": "/api/auth/obtain/",
    "trainer login": "/api/auth/login/",
    "community login": "/auth/login/",
    "havoc login": "/user/login",
    "microblog obtain_token": "/api/auth/obtain_token/",
}

# A route of each dialect that does no harm, and how it answers whoever is signed in.
PROBES = {
    "integers": ("POST", "/api/jwt/", 200),
    # The two new passwords are missing, which is told only to whoever may change one.
    "community": ("POST", "/auth/password/change/", 400),
    "havoc": ("POST", "/user/check_status", 200),
    "microblog": ("PUT", "/api/auth/user/edit/", 200),
    "trainer": ("GET", "/exercises/list/", 200),
}

SCHEMES = ["Bearer", "JWT", "Token", "session_token", "cookie"]


@dataclass(frozen=True)
class Proof:
    """One credential as a request carries it."""

    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] = field(default_factory=dict)

    def call(self, api: Api, method: str, path: str, **fields) -> requests.Response:
        answer = api.call(method, path, headers=self.headers, json=self.body | fields)
        if answer.status_code == 200:
            keep_all(answer.json())
        return answer

    def probe(self, api: Api, dialect: str) -> int:
        """200 where the dialect takes it, else the status of the refusal."""
        method, path, taken = PROBES[dialect]
        answer = self.call(api, method, path)
        assert answer.status_code in (taken, 401, 403), f"{answer.status_code} {answer.text}"
        return 200 if answer.status_code == taken else answer.status_code


def sign_in(api: Api, path: str, account: Account, /, **more) -> requests.Response:
    answer = api.post(path, {"username": account.username, "password": account.password} | more)
    if answer.status_code == 200:
        keep_all(answer.json())
        for name, morsel in set_cookies(answer).items():
            if name == "sessionid":
                secrets.keep(morsel.value)
    return answer


def prove(api: Api, account: Account, scheme: str) -> Proof:
    """A new session, and what proves it in that scheme."""
    if scheme == "session_token":
        return Proof(body=api.credential(account))
    if scheme == "Token":
        answer = sign_in(api, "/api/auth/obtain/", account)
        assert answer.status_code == 200, answer.text
        return Proof(bearer(answer.json()["token"], "Token"))
    answer = sign_in(api, "/api/auth/login/", account)
    assert answer.status_code == 200, answer.text
    if scheme != "cookie":
        return Proof(bearer(answer.json()["access_token"], scheme))
    cookies = {name: morsel.value for name, morsel in set_cookies(answer).items()}
    return Proof({"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
                  "X-CSRFToken": cookies["csrftoken"]})


def set_password(ctl: Ctl, account: Account) -> Account:
    """The account with a new password, set on the command line."""
    new = Account(account.username, secrets.password(), account.email)
    ctl.ok("user", "passwd", account.username, "--password-stdin", "--yes", input=new.password)
    return new
