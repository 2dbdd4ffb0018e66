"""Writers that note what was acknowledged, and what the database must hold afterwards."""

import threading
import time
from collections import Counter
from itertools import count

import requests

from support.api import TIMEOUT_SECONDS, Api
from support.cluster import query
from support.held import EDIT
from support.integers import join as join_owner
from support.integers import units
from support.members import Member, join
from support.microblog import TWEETS
from support.program import Ctl, until
from support.server import Server

RETRY_SECONDS = 0.05


class Writer(threading.Thread):
    """Writes one thing after the other, each under a key of its own, now on this server and now on that."""

    def __init__(self, servers: list[Server]):
        super().__init__(daemon=True)
        self.urls = [server.url for server in servers]
        self.tried: list[str] = []
        self.acknowledged: list[str] = []
        self.statuses: Counter = Counter()
        self.faults: list[str] = []
        # The longest that anybody waited for an answer, and between two acknowledgements.
        self.slowest = self.longest_pause = 0.0
        self.stopping = threading.Event()

    def write(self, url: str, key: str) -> int | None:
        """The status that it was answered with; None where nobody answered."""
        raise NotImplementedError

    def stored(self, database: str) -> list[str]:
        raise NotImplementedError

    done = 201

    def run(self) -> None:
        last = time.monotonic()
        for number in count():
            if self.stopping.is_set():
                return
            key = f"{self.name}.{number}"
            self.tried.append(key)
            began = time.monotonic()
            try:
                status = self.write(self.urls[number % len(self.urls)], key)
            except requests.RequestException:
                status = None
            except Exception as error:  # noqa: BLE001 - a thread's failure must reach the test.
                self.faults.append(repr(error))
                return
            now = time.monotonic()
            self.slowest = max(self.slowest, now - began)
            self.statuses[status] += 1
            if status == self.done:
                self.acknowledged.append(key)
                self.longest_pause = max(self.longest_pause, now - last)
                last = now
            else:
                time.sleep(RETRY_SECONDS)

    def take(self, answer: requests.Response) -> int:
        # What a proxy in front says by itself has no such header.
        if "X-Request-ID" in answer.headers and answer.status_code == 503 and not int(answer.headers.get("Retry-After", "0")) > 0:
            self.faults.append(f"503 without Retry-After: {answer.text}")
        if answer.status_code not in (self.done, 503):
            self.faults.append(f"{answer.status_code}: {answer.text}")
        return answer.status_code

    def check(self, database: str) -> None:
        assert not self.faults, self.faults[:5]
        stored = Counter(self.stored(database))
        lost = [key for key in self.acknowledged if key not in stored]
        twice = [key for key, times in stored.items() if times > 1]
        assert not lost, f"{len(lost)} of {len(self.acknowledged)} acknowledged are lost: {lost[:5]}"
        assert not twice, f"{len(twice)} are stored twice: {twice[:5]}"
        assert set(stored) <= set(self.tried), set(stored) - set(self.tried)


class Tweeter(Writer):
    def __init__(self, servers: list[Server], member: Member | None = None):
        super().__init__(servers)
        self.member = member or join(Api(self.urls[0]), connected=False)
        self.at = {url: self.member.elsewhere(url) for url in self.urls}

    def write(self, url: str, key: str) -> int:
        return self.take(self.at[url].post(TWEETS, {"content": key}))

    def stored(self, database: str) -> list[str]:
        return [row[0] for row in query(database, "SELECT body FROM tweet WHERE author = %s", self.member.id)]


