"""The pages in a real browser, from the file system, with the network off."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from queueproof.reporting import diff, html, matrix, outage_matrix, write_all
from queueproof.reporting.files import replace_file

from . import outage_samples, queue_samples, samples
from .test_timeline import operation, write_history

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
MANY_ROWS = 50_000
OPENS_WITHIN_S = 2.0
FAULT = ("Redis frozen applied", "Redis frozen healed")


class Opened:
    """A page in a context of its own, with everything it complained about."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(offline=True, **options)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._requested)
        began = time.monotonic()
        self.page.goto(path.as_uri())
        self.took_s = time.monotonic() - began

    def _requested(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:")):
            self.complaints.append(f"asked for {request.url}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's chromium, once for all tests."""
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(
            executable_path=CHROMIUM,
            # One process for all pages, which one after another need no more.
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--in-process-gpu",
                "--renderer-process-limit=1",
            ],
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One page of every kind."""
    folder = tmp_path_factory.mktemp("pages")
    rows = [
        operation(
            n,
            worker="abc"[n % 3],
            status=404 if n == 5 else 200,
            outcome="failed" if n == 5 else "ok",
        )
        for n in range(30)
    ]
    rows += [operation(30 + n, kind="fault", detail=each) for n, each in enumerate(FAULT)]
    outage = operation(17, job="1f2c9e", case="CHAOS-027", outcome="failed")
    struck = [outage, operation(18, job="other", case="CHAOS-027")]
    gate = samples.every_verdict()
    made = {
        "gate": gate,
        "hostile": samples.hostile(),
        "chaos": outage_samples.chaos(),
        "outages": outage_samples.outages(),
        "load": samples.load(),
        "baseline": samples.with_baseline(),
    }
    for name, result in made.items():
        (folder / name).mkdir()
        told = struck if name == "outages" else rows
        write_history(folder / name / "history.jsonl.gz", told)
        write_all(result, folder / name)
    replace_file(folder / "matrix.html", matrix.render(matrix.collect(folder)))
    outage_matrix.write(queue_samples.whole(folder / "queues"))
    comparison = diff.compare(samples.passing(), gate)
    replace_file(folder / "diff.html", diff.render_html(comparison))
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.html")}


NAMES = (
    "gate/report.html",
    "hostile/report.html",
    "chaos/report.html",
    "outages/report.html",
    "load/report.html",
    "baseline/report.html",
    "matrix.html",
    "diff.html",
    "queues/index.html",
)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [*((name, "light") for name in NAMES), ("gate/report.html", "dark"), ("matrix.html", "dark")],
)
def test_axe_finds_nothing(browser: Any, pages: dict[str, Path], name: str, scheme: str) -> None:
    """Names, roles, landmarks, contrast: in the light, and where it differs in the dark."""
    # The policy forbids foreign scripts, so axe itself needs it out of the way.
    opened = Opened(browser, pages[name], color_scheme=scheme, bypass_csp=True)
    for details in opened.page.locator("details.whole").all():
        details.locator("summary").first.click()
        details.locator("canvas").wait_for()
    opened.page.evaluate(AXE.read_text(encoding="utf-8"))
    # What passes need not be written up; violations are found all the same.
    found = opened.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    opened.context.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_opens_in_silence_and_fits_a_phone(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    """No console message, no request, and nothing that is wider than the screen."""
    opened = Opened(browser, pages[name], viewport={"width": 390, "height": 844})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert opened.complaints == []
    opened.context.close()


def test_search_and_verdict_boxes_narrow_the_rows(browser: Any, pages: dict[str, Path]) -> None:
    """By words, by verdict, and back again."""
    opened = Opened(browser, pages["gate/report.html"])
    page = opened.page
    count = page.locator("#shown-count")
    assert count.text_content() == "7 of 7 shown"
    page.fill("#search", "cancel-002")
    assert count.text_content() == "1 of 7 shown"
    page.fill("#search", "")
    page.uncheck("#show-failed")
    assert count.text_content() == "6 of 7 shown"
    opened.context.close()


def test_the_filter_is_in_the_address_and_a_link_wins_over_it(
    browser: Any, pages: dict[str, Path]
) -> None:
    """What was chosen is there after a reload; a row that is linked to is shown in any case."""
    opened = Opened(browser, pages["gate/report.html"])
    page = opened.page
    page.uncheck("#show-failed")
    page.fill("#search", "cancel-00")
    page.reload()
    assert not page.is_checked("#show-failed")
    assert page.input_value("#search") == "cancel-00"
    assert page.locator("#shown-count").text_content() == "2 of 7 shown"
    page.goto(f"{pages['gate/report.html'].as_uri()}?hide=failed.SHOULD&find=nothing#POLL-003")
    playwright.expect(page.locator("#POLL-003")).to_be_visible()
    assert page.is_checked("#show-failed")
    assert "hide" not in page.url
    assert opened.complaints == []
    opened.context.close()


def test_an_area_in_which_all_passed_is_folded_and_opens_for_a_link_and_a_search(
    browser: Any, pages: dict[str, Path]
) -> None:
    """A folded row counts as shown; a link to it, or a word in it, unfolds it."""
    opened = Opened(browser, pages["outages/report.html"])
    page = opened.page
    row = page.locator("#LIFE-008")
    assert page.locator("#shown-count").text_content() == "4 of 4 shown"
    assert not row.is_visible()
    page.fill("#search", "life-008")
    assert row.is_visible()
    assert page.locator("#shown-count").text_content() == "1 of 4 shown"
    page.locator("#close-all").click()
    page.fill("#search", "")
    assert not row.is_visible()
    page.evaluate("location.hash = '#LIFE-008'")
    playwright.expect(row).to_be_visible()
    assert opened.complaints == []
    opened.context.close()


def test_the_first_screen_draws_the_job_that_an_outage_broke(
    browser: Any, pages: dict[str, Path]
) -> None:
    """One job of one outage, its wrong operation marked, before the page is scrolled."""
    opened = Opened(browser, pages["outages/report.html"], viewport={"width": 1440, "height": 900})
    figure = opened.page.locator("figure.brief")
    figure.locator("canvas").wait_for()
    assert "1 operations on 1 lanes" in figure.locator("canvas").get_attribute("aria-label")
    assert figure.locator("canvas").bounding_box()["y"] < 700
    figure.locator(".operations summary").click()
    assert "poll ← wrong" in figure.locator("tbody").inner_text()
    opened.context.close()


def test_a_timeline_shows_what_was_said_and_zooms(browser: Any, pages: dict[str, Path]) -> None:
    """A click on a bar, a step to the next one, a drag, and the same as a table."""
    opened = Opened(browser, pages["gate/report.html"], viewport={"width": 1000, "height": 900})
    page = opened.page
    figure = page.locator("details.whole figure.timeline")
    page.locator("details.whole > summary").click()
    figure.locator("canvas").wait_for()
    figure.locator("[aria-label='Later operation']").click()
    assert "poll through worker a" in figure.locator(".detail").inner_text()
    figure.locator("[aria-label='Later operation']").click()
    assert "poll through worker b" in figure.locator(".detail").inner_text()
    # The last poll, on worker c's lane, ends at the right edge of the time shown.
    figure.locator(".u-over").scroll_into_view_if_needed()
    over = figure.locator(".u-over").bounding_box()
    x = over["x"] + over["width"] * (2.92 + 0.059) / (2.95 + 0.118)
    page.mouse.click(x, over["y"] + over["height"] * 5 / 6)
    assert "number 29" in figure.locator(".detail").inner_text()
    figure.locator(".operations summary").click()
    playwright.expect(figure.locator("tbody tr")).to_have_count(30)
    figure.locator(".u-over").scroll_into_view_if_needed()
    over = figure.locator(".u-over").bounding_box()
    page.mouse.move(over["x"] + over["width"] * 0.5, over["y"] + 10)
    page.mouse.down()
    page.mouse.move(over["x"] + over["width"] * 0.75, over["y"] + 10, steps=4)
    page.mouse.up()
    playwright.expect(figure.locator("tbody tr")).to_have_count(8)
    figure.get_by_text("Whole", exact=True).click()
    playwright.expect(figure.locator("tbody tr")).to_have_count(30)
    assert opened.complaints == []
    opened.context.close()


def test_the_matrix_of_outages_is_sorted_and_filtered(browser: Any, pages: dict[str, Path]) -> None:
    """By an outage's outcome, by one outage, by what breaks something; the keyboard suffices."""
    opened = Opened(browser, pages["queues/index.html"])
    page = opened.page
    table = page.locator(".outage-table")
    first = table.locator("tbody tr").first.locator("th")
    head = table.locator("thead th[data-outage='CHAOS-214']")

    head.get_by_role("button").press("Enter")
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert "rq 3.0.0" in first.inner_text()
    page.select_option("#only-outage", "CHAOS-214")
    assert table.locator("thead th:visible").count() == 2
    page.check("#only-broken")
    assert table.locator("tbody tr:visible").count() == 1
    assert page.locator("#outage-count").text_content() == "1 of 3 systems shown"
    assert opened.complaints == []
    opened.context.close()


def test_charts_are_drawn_with_their_numbers_beside_them(
    browser: Any, pages: dict[str, Path]
) -> None:
    """Latency over time, rates, percentiles; a canvas each, named for a screen reader."""
    opened = Opened(browser, pages["load/report.html"])
    canvases = opened.page.locator("figure.chart canvas[role=img]")
    labels = [canvases.nth(n).get_attribute("aria-label") for n in range(canvases.count())]
    assert [label.split(".")[0] for label in labels] == [
        "Latency over time",
        "Offered and served",
        "Latency by percentile",
    ]
    opened.context.close()


def test_fifty_thousand_rows_open_within_two_seconds(browser: Any, tmp_path: Path) -> None:
    """The page itself, and then the timeline over all of them."""
    rows = [
        operation(n, worker="abc"[n % 3], case=f"case {n % 150}", job=f"job {n % 700}")
        for n in range(MANY_ROWS)
    ]
    path = tmp_path / "report.html"
    history = write_history(tmp_path / "history.jsonl.gz", rows)
    replace_file(path, html.render(samples.every_verdict(), history=history))
    # The fastest of three: what the machine does beside it is not the page's doing.
    took_s = []
    for _ in range(3):
        opened = Opened(browser, path)
        began = time.monotonic()
        opened.page.locator("details.whole > summary").click()
        opened.page.locator("details.whole canvas").wait_for()
        took_s.append((opened.took_s, time.monotonic() - began))
        assert opened.complaints == []
        opened.context.close()
    assert min(opening for opening, _ in took_s) < OPENS_WITHIN_S, took_s
    assert min(drawing for _, drawing in took_s) < OPENS_WITHIN_S, took_s


@pytest.mark.parametrize("number", [2, 24])
def test_failing_outages_are_printed_on_three_pages(
    number: int, browser: Any, tmp_path: Path
) -> None:
    """Few or many: which broke what, every failing one's verdicts, and the first in detail."""
    result = outage_samples.many_outages(number)
    rows = [operation(n, case=f"CHAOS-{1 + n % number:03}") for n in range(60)]
    page = tmp_path / "report.html"
    replace_file(page, html.render(result, history=write_history(tmp_path / "h.gz", rows)))

    opened = Opened(browser, page)
    printed = [opened.page.pdf(format=paper) for paper in ("A4", "Letter")]
    opened.page.emulate_media(media="print")

    assert max(len(re.findall(rb"/Type */Page\b", each)) for each in printed) <= 3
    seen = opened.page.inner_text("main")
    assert "0.3 s after the fault began" in seen
    assert "CHAOS-002" in seen
    assert "--only CHAOS-002" in seen
    assert ("more of these are on the page" in seen) is (number > 2)
    opened.context.close()
