"""havocctl as a client of an authorization server, and the browser that goes between them."""

import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import requests

from support import secrets
from support.api import TIMEOUT_SECONDS
from support.oauth import Provider
from support.program import SCRATCH, Ctl
from support.server import Server

PATH = "/oauth/authorize"


def secret_file(text: str) -> str:
    """A file that holds a secret, for its owner alone."""
    path = Path(tempfile.mkdtemp(dir=SCRATCH.name)) / "secret"
    path.write_text(text + "\n", encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def options(provider: Provider, redirect_url: str) -> list[str]:
    """What havocctl must be told to use this authorization server, the secret apart."""
    provider.client.redirects.append(redirect_url)
    return ["--oauth-client-id", provider.client.client_id,
            "--oauth-authorize-url", provider.url + "/oauth/authorize",
            "--oauth-token-url", provider.url + "/oauth/token",
            "--oauth-userinfo-url", provider.url + "/v2/userinfo",
            "--oauth-redirect-url", redirect_url]


def start(program, database: str, provider: Provider, *more: str,
          redirect_url: str | None = None, timeout: str = "60s") -> Server:
    """A server whose redirect URL is its own address, unless it stands in for another."""
    server = Server(program, database, HAVOCCTL_OAUTH_CLIENT_SECRET_FILE=secret_file(
        provider.client.client_secret))
    server.command += ["--attempt-limit", "0", "--oauth-timeout", timeout,
                       *options(provider, redirect_url or server.url + PATH), *more]
    return server.start()


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def with_query(url: str, **changes: str | None) -> str:
    """The address with parameters replaced, or with None removed."""
    query = {name: value for name, value in (query_of(url) | changes).items() if value is not None}
    return urlunsplit(urlsplit(url)._replace(query=urlencode(query)))


class Browser:
    """Keeps cookies, and follows redirects one at a time."""

    def __init__(self, url: str, ca_file: Path | None = None):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(ca_file) if ca_file else True

    def get(self, url: str, **more) -> requests.Response:
        return self.session.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **more)

    def begin(self, **more) -> str:
        """Asks for a sign-in; the address at the authorization server that it was sent to."""
        answer = self.get(self.url + PATH, **more)
        assert answer.status_code == 302, f"{answer.status_code} {answer.text}"
        secrets.keep(query_of(answer.headers["Location"])["state"])
        return answer.headers["Location"]

    def consent(self, location: str) -> str:
        """Goes there; the address that it was sent back to."""
        answer = self.get(location)
        assert answer.status_code == 302, f"{answer.status_code} {answer.text}"
        return answer.headers["Location"]

    def sign_in(self) -> requests.Response:
        """All of it, up to havocctl's answer."""
        answer = self.get(self.consent(self.begin()))
        if answer.status_code == 200:
            for name in ("access_token", "refresh_token"):
                secrets.keep_jwt(answer.json()[name])
            secrets.keep(answer.json()["token_auth"])
        return answer


def ctl_of(program: Path, server: Server) -> Ctl:
    """The command line on the database of this server."""
    return Ctl(program, server.command[server.command.index("--database") + 1])


def account(ctl: Ctl, name: str) -> dict:
    return ctl.json("user", "show", name, "--wide")


def names(ctl: Ctl) -> set[str]:
    return {user["username"] for user in ctl.json("user", "list")}
