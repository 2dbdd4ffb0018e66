"""At least three of everything that the dashboard lists, made as people and programs make them."""

import pytest

from support import integers, secrets
from support.api import Api, create_account
from support.cluster import query
from support.community import send_code
from support.dashboard import Dashboard
from support.members import join
from support.nouns import made
from support.ports import free_port
from support.program import Ctl, until

MUCH = 3
BANNED = ["192.0.2.1", "198.51.100.0/24", "2001:db8:7::/48"]
GROUPS = ["Arms & legs", "Core", "Stretching"]
CODES = {4711: "Night shift", 4712: "Day shift", 4713: "Weekend"}


def serving() -> list[str]:
    """A server's options with which mail waits for a mail server that isn't there, and streams for a publisher."""
    return ["--smtp-url", f"smtp://127.0.0.1:{free_port()}", "--mail-retry", "1h", "--stream-open-timeout", "1h"]


def fill(ctl: Ctl, api: Api) -> dict[str, list[str]]:
    """Makes them; gives what the addresses of each noun's things are made with."""
    for code, level in CODES.items():
        ctl.ok("permission", "create", code, level)
    for target in BANNED:
        ctl.ok("ban", "add", target, "--reason", f"noise from {target}")
    for at, name in enumerate(GROUPS):
        ctl.ok("group", "create", name)
        ctl.ok("exercise", "create", f"{name} {at}", "--group", name, "--targeted-muscles", "triceps, chest",
               "--instructions", "One.\nTwo.")
        ctl.ok("key", "rotate")
    one, other = join(api, "teller"), join(api, "listener")
    for at in range(MUCH):
        third = join(api, f"third{at}")
        made("conversation", one, third)
        made("tweet", third, other)
        made("stream", third, other)
        integers.join(api, f"holder{at}").keep(f"set{at}", integers.units(at + 1))
        [issued] = [ctl.json("token", "issue", one.name, "--kind", "opaque", "--ttl", "1h")]
        secrets.keep(issued["token"])
        careful = create_account(ctl, 1, f"careful{at}")
        ctl.ok("user", "two-factor", careful.username, "on")
        assert send_code(api, careful).status_code == 200
    # Each attempt is audited, and the next is far away: from here on nothing moves by itself.
    until(lambda: query(ctl.database, "SELECT count(*) FROM mail WHERE last_error IS NOT NULL") == [(MUCH,)],
          "each mail has failed once")
    return keys(ctl)


def keys(ctl: Ctl) -> dict[str, list[str]]:
    key_of = {"permission": "code", "key": "kid"}
    found = {}
    for noun in ("user", "permission", "session", "token", "ban", "exercise", "group", "stream", "conversation",
                 "tweet", "integers", "mail", "key"):
        options = ("--all",) if noun == "mail" else ()
        found[noun] = [str(row[key_of.get(noun, "id")]) for row in ctl.json(noun, "list", *options)]
        assert len(found[noun]) >= MUCH, (noun, found[noun])
    found["audit"] = [str(row[0]) for row in query(ctl.database, "SELECT id FROM audit ORDER BY id DESC")]
    return found


@pytest.fixture(scope="module")
def server(new_server):
    return new_server(*serving())


@pytest.fixture(scope="module")
def rows(ctl, api) -> dict[str, list[str]]:
    return fill(ctl, api)


@pytest.fixture(scope="module")
def dashboard(browser, server, rows, admin) -> Dashboard:
    return Dashboard(browser, server.url).open().sign_in(admin)