class Counting(Writer):
    """Keeps sets of integers, in several rows of several tables each."""

    def __init__(self, servers: list[Server], size: int = 500):
        super().__init__(servers)
        self.owner = join_owner(Api(self.urls[0]))
        self.at = {url: self.owner.elsewhere(url) for url in self.urls}
        self.integers = units(size)

    def write(self, url: str, key: str) -> int:
        return self.take(self.at[url].post_set(self.integers, set_id=self.identifier(key), session_id="ledger"))

    @staticmethod
    def identifier(key: str) -> str:
        return key.replace("-", "_").replace(".", "_").replace(" ", "_").replace("(", "").replace(")", "")

    def stored(self, database: str) -> list[str]:
        found = query(database, """
            SELECT s.name, s.units, (SELECT count(*) FROM integer_chunk c WHERE c.content = s.content)
            FROM integer_set s JOIN integer_session e ON e.id = s.session JOIN account a ON a.id = e.account
            WHERE a.username = %s""", self.owner.account.username)
        assert all(size == len(self.integers) and chunks > 0 for _, size, chunks in found), "half a set"
        keys = {self.identifier(key): key for key in self.tried}
        return [keys[name] for name, _, _ in found]


class Mover(Writer):
    """Changes an address over and over, each time in a transaction of several statements."""

    done = 200

    def __init__(self, servers: list[Server]):
        super().__init__(servers)
        self.member = join(Api(self.urls[0]))
        self.at = {url: self.member.elsewhere(url) for url in self.urls}

    def write(self, url: str, key: str) -> int:
        return self.take(self.at[url].put(EDIT, {"email": f"{key}@example.org"}))

    def check(self, database: str) -> None:
        """The last one that was acknowledged, or one that was tried after it."""
        assert not self.faults, self.faults[:5]
        found = query(database, "SELECT split_part(email, '@', 1) FROM account WHERE id = %s", self.member.id)[0][0]
        assert self.acknowledged and self.tried.index(found) >= self.tried.index(self.acknowledged[-1])


class Permitter(Writer):
    """Changes permissions on the command line; a change that was made twice would be refused the second time."""

    done = 0
    codes = count(1000)

    def __init__(self, ctl: Ctl):
        super().__init__([])
        self.ctl = ctl
        self.urls = [""]
        self.code: dict[int, str] = {}

    def write(self, url: str, key: str) -> int:
        code = next(self.codes)
        self.code[code] = key
        result = self.ctl("permission", "create", code, key, timeout=TIMEOUT_SECONDS)
        if result.status not in (0, 6):
            self.faults.append(str(result))
        return result.status

    def stored(self, database: str) -> list[str]:
        return [level for code, level in query(database, "SELECT code, level FROM permission") if code in self.code]


class Ledger:
    """Writers at work until the block ends."""

    def __init__(self, *writers: Writer):
        self.writers = writers

    def __enter__(self) -> "Ledger":
        for writer in self.writers:
            writer.start()
        return self

    def __exit__(self, *_) -> None:
        for writer in self.writers:
            writer.stopping.set()
        for writer in self.writers:
            writer.join(TIMEOUT_SECONDS + 10)
            assert not writer.is_alive(), f"{writer} still waits for an answer"

    def wait_for(self, number: int, seconds: float = 60) -> None:
        """Until each writer has been acknowledged so many times more."""
        goals = {writer: len(writer.acknowledged) + number for writer in self.writers}
        until(lambda: all(writer.faults or len(writer.acknowledged) >= goal for writer, goal in goals.items()),
              f"{number} more acknowledged: {self.statuses()}", seconds)
        self.assert_sound()

    def statuses(self) -> list[Counter]:
        return [writer.statuses for writer in self.writers]

    def assert_sound(self) -> None:
        assert not (faults := [fault for writer in self.writers for fault in writer.faults]), faults[:5]

    def check(self, database: str) -> None:
        for writer in self.writers:
            writer.check(database)
        assert sum(len(writer.acknowledged) for writer in self.writers) > 0

    def check_so_far(self, database: str) -> None:
        """What was acknowledged before now is there, while everybody goes on."""
        for writer in self.writers:
            acknowledged = list(writer.acknowledged)
            lost = set(acknowledged) - set(writer.stored(database))
            assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged are lost"

    def told(self) -> str:
        """For whoever reads the tests' output."""
        return "; ".join(
            f"{type(writer).__name__} {dict(writer.statuses)}, answered within {writer.slowest:.1f} s,"
            f" longest pause {writer.longest_pause:.1f} s" for writer in self.writers)
