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


TWEETS, VIEW, EDIT = "/api/tweets/", "/api/profiles/view_profile/", "/api/profiles/edit/"
FOLLOW, LIKE = "/api/profiles/follow_status/", "/api/tweets/like/"
FOLLOWERS, FOLLOWING = "/api/profiles/get_followers/", "/api/profiles/get_following/"

PROFILE_VIEW = {"id", "user", "alias", "bio", "date_of_birth", "image_url", "background_image_url",
                "followers_count", "following_count", "is_following"}
TWEET = {"id", "profile", "content", "created", "reply_to", "likes", "liked", "replies"}


def profile(member, other=None) -> dict:
    """A profile as the member sees it, one's own where no other is named."""
    found = member.seen(f"{VIEW}{(other or member).id}/")
    assert set(found) == PROFILE_VIEW and set(found["user"]) == {"id", "username"}, found
    return found


def toggle(member, other) -> bool:
    """Follows or stops it; gives which."""
    answer = member.put(f"{FOLLOW}{other.id}/")
    assert answer.status_code == 200 and set(answer.json()) == {"following"}, answer.text
    return answer.json()["following"]


def follow(member, *others) -> None:
    for other in others:
        assert toggle(member, other) is True


def tweet(member, content: str = "Hello", **more) -> dict:
    answer = member.post(TWEETS, {"content": content} | more)
    assert answer.status_code == 201 and set(answer.json()) == TWEET, answer.text
    return answer.json()


def numbers(tweets: list[dict]) -> list[int]:
    return [one["id"] for one in tweets]


def shown(viewer, number: int) -> dict:
    return viewer.seen(f"{TWEETS}{number}/")


def like(member, number: int) -> dict:
    """Likes it or stops it; gives the tweet."""
    answer = member.put(f"{LIKE}{number}/")
    assert answer.status_code == 200 and set(answer.json()) == TWEET, answer.text
    return answer.json()


def replies(member, number: int) -> list[int]:
    return numbers(member.seen(f"{TWEETS}{number}/replies/"))


def timeline(member, limit: int = 200) -> list[int]:
    """The ids of the whole timeline, part by part."""
    return [one["id"] for page in member.pages(f"{TWEETS}?limit={limit}") for one in page]
