"""Who makes a request: simplejwt checks the token, the database its session."""

import hashlib

from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication

from peer.models import Account, Credential


def account_of(token: str | bytes, kind: str) -> Account:
    """The account whose credential the token is.

    Raises AuthenticationFailed where it, its session or its account doesn't stand.
    """
    if isinstance(token, str):
        token = token.encode()
    try:
        found = Credential.objects.standing(hashlib.sha256(token).digest(), kind)
    except Credential.DoesNotExist:
        raise AuthenticationFailed("The credential is invalid or has expired.") from None
    return found.session.account


class SessionJWTAuthentication(JWTAuthentication):
    """A JWT stands only as long as its session does."""

    def authenticate(self, request):
        header = self.get_header(request)
        raw = header and self.get_raw_token(header)
        if not raw:
            return None
        validated = self.get_validated_token(raw)
        return account_of(raw, "access"), validated
