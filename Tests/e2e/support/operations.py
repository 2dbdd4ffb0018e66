"""The dashboard's forms that change something, each with what it takes on a database of one of everything."""

from dataclasses import dataclass

from support.furnished import ONE


@dataclass(frozen=True)
class Change:
    """By its address: what is filled in, and whether a sign-in of a moment ago is wanted."""

    path: str
    fields: dict[str, str]
    is_dangerous: bool = False
    # As the audit calls it.
    what: str = ""

    @property
    def name(self) -> str:
        return self.path.removeprefix("/admin/").strip("/").replace("/", " ")


# Each can be done on a fresh copy of support.furnished, and all of them one after the other.
CHANGES = [
    Change("/admin/tokens/revoke/", {"TOKEN": ONE}, True, "token-revoke"),
    Change("/admin/tokens/issue/", {"USER": "one", "kind": "opaque"}, True, "token-issue"),
    Change("/admin/tokens/prune/", {}, True, "prune"),
    Change("/admin/streams/end/", {"ID": ONE}, True, "stream-end"),
    Change("/admin/streams/delete/", {"ID": ONE}, True, "stream-delete"),
    Change("/admin/sessions/revoke/", {"SESSION": ONE}, True, "session-revoke"),
    Change("/admin/sessions/prune/", {}, True, "prune"),
    Change("/admin/permissions/create/", {"CODE": "51", "LEVEL": "Other"}, True, "permission-create"),
    Change("/admin/permissions/edit/", {"CODE": "50", "level": "Night shift"}, True, "permission-edit"),
    Change("/admin/permissions/delete/", {"CODE": "50"}, True, "permission-delete"),
    Change("/admin/permissions/assign/", {"CODE": "2", "USER": "one"}, True, "permission-assign"),
    Change("/admin/bans/add/", {"TARGET": "198.51.100.9", "reason": "noise"}, False, "ban"),
    Change("/admin/bans/lift/", {"TARGET": "192.0.2.1"}, False, "ban-lift"),
    Change("/admin/exercises/seed/", {}, False, "exercise-import"),
    Change("/admin/exercises/create/", {"NAME": "Deep squat", "group": "Core"}, False, "exercise-create"),
    Change("/admin/exercises/edit/", {"ID": "1", "name": "Plank", "instructions": "Hold"}, False, "exercise-edit"),
    Change("/admin/exercises/delete/", {"ID": "1"}, True, "exercise-delete"),
    Change("/admin/groups/create/", {"NAME": "Other"}, False, "group-create"),
    Change("/admin/groups/edit/", {"ID": "2", "name": "Still empty"}, False, "group-edit"),
    Change("/admin/groups/delete/", {"ID": "2"}, True, "group-delete"),
    Change("/admin/conversations/delete/", {"ID": "1"}, True, "conversation-delete"),
    Change("/admin/tweets/delete/", {"ID": "1"}, True, "tweet-delete"),
    Change("/admin/integers/delete/", {"ID": "1"}, True, "integers-delete"),
    Change("/admin/mail/retry/", {"ID": "1"}, False, "mail-retry"),
    Change("/admin/mail/delete/", {"ID": "1"}, True, "mail-delete"),
    Change("/admin/keys/rotate/", {}, True, "key-rotate"),
    Change("/admin/users/create/", {"USERNAME": "new", "password-way": "none"}, True, "user-create"),
    Change("/admin/users/edit/", {"USER": "one", "username": "one", "first-name": "Ada"}, True, "user-edit"),
    Change("/admin/users/passwd/", {"USER": "one", "password-way": "make"}, True, "user-password"),
    Change("/admin/users/two-factor/", {"USER": "one", "SWITCH": "on"}, False, "two-factor-on"),
    Change("/admin/users/lock/", {"USER": "one"}, False, "lock"),
    Change("/admin/users/unlock/", {"USER": "locked"}, False, "unlock"),
    Change("/admin/users/restore/", {"USER": "deleted"}, True, "user-restore"),
    Change("/admin/users/delete/", {"USER": "two"}, True, "user-delete"),
]
BY_NAME = {change.name: change for change in CHANGES}

# Operations of the command line that read the machine's files or run on.
NOT_OFFERED = [
    "/admin/users/import/", "/admin/users/export/", "/admin/users/ensure/", "/admin/exercises/import/",
    "/admin/exercises/export/", "/admin/audit/tail/"]
OTHER_NOUNS = ["db", "config", "serve", "repl", "doctor", "status", "version", "help", "completion", "complete"]

