"""The package and its units under a systemd that runs: nothing here but its own tools is asked."""

from pathlib import Path

import pytest
import requests

from support.api import Api
from support.booted import Booted
from support.packages import ROOT_ONLY, built, later
from support.ports import free_ports
from support.program import until
from support.service import CONFIGURATION, configure
from support.signals import statuses
from support.stun import assert_served

pytestmark = ROOT_ONLY

UNIT = "havocctl.service"
SOCKETS = ("havocctl.socket", "havocctl-stun.socket")
DROP_INS = "/etc/systemd/system"


class Host(Booted):
    """An administrator's, who has chosen ports that are free here."""

    def __init__(self, package: Path):
        super().__init__()
        self.boot()
        self.package = package
        self.said = self.install(package)
        http, stun = free_ports(2, ["127.0.0.1", "::"])
        self.url, self.stun = f"http://127.0.0.1:{http}", ("127.0.0.1", stun)
        configure(self, listen=f"127.0.0.1:{http}", stun=f"127.0.0.1:{stun}", attempt_limit="0")
        self.drop_in("havocctl.socket", "Socket", "ListenStream=", f"ListenStream=127.0.0.1:{http}")
        self.drop_in("havocctl-stun.socket", "Socket", "ListenStream=", "ListenDatagram=", f"ListenStream={stun}",
                     f"ListenDatagram={stun}")

    def drop_in(self, unit: str, section: str, *lines: str) -> None:
        place = self.path(f"{DROP_INS}/{unit}.d")
        place.mkdir(parents=True, exist_ok=True)
        (place / "test.conf").write_text("\n".join([f"[{section}]", *lines, ""]))
        self.systemctl("daemon-reload")

    def no_drop_in(self, unit: str) -> None:
        (self.path(f"{DROP_INS}/{unit}.d") / "test.conf").unlink()
        self.systemctl("daemon-reload")

    def main(self) -> str:
        """The number of the service's process, in its own namespace."""
        return self.shows(UNIT, "MainPID")

    def status(self) -> int:
        return requests.get(self.url + "/status/", timeout=60).status_code

    def idle(self) -> None:
        self.run("systemctl", "stop", *SOCKETS, UNIT, check=False)
        self.run("systemctl", "reset-failed", check=False)


@pytest.fixture(scope="module")
def host(program, tmp_path_factory):
    made = Host(built(program, tmp_path_factory))
    yield made
    made.remove()


@pytest.fixture
def idle(host) -> Host:
    """With nothing of it running, before and afterwards."""
    host.idle()
    yield host
    host.idle()


@pytest.fixture
def running(idle) -> Host:
    idle.systemctl("start", UNIT)
    return idle


def test_it_comes_disabled_and_stopped(host):
    for unit in (UNIT, *SOCKETS):
        assert host.run("systemctl", "is-enabled", unit, check=False).stdout.strip() == "disabled"
        assert host.run("systemctl", "is-active", unit, check=False).stdout.strip() == "inactive"


def test_it_is_ready_once_it_serves(running):
    """Type=notify: start returns after READY=1."""
    assert running.status() == 200
    assert running.shows(UNIT, "ActiveState") == "active"
    assert running.shows(UNIT, "StatusText").startswith("Serving on 127.0.0.1:")
    assert_served(running.stun)


def test_it_runs_under_the_unit_s_restrictions(running):
    """As systemd itself has set them, on the embedded database's processes too."""
    group = running.shows(UNIT, "ControlGroup")
    pids = running.path(f"/sys/fs/cgroup{group}/cgroup.procs").read_text().split()
    assert len(pids) > 5
    for status in statuses(pids):
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
        assert int(status["CapBnd"], 16) == 0
    user = running.says("id", "-u", "havocctl")
    assert running.says("stat", "--format=%u", f"/proc/{running.main()}") == user


def test_somebody_signs_in(running):
    api = Api(running.url)
    assert api.tokens(api.registered())


def test_stopping_stops_the_database_in_order(running):
    running.systemctl("stop", UNIT)
    assert running.shows(UNIT, "Result") == "success"
    log = running.path("/var/lib/havocctl/postgres/log").read_text()
    assert log.rstrip().endswith("database system is shut down"), log[-500:]


def test_a_reload_keeps_the_process(running):
    main = running.main()
    configuration = running.path(CONFIGURATION)
    before = configuration.read_text()
    try:
        configure(running, max_body="2M")
        running.systemctl("reload", UNIT)
        until(lambda: "msg=reloaded" in running.journal("--since=-1min"), "it is reloaded")
        assert running.main() == main and running.status() == 200
    finally:
        configuration.write_text(before)


