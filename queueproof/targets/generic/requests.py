"""A mapping's requests, filled in, and the jobs' ids that are found in their answers.

Pure: the adapter sends them by its own client, the load generator by another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from queueproof.config.mapping import Call, JobMapping
from queueproof.config.patterns import LONGEST_TEXT
from queueproof.json_numbers import is_whole
from queueproof.targets.generic.wire import MISSING, filled, find, given
from queueproof.targets.http import Exchange
from queueproof.targets.recent_jobs import RecentJobs

#: A refusal that says no status of its own.
_REFUSED = 400


def request_of(
    call: Call,
    values: Mapping[str, Any],
    *,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None = None,
) -> tuple[str, dict[str, Any]]:
    """A request's path and everything else of it, as an HTTP client takes them.

    `headers` speak for a user; `body` replaces what its body would be.
    """
    in_path = {name: quote(str(value), safe="") for name, value in values.items()}
    request: dict[str, Any] = {"headers": {**given(filled(call.headers, values)), **headers}}
    if call.query:
        request["params"] = given(filled(call.query, values))
    if call.json:
        request["json"] = filled(call.json if body is None else body, values)
    if call.form:
        request["data"] = given(filled(call.form if body is None else body, values))
    return str(filled(f"{call.path}", in_path)), request


def as_told(mapping: JobMapping, answer: Exchange) -> Exchange:
    """The answer, a refusal where a good status carries one in its body (`[mapping.refused]`)."""
    if not answer.ok or not refusal_in(mapping, answer):
        return answer
    path = mapping.paths.get("refused.status")
    code = None if path is None else find(answer.json, path)
    told = is_whole(code) and 400 <= code < 600
    return replace(answer, status=code if told else _REFUSED)


def refusal_in(mapping: JobMapping, answer: Exchange) -> str:
    """The entry of `[mapping.refused]` that finds a refusal in an answer's body; empty for none."""
    at, unless = (mapping.paths.get(f"refused.{name}") for name in ("at", "unless"))
    found = MISSING if at is None else find(answer.json, at)
    if found is not MISSING and found:
        return "at"
    denied = unless is not None and find(answer.json, unless) is False
    return "unless" if denied else ""


class JobIds:
    """Reads ids out of the answers to submits, and keeps what else later requests need of them."""

    def __init__(self, mapping: JobMapping) -> None:
        self._mapping = mapping
        self._pattern = re.compile(mapping.id_pattern) if mapping.id_pattern else None
        self._also: RecentJobs[dict[str, Any]] = RecentJobs()
        self._last_also: dict[str, Any] = dict.fromkeys(mapping.also, "")

    def text_in(self, answer: Exchange) -> str | None:
        """What is at the place of the job's id in the answer to a submit; None for nothing."""
        if self._mapping.id_header:
            return answer.headers.get(self._mapping.id_header.lower()) or None
        found = find(answer.json, self._mapping.paths.get("submit.job_id", ""))
        return None if found is MISSING or found is None else str(found)

    def of(self, answer: Exchange, *, chosen_id: str) -> str | None:
        """The id of a job that was taken; None where the answer does not name it.

        What else the answer says and later requests need is kept under it.
        """
        job_id: str | None = chosen_id
        if self._mapping.names_ids:
            text = self.text_in(answer)
            job_id = None if text is None else self._id_in(text)
        if job_id is not None and self._mapping.also:
            found = {name: find(answer.json, path) for name, path in self._mapping.also.items()}
            self._last_also = {n: "" if value is MISSING else value for n, value in found.items()}
            self._also[job_id] = self._last_also
        return job_id

    def also(self, job_id: object) -> Mapping[str, Any]:
        """What else a job's submit was answered; of an unknown job, what the last one was."""
        kept: Mapping[str, Any] = self._also.get(str(job_id), self._last_also)
        return kept

    def _id_in(self, text: str) -> str | None:
        """The id in such a text: its one group where there is a pattern, else all of it."""
        if self._pattern is None:
            return text
        found = self._pattern.search(text[:LONGEST_TEXT])
        return found[1] if found else None


def mapping_from(table: Mapping[str, Any]) -> JobMapping:
    """The mapping that `dataclasses.asdict` has made a table of, and JSON has carried."""
    calls = {name: Call(**call) for name, call in table["calls"].items()}
    words = {name: tuple(each) for name, each in table["words"].items()}
    return JobMapping(**{**table, "calls": calls, "words": words})
