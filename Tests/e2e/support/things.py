"""One of everything that the command line lists, with names that are awkward to write."""

from dataclasses import dataclass

from support import integers, secrets
from support.api import Api
from support.cluster import query
from support.members import join
from support.nouns import made
from support.program import Ctl

# What a username may hold: letters, digits, blanks and @.+-_'
USERS = ["grace hopper", "o'neil", "q+tag@host.example", "émile @ home", "Зоя", "日本 太郎", "-dash"]
EXERCISES = ["Seated row", 'Bench "press" $HOME', "Twist $(touch pwned) `touch pwned`; ls", "Curl: hammer & tongs",
             "Łydki\\na (stojąc) *", "Kniebeuge #1 = [x] {a,b} ~?!"]
GROUP = "Upper body: pull & push"
NETWORK = "2001:db8:7::/48"
CODE = 4711
GONE = "gone for good"


@dataclass(frozen=True)
class Things:
    """What each is called on the command line."""

    session: str
    token: str
    conversation: str
    tweet: str
    stream: str
    integers: str
    # When all of them were there.
    made: str
    exercise: str = EXERCISES[0]


def settled(ctl: Ctl, new_server) -> Things:
    """None of which a server changes any more: it has written what it had noted, and is gone."""
    server = new_server("--stream-open-timeout", "1h")
    made = fill(ctl, Api(server.url))
    server.stop()
    return made


def fill(ctl: Ctl, api: Api) -> Things:
    """Makes them, by the program's own means."""
    ctl.ok("permission", "create", CODE, "Night shift – Ünïcode")
    for number, name in enumerate(USERS):
        ctl.ok("user", "create", "--no-password", "--last-name", f"O'Neil, \"the\" # {number}", "--", name)
    ctl.ok("user", "create", "--no-password", GONE)
    ctl.ok("user", "delete", GONE, "--yes")
    ctl.ok("permission", "assign", CODE, USERS[0])
    ctl.ok("group", "create", GROUP)
    for name in EXERCISES:
        ctl.ok("exercise", "create", name, "--group", GROUP, "--instructions", "One.\nTwo;\t\"three\", 'four'.")
    ctl.ok("ban", "add", NETWORK, "--reason", "noise, – and more", "--for", "7d")
    one, two = join(api), join(api)
    owner = integers.join(api, "holder")
    owner.keep("a", integers.units(3))
    [issued] = [ctl.json("token", "issue", one.name, "--kind", "opaque", "--ttl", "1h")]
    secrets.keep(issued["token"])
    conversation = made("conversation", one, two)
    query(ctl.database, "INSERT INTO message (conversation, sender, body) VALUES (%s, %s, %s) RETURNING id",
          conversation, one.id, "first\n\tsecond, \"third\" – Ünïcode")
    return Things(
        session=str(issued["session"]), token=str(issued["id"]), conversation=str(conversation),
        tweet=str(made("tweet", one, two)), stream=str(made("stream", one, two)),
        integers=str(ctl.json("integers", "list")[0]["id"]),
        made=query(ctl.database, "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")[0][0])
