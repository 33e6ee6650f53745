"""The dashboard's pages: whole in themselves, nothing from elsewhere, escaped throughout."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem } h1 code { font-weight: 600 }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 }
nav a { padding: .25rem .75rem; border: 1px solid #8888; border-radius: 1rem; color: inherit;
  text-decoration: none } nav a[aria-current] { background: #2563eb; color: #fff }
article { border: 1px solid #8886; border-left: .3rem solid #888; border-radius: .4rem;
  padding: .6rem 1rem; margin: .75rem 0; overflow-wrap: anywhere }
article.completed { border-left-color: #16a34a } article.failed { border-left-color: #dc2626 }
article.active { border-left-color: #2563eb } dl { display: grid; gap: .1rem 1rem; margin: .4rem 0;
  grid-template-columns: max-content 1fr } dt { opacity: .7 } dd { margin: 0 }
pre { margin: 0; white-space: pre-wrap; font-size: .85rem } form { display: grid; gap: .5rem;
  max-width: 20rem } .paused { color: #dc2626 }
"""
SIGNIN_SCRIPT = """
document.querySelector('form').addEventListener('submit', async event => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target));
  const answer = await fetch('/api/v1/auth/login', {method: 'POST', body: JSON.stringify(fields),
    headers: {'Content-Type': 'application/json', 'x-request-from': 'internal'}});
  if (answer.ok) location.href = '/admin/queues';
  else document.querySelector('output').textContent = (await answer.json()).message;
});
"""
HIDDEN_DATA = frozenset({"chatflow"})


@dataclass(frozen=True)
class Listing:
    """One look at the queue."""

    queue: str
    status: str
    page: int
    counts: dict[str, int]
    is_paused: bool
    jobs: list[dict[str, Any]]


def queue_page(listing: Listing) -> str:
    """The queue: how many jobs of each status, and the newest of the chosen one."""
    jobs = "".join(_job(job) for job in listing.jobs) or "<p>No jobs.</p>"
    paused = ' <span class="paused">paused</span>' if listing.is_paused else ""
    heading = f"<h1>Queue <code>{escape(listing.queue)}</code>{paused}</h1>"
    return _page(f"{listing.queue} · queues", heading + _statuses(listing) + jobs + _pages(listing))


def signin_page() -> str:
    """The login form."""
    form = (
        "<h1>Sign in</h1><form>"
        '<label>Email <input name="email" type="email" required></label>'
        '<label>Password <input name="password" type="password" required></label>'
        "<button>Sign in</button><output></output></form>"
    )
    return _page("Sign in", f"{form}<script>{SIGNIN_SCRIPT}</script>")


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<link rel="icon" href="data:,"></head><body>{body}</body></html>'
    )


def _statuses(listing: Listing) -> str:
    named = [("latest", sum(listing.counts.values())), *listing.counts.items()]
    links = "".join(
        f'<a href="?status={name}"{" aria-current=true" if name == listing.status else ""}>'
        f"{name.capitalize()} {count}</a>"
        for name, count in named
    )
    return f"<nav>{links}</nav>"


def _pages(listing: Listing) -> str:
    link = f'<a href="?status={listing.status}&amp;page='
    before = f'{link}{listing.page - 1}">Newer</a>' if listing.page > 1 else ""
    after = f'{link}{listing.page + 1}">Older</a>' if listing.jobs else ""
    return f"<nav>{before}{after}</nav>"


def _job(job: dict[str, Any]) -> str:
    data = {key: value for key, value in job["data"].items() if key not in HIDDEN_DATA}
    flow = job["data"].get("chatflow")
    result = job["returnValue"]
    rows = [
        ("Question", _text(data.get("incomingInput"), "question")),
        ("Flow", _text(flow, "id")),
        ("Result", _text(result, "text")),
        ("Failed because", job["failedReason"]),
        ("Added", _moment(job["timestamp"])),
        ("Begun", _moment(job["processedOn"])),
        ("Finished", _moment(job["finishedOn"])),
    ]
    shown = "".join(
        f"<dt>{name}</dt><dd>{escape(str(value))}</dd>" for name, value in rows if value is not None
    )
    status = escape(job["status"])
    return (
        f'<article class="{status}" id="job-{escape(str(job["id"]), quote=True)}">'
        f"<strong>{status}</strong> <code>{escape(str(job['id']))}</code><dl>{shown}</dl>"
        f"{_details('Data', data)}{_details('Return value', result)}</article>"
    )


def _details(title: str, value: object) -> str:
    if value is None:
        return ""
    text = escape(json.dumps(value, indent=2, ensure_ascii=False))
    return f"<details><summary>{title}</summary><pre>{text}</pre></details>"


def _text(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _moment(moment_ms: int | None) -> str | None:
    if not moment_ms:
        return None
    return datetime.fromtimestamp(moment_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
