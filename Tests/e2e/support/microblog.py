"""What a program that speaks the microblog dialect would do."""

from support.api import Account, Api, bearer
from support.browser import keep_all

PROFILE = {"date_of_birth": "1990-02-28", "alias": "ada", "bio": "Counts.",
           "image_url": "https://img.example.org/a.png",
           "background_image_url": "https://img.example.org/b.png"}


def registration(account: Account, **changes) -> dict:
    """The fields of a registration; None takes one away."""
    fields = {"username": account.username, "email": account.email,
              "password": account.password, "profile": dict(PROFILE)} | changes
    return {name: value for name, value in fields.items() if value is not None}


def flat(fields: dict) -> dict:
    """The same for a form, where the parts of the profile have dotted names."""
    nested = fields.get("profile", {})
    return {name: value for name, value in fields.items() if name != "profile"} | {
        f"profile.{name}": value for name, value in nested.items()}


def jwt(access: str) -> dict[str, str]:
    return bearer(access, "JWT")


def obtain(api: Api, account: Account) -> dict:
    """A new session's pair."""
    answer = api.post("/api/auth/obtain_token/", {
        "username": account.username, "password": account.password})
    assert answer.status_code == 200, answer.text
    keep_all(answer.json())
    return answer.json()


def refresh(api: Api, token: str):
    answer = api.post("/api/auth/refresh_token/", {"refresh": token})
    if answer.status_code == 200:
        keep_all(answer.json())
    return answer
