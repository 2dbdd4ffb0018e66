"""An OAuth 2 authorization server on loopback, built on Authlib, that can fail in many ways.

It speaks the authorization-code grant with PKCE through real redirects; whoever comes is already
signed in there as `person`, and consents at once.
"""

import secrets as random
import ssl
import threading
from dataclasses import dataclass, field

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2 import OAuth2Error
from flask import Flask, Response, jsonify, redirect, request
from werkzeug.serving import WSGIRequestHandler, make_server

from support import secrets
from support.oauth_grant import Challenge, Client, Code, CodeGrant, Token, Validator

OVERSIZE_BYTES = 64 << 20


def new_person(prefix: str = "fortytwo", **changes) -> dict:
    """What 42's /v2/me says of somebody, as far as anybody reads it."""
    number = random.randbelow(1 << 30) + 1
    login = f"{prefix}{number}"
    return {"id": number, "login": login, "email": f"{login}@student.example.org",
            "image": {"link": f"https://cdn.example.org/users/{login}.jpg"}} | changes


@dataclass
class Trouble:
    """How the server fails; a test may change it while the server runs."""

    # The person says no.
    denied: bool = False
    # The endpoints that answer 503 ("authorize", "token", "userinfo").
    down: set[str] = field(default_factory=set)
    # The endpoints that answer nothing until the server stops.
    slow: set[str] = field(default_factory=set)
    # What an endpoint answers in place of its own: "html", "redirect", "oversize" or "array".
    answers: dict[str, str] = field(default_factory=dict)


class QuietHandler(WSGIRequestHandler):
    """Its log would drown what a failure has to say."""

    def log(self, *_) -> None:
        pass


class Provider:
    """The server. `seen` holds the form or query of every request, by endpoint."""

    def __init__(self, context: ssl.SSLContext | None = None):
        self.client = Client("havocctl-test", secrets.password(), [])
        self.person = new_person()
        self.trouble = Trouble()
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.seen: dict[str, list[dict]] = {
            name: [] for name in ("authorize", "token", "userinfo", "trap")}
        self.stopping = threading.Event()
        self.app = Flask("provider")
        self._routes()
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True,
                                  request_handler=QuietHandler)
        if context is not None:
            # The handshake is the handler's: in accept() one silent client would stop all others.
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False)
            self.server.ssl_context = context
        # A handler that is asleep must not keep the tests from ending.
        self.server.daemon_threads = True
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def _routes(self) -> None:
        authorization = AuthorizationServer(
            self.app, save_token=self._save_token,
            query_client={self.client.client_id: self.client}.get)
        authorization.provider = self
        authorization.register_grant(CodeGrant, [Challenge(required=True)])
        protector = ResourceProtector()
        protector.register_token_validator(Validator(self.tokens))

        @self.app.before_request
        def misbehave():
            endpoint = request.path.strip("/").rpartition("/")[2]
            self.seen.setdefault(endpoint, []).append(
                request.values.to_dict() | {"authorization": request.headers.get("Authorization")})
            if endpoint in self.trouble.slow:
                self.stopping.wait()
            if endpoint in self.trouble.down:
                return Response("Come again tomorrow", 503)
            return self._other_answer(self.trouble.answers.get(endpoint))

        @self.app.get("/oauth/authorize")
        def authorize():
            try:
                grant = authorization.get_consent_grant(end_user=self.person)
            except OAuth2Error as error:
                return authorization.handle_error_response(
                    authorization.create_oauth2_request(None), error)
            return authorization.create_authorization_response(
                grant_user=None if self.trouble.denied else self.person, grant=grant)

        @self.app.post("/oauth/token")
        def token():
            return authorization.create_token_response()

        @self.app.get("/v2/userinfo")
        @protector()
        def userinfo():
            return jsonify(current_token.person)

        @self.app.get("/trap")
        def trap():
            return jsonify(self.person | {"access_token": "trap", "token_type": "Bearer"})

    def _save_token(self, token: dict, asked) -> None:
        made = secrets.keep(token["access_token"])
        self.tokens[made] = Token(made, asked.user)

    def _other_answer(self, kind: str | None):
        if kind == "html":
            return Response("<!doctype html><title>Oops</title>", mimetype="text/html")
        if kind == "array":
            return jsonify([1, 2, 3])
        if kind == "redirect":
            return redirect(self.url + "/trap", 302)
        if kind == "oversize":
            chunk = b'"' + b"x" * 65534 + b'",'
            return Response((chunk for _ in range(OVERSIZE_BYTES // len(chunk))),
                            mimetype="application/json")
        return None

    def start(self) -> "Provider":
        self.thread.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __enter__(self) -> "Provider":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()