def test_an_upgrade_restarts_it(running, host):
    before = running.main()
    running.install(later(host.package, "90.1"))
    assert running.shows(UNIT, "ActiveState") == "active"
    assert running.main() != before and running.status() == 200


def test_an_upgrade_starts_nothing_that_is_stopped(idle, host):
    idle.install(later(host.package, "90.2"))
    assert idle.shows(UNIT, "ActiveState") == "inactive"


def test_it_comes_back_when_it_is_killed(running):
    before = running.main()
    running.run("kill", "-KILL", before)
    until(lambda: running.main() not in (before, "0") and running.shows(UNIT, "ActiveState") == "active", "it is back")
    assert running.status() == 200


def test_a_hanging_one_is_ended_by_the_watchdog(idle):
    idle.drop_in(UNIT, "Service", "WatchdogSec=5s", "TimeoutAbortSec=1s")
    try:
        idle.systemctl("start", UNIT)
        before = until(lambda: (main := idle.main()) != "0" and main, "it runs")
        idle.run("kill", "-STOP", before)
        until(lambda: idle.main() not in (before, "0") and idle.shows(UNIT, "ActiveState") == "active", "it is back")
        assert "Watchdog timeout" in idle.journal()
    finally:
        idle.no_drop_in(UNIT)


def test_the_watchdog_leaves_one_that_serves(idle):
    idle.drop_in(UNIT, "Service", "WatchdogSec=6s")
    try:
        idle.systemctl("start", UNIT)
        before = idle.main()
        first = idle.shows(UNIT, "WatchdogTimestampMonotonic")
        until(lambda: int(idle.shows(UNIT, "WatchdogTimestampMonotonic")) > int(first) + 6_000_000, "it beats")
        assert idle.main() == before
    finally:
        idle.no_drop_in(UNIT)


def test_a_wrong_setting_stops_it_for_good(idle):
    configuration = idle.path(CONFIGURATION)
    before = configuration.read_text()
    try:
        configure(idle, no_such_setting="1")
        assert idle.run("systemctl", "start", UNIT, check=False).returncode != 0
        assert idle.shows(UNIT, "ActiveState") == "failed" and idle.shows(UNIT, "NRestarts") == "0"
        assert "no-such-setting" in idle.journal()
    finally:
        configuration.write_text(before)


def test_a_client_starts_it_by_its_socket(idle):
    idle.systemctl("start", *SOCKETS)
    assert idle.shows(UNIT, "ActiveState") == "inactive"
    assert idle.status() == 200
    assert_served(idle.stun)
    assert idle.shows(UNIT, "ActiveState") == "active"


def test_a_restart_behind_sockets_refuses_nobody(idle):
    idle.systemctl("start", *SOCKETS, UNIT)
    restart = idle.main()
    idle.systemctl("restart", "--no-block", UNIT)
    assert [idle.status() for _ in range(20)] == [200] * 20
    until(lambda: idle.main() not in ("0", restart), "it has been restarted")


def test_a_credential_out_of_the_store(idle):
    store = idle.path("/etc/credstore")
    store.mkdir(exist_ok=True)
    (store / "havocctl.key").write_text("0123456789abcdef0123456789abcdef\n")
    try:
        idle.systemctl("start", UNIT)
        assert idle.says("ls", f"/proc/{idle.main()}/root/run/credentials/{UNIT}") == "key"
        assert idle.status() == 200
    finally:
        (store / "havocctl.key").unlink()
        idle.idle()
        idle.run("rm", "-rf", "/var/lib/havocctl/postgres")


def test_a_journal_with_priorities(running):
    """What the program says of its own life, without a time of its own."""
    lines = running.journal("--output=cat", "--priority=info", f"_PID={running.main()}")
    assert "msg=serving" in lines and "time=" not in lines and "<6>" not in lines


def test_a_removal_stops_all_of_it_and_a_purge_leaves_nothing(idle, host):
    idle.systemctl("enable", "--now", *SOCKETS, UNIT)
    idle.run("dpkg", "--remove", "havocctl")
    for unit in (UNIT, *SOCKETS):
        assert idle.run("systemctl", "is-active", unit, check=False).stdout.strip() == "inactive"
    idle.run("dpkg", "--purge", "havocctl")
    left = idle.files("/etc", "/var/lib", "/var/log", "/run")
    # What a test wrote as an administrator stays theirs.
    assert [path for path in left if "havocctl" in path and "/dpkg/" not in path and ".socket.d" not in path] == []
