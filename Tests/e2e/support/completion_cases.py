"""What is typed and what becomes of it: one of each kind for every shell, and more for one.

The program says what there is, and a shell only how it is written.
"""

from support.things import CODE, EXERCISES, GONE, GROUP, NETWORK, USERS

FILES = ["people.csv", "my file.csv", "o'clock.jsonl", "conf with blank.conf", "inner/deep.json", "ünï.json"]

# What is typed, and the argument that its last word becomes.
WORDS = [
    ("vers", "version"), ("user pass", "passwd"), ("user create --generate", "--generate-password"), ("-o ya", "yaml"),
    ("user list --output=ya", "--output=yaml"), ("help user pass", "passwd"), ("-o json user pass", "passwd"),
    ("--output=json user pass", "passwd")]
MORE_WORDS = [
    ("permis", "permission"), ("db mig", "migrate"), ("exercise import --cont", "--continue-on-error"),
    ("user list --expan", "--expanded"), ("user list --perm", "--permission"), ("serve --no-m", "--no-migrate"),
    ("user list --output ya", "yaml"), ("--color alw", "always"), ("session list --dialect micro", "microblog"),
    ("session list --dialect=micro", "--dialect=microblog"), ("token issue ada --kind opa", "opaque"),
    ("audit list --what sign-in-f", "sign-in-failed"), ("exercise export --format cs", "csv"),
    ("completion zs", "zsh"), ("help permis", "permission"), ("user two-factor ada of", "off"),
    # After options that belong to every command.
    ("--no-input -o json permis", "permission"), ("--sort id user pass", "passwd"), ("user -o json pass", "passwd"),
    ("--dry-run user edit --user", "--username"), ("user passwd ada --password-st", "--password-stdin")]

# Files, for arguments and options that are one.
PATHS = [
    ("exercise import peo", "people.csv"), ("exercise import inner/de", "inner/deep.json"),
    ("exercise import my", "my file.csv"), ("exercise import o", "o'clock.jsonl"), ("exercise import ü", "ünï.json"),
    ("--config=peo", "--config=people.csv")]
MORE_PATHS = [
    ("exercise export peo", "people.csv"), ("-o json exercise import peo", "people.csv"),
    ("exercise import --format csv peo", "people.csv"), ("exercise import -- peo", "people.csv"),
    ("--config conf", "conf with blank.conf"), ("user list --config conf", "conf with blank.conf"),
    ("user passwd ada --password-file peo", "people.csv"), ("user import peo", "people.csv"),
    ("user export peo", "people.csv"), ("db backup peo", "people.csv"), ("db restore peo", "people.csv")]

# Names out of the database, and every way to quote them.
NAMES = [
    ("user show gr", USERS[0]), ("user show grace\\ h", USERS[0]), ('user show "gr', USERS[0]),
    ("user show 'gr", USERS[0]), ("user show o", USERS[1]), ('user show "o', USERS[1]), ("user show q+tag@h", USERS[2]),
    ("user show é", USERS[3]), ("user show -- -d", USERS[6]), ("session list --user=gr", f"--user={USERS[0]}"),
    ("exercise delete Ben", EXERCISES[1]), ("exercise show Cur", EXERCISES[3]), ("exercise show 'Curl: h", EXERCISES[3]),
    ("ban lift 2001:db8:7", NETWORK)]
MORE_NAMES = [
    ("user show q", USERS[2]), ("user show З", USERS[4]), ("user show 日", USERS[5]), ("user edit gr", USERS[0]),
    ("user lock o\\'neil gr", USERS[0]), ("user restore go", GONE), ("session list --user gr", USERS[0]),
    ("audit list --user q", USERS[2]), ("token issue gr", USERS[0]), ("ban add gr", USERS[0]),
    (f"permission assign {CODE} gr", USERS[0]), ("permission check gr", USERS[0]),
    ("-o json --no-input user show gr", USERS[0]), ("user show --wide gr", USERS[0]),
    ("permission edit 47", str(CODE)), ("user list --permission 47", str(CODE)),
    ("user create x --permission=47", f"--permission={CODE}"), ("permission assign 47", str(CODE)),
    ("exercise show Sea", EXERCISES[0]), ("exercise show Tw", EXERCISES[2]), ("exercise show Ł", EXERCISES[4]),
    ("exercise edit Kn", EXERCISES[5]), ("exercise list --group Up", GROUP), ("group edit Up", GROUP),
    ("exercise create x --group Up", GROUP), ("ban lift 2001", NETWORK)]

# Nouns whose things are known by ids.
IDS = ["session", "tweet"]
MORE_IDS = ["token", "conversation", "stream", "integers"]
VERB = {"session": "revoke", "token": "revoke"}

# Values that nobody could know, which are no place for verbs or files.
FREE = ["user create ", "user create x --email "]
MORE_FREE = ["user edit x --first-name ", "group create ", "user list --limit ", "permission create 9 "]
