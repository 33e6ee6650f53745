"""Telling a mapping's mistakes from the target's faults, by what came back.

Theory: an entry of the mapping is at fault when an answer came, was not empty, and the entry
matched nothing in it.
An answer that is missing, empty, late or a server error is the target's, and the gate goes on to
judge it. Every mistake is a UsageError of one line that names the entry and the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from queueproof.config.mapping import Call, JobMapping
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.targets.answers import Kind
from queueproof.targets.generic.events import EventReader
from queueproof.targets.generic.wire import MISSING, find
from queueproof.targets.http import Exchange

_SHOWN = 160
_NOT_LET_IN = (401, 403)
_NO_METHOD = 405
_NO_PATH = 404
_BAD_REQUEST = (400, 405, 415, 422)
#: What a front says of one request or its credentials, and not of itself.
_OF_A_REQUEST = (*_BAD_REQUEST, *_NOT_LET_IN, _NO_PATH, 407)


def mistake(entry: str, value: str, what: str) -> UsageError:
    """The error for one entry, such as `submit.job_id`, that has `value`."""
    table, _, name = entry.partition(".")
    return UsageError(f'mapping: [mapping.{table}] {name} = "{value}" {what}')


def shown(answer: Exchange) -> str:
    """An answer in part of a line."""
    return f"{answer.status} {' '.join(answer.text.split())[:_SHOWN]}".strip()


def judge_submit(call: Call, answer: Exchange) -> None:
    """A first submit must be taken, else nothing else can be checked.

    Raises UsageError for what the mapping could mend, TargetUnreachable for the rest.
    """
    if answer.kind is Kind.COME_AGAIN and answer.status not in _OF_A_REQUEST:
        raise TargetUnreachable(
            f"{call} is the mapping's submit, and it does not get through: "
            f"{answer.as_reply().come_again}"
        )
    if answer.status is None or answer.status >= 500:
        came = answer.trouble if answer.status is None else shown(answer)
        raise TargetUnreachable(
            f"{call} is the mapping's submit, and the target does not take it: {came}"
        )
    judge_answer("submit", call, answer, nowhere=None)
    if not answer.ok:
        raise mistake("submit.request", str(call), f"is answered {shown(answer)}")


def judge_refused(mapping: JobMapping, call: Call, answer: Exchange, *, entry: str) -> None:
    """A refusal was found in the answer to a submit that names a job; `entry` found it."""
    said = f"finds a refusal in the answer to {call}, which names a job: {shown(answer)}"
    raise mistake(f"refused.{entry}", mapping.paths[f"refused.{entry}"], said)


def judge_login(mapping: JobMapping, call: Call, answer: Exchange, told: str) -> None:
    """A login that is refused, or whose answer has nothing where the mapping says."""
    if told:
        return
    if answer.status in (400, *_NOT_LET_IN, 422):
        raise UsageError(
            f"mapping: the login {call} is refused ({answer.status}): check QUEUEPROOF_USERNAME "
            "and QUEUEPROOF_PASSWORD, and how [mapping.login] sends them"
        )
    if answer.status == _NO_PATH:
        raise mistake("login.request", str(call), f"is answered {answer.status}")
    if mapping.login_cookie:
        said = f"is no cookie that the answer to {call} sets"
        raise mistake("login.cookie", mapping.login_cookie, said)
    # Never what the answer says: a token may be somewhere in it.
    there = ", ".join(sorted(answer.fields)) or "nothing"
    said = f"found nothing in the answer to {call}, which has: {there}"
    raise mistake("login.token", mapping.paths["login.token"], said)


def judge_id(mapping: JobMapping, call: Call, answer: Exchange, text: str | None) -> None:
    """The job's id was not found where the mapping says; `text` is what was at that place."""
    if text is None and mapping.id_header:
        there = ", ".join(sorted(answer.headers)) or "none"
        said = f"is not among the headers of the answer to {call}: {there}"
        raise mistake("submit.job_id_header", mapping.id_header, said)
    if text is not None:
        said = f'found nothing in "{text[:_SHOWN]}", where {call} names its job'
        raise mistake("submit.job_id_pattern", mapping.id_pattern, said)


