"""What people made, and the mail queue, in the dashboard: looked at, ended and deleted."""

import pytest

from support import integers
from support.api import Api, create_account
from support.cluster import query
from support.community import send_code
from support.dashboard import Dashboard, thing
from support.dashboard_rows import serving
from support.members import join
from support.nouns import made, write
from support.program import until
from support.smtp import Manners
from support.streams import Stage, close_code

DEADLINE = ["--mail-retry", "1s", "--mail-give-up", "2s"]
SAID = "what the two of them said"


@pytest.fixture(scope="module")
def server(new_server):
    return new_server(*serving())


@pytest.fixture(scope="module")
def dashboard(browser, server, admin) -> Dashboard:
    return Dashboard(browser, server.url).open().sign_in(admin)


@pytest.fixture(scope="module")
def people(api):
    return [join(api, "writer"), join(api, "reader")]


def several(noun: str, api: Api, people) -> list[str]:
    """Three of them; gives their ids."""
    if noun == "integers":
        owner = integers.join(api, "holder")
        owner.keep("one", integers.units(1))
        owner.keep("two", integers.units(2))
        owner.keep("three", integers.units(3))
        return []
    if noun == "conversation":
        return [str(made(noun, people[0], join(api))) for _ in range(3)]
    return [str(made(noun, *people)) for _ in range(3)]


def left(ctl, noun: str) -> list[str]:
    return [str(row["id"]) for row in ctl.json(noun, "list", *(("--all",) if noun == "stream" else ()))]


@pytest.mark.parametrize("noun", ["stream", "conversation", "tweet", "integers"])
def test_one_is_deleted_and_then_many(dashboard, ctl, api, people, noun):
    several(noun, api, people)
    ids = left(ctl, noun)[:3]
    dashboard.open(thing(noun, ids[0])).press("Delete")
    assert "One row will change. Nothing is done yet." in dashboard.notices and ids[0] in left(ctl, noun)
    dashboard.press("Delete 1 row")
    assert dashboard.at.count("/") == 1 and ids[0] not in left(ctl, noun)
    dashboard.choose(*ids[1:])
    dashboard.press("Delete")
    assert [row[0] for row in dashboard.concerned] == ids[1:]
    dashboard.press("Delete 2 rows")
    assert not set(ids) & set(left(ctl, noun))
    done = ctl.json("audit", "list", "--what", f"{noun}-delete")
    assert len(done) >= 3
    dashboard.open(thing(noun, ids[0]))
    assert dashboard.status == 404


def test_what_was_said_is_nowhere_to_be_seen(dashboard, ctl, api, people, database):
    one, other = people
    number = made("conversation", one, other)
    write(database, number, (one, SAID), (other, SAID))
    dashboard.open("conversations/")
    assert SAID not in dashboard.driver.page_source
    row = next(row for row in dashboard.rows if row["Id"] == str(number))
    assert (row["Initiator"], row["Receiver"], row["Messages"]) == (one.name, other.name, "2")
    dashboard.open(thing("conversation", number))
    assert dashboard.shown["Messages"] == "2" and SAID not in dashboard.driver.page_source
    assert dashboard.open("conversations/show/", ID=str(number)).status in (403, 404)
    assert not ctl.json("audit", "list", "--what", "conversation-read")


def test_the_units_of_a_set_are_nowhere_to_be_seen(dashboard, ctl, api):
    owner = integers.join(api, "holder")
    owner.keep("wages", [integers.unit(0, 987654321987, 1)])
    [row] = ctl.json("integers", "list", "--user", owner.account.username)
    for path in ("integers/", thing("integers", row["id"])):
        dashboard.open(path)
        assert "wages" in dashboard.text and "987654321987" not in dashboard.driver.page_source
    assert dashboard.open("integers/show/", ID=str(row["id"])).status in (403, 404)
    assert not ctl.json("audit", "list", "--what", "integers-read")


def test_a_stream_is_ended_with_one_click_for_all_who_take_part(dashboard, ctl, api, account):
    token = api.tokens(account)["access_token"]
    with Stage(api, token) as stage:
        publisher, watcher = stage.publish(), stage.watch()
        def is_open():
            dashboard.open("streams/", user=account.username)
            [row] = dashboard.rows
            return row["Publisher"] == "yes" and row["Watchers"] == "1"
        until(is_open, "the stream shows its publisher and its watcher", pause=0.2)
        dashboard.press("End", dashboard.row(account.username))
        assert close_code(publisher) == 1000 and close_code(watcher) == 1000
    assert dashboard.at == "streams/" and stage.id not in [row["id"] for row in ctl.json("stream", "list")]
    dashboard.open("streams/", user=account.username, all="on")
    assert dashboard.rows[0]["Ended"] != "–"


def test_a_tweet_is_shown_with_its_words_and_who_wrote_it(dashboard, people):
    tweet = made("tweet", *people)
    dashboard.open(thing("tweet", tweet))
    assert "O'Neil" in dashboard.shown["Content"] and dashboard.shown["Username"] == people[0].name
    dashboard.press(people[0].name, dashboard.one("dl.thing"))
    assert dashboard.at.startswith("users/") and people[0].name in dashboard.text


def test_mail_that_waits_is_deleted_one_and_many(dashboard, ctl, api):
    people = [create_account(ctl, 1, "waiting") for _ in range(3)]
    for one in people:
        ctl.ok("user", "two-factor", one.username, "on")
        assert send_code(api, one).status_code == 200
    dashboard.open("mail/")
    ids = {row["Recipient"]: row["Id"] for row in dashboard.rows}
    first, *others = [ids[one.email] for one in people]
    dashboard.open(thing("mail", first))
    assert dashboard.shown["Recipient"] == people[0].email and dashboard.shown["Username"] == people[0].username
    dashboard.press("Delete")
    dashboard.press("Delete 1 row")
    dashboard.choose(*others)
    dashboard.press("Delete")
    dashboard.press("Delete 2 rows")
    assert not query(ctl.database, "SELECT 1 FROM mail")


def test_mail_that_was_given_up_is_tried_again(browser, new_smtp, new_office):
    """By a mail server that has come to its senses."""
    smtp = new_smtp(manners=Manners(refuse_all=True))
    office = new_office(smtp, *DEADLINE)
    account = office.person()
    office.ask(account)
    until(lambda: any(row["gave_up"] for row in office.queue()), "the mail was given up")
    admin = create_account(office.ctl, 3, "root")
    dashboard = Dashboard(browser, office.servers[0].url).open("mail/").sign_in(admin)
    assert not dashboard.rows
    dashboard.open("mail/", all="on")
    [row] = dashboard.rows
    assert row["Recipient"] == account.email
    smtp.manners.refuse_all = False
    dashboard.choose(row["Id"])
    dashboard.press("Retry")
    dashboard.press("Retry 1 row")
    assert smtp.wait_for(account.email).code
    office.wait_until_empty()
    assert not dashboard.open("mail/", all="on").rows
