"""Many who speak at once, and what each of their sockets heard."""

import threading
import time

from websockets.exceptions import WebSocketException

from support.api import bearer
from support.cluster import query
from support.program import until
from support.server import Server
from support.sockets import Chat, Person, Talk

# How long one waits for an acknowledgement before it comes again.
ANSWER_SECONDS = 20

# The connections by which servers hear of what others did.
LISTENERS = "query ILIKE 'LISTEN%%'"


def terminate(database: str, which: str = "true") -> int:
    """Ends these connections to the database; says how many there were."""
    return len(query(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                               " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                               f" AND backend_type = 'client backend' AND {which}"))


class Speaker(threading.Thread):
    """Says one thing after the other and waits for each; after a loss it comes again with ?after=.

    `heard` is every message in the order it came, over all of its sockets.
    """

    def __init__(self, talk: Talk, person: Person, servers: list[Server], restless: bool = False):
        super().__init__()
        self.talk, self.person, self.servers, self.restless = talk, person, servers, restless
        self.heard: list[dict] = []
        self.acknowledged: list[str] = []
        self.errors = self.visits = 0
        self.fault: str | None = None
        self.stopping = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.visit()
            except (WebSocketException, OSError):
                self.errors += 1
                time.sleep(0.1)
            except Exception as error:  # noqa: BLE001 - a thread's failure must reach the test.
                self.fault = repr(error)
                return

    def visit(self) -> None:
        server = self.servers[self.visits % 2]
        self.visits += 1
        with self.open(server) as chat:
            said = 0
            while not self.stopping.is_set() and not (self.restless and said == 3):
                self.say(chat, f"{self.name} {len(self.acknowledged)} {self.visits}.{said}")
                said += 1

    def open(self, server: Server) -> Chat:
        after = self.heard[-1]["id"] if self.heard else 0
        # An opaque token: a JWT is refused by a clock that was set back to before it was made.
        proof = bearer(self.person.opaque, "Token")
        return self.talk.open(server, self.person, after=after, additional_headers=proof)

    def say(self, chat: Chat, text: str) -> None:
        chat.send(text)
        while True:
            got = self.hear(chat, ANSWER_SECONDS)
            if "error" in got:
                self.errors += 1
                time.sleep(0.1)
                return
            if got["message"] == text:
                self.acknowledged.append(text)
                return

    def hear(self, chat: Chat, seconds: float) -> dict:
        got = chat.next(seconds)
        if "error" not in got:
            self.heard.append(got)
        return got

    def catch_up(self, server: Server, last: int) -> None:
        """What it missed since it stopped."""
        with self.open(server) as chat:
            while not self.heard or self.heard[-1]["id"] < last:
                self.hear(chat, 30)


class Crowd:
    """Speakers of both sides on these servers; who loses one of them goes to the refuge."""

    def __init__(self, talk: Talk, servers: list[Server], each: int = 1, restless: bool = False,
                 refuge: Server | None = None):
        self.talk = talk
        self.speakers = [
            Speaker(talk, person, [server, refuge or server], restless)
            for server in servers for person in (talk.one, talk.other) for _ in range(each)]

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_) -> None:
        for speaker in self.speakers:
            speaker.stopping.set()
        for speaker in self.speakers:
            speaker.join()

    def wait_for(self, count: int, seconds: float = 90) -> None:
        """Until each has been acknowledged so many times more."""
        goals = {speaker: len(speaker.acknowledged) + count for speaker in self.speakers}
        until(lambda: all(speaker.fault or len(speaker.acknowledged) >= goal for speaker, goal in goals.items()),
              f"{count} more acknowledged", seconds)
        assert not [speaker.fault for speaker in self.speakers if speaker.fault]

    def check(self, server: Server) -> None:
        """Everybody heard everything that is stored, in one order, once; nothing acknowledged is lost."""
        assert not (faults := [speaker.fault for speaker in self.speakers if speaker.fault]), faults
        stored = self.talk.stored()
        texts = [text for _, _, text in stored]
        assert len(set(texts)) == len(texts), "something is stored twice"
        told = [(number, name, text) for number, name, text in stored]
        for speaker in self.speakers:
            speaker.catch_up(server, stored[-1][0])
            assert not set(speaker.acknowledged) - set(texts), "something acknowledged is lost"
            heard = [(message["id"], message["sender"], message["message"]) for message in speaker.heard]
            assert heard == told, difference(heard, told)


def difference(heard: list, told: list) -> str:
    """Where two lists part."""
    place = next((place for place, (one, two) in enumerate(zip(heard, told)) if one != two),
                 min(len(heard), len(told)))
    return (f"{len(heard)} heard, {len(told)} stored; they part at {place}:"
            f" {heard[place:place + 3]} is not {told[place:place + 3]}")
