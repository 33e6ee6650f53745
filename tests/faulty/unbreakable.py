"""Requirements and cases that no running variant can break, each with its reason.

An entry here is an admission: the suite's power to see this fault is not proven. A requirement
that gets a variant must leave this list; the proof fails otherwise.
"""

from __future__ import annotations

UNBREAKABLE: dict[str, str] = {
    "EXPL-001": "generated schedules find what their seed leads to, never a fixed set of faults",
    "RESI-012": "the reference has no metrics: tests/chaos/test_steady_states.py has a server's",
}

#: Cases, as ``test_file.py::test_name``, that no variant fails.
UNPROVEN: dict[str, str] = {
    "test_schedules.py::test_schedules_nobody_wrote_break_nothing": (
        "generated schedules find what their seed leads to, never a fixed set of faults"
    ),
}

_REDIS = "it judges what is in Redis; how the job was read or ended does not matter"
_ONE_END = "another job's events have one end, too"
_SIGN = "it is read as a sign of life, or to be let in; what it is told is not judged"
_PRESENCE = "its poll is there to wait, or as a sign of life; what it is told is not judged"

#: File and case, the operations (with the form, where only one is meant), and the reason.
_ROWS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "test_odd_answers.py",
        "test_events_are_answered_in_utf8_and_for_nobody_to_keep",
        ("poll", "stream"),
        "it judges headers alone",
    ),
    (
        "test_odd_answers.py",
        "test_nothing_follows_the_terminal_event_of_a_polled_job",
        ("poll other",),
        _ONE_END,
    ),
    (
        "test_meeting_the_end.py",
        "test_nothing_follows_the_terminal_event_of_a_cancelled_job",
        ("stream other",),
        _ONE_END,
    ),
    (
        "test_beside_slow_starts.py",
        "test_readers_that_wait_for_a_first_event_hold_up_nobody_else",
        ("poll",),
        _PRESENCE,
    ),
    (
        "test_second_scans.py",
        "test_a_build_that_is_abandoned_after_another_was_reclaimed_is_stopped",
        ("poll",),
        _PRESENCE,
    ),
    (
        "test_other_ends.py",
        "test_the_keys_of_jobs_that_did_not_complete_have_a_time_to_live",
        ("poll", "stream", "cancel"),
        _REDIS,
    ),
    (
        "test_other_ends.py",
        "test_the_keys_of_jobs_that_did_not_complete_vanish",
        ("poll", "stream", "cancel"),
        _REDIS,
    ),
    (
        "test_other_ends.py",
        "test_what_strangers_are_refused_is_no_sign_of_life",
        ("poll",),
        _PRESENCE,
    ),
    (
        "test_refused_readers.py",
        "test_a_job_that_was_reclaimed_is_no_longer_active",
        ("poll",),
        _PRESENCE,
    ),
    (
        "test_other_ends.py",
        "test_builds_that_their_clients_ended_are_not_counted",
        ("stream other",),
        _SIGN,
    ),
    (
        "test_after_their_users.py",
        "test_another_user_cannot_poll_a_job_where_its_user_has_just_polled_it",
        ("poll other",),
        _SIGN,
    ),
    (
        "test_after_their_users.py",
        "test_another_user_cannot_stream_a_job_while_its_user_streams_it_there",
        ("stream other",),
        _SIGN,
    ),
    (
        "test_reclaiming.py",
        "test_a_build_whose_client_left_in_the_middle_of_a_poll_is_stopped",
        ("poll",),
        _PRESENCE,
    ),
    (
        "test_present_clients.py",
        "test_a_client_that_turns_from_polls_to_a_stream_keeps_its_build",
        ("poll other",),
        _SIGN,
    ),
    ("test_streams.py", "test_a_jobs_events_are_in_a_redis_stream", ("stream",), _REDIS),
)

#: Cases that rightly pass although an operation's answers are exchanged: by case, and by the
#: operation or the operation and the form.
INDIFFERENT: dict[tuple[str, str], str] = {
    (f"{file}::{case}", altered): why for file, case, every, why in _ROWS for altered in every
}
