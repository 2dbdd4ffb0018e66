"""`/docs/` in a browser: all of it is there, it can be tried, and everybody can use it."""

import json

import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from support.axe import SCHEMES, WIDTHS, look, rules, violations
from support.description import Description

SCRIPT = "<img src=x onerror=\"document.title='gone'\"><script>document.title='gone'</script>"


@pytest.fixture
def page(browser, server):
    look(browser, "light", 1280)
    browser.get(server.url + "/docs/")
    return browser


def endpoint(page, operation: str):
    return page.find_element(By.ID, operation)


def open_form(page, operation: str):
    """The form that tries an endpoint."""
    article = endpoint(page, operation)
    page.execute_script("arguments[0].open = true", article.find_element(By.CLASS_NAME, "try"))
    return article


def fill(page, operation: str, **fields: str) -> None:
    for name, value in fields.items():
        field = page.find_element(By.ID, f"{operation}-{name}")
        field.clear()
        field.send_keys(value)


def send(page, operation: str) -> str:
    """Sends the form; gives what it shows."""
    article = open_form(page, operation)
    button = article.find_element(By.CSS_SELECTOR, ".try button[type=submit]")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    result = article.find_element(By.CLASS_NAME, "result")
    WebDriverWait(page, 60).until(lambda _: " ms" in result.text)
    return result.text


def sign_in(page, account) -> None:
    page.find_element(By.ID, "username").send_keys(account.username)
    page.find_element(By.ID, "password").send_keys(account.password, Keys.ENTER)
    WebDriverWait(page, 60).until(
        lambda _: account.username in page.find_element(By.ID, "who").text)


def test_every_endpoint_is_shown(page, api):
    shown = {article.get_attribute("id"): article.find_element(By.TAG_NAME, "h3").text
             for article in page.find_elements(By.CLASS_NAME, "endpoint")}
    described = Description(api).operations
    assert shown == {operation["operationId"]: f"{method} {path}"
                     for (method, path), operation in described.items()}


def test_it_can_be_read_without_javascript(api):
    """Every path and every field stands in the page itself."""
    answer = api.get("/docs/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for (_, path), operation in Description(api).operations.items():
        assert f'id="{operation["operationId"]}"' in answer.text
        assert f"<code>{path}</code>" in answer.text
    assert "<style" not in answer.text and " style=" not in answer.text
    assert "onclick" not in answer.text and "javascript:" not in answer.text


def test_nothing_comes_from_elsewhere(page, server):
    loaded = page.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert len(loaded) == 3 and all(name.startswith(server.url + "/assets/") for name in loaded)
    policy = requests.get(server.url + "/docs/", timeout=60).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not [entry for entry in page.get_log("browser") if entry["level"] == "SEVERE"]


def test_finding(page):
    field = page.find_element(By.ID, "find")
    field.send_keys("tweet like")
    shown = [article.get_attribute("id") for article in page.find_elements(By.CLASS_NAME, "endpoint")
             if article.is_displayed()]
    assert "microblog_like" in shown and len(shown) < 10
    total = len(page.find_elements(By.CLASS_NAME, "endpoint"))
    assert page.find_element(By.ID, "found").text == f"{len(shown)} of {total}"
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.DELETE)
    assert endpoint(page, "havoc_login").is_displayed()


def test_a_call_with_a_password(page, account):
    assert send(page, "trainer_exercises").startswith("401")
    sign_in(page, account)
    shown = send(page, "trainer_exercises")
    assert shown.startswith("200") and '"excercises"' in shown and "x-request-id" in shown
    assert page.get_cookies() == []


def test_a_call_with_a_token(page, api, account):
    token = api.post("/api/auth/obtain/", {
        "username": account.username, "password": account.password}).json()["token"]
    Select(page.find_element(By.ID, "scheme")).select_by_visible_text("Token")
    page.find_element(By.ID, "token").send_keys(token, Keys.ENTER)
    assert token not in page.page_source
    assert send(page, "integers_jwt").startswith("200")
    page.find_element(By.ID, "forget").click()
    assert send(page, "integers_jwt").startswith("401")


@pytest.mark.parametrize("encoding", [
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_is_put_in_arrives_and_is_shown_as_text(page, account, encoding):
    sign_in(page, account)
    open_form(page, "microblog_tweet")
    fill(page, "microblog_tweet", content=SCRIPT)
    Select(page.find_element(By.ID, "microblog_tweet-as")).select_by_visible_text(encoding)
    shown = send(page, "microblog_tweet")
    assert shown.startswith("201") and json.dumps(SCRIPT) in shown
    tweet = json.loads(shown[shown.index("{"):])["id"]
    open_form(page, "microblog_show_tweet")
    fill(page, "microblog_show_tweet", tweet_id=str(tweet))
    assert json.dumps(SCRIPT) in send(page, "microblog_show_tweet")
    assert page.title == "API · havocctl"
    assert not page.find_elements(By.CSS_SELECTOR, ".result img, .result script")


def test_sets_and_the_query(page, account):
    sign_in(page, account)
    open_form(page, "integers_post_set")
    fill(page, "integers_post_set", set_id="mine")
    assert send(page, "integers_post_set").startswith("201")
    open_form(page, "integers_set")
    fill(page, "integers_set", set_id="mine", limit="1")
    shown = send(page, "integers_set")
    assert shown.startswith("200") and '"mine"' in shown


def test_a_file(page, account, tmp_path):
    sign_in(page, account)
    picture = tmp_path / "me.png"
    picture.write_bytes(requests.get(page.current_url.split("/docs")[0] + "/media/avatars/default.png",
                                     timeout=60).content)
    open_form(page, "community_update").find_element(
        By.CSS_SELECTOR, "input[type=file]").send_keys(str(picture))
    shown = send(page, "community_update")
    assert shown.startswith("200") and "/media/avatars/" in shown


def test_the_keyboard_is_enough(page):
    """The first thing to reach leads past the menu; what has the focus shows it."""
    page.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert page.switch_to.active_element.get_attribute("class") == "skip"
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert page.current_url.endswith("#main")
    summary = endpoint(page, "havoc_login").find_element(By.CSS_SELECTOR, ".try summary")
    summary.send_keys(Keys.ENTER)
    page.switch_to.active_element.send_keys(Keys.TAB)
    focused = page.switch_to.active_element
    assert focused.get_attribute("id") == "havoc_login-username"
    assert page.execute_script("return getComputedStyle(arguments[0]).outlineStyle", focused) != "none"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nobody_is_shut_out(browser, server, account, scheme, width):
    look(browser, scheme, width)
    browser.get(server.url + "/docs/")
    sign_in(browser, account)
    for operation in ("trainer_exercises", "havoc_login"):
        open_form(browser, operation)
    fill(browser, "havoc_login", username="nobody", password="nothing")
    assert send(browser, "havoc_login").startswith("401")
    browser.execute_script(
        "document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert violations(browser, rules(scheme, width)) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
