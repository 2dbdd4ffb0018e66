"""A database that nobody can reach for a while, in a cluster that goes on for everybody else."""

from contextlib import contextmanager

from support.cluster import Cluster, query


@contextmanager
def away(cluster: Cluster, url: str):
    name = url.rpartition("/")[2]
    cluster.execute("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", name)
    try:
        cut(cluster, url)
        yield
    finally:
        cluster.execute("ALTER DATABASE {} WITH ALLOW_CONNECTIONS true", name)


def cut(cluster: Cluster, url: str) -> None:
    """Ends all connections that are open."""
    query(cluster.url(), "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
          url.rpartition("/")[2])
