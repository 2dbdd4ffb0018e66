"""What each way of saying who one is costs: the same exercise by id, with each credential."""

import random
from collections.abc import Iterator

from support import tokens
from support.arena import Arena
from support.figures import Figure, at_least
from support.load import HTTPLoad, Request, write_requests
from support.program import HTTPPeer
from support.report import result_table
from support.rounds import best
from support.tokens import Credentials

_LEVEL = 32
_PEOPLE = 16
# A scheme may cost this share of the JWT's rate at the most.
_AIM = 0.9


def _request(scheme: str, one: Credentials, path: str) -> Request:
    match scheme:
        case "JWT":
            return Request.get(path, {"Authorization": f"Bearer {one.access}"})
        case "Token":
            return Request.get(path, {"Authorization": f"Token {one.opaque}"})
        case "cookie":
            return Request.get(path, {"Cookie": f"sessionid={one.web}; csrftoken=x"})
        case _:
            words = {"username": one.username, "session_token": one.session_token}
            body = Request.post(path, words)
            return Request("GET", path, body.headers, body.body)


class _SchemeLoad(HTTPLoad):
    """The server asked with one kind of credential."""

    def __init__(self, scheme: str, server: HTTPPeer, *arguments):
        super().__init__(server, *arguments)
        self.name = scheme


def compare(arena: Arena) -> Iterator[Figure]:
    """Each scheme's rate beside the JWT's."""
    arena.start_havocctl()
    with arena.cluster.connect(arena.database) as connection:
        people = tokens.spread(connection, arena.pattern, _PEOPLE)
    chance = random.Random(2)
    paths = [f"/exercises/exercise/{chance.choice(arena.exercise_ids)}/" for _ in range(32)]
    schemes = ["JWT", "Token", "cookie", "session_token"]
    loads = []
    for scheme in schemes:
        requests = [_request(scheme, one, path) for path in paths for one in people]
        file = write_requests(arena.scratch / f"scheme-{scheme}.lua", requests)
        loads.append(_SchemeLoad(scheme, arena.havocctl, file, _LEVEL, arena.cluster))
    results = arena.pace.interleave([loads], "(schemes)")
    print("(b) with each credential\n" + result_table(results, "JWT"), flush=True)
    arena.stop_servers()
    jwt = best(results, "JWT")
    for scheme in schemes[1:]:
        if jwt and (other := best(results, scheme)):
            yield at_least(
                f"(b) rate with {scheme}", other.sample.rate, "/s", jwt.sample.rate, "JWT", _AIM
            )
