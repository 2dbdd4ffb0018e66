"""`openssl s_client`, for what Python's TLS doesn't let one do."""

import os
import select
import subprocess
import time

from support.program import clean_environment

# Only what never says it reaches it.
PATIENCE_SECONDS = 60


def said(address: tuple[str, int], *options: str, wanted: str, typed: str | None = None) -> str:
    """What it says of a connection, up to the words that are wanted; one line is typed at its keyboard."""
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", "{}:{}".format(*address), *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environment())
    found = b""
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while wanted.encode() not in found and time.monotonic() < deadline:
            if select.select([client.stdout], [], [], 1)[0]:
                more = os.read(client.stdout.fileno(), 65536)
                if not more:
                    break
                found += more
                if typed is not None and b"Verify return code" in found:
                    client.stdin.write(typed.encode() + b"\n")
                    client.stdin.flush()
                    typed = None
    finally:
        client.kill()
        client.communicate()
    return found.decode(errors="replace")
