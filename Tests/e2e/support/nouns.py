"""The nouns of the command line that people make: conversations, tweets and streams."""

import json

from support.cluster import query
from support.community import conversation
from support.members import Member, join
from support.microblog import tweet

COLUMNS = {
    "conversation": ["id", "initiator", "receiver", "created", "messages"],
    "tweet": ["id", "username", "created", "size", "likes", "replies"],
    "stream": ["id", "username", "started", "publisher", "watchers", "frames", "bytes", "dropped"]}
WIDE = {"conversation": ["last_message"], "tweet": ["content", "reply_to"], "stream": ["ended"]}
NOUNS = list(COLUMNS)
AWKWARD = "O'Neil, \"the\" \\ – Ünïcode # : - {x}"


def made(noun: str, one: Member, two: Member):
    """A new thing of that noun; gives its id."""
    if noun == "conversation":
        return conversation(one, two)
    if noun == "tweet":
        return tweet(one, AWKWARD)["id"]
    answer = one.get("/stream/sessions/start/")
    assert answer.status_code == 200, answer.text
    return answer.json()["session_id"]


def several(api, noun: str, one: Member, count: int) -> list:
    """So many of them that are the one's."""
    return [made(noun, one, join(api)) for _ in range(count)]


def write(database: str, number: int, *messages: tuple[Member, str]) -> list[int]:
    """Puts messages into a conversation; gives their ids."""
    return [query(database, "INSERT INTO message (conversation, sender, body) VALUES (%s, %s, %s)"
                            " RETURNING id", number, sender.id, text)[0][0] for sender, text in messages]


def listed(ctl, noun: str, member: Member, *options) -> list[dict]:
    return ctl.json(noun, "list", "--user", member.name, *options)


def audited(ctl, what: str, number) -> list[dict]:
    """The records of this that speak of the id."""
    return [row for row in ctl.json("audit", "list", "--what", what, "--wide", "--limit", 1_000)
            if str(number) in json.dumps(row)]
