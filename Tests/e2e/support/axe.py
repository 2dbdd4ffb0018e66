"""axe-core's rules in a browser, and what a page looks like."""

import base64
import os
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from selenium.webdriver import Chrome

from support.program import ROOT

RUN = """
const [rules, done] = arguments;
const only = rules ? {runOnly: {type: "rule", values: rules}} : {};
axe.run(document, {resultTypes: ["violations"], ...only}).then((answer) => done(answer.violations.map((one) => ({
  rule: one.id, impact: one.impact, help: one.help,
  places: one.nodes.map((node) => ({html: node.html, why: node.failureSummary}))}))));
"""

SCHEMES = ("light", "dark")
WIDTHS = (360, 1280)

# Those for which the colour scheme matters.
COLOURS = ["color-contrast", "link-in-text-block"]
# Those for which the width does.
NARROW = ["meta-viewport", "scrollable-region-focusable", "target-size", "region", "bypass"]


def rules(scheme: str, width: int) -> list[str] | None:
    """All of them once, and in the other looks those that may find something else."""
    if scheme == "dark":
        return COLOURS
    return NARROW if width == WIDTHS[0] else None


def look(driver: Chrome, scheme: str, width: int) -> None:
    """From here on as somebody with that taste and that screen."""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})


@cache
def source() -> str:
    return (files("selenium_axe_python") / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(driver: Chrome, rules: list[str] | None = None) -> list[dict]:
    """By all rules, or by these."""
    if not driver.execute_script("return Boolean(window.axe)"):
        driver.execute_script(source())
    return driver.execute_async_script(RUN, rules)


def as_text(found: list[dict]) -> str:
    return "\n".join(f"{one['rule']} ({one['impact']}): {one['help']}\n" + "\n".join(
        f"    {place['html'][:300]}\n    {place['why']}" for place in one["places"][:3]) for one in found)


def screenshots() -> Path:
    """Where the pictures of a run are kept: SCREENSHOTS, else a directory of the build's."""
    directory = Path(os.environ.get("SCREENSHOTS") or ROOT / ".build" / "screenshots")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def keep_screenshot(driver: Chrome, name: str) -> Path:
    path = screenshots() / (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") + ".png")
    taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
    path.write_bytes(base64.b64decode(taken["data"]))
    return path
