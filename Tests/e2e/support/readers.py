"""Every command that reads and lists, and how they are run on one of everything."""

from support.things import CODE, GROUP, NETWORK, Things

# Many rows.
LISTS = [
    "user list", "permission list", "session list", "token list", "ban list", "exercise list", "group list",
    "stream list", "conversation list", "tweet list", "integers list", "key list", "audit list", "db status",
    "config show", "config check"]
# Rows under one thing.
PARTS = ["conversation show", "integers show"]
# What changes by itself between two looks.
RESTLESS = ["status", "doctor"]
# One thing.
SHOWN = ["user show", "session show", "exercise show", "stream show", "tweet show", "permission check", "version"]
EVERY = LISTS + PARTS + RESTLESS + SHOWN


def words(command: str, things: Things) -> list[str]:
    """The command with whatever it wants to know."""
    noun, _, verb = command.partition(" ")
    known = {
        "user show": ["grace hopper"], "exercise show": ["Bench \"press\" $HOME"],
        "permission check": ["grace hopper", "user_list"]}
    if command in known:
        return [noun, verb, *known[command]]
    if verb == "show" and noun != "config":
        return [noun, verb, getattr(things, noun)]
    return command.split()


# A value of each list's that only some of its rows have, where there is more than one row.
TELLING = {
    "user list": "username=grace hopper", "permission list": f"code={CODE}", "session list": "dialect=community",
    "token list": "kind=opaque", "ban list": f"target={NETWORK}", "exercise list": "name=Seated row",
    "group list": f"name={GROUP}", "audit list": "what=ban", "db status": "version=1", "config show": "key=listen",
    "integers list": "set=a", "key list": "state=signs", "integers show": "index=1"}
