"""What an authorization server hands out, and the authorization-code grant by which it does."""

import secrets as random
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge

from support import secrets


@dataclass(frozen=True)
class Client(ClientMixin):
    """The one that is registered: havocctl."""

    client_id: str
    client_secret: str
    redirects: list[str]

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return scope or ""

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri in self.redirects

    def check_client_secret(self, client_secret):
        return random.compare_digest(client_secret, self.client_secret)

    def check_endpoint_auth_method(self, method, endpoint):
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class Code:
    """An authorization code, and what it was given for."""

    code: str
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str
    person: dict

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope


@dataclass(frozen=True)
class Token(TokenMixin):
    """An access token, and for whom."""

    access_token: str
    person: dict

    def is_expired(self):
        return False

    def is_revoked(self):
        return False

    def get_scope(self):
        return "public"


class CodeGrant(grants.AuthorizationCodeGrant):
    """Codes are good once, and PKCE with S256 isn't optional."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def save_authorization_code(self, code, request):
        asked = request.payload.data
        self.server.provider.codes[code] = Code(
            secrets.keep(code), request.payload.redirect_uri, request.scope or "",
            asked["code_challenge"], asked["code_challenge_method"], self.server.provider.person)

    def query_authorization_code(self, code, client):
        # Gone with the first try: a replayed one is refused.
        return self.server.provider.codes.pop(code, None)

    def delete_authorization_code(self, authorization_code):
        pass

    def authenticate_user(self, authorization_code):
        return authorization_code.person


class Challenge(CodeChallenge):
    """S256 or nothing."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant, redirect_uri):
        super().validate_code_challenge(grant, redirect_uri)
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with S256 is required")


class Validator(BearerTokenValidator):
    """Knows the tokens of one server."""

    def __init__(self, tokens: dict[str, Token]):
        super().__init__()
        self.tokens = tokens

    def authenticate_token(self, token_string):
        return self.tokens.get(token_string)
