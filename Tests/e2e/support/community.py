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


UPDATE, PEOPLE = "/users/update/", "/users/user_list/"
ADD, REMOVE, FRIENDS = "/users/add_friend/", "/users/remove_friend/", "/users/friend_list/"
START, CONVERSATIONS = "/conversations/start/", "/conversations/"

PERSON = {"username", "is_connected", "avatar", "friends"}
DEFAULT_AVATAR = "/media/avatars/default.png"


def person(member, people: list[dict] | None = None) -> dict:
    """How somebody stands in the list of people."""
    if people is None:
        people = member.seen(PEOPLE)
    found = [one for one in people if one["username"] == member.name]
    assert len(found) == 1 and set(found[0]) == PERSON, found
    return found[0]


def befriend(one, *others) -> None:
    for other in others:
        answer = one.post(ADD, {"friend_username": other.name})
        assert answer.status_code == 200, answer.text


def conversation(one, other) -> int:
    """Starts one, and gives its id."""
    answer = one.post(START, {"username": other.name})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["conversation_id"]


def assert_unsuccessful(answer: requests.Response, status: int) -> None:
    """How friends are refused."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"success", "message"} and body["success"] is False, body
    assert isinstance(body["message"], str) and body["message"], body
