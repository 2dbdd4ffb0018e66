"""A primary with a standby, and somebody who reads what a server may read on the one or the other."""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count

import pytest

from support.api import Api
from support.cluster import Cluster
from support.community import PEOPLE
from support.load import QUICK
from support.members import Member, join
from support.microblog import FOLLOWERS, FOLLOWING, TWEETS, follow, tweet
from support.program import Ctl, until
from support.server import Server
from support.standby import Standby

# A page of a list that isn't its first.
LATER = f"{PEOPLE}?limit=5&after=1"

numbers = count()


def through(url: str, port: int | str) -> str:
    """The same database at another port."""
    return re.sub(r":\d+/", f":{port}/", url)


class Replicated(ExitStack):
    """Both clusters, with a migrated database."""

    def __init__(self, program):
        super().__init__()
        self.primary = self.enter_context(Cluster())
        self.database = self.primary.create("replicated")
        Ctl(program, self.database).ok("db", "migrate")
        self.standby = self.enter_context(Standby(self.primary))
        self.replica = through(self.database, self.standby.port)

    @property
    def options(self) -> list[str]:
        """What a server is started with."""
        return [*QUICK, "--database-replica", self.replica]


@dataclass(frozen=True)
class Reader:
    """Somebody whom others follow and answer."""

    member: Member
    tweet: int

    @classmethod
    def at(cls, server: Server) -> "Reader":
        member = join(Api(server.url))
        made = cls(member, tweet(member)["id"])
        for _ in range(3):
            made.follower()
            made.followed()
            made.reply()
            tweet(member, f"tweet {next(numbers)}")
        return made

    def elsewhere(self, server: Server) -> "Reader":
        return Reader(self.member.elsewhere(server.url), self.tweet)

    def reads(self, path: str = LATER) -> bool:
        """Somewhere, without an error."""
        answer = self.member.elsewhere().get(path)
        assert answer.status_code == 200, answer.text
        return bool(answer.json())

    def reads_on(self, standby: Standby) -> None:
        """Waits until it does so there, and is answered all the while."""
        asked = len(standby.asked())
        until(lambda: self.reads() and any("FROM account" in said for said in standby.asked()[asked:]),
              "it reads on the standby")

    # What changes a list

    def newcomer(self) -> Member:
        return join(self.member.api)

    def follower(self) -> None:
        follow(self.newcomer(), self.member)

    def followed(self) -> None:
        follow(self.member, self.newcomer())

    def reply(self) -> None:
        tweet(self.newcomer(), reply_to=self.tweet)

    def remove(self) -> None:
        """One of the tweets that aren't the newest."""
        oldest = self.member.pages(f"{TWEETS}user/{self.member.id}/?limit=1")[-2][0]
        assert self.member.delete(f"{TWEETS}{oldest['id']}/").status_code == 204


# Where each list begins, how it goes on, and what changes it.
LISTS = {
    "people": (PEOPLE, "&after=1", Reader.newcomer),
    "followers": (FOLLOWERS + "{id}/", "&after=1", Reader.follower),
    "following": (FOLLOWING + "{id}/", "&after=1", Reader.followed),
    "replies": (TWEETS + "{tweet}/replies/", "&after=1", Reader.reply),
    "timeline": (TWEETS, "&before=999999", Reader.remove),
    "tweets of one": (TWEETS + "user/{id}/", "&before=999999", Reader.remove)}


def pages(listed: str, reader: Reader) -> tuple[str, str]:
    """Its first page and a later one."""
    path, further, _ = LISTS[listed]
    first = path.format(id=reader.member.id, tweet=reader.tweet) + "?limit=90"
    return first, first + further


# Fixtures, for whoever imports them.

@pytest.fixture(scope="module")
def both(program):
    with Replicated(program) as made:
        yield made


@pytest.fixture(scope="module")
def database(both) -> str:
    return both.database


@pytest.fixture(scope="module")
def server(new_server, both) -> Server:
    """With one loop: each leaves a standby that was slow alone for a while, for itself."""
    return new_server(*both.options, "--threads", "1")


@pytest.fixture(scope="module")
def reader(server) -> Reader:
    return Reader.at(server)


@pytest.fixture
def standby(both, reader) -> Standby:
    """It follows and is read on, and does so again after each test."""
    both.standby.follow()
    reader.reads_on(both.standby)
    yield both.standby
    both.standby.back()
