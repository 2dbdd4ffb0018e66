"""What `havocctl doctor` says of the certificate that a server would show."""

import shutil

import pytest

from support.certificates import key_text, pem


@pytest.fixture
def found(ctl):
    """The one check of this name."""
    def look(*options, **env) -> dict:
        done = ctl.run("-o", "json", "doctor", "--stun", "off", *options, env=env)
        checks = [row for row in done.json() if row["check"].startswith("certificate")]
        assert len(checks) == 1, str(done)
        if checks[0]["result"] == "failed":
            assert done.status == 1
        assert checks[0]["detail"] and (checks[0]["hint"] or checks[0]["result"] == "ok")
        return checks[0]
    return look


@pytest.mark.parametrize("days, result", [
    ((-10, 365), "ok"), ((-10, 31), "ok"), ((-10, 29), "warning"), ((-10, 1), "warning"), ((-10, -1), "failed")])
def test_how_long_it_holds(found, certificates, days, result):
    pair = certificates.pair(days=days)
    check = found(*pair.options)
    assert check["result"] == result
    if result != "failed":
        assert pair.leaf.not_valid_after_utc.date().isoformat() in check["detail"]
    else:
        assert "expired" in check["detail"]


def test_the_first_of_a_chain_that_expires_counts(found, certificates):
    key = certificates.pair().private
    middle = certificates.signed(
        certificates.root.key, certificates.root.name, certificates.middle_key, "Below the root", (-90, 9), signs=True)
    pair = certificates.pair(key=key)
    assert found(*certificates.written(key, pair.leaf, middle).options)["result"] == "warning"


def test_one_whose_time_hasn_t_come(found, certificates):
    check = found(*certificates.pair(days=(2, 90)).options)
    assert check["result"] in ("warning", "failed") and "valid" in check["detail"]


def test_a_key_of_another(found, certificates):
    one, other = certificates.pair(), certificates.pair()
    check = found("--tls-cert", one.certificate, "--tls-key", other.key)
    assert check["result"] == "failed" and str(other.key) in check["detail"]


@pytest.mark.parametrize("content", [b"", b"nothing\n", None], ids=["empty", "words", "gone"])
@pytest.mark.parametrize("name", ["tls-cert", "tls-key"])
def test_files_that_can_t_be_used(found, certificates, name, content):
    bad = certificates.file(content or b"")
    if content is None:
        bad.unlink()
    settings = certificates.pair().settings | {name: bad}
    check = found("--tls-cert", settings["tls-cert"], "--tls-key", settings["tls-key"])
    assert check["result"] == "failed" and str(bad) in check["detail"]


def test_an_encrypted_key(found, certificates):
    pair = certificates.pair()
    key = certificates.file(key_text(pair.private, password=b"hush"))
    check = found("--tls-cert", pair.certificate, "--tls-key", key)
    assert check["result"] == "failed" and "encrypted" in check["detail"] + check["hint"]


def test_it_needn_t_be_trusted_here(found, certificates):
    """An authority of one's own is nobody's fault."""
    pair = certificates.pair()
    alone = certificates.file(pem(pair.leaf), 0o644)
    assert found("--tls-cert", alone, "--tls-key", pair.key)["result"] in ("ok", "warning")


def test_credentials(found, certificates, tmp_path):
    pair = certificates.pair(days=(-9, -1))
    for name, path in pair.settings.items():
        shutil.copy(path, tmp_path / name)
    assert found(CREDENTIALS_DIRECTORY=str(tmp_path))["result"] == "failed"


def test_without_one_nothing_is_said(ctl):
    done = ctl.run("-o", "json", "doctor", "--stun", "off")
    assert not [row for row in done.json() if row["check"].startswith("certificate")]


def test_nothing_is_mended(found, certificates):
    pair = certificates.pair(days=(-9, -1))
    before = pair.certificate.read_bytes(), pair.key.read_bytes()
    assert found(*pair.options, "--fix")["result"] == "failed"
    assert (pair.certificate.read_bytes(), pair.key.read_bytes()) == before
