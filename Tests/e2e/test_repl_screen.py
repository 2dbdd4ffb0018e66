"""havocctl repl on a screen: long lines, narrow and resized ones, and what is redrawn."""

import pytest

from support.api import new_account
from support.program import until

PROMPT = r"^havocctl=> ?$"


@pytest.fixture
def new_session(new_screen):
    def start(**options):
        screen = new_screen("repl", **options)
        screen.shows(PROMPT)
        return screen
    return start


def widest(text: str) -> int:
    return max(map(len, text.split("\n")))


def answer(screen, line: str) -> str:
    """What stands under the line when the next prompt has come."""
    screen.keys("C-l")
    screen.types(line)
    return screen.shows(rf"(?s)=> {line}\n.*^havocctl=> ?$").partition("\n")[2]


@pytest.mark.parametrize("columns", [40, 80, 132])
def test_a_table_fits_the_screen(new_session, user, columns):
    screen = new_session(columns=columns)
    screen.types("permission list")
    seen = screen.shows(r"(?s)ADMIN.*^havocctl=> ?$")
    header = next(line for line in seen.split("\n") if line.startswith("code"))
    assert len(header) <= columns
    assert len([line for line in seen.split("\n") if line.split()[1:2] in (["USER"], ["STAFF"], ["ADMIN"])]) == 3, seen


@pytest.mark.parametrize("columns", [40, 200])
def test_a_table_fits_the_screen_after_a_resize(new_session, columns):
    """None of its lines is broken in two by the terminal."""
    screen = new_session(columns=100, rows=40)
    screen.resize(columns, 40)
    until(lambda: screen.value("pane_width") == str(columns), "it is resized")
    *found, _ = answer(screen, "config show --limit 10").split("\n")
    assert widest("\n".join(found)) <= columns, found
    # A long name is cut on the narrow one.
    assert [line.split()[0][:10] for line in found] == [
        "key", "database", "database-r", "database-r", "listen", "tls-cert", "tls-key", "key", "threads", "max-body",
        "max-avatar"]


def test_a_long_line_is_edited_on_a_narrow_screen(new_session):
    screen = new_session(columns=40)
    screen.tmux("send-keys", "-l", "ermission list --columns code,level,is_admin,users -o csv")
    screen.shows("csv$")
    screen.keys("C-a")
    screen.tmux("send-keys", "-l", "p")
    shown = screen.shows(r"=> permission")
    assert "".join(shown.split("\n")).endswith(
        "havocctl=> permission list --columns code,level,is_admin,users -o csv")
    screen.keys("Enter")
    screen.shows(r"3,ADMIN,true")


def test_wide_characters_take_two_columns(new_session):
    screen = new_session(columns=40)
    screen.tmux("send-keys", "-l", r"\! echo 日本語-end")
    screen.shows("日本語-end$")
    screen.keys("BSpace", "BSpace", "BSpace", "BSpace", "BSpace")
    screen.tmux("send-keys", "-l", "字")
    screen.shows(r"echo 日本字$")
    screen.keys("Enter")
    screen.shows(r"^日本字$")


def test_the_screen_is_cleared_with_the_line_kept(new_session):
    screen = new_session()
    screen.types("permission list")
    screen.shows("ADMIN")
    screen.tmux("send-keys", "-l", "user li")
    screen.shows("user li$")
    screen.keys("C-l")
    until(lambda: screen.text() == "havocctl=> user li", "only the line is left")


def test_the_last_line_comes_back_on_up(new_session):
    screen = new_session()
    screen.types("version")
    screen.shows(r"(?s)version  .*=> ?$")
    screen.keys("Up")
    screen.shows(r"^havocctl=> version$")


def test_a_search_backwards_finds_it(new_session):
    screen = new_session(columns=100)
    for line in ("permission list --sort -code", "version"):
        screen.types(line)
    screen.shows(r"(?s)version  .*=> ?$")
    screen.keys("C-r")
    screen.tmux("send-keys", "-l", "sort")
    screen.shows("permission list --sort -code$")
    screen.keys("Enter", "C-l")
    until(lambda: "sort" not in screen.text(), "it ran")
    screen.keys("Up")
    screen.shows("^havocctl=> permission list --sort -code$")


def test_several_pasted_lines_run_each(ctl, new_session):
    names = [new_account().username for _ in range(3)]
    screen = new_session()
    text = "".join(f"user create {name} --no-password\n" for name in names)
    screen.tmux("set-buffer", text)
    screen.tmux("paste-buffer", "-p")
    screen.keys("Enter")
    until(lambda: all(ctl.run("user", "show", name).status == 0 for name in names), "all of them ran")


def test_watching_redraws_in_place(ctl, new_session):
    screen = new_session(columns=100)
    screen.types("group list")
    screen.shows(r"(?s)id +name.*^havocctl=> ?$")
    screen.types(r"\watch 0.1")
    screen.shows("^every 0.1 s: group list ")
    before = screen.scrolled()
    ctl.ok("group", "create", "Watched")
    screen.shows("Watched")
    ctl.ok("group", "delete", "Watched", "--yes")
    until(lambda: "Watched" not in screen.text(), "its row goes")
    assert screen.text().count("every 0.1 s") == 1 and screen.scrolled() == before
    screen.keys("C-c")
    screen.shows(PROMPT)
    screen.types("version")
    screen.shows("^version  ")


def test_watching_in_a_transaction_shows_its_changes(ctl, new_session):
    screen = new_session(columns=100)
    for line in ("begin", "group create Mine", "group list"):
        screen.types(line)
    screen.shows(r"(?s)group list\n.*Mine.*^havocctl\*=> ?$")
    screen.types(r"\watch 0.1")
    screen.shows("(?s)^every 0.1 s: group list .*Mine")
    screen.keys("C-c")
    screen.shows(r"^havocctl[*!]=> ?$")
    assert "Mine" not in ctl.ok("group", "list").stdout


def test_expanded_display_on_a_narrow_screen(new_session):
    screen = new_session(columns=40, rows=60)
    screen.types(r"\x")
    found = answer(screen, "permission list")
    assert widest(found) <= 40
    for column in ("code", "level", "is_admin", "users"):
        assert sum(line.split()[:1] == [column] for line in found.split("\n")) == 3, found


def test_a_long_answer_is_paged_and_the_session_goes_on(new_session):
    screen = new_session(rows=10, env={"HAVOCCTL_PAGER": "less"})
    screen.types("config show")
    screen.shows(r"^:$")
    screen.keys("q")
    screen.shows(PROMPT)
    screen.types("version")
    screen.shows("^version  ")


def test_an_interrupt_in_the_pager_is_the_pagers(new_session):
    screen = new_session(rows=10, env={"HAVOCCTL_PAGER": "less"})
    screen.types("config show")
    screen.shows(r"^:$")
    screen.keys("C-c")

    def is_at_the_end() -> bool:
        # What is typed just behind it, less forgets.
        screen.keys("G")
        return "(END)" in screen.text()
    until(is_at_the_end, "less goes on")
    screen.keys("q")
    screen.shows(PROMPT)
    screen.types("version")
    screen.shows("^version  ")
