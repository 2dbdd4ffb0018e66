"""A client that keeps its cookies, as a browser does, and one that calls from another address."""

from http.cookies import Morsel, SimpleCookie

import requests
from requests.adapters import HTTPAdapter

from support import secrets
from support.api import TIMEOUT_SECONDS, Account, Api


def set_cookies(answer: requests.Response) -> dict[str, Morsel]:
    """The Set-Cookie headers of one response by name; each name stands there once."""
    found: dict[str, Morsel] = {}
    for line in answer.raw.headers.getlist("Set-Cookie"):
        for name, morsel in SimpleCookie(line).items():
            assert name not in found, f"{name} is set twice"
            found[name] = morsel
    return found


def keep_all(value) -> None:
    """Remembers every token of an answer, so that logs and tables are searched for them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and ("token" in name or name in ("access", "refresh")):
                secrets.keep_jwt(inner) if inner.count(".") == 2 else secrets.keep(inner)
            else:
                keep_all(inner)


class Browser:
    """Sends its cookies with every request, and the CSRF token where it is told to."""

    def __init__(self, url: str, **cookies: str):
        self.url = url
        self.cookies = dict(cookies)

    def call(
            self, method: str, path: str, *, csrf: bool | str = True,
            **options) -> requests.Response:
        """`csrf` is the token to send, True for the cookie's own, False for none."""
        headers = dict(options.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if csrf is True and "csrftoken" in self.cookies:
            headers["X-CSRFToken"] = self.cookies["csrftoken"]
        elif isinstance(csrf, str):
            headers["X-CSRFToken"] = csrf
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, self.url + path, headers=headers, timeout=TIMEOUT_SECONDS,
                allow_redirects=False, **options)
        for name, morsel in set_cookies(answer).items():
            if name == "sessionid":
                secrets.keep(morsel.value)
            self.cookies[name] = morsel.value
            if not morsel.value or morsel["max-age"] == "0":
                del self.cookies[name]
        if answer.content and answer.headers["Content-Type"].startswith("application/json"):
            keep_all(answer.json())
        return answer

    def get(self, path: str, **options) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body=None, **options) -> requests.Response:
        return self.call("POST", path, **options | ({} if body is None else {"json": body}))

    def sign_in(self, account: Account, **options) -> requests.Response:
        answer = self.post("/api/auth/login/", {
            "username": account.username, "password": account.password}, **options)
        assert answer.status_code == 200, answer.text
        return answer

    def alive(self) -> bool:
        """Whether the cookies prove anybody."""
        answer = self.call("GET", "/exercises/list/", csrf=False)
        assert answer.status_code in (200, 401), f"{answer.status_code} {answer.text}"
        return answer.status_code == 200


class FromAddress(HTTPAdapter):
    """Connects from one address of the loopback network."""

    def __init__(self, address: str):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args, **options):
        super().init_poolmanager(*args, source_address=(self.address, 0), **options)


class Place(Api):
    """A client at an address of its own."""

    def __init__(self, url: str, address: str):
        super().__init__(url)
        self.address = address
        self.session.mount("http://", FromAddress(address))
