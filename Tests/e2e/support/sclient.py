"""`openssl s_client`, for what Python's TLS doesn't let one do."""

import os
import select
import subprocess
import time

from support.program import clean_environment

# It ends by itself where the server closes; otherwise what it has said in this time is all.
SILENCE_SECONDS = 1
PATIENCE_SECONDS = 30


def said(address: tuple[str, int], *options: str, typed: str | None = None) -> str:
    """All that it says of a connection, at whose keyboard one line is typed."""
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", "{}:{}".format(*address), *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environment())
    found = b""
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline:
            ready, _, _ = select.select([client.stdout], [], [], SILENCE_SECONDS)
            if ready:
                more = os.read(client.stdout.fileno(), 65536)
                if not more:
                    break
                found += more
                if typed is not None and b"Verify return code" in found:
                    client.stdin.write(typed.encode() + b"\n")
                    client.stdin.flush()
                    typed = None
            elif b"Verify return code" in found:
                break
    finally:
        client.kill()
        client.communicate()
    return found.decode(errors="replace")
