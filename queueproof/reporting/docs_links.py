"""Where the documentation says more of what a report names; plain links, never loaded by a page."""

from __future__ import annotations

import re
from urllib.parse import quote

from queueproof.reporting.model import RequirementResult

#: The address at which `site/` is published; the one place that says so.
ADDRESS = "https://your.github.io/queueproof/"
#: IDs of our own; those of other suites have a prefix, and their pages are not ours.
_OWN = re.compile(r"[A-Z]{2,8}-\d{3}")


def page_of_area(area: str) -> str:
    """The page about an area's requirements, relative to the site."""
    return f"requirements/{quote(area.replace('_', '-'), safe='')}.html"


def link_to(row: RequirementResult) -> str:
    """The address of the section about a requirement; empty for one that is not ours."""
    if not _OWN.fullmatch(row.id):
        return ""
    return f"{ADDRESS}{page_of_area(row.area)}#{row.id.lower()}"