def judge_streamed_id(
    mapping: JobMapping, call: Call, answer: Exchange, bodies: Sequence[Any]
) -> None:
    """The answer to a submit is the job's stream, and its id was found nowhere in it."""
    path = mapping.paths.get("submit.job_id")
    if path is None:
        judge_id(mapping, call, answer, None)
    if bodies:
        said = f"found nothing in the events that answer {call}, such as {str(bodies[0])[:_SHOWN]}"
        raise mistake("submit.job_id", str(path), said)
    raise TargetUnreachable(f"{call} is the mapping's submit, and its answer told no job: {answer}")


def judge_also(mapping: JobMapping, call: Call, answer: Exchange) -> None:
    """A further value of a submit's answer that is not there."""
    for name, path in mapping.also.items():
        if find(answer.json, path) is MISSING:
            said = f"found nothing in the answer to {call}: {shown(answer)}"
            raise mistake("submit.also", f"{name}: {path}", said)


def judge_result(
    mapping: JobMapping, entry: str, call: Call, answer: Exchange, *, computed: str
) -> None:
    """A completed job's result is not where the mapping says.

    Where it is somewhere else in the answer, that is said; where it is nowhere, or another one,
    the gate judges it.
    """
    judge_path(mapping, entry, call, [answer])
    path = mapping.paths.get(entry)
    if path is None or not answer.ok:
        return
    found = find(answer.json, path)
    if str(found) != computed and computed in answer.text:
        said = (
            f'found "{str(found)[:_SHOWN]}" in the answer to {call}, which has the result, '
            f'"{computed}", somewhere else: {shown(answer)}'
        )
        raise mistake(entry, path, said)


def judge_answer(name: str, call: Call, answer: Exchange, *, nowhere: Exchange | None) -> None:
    """A request for a job that exists, refused as only a wrong request is.

    `nowhere` is the answer to the same method on a path that nobody serves: a 404 that looks the
    same means that the path is wrong, another one that the target does not know its own job.
    """
    if answer.status is None or answer.ok or answer.status >= 500:
        return
    if answer.status in _NOT_LET_IN:
        raise UsageError(
            f"mapping: {call} is answered {shown(answer)}: check [mapping.credentials] and the "
            "QUEUEPROOF_… variables, or give what something in front wants in [target.headers]"
        )
    if answer.status == _NO_PATH:
        if nowhere is not None and not _alike(answer, nowhere):
            return
        said = "as a path that nobody serves is" if nowhere else "as if nobody served it"
        raise mistake(f"{name}.request", str(call), f"is answered {said}: {shown(answer)}")
    if answer.status in _BAD_REQUEST:
        what = "with a wrong method" if answer.status == _NO_METHOD else "as a bad request"
        raise mistake(f"{name}.request", str(call), f"is refused {what}: {shown(answer)}")


def judge_path(mapping: JobMapping, entry: str, call: Call, answers: Sequence[Exchange]) -> None:
    """A path of the mapping that finds nothing in any of the good answers to its request."""
    path = mapping.paths.get(entry)
    good = [answer for answer in answers if answer.ok and answer.text.strip()]
    if path is None or not good:
        return
    if all(find(answer.json, path) is MISSING for answer in good):
        said = f"found nothing in the answer to {call}: {shown(good[-1])}"
        raise mistake(entry, path, said)


def judge_format(
    mapping: JobMapping, entry: str, call: Call, answer: Exchange, bodies: Sequence[Any]
) -> None:
    """A stream that carried something, and not one event in the format that `entry` names."""
    carried = [line for line in answer.text.splitlines() if line.strip() and line[:1] != ":"]
    if answer.ok and carried and not bodies:
        said = f"found no event in the answer to {call}: {carried[0][:_SHOWN]}"
        chosen = mapping.submit_format if entry == "submit.format" else mapping.stream_format
        raise mistake(entry, chosen, said)


