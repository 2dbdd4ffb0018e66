"""The units: sound, hardly exposed, and the server at work under every restriction that they name."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from support import confine, secrets
from support.api import Api, new_account
from support.cluster import newest_bin
from support.community import START, triple
from support.machine import Machine
from support.mounts import DIRECTORIES
from support.packages import ROOT_ONLY, built
from support.program import ROOT, SCRATCH, until
from support.service import CONFINE, Service, configure
from support.signals import statuses
from support.smtp import MailServer
from support.sockets import open_socket
from support.stun import assert_served
from support.unit_file import Section

UNITS = ROOT / "packaging/systemd"
SERVICE = Section.read(UNITS / "havocctl.service")
EXPOSURE = 1.5

# What is refused with a restriction alone, as root, and allowed without it.
REFUSED = {
    "NoNewPrivileges": {"no new privileges": "1"},
    "CapabilityBoundingSet": {"capabilities to gain": "none"},
    "SystemCallFilter": {name: "EPERM" for name in (
        "mount", "swapon", "ptrace", "setpriority", "chown", "keyctl", "set the clock", "raw input and output",
        "the kernel's log", "name the host", "load a module")},
    "SystemCallArchitectures": {"i386": "killed"},
    "RestrictAddressFamilies": {"AF_PACKET": "EAFNOSUPPORT", "AF_NETLINK": "EAFNOSUPPORT"},
    "RestrictNamespaces": {"unshare": "EPERM"},
    "RestrictRealtime": {"real time": "EPERM"},
    "RestrictSUIDSGID": {"set-user-id": "EPERM"},
    "LockPersonality": {"personality": "EPERM"},
    "MemoryDenyWriteExecute": {"writable code": "EPERM", "executable memory": "EPERM"},
    "UMask": {"mask": "0077"},
    "ProtectSystem": {"write /usr": "EROFS", "write /etc": "EROFS"},
    "ProtectHome": {"/root": "none", "/home": "none"},
    "PrivateTmp": {"/tmp": "none"},
    "PrivateDevices": {"devices": "few", "raw input and output": "EPERM"},
    "PrivateUsers": {"users": "1 1"},
    "ProtectProc": {"/proc/1": "seen"},
    "ProcSubset": {"/proc/meminfo": "hidden"},
    "ProtectClock": {"set the clock": "EPERM"},
    "ProtectControlGroups": {"control groups": "EROFS"},
    "ProtectHostname": {"name the host": "EPERM"},
    "ProtectKernelLogs": {"the kernel's log": "EPERM"},
    "ProtectKernelModules": {"load a module": "EPERM", "modules": "none"},
    "ProtectKernelTunables": {"/proc/sys": "EROFS", "/sys": "EROFS"},
}
# Root is shown every process; the test of all restrictions together has the service's user.
ONLY_FOR_OTHERS = {"ProtectProc"}

# Where the service's user meets another limit first, or where one restriction hides what another closes.
TOGETHER = {"/root": "EACCES", "/home": "EACCES", "/proc/1": "hidden", "/proc/sys": "ENOENT", "/sys": "EACCES",
            "control groups": "EACCES", "users": "2 1", "modules": "EACCES"}

# What a service needs, which a restriction too many would take away.
ALLOWED = ("AF_UNIX", "AF_INET", "AF_INET6", "write the state", "write the log", "write /run/havocctl")


@pytest.fixture(scope="module")
def machine(program, tmp_path_factory):
    made = Machine()
    made.install(built(program, tmp_path_factory), "--no-triggers")
    # What is to be hidden has to be there.
    made.path("/usr/lib/modules/probed").mkdir(parents=True)
    made.path("/home/probed").mkdir()
    made.path("/tmp/probed").touch()
    yield made
    made.remove()


def probed(machine: Machine, text: str) -> dict[str, str]:
    """What may be done under a unit."""
    path = Path(SCRATCH.name) / "probed.service"
    path.write_text("[Service]\n" + text)
    done = subprocess.run([*CONFINE, str(machine.pid), str(path)], check=False, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def lines(*names: str) -> str:
    return "".join(f"{name}={value}\n" for name in names for value in SERVICE.all(name))


@pytest.fixture(scope="module")
def unrestricted(machine) -> dict[str, str]:
    return probed(machine, lines("StateDirectory", "LogsDirectory", "RuntimeDirectory"))


@pytest.fixture(scope="module")
def restricted(machine) -> dict[str, str]:
    return probed(machine, lines(*SERVICE.values))


def analyze(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(["systemd-analyze", "--no-pager", *words], check=False, capture_output=True, text=True,
                          timeout=120)


def test_its_exposure_is_low():
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE * 10:.0f}", str(UNITS / "havocctl.service"))
    assert done.returncode == 0, done.stdout
    assert float(re.search(r"exposure level for havocctl.service: ([\d.]+)", done.stdout)[1]) <= EXPOSURE


@ROOT_ONLY
def test_they_are_sound(machine):
    """Where the program and its manual are installed, for both are looked for."""
    done = machine.run("systemd-analyze", "verify", "--man=yes", *(
        f"/lib/systemd/system/{path.name}" for path in sorted(UNITS.glob("havocctl*.s*e*t"))),
        "/lib/systemd/system/havocctl.service")
    assert (done.stdout, done.stderr) == ("", "")


@ROOT_ONLY
def test_an_unsound_one_is_told(machine):
    """That the check above can fail."""
    broken = machine.path("/run/broken.service")
    broken.write_text("[Service]\nType=notify\nExecStart=/usr/bin/havocctl-nowhere\nProtectSistem=strict\n")
    done = machine.run("systemd-analyze", "verify", "/run/broken.service", check=False)
    assert "havocctl-nowhere" in done.stderr and "ProtectSistem" in done.stderr


def test_no_restriction_goes_unproved():
    proved = set(REFUSED) | confine.NOT_OURS | set(DIRECTORIES)
    assert set(SERVICE.values) - proved == {"User", "Group", "LoadCredential", "LimitNOFILE", "AmbientCapabilities"}


def test_no_credential_must_be_there():
    """An absolute path that isn't there keeps systemd from starting a service; a name doesn't."""
    for given in SERVICE.all("LoadCredential"):
        name, _, source = given.partition(":")
        assert source == f"havocctl.{name}"


def test_sockets_have_the_names_that_the_program_knows():
    http, stun = (Section.read(UNITS / name, "Socket") for name in ("havocctl.socket", "havocctl-stun.socket"))
    assert http.one("FileDescriptorName") == "http" and http.all("ListenStream") == ["127.0.0.1:8000"]
    assert stun.one("FileDescriptorName") == "stun" and stun.one("Service") == "havocctl.service"
    assert stun.all("ListenDatagram") == stun.all("ListenStream") == ["3478"]


@ROOT_ONLY
@pytest.mark.parametrize("name", sorted(set(REFUSED) - ONLY_FOR_OTHERS))
def test_each_restriction_by_itself(machine, unrestricted, name):
    found = probed(machine, lines(name))
    for probe, answer in REFUSED[name].items():
        assert found[probe] == answer, probe
        assert unrestricted[probe] != answer, f"{probe} proves nothing: it is refused anyway"


@ROOT_ONLY
@pytest.mark.parametrize("probe", sorted({probe for probes in REFUSED.values() for probe in probes}))
def test_all_of_them_together(restricted, unrestricted, probe):
    answers = {answer for probes in REFUSED.values() for name, answer in probes.items() if name == probe}
    assert restricted[probe] in ({TOGETHER[probe]} if probe in TOGETHER else answers)
    assert restricted[probe] != unrestricted[probe], f"{probe} proves nothing"


@ROOT_ONLY
@pytest.mark.parametrize("probe", ALLOWED)
def test_what_it_needs_is_left(restricted, probe):
    assert restricted[probe] == "done"


@pytest.fixture(scope="class")
def smtp():
    with MailServer() as server:
        yield server


@pytest.fixture(scope="class")
def service(machine, smtp):
    """With a cluster of its own that it makes under the restrictions."""
    made = Service(machine, smtp_url=smtp.url, mail_retry="1s").start()
    yield made
    made.stop()
    assert not secrets.leaked(made.log())


@pytest.fixture(scope="class")
def api(service) -> Api:
    return Api(service.url)


@ROOT_ONLY
class TestServing:
    """The whole server, under all of them."""

    def test_it_says_that_it_is_ready(self, service):
        assert "READY=1" in service.told
        assert any(line.startswith("STATUS=Serving on ") and "127.0.0.1" in line for line in service.told)

    def test_each_of_its_processes_is_restricted(self, service):
        """The embedded database's too."""
        user = service.machine.path("/var/lib/havocctl").stat().st_uid
        names = set()
        for status in statuses(service.processes()):
            names.add(status["Name"])
            assert status["Uid"].split() == [str(user)] * 4
            assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
            assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
        assert names == {"havocctl", "postgres"}

    def test_signing_up_and_in(self, api):
        """Threads that hash passwords, and word lists that tell weak ones."""
        made = api.registered()
        assert api.alive(api.tokens(made)["access_token"])
        weak = new_account()
        answer = api.post("/api/auth/register/", {
            "username": weak.username, "email": weak.email, "password": "password"})
        assert answer.status_code == 400 and "password" in answer.json(), answer.text

    def test_stun(self, service):
        assert_served(service.stun)

    def test_mail(self, service, api, smtp):
        """A library that is loaded when it is wanted, its threads, and names that are looked up."""
        made = api.registered()
        service.machine.run("havocctl", "user", "two-factor", made.username, "on")
        answer = api.post("/twofa/send-code", {"username": made.username, "email": made.email})
        assert answer.status_code == 200, answer.text
        smtp.wait_for(made.email)

    def test_websockets(self, api, service):
        one, other = api.registered(), api.registered()
        one, _ = (triple(api, each)["access_token"] for each in (one, other))
        begun = api.post(START, {"username": other.username}, one)
        assert begun.status_code == 201, begun.text
        with open_socket(service, f"/ws/chat/{begun.json()['conversation_id']}/", one) as socket:
            socket.send('{"message": "hello"}')
            assert json.loads(socket.recv(60))["message"] == "hello"

    def test_pages_figures_and_lists(self, api, service):
        service.machine.run("havocctl", "exercise", "seed")
        token = api.tokens(api.registered())["access_token"]
        for path in ("/exercises/list/", "/metrics", "/openapi.json", "/docs/", "/admin/sign-in"):
            assert api.get(path, token).status_code == 200, path

    def test_dear_queries(self, service):
        """PostgreSQL compiles what is dear, into memory that it then runs; here it can't."""
        said = database(service, "SET jit_above_cost = 0", "SET jit_optimize_above_cost = 0",
                        "SELECT count(*) FROM generate_series(1, 100000) AS n WHERE n % 3 = 1")
        assert said.splitlines()[-1] == "33334"

    def test_queries_on_several_processes(self, service):
        """They share memory."""
        said = database(
            service, "SET parallel_setup_cost = 0", "SET parallel_tuple_cost = 0",
            "SET min_parallel_table_scan_size = 0", "SET force_parallel_mode = on",
            "EXPLAIN (ANALYZE, COSTS OFF) SELECT count(*) FROM pg_class")
        assert re.search(r"Workers Launched: [1-9]", said), said

    def test_commands_of_roots_share_its_database(self, service):
        made = service.machine.says("havocctl", "user", "create", "grace", "--no-password", "-o", "name")
        assert made == "grace"
        assert service.machine.says("havocctl", "db", "status", "-o", "json")

    def test_a_backup_and_its_proof(self, service):
        assert service.machine.says("havocctl", "db", "backup", "/root/backup", "--no-input")

    def test_the_database_recovers(self, service, api):
        """PostgreSQL starts anew by itself when one of its processes is killed, with new shared memory."""
        before = database(service, "SELECT pg_postmaster_start_time()")
        victim = int(database(service, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"))
        os.kill(victim, 9)
        until(lambda: api.register(new_account()).status_code == 201, "it takes changes")
        assert database(service, "SELECT pg_postmaster_start_time()") == before


def database(service: Service, *statements: str) -> str:
    """psql, as the owner of the embedded cluster."""
    words = [word for statement in statements for word in ("-c", statement)]
    return service.machine.says(
        "setpriv", "--reuid=havocctl", "--regid=havocctl", "--clear-groups", str(newest_bin() / "psql"),
        "-XqAt", "-h", "/var/lib/havocctl/run", "-d", "havocctl", *words)


@ROOT_ONLY
def test_a_credential_out_of_the_store(program, machine):
    """Signing keys are sealed with it; without one the unit's lines do nothing."""
    store = machine.path("/etc/credstore")
    store.mkdir(exist_ok=True)
    (store / "havocctl.key").write_text(secrets.keep("0123456789abcdef-canary-of-a-sealing-key") + "\n")
    service = Service(machine).start()
    try:
        Api(service.url).tokens(Api(service.url).registered())
        # A key is 32 bytes; sealed, it has a nonce and a tag as well.
        assert int(database(service, "SELECT min(octet_length(secret)) FROM signing_key")) > 32
    finally:
        service.stop()
        (store / "havocctl.key").unlink()


@ROOT_ONLY
def test_a_wrong_setting_is_not_tried_again(machine):
    """Its status is the one at which the unit gives up."""
    service = Service(machine)
    try:
        configure(machine, no_such_setting="1")
        done = subprocess.run(
            [*CONFINE, str(machine.pid), str(service.unit), *shlex.split(SERVICE.one("ExecStart"))],
            check=False, capture_output=True, text=True, timeout=120)
        assert str(done.returncode) == SERVICE.one("RestartPreventExitStatus"), done.stderr
        assert "no-such-setting" in done.stderr
    finally:
        service.restore()
