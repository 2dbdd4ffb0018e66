"""A request that waits in the server for a transaction of somebody else."""

import json
from concurrent.futures import Future, ThreadPoolExecutor

import requests

from support.api import Api, create_account
from support.caught import Holder
from support.microblog import jwt, obtain
from support.program import Ctl
from support.server import Server

EDIT = "/api/auth/user/edit/"
LOCK = "SELECT 1 FROM account WHERE username = '{}' FOR UPDATE"


class Editor:
    """Somebody who is signed in, and whose change of address waits while the account's row is locked."""

    def __init__(self, ctl: Ctl, server: Server):
        self.ctl, self.server = ctl, server
        self.account = create_account(ctl, 1)
        self.headers = jwt(obtain(Api(server.url), self.account)["access"])
        self.email = f"later-{self.account.email}"
        self.body = json.dumps({"email": self.email}).encode()

    def edit(self, **options) -> requests.Response:
        return Api(self.server.url).call("PUT", EDIT, json={"email": self.email},
                                         headers=self.headers | options.pop("headers", {}), **options)

    def stored(self) -> str:
        return self.ctl.json("user", "show", self.account.username)["email"]

    def lock(self) -> Holder:
        return Holder(self.ctl.database, LOCK.format(self.account.username))


class Held:
    """One such request, under way until it is released or the block ends."""

    def __init__(self, ctl: Ctl, server: Server):
        self.editor = Editor(ctl, server)
        self.pool = ThreadPoolExecutor(1)

    def __enter__(self) -> "Held":
        self.holder = self.editor.lock()
        self.running: Future[requests.Response] = self.pool.submit(self.editor.edit)
        self.holder.catch()
        return self

    def __exit__(self, *_) -> None:
        self.holder.connection.close()
        self.pool.shutdown()

    def release(self) -> requests.Response:
        self.holder.release()
        return self.running.result()
