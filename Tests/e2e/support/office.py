"""A database with servers that send mail, and the mail server that takes it."""

from support.api import Account, Api, create_account
from support.cluster import query
from support.community import SENT, send_code
from support.oauth_client import secret_file
from support.program import Ctl, until
from support.server import Server
from support.smtp import MailServer, Message


def mail_options(smtp: MailServer) -> list[str]:
    """Sign-ins are many here and in haste; limits and long pauses have tests of their own."""
    return ["--attempt-limit", "0", "--smtp-url", smtp.url, "--mail-retry", "1s",
            "--smtp-timeout", "15s"]


class Office:
    """Nobody else uses this database, so that its queue is all of one configuration."""

    def __init__(self, program, database: str, smtp: MailServer):
        self.program, self.database, self.smtp = program, database, smtp
        self.ctl = Ctl(program, database)
        self.servers: list[Server] = []

    def serve(self, *options: str) -> "Office":
        """One more server; a later option counts in place of an earlier one."""
        given = mail_options(self.smtp)
        for name in options[::2]:
            if name in given:
                at = given.index(name)
                del given[at:at + 2]
        env = {} if self.smtp.password is None else {
            "HAVOCCTL_SMTP_PASSWORD_FILE": secret_file(self.smtp.password)}
        self.servers.append(Server(self.program, self.database, *given, *options, **env).start())
        return self

    @property
    def api(self) -> Api:
        return Api(self.servers[0].url)

    def person(self, two_factor: bool = True, prefix: str = "member") -> Account:
        account = create_account(self.ctl, 1, prefix)
        if two_factor:
            self.ctl.ok("user", "two-factor", account.username, "on")
        return account

    def ask(self, account: Account, server: int = 0) -> None:
        """Asks for a code."""
        answer = send_code(Api(self.servers[server].url), account)
        assert answer.status_code == 200 and answer.json() == SENT, answer.text

    def mailed(self, account: Account) -> Message:
        """Asks for a first code, and waits for the mail."""
        self.ask(account)
        return self.smtp.wait_for(account.email)

    def code(self, account: Account) -> str:
        """Asks for a code, and reads it in the mail."""
        self.wait_until_sent(account)
        self.minute_passes(account)
        before = len(self.smtp.to(account.email))
        self.ask(account)
        return self.smtp.wait_for(account.email, before + 1).code

    def minute_passes(self, account: Account) -> None:
        """As if everything of this account had happened two minutes earlier."""
        for table in ("login_code", "mail"):
            self._age(account, table, "created = created - interval '2 minutes'")

    def code_expires(self, account: Account) -> None:
        changed = self._age(
            account, "login_code", "created = created - interval '11 minutes',"
                                   " expires = expires - interval '11 minutes'")
        assert changed, "no code to change"

    def _age(self, account: Account, table: str, change: str) -> int:
        """How many rows of this account were changed."""
        return len(query(
            self.database, f"UPDATE {table} SET {change} WHERE account ="
            " (SELECT id FROM account WHERE username = %s) RETURNING 1", account.username))

    def queue(self) -> list[dict]:
        """What still waits or was given up."""
        found = query(self.database, "SELECT recipient, purpose, attempts, last_error,"
                                     " coalesce(gave_up::text, 'false') <> 'false'"
                                     " FROM mail ORDER BY id")
        return [dict(zip(("recipient", "purpose", "attempts", "last_error", "gave_up"), row))
                for row in found]

    def wait_until_failed(self, recipient: str, attempts: int = 1) -> dict:
        """The queue's row of a mail that has failed so often."""
        def failed():
            return next((row for row in self.queue() if row["recipient"] == recipient
                         and row["attempts"] >= attempts and row["last_error"]), None)
        return until(failed, f"{attempts} attempts at {recipient} have failed")

    def wait_until_sent(self, account: Account) -> None:
        """Until the servers know, which is later than the mail's having come."""
        until(lambda: not any(row["recipient"] == account.email and not row["gave_up"] for row in self.queue()),
              f"no mail to {account.email} waits")

    def wait_until_empty(self) -> None:
        until(lambda: not self.queue(), "the queue is empty")

    def close(self) -> None:
        for server in self.servers:
            if server.running:
                server.stop()
