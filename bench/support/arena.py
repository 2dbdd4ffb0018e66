"""One run's cluster, program and peers, made ready."""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from support import contestants, dataset, statements, tokens
from support.cluster import Cluster
from support.load import progress
from support.processes import Processes
from support.program import Havocctl, HTTPPeer
from support.rounds import Pace

# Accounts in the small database, which is also what `user list` lists from.
PEOPLE = 10_000
# Credentials that the load takes turns with.
FEW = 16
# Accounts in the large database, and in a quick run's.
CROWD = 1_000_000
QUICK_CROWD = 100_000


@dataclass
class Arena:
    """Everything that a measurement may need."""

    scratch: Path
    processes: Processes
    cluster: Cluster
    pace: Pace
    quick: bool
    binary: Path
    database: str = "bench"
    havocctl: HTTPPeer | None = None
    go: HTTPPeer | None = None
    django: HTTPPeer | None = None
    nginx: HTTPPeer | None = None
    # The large database's name, once it is there.
    crowded: str = ""
    # Who talks with whom, once they do.
    talks: list = field(default_factory=list)

    @staticmethod
    def make(arguments: argparse.Namespace, scratch: Path, processes: Processes, pace: Pace):
        """Makes the cluster and, in it, the small database."""
        cluster = Cluster(scratch / "postgresql", processes)
        cluster.start()
        arena = Arena(scratch, processes, cluster, pace, arguments.quick, arguments.binary)
        arena._fill()
        return arena

    def program(self, database: str | None = None) -> Havocctl:
        """The program on one of the databases."""
        return Havocctl(
            self.binary, self.cluster.url(database or self.database), self.scratch / "home"
        )

    def _fill(self) -> None:
        self.cluster.create(self.database)
        program = self.program()
        program("db", "migrate")
        with self.cluster.connect(self.database) as connection:
            dataset.fill_catalogue(program, connection, self.scratch)
            self.exercise_ids = [
                id_ for (id_,) in connection.execute("SELECT id FROM exercise ORDER BY id")
            ]
            self.person = dataset.make_person(program)
            (self.password_hash,) = connection.execute(
                "SELECT password_hash FROM account WHERE username_key = %s",
                [self.person.username],
            ).fetchone()
            dataset.add_people(connection, self.person, 1, PEOPLE - 1)
            dataset.add_sessions(connection)
        self.cluster.settle(self.database)

    @property
    def crowd_size(self) -> int:
        return QUICK_CROWD if self.quick else CROWD

    def crowd(self) -> str:
        """The large database: very many accounts, each with a session and a friend."""
        if not self.crowded:
            progress(f"loading {self.crowd_size:,} users")
            self.cluster.create("crowded", self.database)
            with self.cluster.connect("crowded") as connection:
                dataset.add_people(connection, self.person, PEOPLE, self.crowd_size - 1)
                dataset.add_sessions(connection)
                dataset.add_friends(connection)
            self.cluster.settle("crowded")
            self.crowded = "crowded"
        return self.crowded

    def start_havocctl(self) -> None:
        """The server on the small database, and credentials that it issued."""
        self.havocctl = self.program().serve(self.processes, self.scratch / "havocctl.log")
        self.pattern = tokens.sign_in(self.havocctl, self.person)
        self.few = [
            tokens.sign_in(self.havocctl, dataset.Person(f"user-{n}", self.person.password))
            for n in range(1, FEW + 1)
        ]
        self.statements = statements.learn(
            self.cluster, self.havocctl, self.pattern, self.exercise_ids[0]
        )

    def start_peers(self) -> None:
        """Whichever peers this machine has what it takes for."""
        _, version_body, _ = self.havocctl.fetch("GET", "/version/")
        version = version_body.decode().split('"')[3]
        bearer = {"Authorization": f"Bearer {self.pattern.access}"}
        _, list_body, _ = self.havocctl.fetch("GET", "/exercises/list/", bearer)
        self.go = contestants.try_start(
            contestants.start_go,
            self.processes,
            self.cluster,
            self.database,
            self.statements,
            version,
            self.scratch,
        )
        self.django = contestants.try_start(
            contestants.start_django,
            self.processes,
            self.cluster,
            self.database,
            version,
            self.scratch,
        )
        self.nginx = contestants.try_start(
            contestants.start_nginx, self.processes, self.scratch, version_body, list_body
        )

    def stop_servers(self) -> None:
        for server in (self.havocctl, self.go, self.django, self.nginx):
            if server:
                self.processes.stop(server.process)
        self.havocctl = self.go = self.django = self.nginx = None
