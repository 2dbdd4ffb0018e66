"""The Debian package: what it puts where, that it starts, is upgraded, and goes without a trace."""

import gzip
import re
import subprocess

import pytest
import requests

from support.machine import Machine
from support.packages import ROOT_ONLY, built, field, later
from support.program import ROOT, Ctl
from support.service import CONFIGURATION, Service

pytestmark = ROOT_ONLY

UNITS = ("havocctl.service", "havocctl.socket", "havocctl-stun.socket")
# Where a package may leave something; what dpkg and others note about every package is left out.
WATCHED = ("/etc", "/usr", "/lib/systemd", "/var/lib", "/var/log", "/run")
NOTED = re.compile(r"/var/lib/dpkg/|/var/log/(dpkg\.log|alternatives\.log|apt)|/run/(notify|rotated)$"
                   r"|/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$|/etc/\.pwd\.lock$|/etc/ld\.so\.cache")

# In place of systemd's own: they note what they are asked.
RECORDER = "#!/bin/sh\necho \"${0##*/} $*\" >>/run/asked\n"


@pytest.fixture(scope="session")
def package(program, tmp_path_factory):
    return built(program, tmp_path_factory)


@pytest.fixture(scope="module")
def untouched():
    made = Machine()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def before(untouched) -> set[str]:
    return untouched.files(*WATCHED)


@pytest.fixture(scope="module")
def machine(untouched, before, package) -> Machine:
    """Where it is installed, and never started."""
    untouched.install(package)
    return untouched


@pytest.fixture
def other(package):
    """One more, for those that change what is installed."""
    made = Machine()
    made.install(package, "--no-triggers")
    yield made
    made.remove()


def owner(machine: Machine, path: str) -> str:
    return machine.says("stat", "--format=%U:%G %a", path)


def test_lintian_finds_nothing(package):
    changes = next(package.parent.glob("*.changes"))
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", changes], check=False,
                          capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_its_version_is_the_programs(package, program):
    version = Ctl(program, None).ok("version", "-o", "plain").stdout.strip()
    assert field(package, "Version") == version
    assert (ROOT / "debian/changelog").read_text().startswith(f"havocctl ({version}) ")


def test_it_names_what_is_loaded_by_name(package):
    """The libraries that nothing links, which are found when they are first used."""
    needs = re.sub(r" \([^)]*\)", "", field(package, "Depends")).split(", ")
    assert {"libmicrohttpd12", "libcurl4", "libsystemd0", "cracklib-runtime", "postgresql-client"} <= set(needs)
    assert {"libpq5", "libssl3"} <= set(needs)
    assert field(package, "Recommends") == "postgresql"


@pytest.mark.parametrize("path, wanted", [
    ("/etc/havocctl", "root:havocctl 750"), (CONFIGURATION, "root:havocctl 640"),
    ("/var/lib/havocctl", "havocctl:havocctl 750"), ("/usr/bin/havocctl", "root:root 755"),
    ("/lib/systemd/system/havocctl.service", "root:root 644"), ("/etc/logrotate.d/havocctl", "root:root 644"),
])
def test_owners_and_modes(machine, path, wanted):
    assert owner(machine, path) == wanted


def test_a_user_of_its_own(machine):
    name, _, uid, _, _, home, shell = machine.says("getent", "passwd", "havocctl").split(":")
    assert (name, home, shell) == ("havocctl", "/var/lib/havocctl", "/usr/sbin/nologin")
    assert 0 < int(uid) < 1000
    assert machine.says("id", "-Gn", "havocctl") == "havocctl"


def test_the_configuration_sets_nothing_yet(machine):
    lines = machine.path(CONFIGURATION).read_text().splitlines()
    assert len(lines) > 40
    assert [line for line in lines if line and not line.startswith("#")] == []
    assert machine.run("havocctl", "config", "check").returncode == 0
    assert CONFIGURATION in machine.says("dpkg-query", "--show", "--showformat=${Conffiles}", "havocctl")


def test_the_program_works(machine, program):
    assert machine.says("havocctl", "version") == Ctl(program, None).ok("version").stdout.strip()


@pytest.mark.parametrize("unit", UNITS)
def test_units_are_there_and_disabled(machine, unit):
    done = machine.run("systemctl", "is-enabled", unit, check=False)
    assert done.stdout.strip() == "disabled", done


def test_no_unit_is_linked_to_be_started(machine, before):
    new = machine.files("/etc/systemd") - before
    assert new == set()


@pytest.mark.parametrize("page", sorted(path.name for path in (ROOT / "man").glob("*.[158]")))
def test_man_finds_each_page(machine, page):
    name, _, section = page.rpartition(".")
    found = machine.says("man", "-w", section, name)
    assert found == f"/usr/share/man/man{section}/{page}.gz"
    assert gzip.decompress(machine.path(found).read_bytes()) == (ROOT / "man" / page).read_bytes()


@pytest.mark.parametrize("path, source", [
    ("/usr/share/bash-completion/completions/havocctl", "havocctl.bash"),
    ("/usr/share/zsh/vendor-completions/_havocctl", "_havocctl"),
    ("/usr/share/fish/vendor_completions.d/havocctl.fish", "havocctl.fish"),
])
def test_completions_are_where_shells_look(machine, path, source):
    assert machine.path(path).read_bytes() == (ROOT / "completions" / source).read_bytes()


def test_bash_loads_its_completion(machine):
    said = machine.says("bash", "-c", ". /usr/share/bash-completion/bash_completion; _completion_loader havocctl; "
                                      "complete -p havocctl")
    assert "havocctl" in said


