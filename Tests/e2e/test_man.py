"""The manual: a page for each noun, sound mdoc, and everything in it that help names."""

import re
import subprocess

import pytest

from support.completion import listed_by_help
from support.program import ROOT, Ctl, binary

PAGES = sorted((ROOT / "man").glob("*.[158]"))
HELP = Ctl(binary(), None)
NOUNS = sorted(listed_by_help(HELP))
# What `man havocctl` itself tells.
IN_THE_FIRST = {"version", "help"}


def page(noun: str) -> str:
    """As it is read."""
    found = [path for path in PAGES if path.stem == f"havocctl-{noun}"]
    assert len(found) == 1, f"{noun} has {len(found)} pages"
    return rendered(found[0])


def rendered(path) -> str:
    done = subprocess.run(["mandoc", "-Tutf8", "-O", "width=200", path], capture_output=True, check=True, timeout=60)
    # Overstriking is how bold and underlined are written.
    return re.sub(".\b", "", done.stdout.decode())


def verbs(noun: str) -> list[str]:
    return [] if "usage:" in HELP.ok("help", noun).stdout else sorted(listed_by_help(HELP, noun))


VERBS = [(noun, verb) for noun in NOUNS for verb in verbs(noun)]


def own_options(*words: str) -> set[str]:
    """Those that its help names before the ones that stand everywhere."""
    text = HELP.ok("help", *words).stdout.partition("\nEverywhere:")[0]
    return set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_it_is_sound(path):
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", path], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b""), done.stdout.decode()


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun not in IN_THE_FIRST])
def test_each_noun_has_a_page(noun):
    text = page(noun)
    assert f"havocctl-{noun}" in text
    assert all(section in text for section in ("SYNOPSIS", "DESCRIPTION", "EXAMPLES")), text


def test_the_first_page_leads_to_all_others():
    text = rendered(ROOT / "man/havocctl.1").rpartition("SEE ALSO")[2]
    assert [path.name for path in PAGES if path.name != "havocctl.1" and f"{path.stem}({path.suffix[1]})" not in text] == []


def test_the_first_page_names_every_noun_and_option():
    text = rendered(ROOT / "man/havocctl.1")
    for noun in NOUNS:
        assert re.search(rf"\b{noun}\b", text), noun
    everywhere = HELP.ok("help", "user", "list").stdout.partition("\nEverywhere:")[2].partition("\n\n")[0]
    options = re.findall(r"--[\w-]+", everywhere)
    assert len(options) > 10
    assert [option for option in options if option not in text] == []


@pytest.mark.parametrize("noun, verb", VERBS)
def test_a_page_names_each_verb_with_its_options_and_columns(noun, verb):
    text = page(noun)
    assert f"{noun} {verb}" in text
    assert [option for option in own_options(noun, verb) if not re.search(rf"{option}\b", text)] == []
    columns = re.search(r"\nColumns.*:\n  (.*)\n", HELP.ok("help", noun, verb).stdout)
    for column in columns[1].split() if columns else []:
        assert column.strip("[]") in text, column


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun not in IN_THE_FIRST and not verbs(noun)])
def test_a_page_of_a_noun_without_verbs_names_its_options(noun):
    text = page(noun)
    assert [option for option in own_options(noun) if not re.search(rf"{option}\b", text)] == []


def test_pages_name_nothing_that_isn_t_there():
    """Verbs that their synopses have and the program hasn't."""
    for noun in {noun for noun, _ in VERBS}:
        synopsis = page(noun).partition("SYNOPSIS")[2].partition("DESCRIPTION")[0]
        assert set(re.findall(rf"havocctl {noun} ([a-z-]+)", synopsis)) == set(verbs(noun))


def test_the_configuration_s_page_names_every_setting():
    text = rendered(ROOT / "man/havocctl.conf.5")
    keys = HELP.ok("config", "show", "-o", "name").stdout.split()
    assert len(keys) > 40
    assert [key for key in keys if not re.search(rf"(?m)^\s*{key}\b", text)] == []


def test_exit_statuses_are_told():
    text = rendered(ROOT / "man/havocctl.1")
    assert "EXIT STATUS" in text
    for status in ("0", "1", "2", "3", "4", "5", "6", "7", "130"):
        assert re.search(rf"(?m)^ +{status}\b", text.partition("EXIT STATUS")[2]), status
