"""schemathesis tries every dialect by its description: examples, limits, inventions, and calls in a row."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.smtp import MailServer

HERE = Path(__file__).parent
SEED = 7
# Of each operation; a run by hand finds more with more.
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "12")
ONLY_A_HANG_SECONDS = 1_800


@pytest.fixture(scope="module")
def smtp():
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def server(new_server, smtp):
    """One that can send codes, and hashes passwords in no time."""
    return new_server(
        "--smtp-url", smtp.url, "--argon2-memory=8", "--argon2-iterations=1")


def schemathesis(server, admin, tag: str) -> subprocess.CompletedProcess:
    command = [
        Path(sys.executable).with_name("st"), "--config-file", HERE / "schemathesis.toml", "run",
        server.url + "/openapi.json", "--include-tag", tag, "--checks", "all",
        "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", EXAMPLES,
        "--seed", os.environ.get("SCHEMATHESIS_SEED", str(SEED)), "--no-color"]
    return subprocess.run(
        command, cwd=HERE, timeout=ONLY_A_HANG_SECONDS, check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {
            "PYTHONPATH": str(HERE), "HAVOCCTL_TEST_URL": server.url,
            "HAVOCCTL_TEST_ADMIN": admin.username, "HAVOCCTL_TEST_PASSWORD": admin.password})


@pytest.mark.parametrize("tag", [
    "integers", "community", "havoc", "microblog", "trainer", "utilities"])
def test_the_server_does_what_it_says(server, admin, tag):
    done = schemathesis(server, admin, tag)
    assert done.returncode == 0, done.stdout[-20_000:]
    tried = re.search(r"Test cases:\n\s+(\d+) generated, (\d+) passed", done.stdout)
    assert tried and int(tried[1]) > 100, done.stdout[-5_000:]
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in done.stdout, done.stdout[-5_000:]
    assert "request failed" not in server.log()