def test_rules_and_dashboards_are_in_it(machine):
    shipped = {path.name for folder in ("prometheus", "grafana") for path in (ROOT / "packaging" / folder).iterdir()
               if not path.name.endswith(".test.yml")}
    assert shipped
    assert {path.rpartition("/")[2] for path in machine.files("/usr/share/havocctl")} >= shipped


def test_documents_are_in_it(machine):
    found = {path.rpartition("/")[2].removesuffix(".gz") for path in machine.files("/usr/share/doc/havocctl")}
    assert {"copyright", "changelog", "README.md", "operations.md", "havocctl.conf.example"} <= found


def test_logrotate_takes_its_file(machine):
    log = machine.path("/var/log/havocctl")
    machine.run("install", "-d", "-o", "havocctl", "-g", "havocctl", "-m", "0750", "/var/log/havocctl")
    (log / "serve.log").write_text("a line\n")
    machine.run("chown", "havocctl:havocctl", "/var/log/havocctl/serve.log")
    done = machine.run("logrotate", "--force", "--verbose", "--state=/run/rotated", "/etc/logrotate.d/havocctl")
    assert "error" not in done.stderr, done.stderr
    assert machine.files("/var/log/havocctl") >= {"/var/log/havocctl/serve.log.1"}


def test_it_starts_from_the_unit(other):
    service = Service(other).start()
    try:
        answer = requests.get(service.url + "/status/", timeout=60)
        assert answer.status_code == 200 and answer.json()["database"] == "ok", answer.text
        assert other.says("havocctl", "user", "create", "ada", "--no-password", "-o", "name") == "ada"
        assert owner(other, "/var/lib/havocctl/postgres") == "havocctl:havocctl 700"
    finally:
        service.stop()
    assert other.says("havocctl", "user", "list", "-o", "name") == "ada"


def test_a_changed_configuration_outlives_upgrades(other, package):
    changed = "log-level = warning\n"
    other.path(CONFIGURATION).write_text(changed)
    other.run("chmod", "0600", CONFIGURATION)
    other.install(later(package, "90.1"))
    assert other.path(CONFIGURATION).read_text() == changed
    # Also where the package's own has changed meanwhile, and what an administrator closed stays so.
    other.install(later(package, "90.2", **{CONFIGURATION.removeprefix("/"): "# another\n"}), "--force-confold")
    assert other.path(CONFIGURATION).read_text() == changed
    assert owner(other, CONFIGURATION) == "root:havocctl 600"
    assert other.says("dpkg-query", "--show", "--showformat=${Version} ${Status}", "havocctl") == \
        "90.2 install ok installed"


def test_an_unchanged_configuration_is_replaced_and_stays_closed(other, package):
    other.install(later(package, "90.1", **{CONFIGURATION.removeprefix("/"): "# another\n"}))
    assert other.path(CONFIGURATION).read_text() == "# another\n"
    assert owner(other, CONFIGURATION) == "root:havocctl 640"


def test_an_override_of_the_administrators_is_kept(untouched, package):
    fresh = Machine()
    try:
        fresh.run("dpkg-statoverride", "--add", "root", "root", "0700", "/etc/havocctl")
        fresh.install(package)
        assert owner(fresh, "/etc/havocctl") == "root:root 700"
    finally:
        fresh.remove()


@pytest.fixture
def asked(other):
    """What maintainer scripts ask of a service manager that seems to run."""
    for path in ("/usr/bin/deb-systemd-invoke", "/usr/bin/systemctl"):
        other.path(path).unlink()
        other.path(path).write_text(RECORDER)
        other.path(path).chmod(0o755)
    other.path("/run/systemd/system").mkdir(parents=True)

    def read() -> list[str]:
        said = other.path("/run/asked")
        lines = said.read_text().splitlines() if said.exists() else []
        said.unlink(missing_ok=True)
        return [line for line in lines if "daemon-reload" not in line]

    return read


def test_an_upgrade_restarts_what_runs_and_a_removal_stops_all(other, package, asked):
    other.install(later(package, "90.1"))
    assert asked() == ["deb-systemd-invoke try-restart havocctl.service"]
    other.run("dpkg", "--remove", "havocctl")
    assert asked() == ["deb-systemd-invoke stop havocctl.socket havocctl-stun.socket havocctl.service"]
    other.install(package)
    assert asked() == ["deb-systemd-invoke try-restart havocctl.service"]


def test_a_first_installation_starts_nothing(other, package, asked):
    other.run("dpkg", "--purge", "havocctl")
    asked()
    other.install(package)
    assert asked() == []


def test_a_removal_keeps_data_and_configuration(other):
    other.path("/var/lib/havocctl/kept").touch()
    other.run("dpkg", "--remove", "havocctl")
    assert other.path("/var/lib/havocctl/kept").exists() and other.path(CONFIGURATION).exists()
    assert not other.path("/usr/bin/havocctl").exists()


def test_a_purge_leaves_nothing(untouched, before, machine):
    service = Service(machine).start()
    service.stop()
    machine.path("/etc/havocctl/tls").mkdir()
    machine.path("/etc/havocctl/tls/key.pem").touch()
    machine.path("/var/log/havocctl/serve.log").write_text("a line\n")
    said = machine.run("dpkg", "--purge", "havocctl")
    assert "not empty" not in said.stdout + said.stderr, said
    left = {path for path in machine.files(*WATCHED) - before if not NOTED.search(path)}
    # What the service manager made for a service that ran here without one.
    assert left - {"/run/havocctl"} == set()
    # Its number isn't given to another, who would own what is left of his elsewhere.
    assert machine.says("getent", "passwd", "havocctl")