def judge_events(
    mapping: JobMapping, reader: EventReader, bodies: Sequence[Any], *, call: Call, ticks: int
) -> None:
    """Events came, but the mapping does not understand them."""
    if not bodies:
        return
    text = next((body for body in bodies if isinstance(body, str)), None)
    if text is not None:
        of_submit = call is mapping.calls["submit"]
        entry = "submit.format" if of_submit else "stream.format"
        said = f"found no JSON in the answer to {call}: {text[:_SHOWN]}"
        raise mistake(entry, mapping.submit_format if of_submit else mapping.stream_format, said)
    kinds = list(dict.fromkeys(kind for body in bodies if (kind := reader.kind_of(body))))
    if not kinds:
        said = f"found nothing in the events of {call}, such as {str(bodies[0])[:_SHOWN]}"
        raise mistake("event.kind", mapping.paths["event.kind"], said)
    ticked = [body for body in bodies if reader.kind_of(body) in mapping.words["event.tick"]]
    if not ticked:
        # Known words and no tick among them: not yet, or lost, which the gate judges.
        strange = [kind for kind in kinds if kind not in _words(mapping, "event.")]
        if strange:
            raise _unmatched(mapping, "tick", kinds, call)
        return
    numbers = [number for body in ticked if (number := reader.number_of(body)) is not None]
    if not numbers:
        said = f"found no number in the ticks of {call}, such as {str(ticked[0])[:_SHOWN]}"
        raise mistake("event.number", mapping.paths["event.number"], said)
    _judge_first(mapping, numbers, call=call, ticks=ticks)


def _judge_first(mapping: JobMapping, numbers: Sequence[int], *, call: Call, ticks: int) -> None:
    """All ticks came, one number after the other, but the first is not the mapping's `first`.

    Any other numbers (one missing, a gap, another step) are the target's, and the gate judges them.
    """
    shift = min(numbers)
    if shift and set(numbers) == set(range(shift, shift + ticks)):
        first = mapping.first + shift
        raise UsageError(
            f"mapping: [mapping.event] first = {mapping.first}, but the first tick of {call} has "
            f"the number {first}: say first = {first}"
        )


def judge_ending(
    mapping: JobMapping, reader: EventReader, bodies: Sequence[Any], *, call: Call, how: str
) -> None:
    """A job ended `how`; its events say something that the mapping has no word for instead."""
    kinds = list(dict.fromkeys(kind for body in bodies if (kind := reader.kind_of(body))))
    ways = (how, "end", "error") if how == "failed" else (how, "end")
    wanted = [name for name in ways if mapping.words.get(f"event.{name}")]
    if not wanted or not kinds:
        return
    if any(kind in mapping.words[f"event.{name}"] for kind in kinds for name in wanted):
        return
    known = _words(mapping, "event.")
    if any(kind not in known for kind in kinds):
        raise _unmatched(mapping, wanted[0], [kind for kind in kinds if kind not in known], call)


def judge_state(
    mapping: JobMapping, entry: str, call: Call, answer: Exchange, *, when: str
) -> None:
    """A job's last state is a word that the mapping does not have."""
    path = mapping.paths.get(entry)
    if path is None or not answer.ok:
        return
    state = find(answer.json, path)
    known = _words(mapping, "state.")
    if state is not MISSING and str(state) not in known:
        names = ", ".join(("under_way", "completed", "failed", "cancelled"))
        raise UsageError(
            f'mapping: [mapping.state] has no word "{state}" among {names}; {call} said it {when}'
        )


def _words(mapping: JobMapping, table: str) -> set[str]:
    """Every word of a table, such as `event.`, whatever it means."""
    return {
        word for name, words in mapping.words.items() if name.startswith(table) for word in words
    }


def _unmatched(mapping: JobMapping, name: str, kinds: list[str], call: Call) -> UsageError:
    words = ", ".join(mapping.words[f"event.{name}"])
    said = f"matched none of the events of {call}; there were: {', '.join(kinds)}"
    return mistake(f"event.{name}", words, said)


def _alike(answer: Exchange, nowhere: Exchange) -> bool:
    """Whether both say the same, once what differs by nature is out of sight."""
    return answer.status == nowhere.status and answer.text == nowhere.text
