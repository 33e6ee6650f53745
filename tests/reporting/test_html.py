"""report.html: self-contained, structured, and harmless whatever a target said."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from queueproof.reporting import docs_links, html
from queueproof.reporting.model import RunResult
from queueproof.reporting.text import shown
from queueproof.verdicts import Verdict

from . import samples
from .test_golden import SAMPLES

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)
UPLOT_HOME = "https://github.com/leeoniya/uPlot"  # in the licence line of the library
_VOID = {"meta", "link", "input", "rect", "br"}


class Page(HTMLParser):
    """Elements with their attributes, the visible text, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Elements close in the order in which they were opened."""
        if tag not in _VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text, not the style and the script."""
        if not {"style", "script"} & set(self._open):
            self.text += data

    def tags(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every element of one name."""
        return [attributes for tag, attributes in self.elements if tag == name]


@each_sample
def test_the_page_refers_to_nothing_outside_itself(sample: Callable[[], RunResult]) -> None:
    """No attribute names a resource to load, no style imports one.

    Links stay on the page, or lead to the documentation for whoever follows them.
    """
    page = Page(html.render(sample()))
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "action", "background", "poster"} & set(attributes)
        outside = (docs_links.ADDRESS,) if tag == "a" else ()
        assert (attributes.get("href") or "#").startswith(("#", "data:,", *outside))
    ours = style_and_script(sample()).replace(UPLOT_HOME, "")
    assert not re.search(r"url\(|@import|https?:", ours)


@each_sample
def test_every_link_has_its_place_and_every_id_is_unique(sample: Callable[[], RunResult]) -> None:
    """A link from a summary leads to the requirement."""
    page = Page(html.render(sample()))
    ids = [each["id"] for _, each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    links = [each["href"] or "" for each in page.tags("a")]
    targets = {link[1:] for link in links if not link.startswith(docs_links.ADDRESS)}
    assert targets <= {str(each) for each in ids}


def test_hostile_strings_are_shown_and_do_nothing() -> None:
    """They appear as text; the elements are only those that the templates write."""
    hostile, harmless = Page(html.render(samples.hostile())), Page(html.render(samples.passing()))
    assert len(hostile.tags("script")) == len(harmless.tags("script")) == 1
    assert not hostile.tags("img")
    assert not [name for _, each in hostile.elements for name in each if name.startswith("on")]
    for text in (samples.MARKUP, samples.RICH_MARKUP, samples.SCRIPTS, samples.JINJA):
        assert text in hostile.text
    for text in (samples.CONTROLS, samples.BACKWARDS, samples.UNPAIRED):
        assert shown(text) in hostile.text


def test_the_security_policy_admits_our_style_and_script_alone() -> None:
    """It names them by their hash and forbids the rest."""
    page = html.render(samples.hostile())
    policy = next(each["content"] or "" for each in Page(page).tags("meta") if "http-equiv" in each)
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert content is not None
        digest = b64encode(sha256(content[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [each for _, each in Page(page).elements if "style" in each]


def test_a_failed_requirement_stands_open_and_a_passed_one_closed() -> None:
    """The reader sees what is wrong without a click, on paper too."""
    rows = {
        each["id"]: "open" in each
        for each in Page(html.render(samples.every_verdict())).tags("details")
        if "id" in each
    }
    assert rows["POLL-003"]
    assert rows["POLL-007"]
    assert rows["CANCEL-002"]
    assert not rows["POLL-001"]
    assert not rows["TTL-001"]


def test_every_verdict_is_told_in_words() -> None:
    """No verdict is told by colour alone."""
    page = html.render(samples.every_verdict())
    for verdict, words in re.findall(r'<span class="badge (\w+)">.*?</span>(.*?)</span>', page):
        assert words == verdict.replace("_", " ")


def test_a_failure_shows_what_the_fixer_needs() -> None:
    """Expected, actual, trace, place in the history, and the command, word for word."""
    page = Page(html.render(samples.every_verdict())).text
    for text in (
        "ticks 0..11 once each, in order",
        "21 deliveries of 12 ticks: 9 duplicates, first at poll 4 (worker b), tick 0",
        "0.231s poll via c 200 ok in 0.013s ticks 0..5 [end]",
        "history.jsonl.gz#job=1f2c9e",
        "queueproof gate http://127.0.0.1:7860 --only POLL-003 --seed 41",
    ):
        assert text in page


def test_a_page_of_many_long_failures_stays_light() -> None:
    """A trace of any length and fields of any length are cut to what a person reads."""
    failed = Verdict.FAILED
    trace = tuple(samples.LONG for _ in range(5_000))
    rows = [
        samples.row(f"BIG-{number}", samples.case(f"BIG-{number}", failed, trace=trace))
        for number in range(3)
    ]
    assert len(html.render(samples.result(*rows))) < 2_000_000


def style_and_script(result: RunResult) -> str:
    """The style and the script that the page carries."""
    found = re.findall(r"<(style|script)>(.*?)</\1>", html.render(result), re.DOTALL)
    return "\n".join(text for _, text in found)


def test_the_first_thing_below_the_head_is_what_happened_a_must_before_a_should() -> None:
    """By what it means for users; then what was not settled. Promises that hold are not there."""
    failed = Verdict.FAILED
    rows = (
        samples.row(
            "POLL-009", samples.case("POLL-009", failed, actual="no answer in 8 s"), level="SHOULD"
        ),
        samples.row("POLL-003", samples.case("POLL-003", failed, actual="36 deliveries of 12")),
        samples.row(
            "CANC-001", samples.case("CANC-001", failed, actual="it ran on"), area="cancel"
        ),
        samples.row("TTL-001", samples.case("TTL-001", Verdict.INCONCLUSIVE), area="ttl"),
        samples.row("TTL-002", samples.case("TTL-002", Verdict.PASSED), area="ttl"),
    )
    page = html.render(samples.result(*rows))
    main = page[page.index("<main") :]
    attention = main[: main.index('aria-label="Summary"')]
    order = [
        *("Events are lost", "POLL-003", "36 deliveries of 12", "POLL-009", "no answer in 8 s"),
        *("Cancels do not", "CANC-001", "it ran on", "Not settled", "TTL-001"),
    ]
    places = [attention.index(words) for words in order]
    assert places == sorted(places)
    assert "TTL-002" not in attention


def test_the_reference_does_not_stand_under_a_products_name() -> None:
    given = samples.every_verdict()
    ours = replace(given, target=replace(given.target, urls=("embedded reference",)))
    page = html.render(ours)
    assert "reference implementation (contract langflow)" in page[: page.index("</title>")]
