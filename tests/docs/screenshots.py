"""Make the documentation's screenshots anew, from the published report of a real system.

    python -m tests.docs.screenshots

Needs Chromium. The pictures go to docs/assets/; make them smaller with any PNG optimiser, and look
at them before they are committed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import FloatRect, Page, sync_playwright

from queueproof.reporting import html, json_report

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "docs" / "assets"
REPORT = ROOT / "reports" / "published" / "langflow-1.13.0"
FAILED_CASE = "POLL-003"
_WIDTH, _HEIGHT = 1000, 780


def main() -> int:
    """Write both pictures; 1 where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no chromium on this machine", file=sys.stderr)  # noqa: T201
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "report.html"
        result = json_report.load(REPORT / "report.json")
        page_file.write_text(html.render(result, history=REPORT / "history.jsonl.gz"), "utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        first_screen(page, page_file)
        failed_case(page, page_file)
        browser.close()
    return 0


def first_screen(page: Page, report: Path) -> None:
    """What a reader of a failing report sees without scrolling."""
    page.goto(report.as_uri())
    page.screenshot(path=ASSETS / "failing-report.png")


def failed_case(page: Page, report: Path) -> None:
    """One case that failed: expected, actual, timeline, and the beginning of its trace."""
    page.goto(f"{report.as_uri()}#{FAILED_CASE}")
    page.wait_for_timeout(500)
    case = page.locator(f"[id='{FAILED_CASE}'] article.case").first
    case.evaluate("element => element.scrollIntoView()")
    box = case.bounding_box()
    assert box is not None
    seen = min(box["height"], _HEIGHT - box["y"])
    clip = FloatRect(x=box["x"], y=box["y"], width=box["width"], height=seen)
    page.screenshot(path=ASSETS / "failed-case.png", clip=clip)


if __name__ == "__main__":
    sys.exit(main())
