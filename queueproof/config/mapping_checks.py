"""What must fit together in a [mapping]: braces that something fills in, ids, logins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from queueproof.config.mapping_tables import LOGIN_NAMES, PROBE_NAMES, SECRET_NAMES, names_in
from queueproof.errors import UsageError

if TYPE_CHECKING:
    from queueproof.config.mapping import JobMapping

_OF_NO_JOB = ("submit", "about", "dead", "login")


def check_names(mapping: JobMapping, *, where: str) -> None:
    """Nothing in braces that nobody fills in, and what each request cannot do without.

    Raises UsageError that names the entry.
    """
    of_a_job = {"job", *mapping.also}
    allowed = dict.fromkeys(mapping.calls, of_a_job)
    allowed |= {"submit": set(PROBE_NAMES), "poll": of_a_job | {"after"}}
    allowed |= {"about": set(), "dead": set(), "login": set(LOGIN_NAMES)}
    for name, call in mapping.calls.items():
        unknown = sorted(call.names - allowed[name])
        if unknown:
            known = ", ".join(sorted(allowed[name]))
            raise UsageError(f"{where}.{name}: nothing fills in {{{unknown[0]}}}; known: {known}")
        if name not in _OF_NO_JOB and "job" not in call.names:
            raise UsageError(f"{where}.{name}: {{job}} is nowhere in it: whose job would it be?")
    submit = mapping.calls["submit"].names
    if "ticks" not in submit or not submit & {"interval_s", "interval_ms"}:
        raise UsageError(
            f"{where}.submit: its body must say {{ticks}} and {{interval_s}} or {{interval_ms}}"
        )
    _check_id(mapping, where=where)
    _check_login(mapping, where=where)
    _check_unknown(mapping, where=where)
    follows = any("after" in call.names for call in mapping.calls.values())
    if follows and "poll.position" not in mapping.paths:
        raise UsageError(f"{where}.poll: {{after}} wants a position to be found in the answers")
    strange = sorted(set(names_in(mapping.credentials)) - SECRET_NAMES)
    if strange:
        raise UsageError(f"{where}.credentials: nothing fills in {{{strange[0]}}}")


def _check_id(mapping: JobMapping, *, where: str) -> None:
    """Somebody names a job's id: the answer to its submit, in one place, or the client."""
    if "submit.job_id" in mapping.paths and mapping.id_header:
        raise UsageError(f"{where}.submit: job_id and job_id_header: where is the id, then?")
    if not mapping.names_ids and "id" not in mapping.calls["submit"].names:
        raise UsageError(
            f"{where}.submit: job_id is missing: name its place in the answer, a job_id_header, or "
            "let the client choose the id by {id} in the body or the path"
        )
    if mapping.id_pattern and not mapping.names_ids:
        raise UsageError(f"{where}.submit: job_id_pattern has nothing to be found in")
    if strange := sorted(mapping.also.keys() & {"job", "after"}):
        raise UsageError(f"{where}.submit.also: {{{strange[0]}}} is something else already")


def _check_login(mapping: JobMapping, *, where: str) -> None:
    """What a login gives is what the credentials carry."""
    wants = {"cookie"} & set(names_in(mapping.credentials))
    if "login" not in mapping.calls:
        if wants:
            raise UsageError(f"{where}.credentials: {{cookie}} wants a [mapping.login] to give it")
        return
    gives = [name for name in ("token", "cookie") if _given_by_login(mapping, name)]
    if len(gives) != 1:
        raise UsageError(f"{where}.login: name what it gives: token, or cookie")
    if gives[0] not in names_in(mapping.credentials):
        raise UsageError(
            f"{where}.credentials: {{{gives[0]}}}, which [mapping.login] gives, is nowhere"
        )


def _given_by_login(mapping: JobMapping, name: str) -> bool:
    return bool(mapping.login_cookie) if name == "cookie" else "login.token" in mapping.paths


def _check_unknown(mapping: JobMapping, *, where: str) -> None:
    """A body for an unknown kind of job must have a body to replace, or an ordinary job is sent."""
    submit, unknown = mapping.calls["submit"], mapping.unknown
    if unknown is None:
        return
    if not (submit.json or submit.form):
        raise UsageError(f"{where}.submit: unknown replaces json or form, and there is neither")
    strange = sorted(set(names_in(unknown)) - PROBE_NAMES)
    if strange:
        raise UsageError(f"{where}.submit.unknown: nothing fills in {{{strange[0]}}}")
