"""What is said of a queue's jobs after an outage: when, of which job, in whole sentences."""

from __future__ import annotations

from queueproof.checkers.findings import Finding, Status, broken, doubtful, held
from queueproof.checkers.queue_outages import (
    check_delays,
    check_ends_stay,
    check_ids,
    check_not_begun_again,
    check_others_once,
    check_outlived,
    check_stop,
    check_struck,
    check_workers,
)
from queueproof.history import EventKind
from tests.chaos.queue_lives import ALL, BEGUN, RUN_AGAIN, A, B, life, operation, outage, reading

WITHIN = "run again, or told, within 8 s of its worker's loss (and 5.0 s for a slot and an answer)"
STAYS = "told as at first: end"


def told_of_a_stop(how: str, **one: object) -> Finding:
    """What is said of one job of a worker that was told to stop."""
    promises = {"stop": how, "stop_s": 20.0}
    [finding] = check_stop(outage(life(**one), stops=True, promises=promises))  # type: ignore[arg-type]
    return finding


def test_a_struck_job_that_nobody_takes_up() -> None:
    [silent] = check_struck(outage(life(ticks=BEGUN)))
    [late] = check_struck(outage(life(ticks=[*BEGUN, (0, 40.0)])))
    [again] = check_struck(outage(life(ticks=RUN_AGAIN, told=EventKind.END)))
    [unwatched] = check_struck(outage(life(ticks=BEGUN), ended_s=12.0))

    never = "neither in 55.0 s, when the watch ended; 2 of 4 ticks done"
    after = "35.0 s after it; 2 of 4 ticks done"
    assert silent == broken(18.0, expected=WITHIN, actual=never, job="j", errand=0)
    assert late == broken(40.0, expected=WITHIN, actual=after, job="j", errand=0)
    assert again == held(9.0, job="j")
    assert unwatched == doubtful(5.0, actual="not watched for long enough", job="j")


def test_a_tick_that_is_heard_of_late_is_no_second_run() -> None:
    """The worker was struck after the fault's phase had begun."""
    [silent] = check_struck(outage(life(ticks=[*BEGUN, (2, 5.35)])))

    assert silent.status is Status.BROKEN


def test_a_queue_that_promises_a_way_to_stop_owes_no_second_run() -> None:
    """What a stop does to jobs is judged by itself."""
    assert check_struck(outage(life(ticks=BEGUN), stops=True)) == []


def test_a_job_that_was_begun_again() -> None:
    twice, once = check_not_begun_again(outage(life(ticks=RUN_AGAIN), life("k", ticks=BEGUN)))

    assert twice == broken(
        12.0,
        expected="a job that is promised to run at most once is not begun again",
        actual="2 of 4 ticks were done more than once",
        job="j",
        errand=0,
    )
    assert once == held(3.0, job="k")


def test_the_job_of_a_worker_that_was_not_struck() -> None:
    [twice] = check_others_once(outage(life(ticks=RUN_AGAIN, worker=B)))

    assert twice.expected == "the job of a worker that was not struck runs once"
    assert check_others_once(outage(life(ticks=RUN_AGAIN, worker=B), struck=())) == []
    assert check_others_once(outage(life(ticks=[], worker=B))) == []


def test_workers_that_take_jobs_again_or_do_not() -> None:
    seen = outage()
    services = (
        operation("service", 17.0, lacking="worker b took none of 12 jobs", took_s=10.0),
        operation("service", 17.0, lacking="worker a took none"),
        operation("service", 17.0),
    )

    deaf, briefly, well = check_workers(type(seen)(**{**vars(seen), "operations": services}))

    within = "jobs are run by every worker within 10 s"
    watched = "worker b took none of 12 jobs (watched for 10.0 s)"
    assert deaf == broken(7.5, expected=within, actual=watched)
    assert briefly.actual == "worker a took none (watched for 0 s)"
    assert well == held(7.5)


def test_a_job_that_waited_and_came_to_no_end() -> None:
    waited = [(number, 9.0 + number) for number in range(4)]

    [well] = check_outlived(outage(life(ticks=waited, told=EventKind.END)))
    [silent] = check_outlived(outage(life(ticks=[])))
    [failed] = check_outlived(outage(life(ticks=[(0, 9.0)], told=EventKind.ERROR, told_s=20.0)))

    own_end = "an accepted job that no lost worker ran comes to its own end"
    nothing = "told: nothing, until 52.5 s after the outage; 0 of 4 ticks done"
    error = "told: error, until 52.5 s after the outage; 1 of 4 ticks done"
    assert well == held(30.0, job="j")
    assert silent == broken(5.0, expected=own_end, actual=nothing, job="j", errand=0)
    assert failed == broken(20.0, expected=own_end, actual=error, job="j", errand=0)


def test_jobs_that_the_outage_may_cost_are_not_to_outlive_it() -> None:
    """The struck worker's own, one that was cancelled, and whatever of a worker nobody knows."""
    assert check_outlived(outage(life(ticks=BEGUN))) == []
    assert check_outlived(outage(life(ticks=[], cancelled=True))) == []
    assert check_outlived(outage(life(ticks=BEGUN, worker=""))) == []
    assert check_outlived(outage(life(ticks=BEGUN, worker=B), struck=())) == []


def test_a_fault_that_came_when_no_job_waited_any_more() -> None:
    """A machine was slow: what was to be seen of waiting jobs was over."""
    late = "the jobs that had waited for a slot had begun when the fault came: it came late"
    began = [(number, 4.0 + number) for number in range(4)]
    had_waited, waits = life(ticks=began), life("k", ticks=[])

    assert check_outlived(outage(had_waited)) == [doubtful(5.0, actual=late)]
    assert [one.status for one in check_outlived(outage(had_waited, waits))] == [Status.BROKEN]
    assert check_outlived(outage(life(ticks=BEGUN))) == []


def test_an_id_that_two_jobs_got() -> None:
    one, other = life(ticks=ALL), life(ticks=ALL)
    unique = life("k", ticks=ALL)

    shared, own = check_ids(outage(one, other, unique))

    assert shared == broken(
        1.0, expected="an id that no other job has", actual="2 jobs got the id j", job="j", errand=0
    )
    assert own == held(1.0, job="k")


def test_an_end_that_is_told_otherwise_later() -> None:
    same = reading(EventKind.END, 40.0, again=True)
    other = reading(EventKind.ERROR, 42.0, again=True)
    end = {"ticks": ALL, "told": EventKind.END}

    [stays] = check_ends_stay(outage(life(**end, again=(same,))))  # type: ignore[arg-type]
    [turns] = check_ends_stay(outage(life(**end, again=(same, other))))  # type: ignore[arg-type]

    later = "12.0 s later told: error"
    assert stays == held(30.0, job="j")
    assert turns == broken(42.0, expected=STAYS, actual=later, job="j", errand=0)
    assert check_ends_stay(outage(life(ticks=ALL))) == []


def test_what_becomes_of_a_stopping_workers_job() -> None:
    drained = told_of_a_stop("drain", ticks=ALL, told=EventKind.END)
    cut = told_of_a_stop("drain", ticks=BEGUN)
    twice = told_of_a_stop("drain", ticks=RUN_AGAIN, told=EventKind.END)

    wanted = "stop = drain: a job of the worker that was told to stop is run to its end, once"
    nothing, again = (
        "told: nothing; 2 of 4 ticks done",
        "told: end; 4 of 4 ticks done, 2 of them twice",
    )
    assert drained == held(30.0, job="j")
    assert cut == broken(5.0, expected=wanted, actual=nothing, job="j", errand=0)
    assert twice == broken(30.0, expected=wanted, actual=again, job="j", errand=0)
    assert told_of_a_stop("requeue", ticks=RUN_AGAIN, told=EventKind.END) == held(30.0, job="j")
    assert told_of_a_stop("requeue", ticks=BEGUN).expected == (
        "stop = requeue: a job of the worker that was told to stop is run to its end"
    )
    for told in (EventKind.ERROR, EventKind.CANCELLED):
        assert told_of_a_stop("drop", ticks=BEGUN, told=told) == held(30.0, job="j")
    assert told_of_a_stop("drop", ticks=ALL, told=EventKind.END).expected == (
        "stop = drop: a job of the worker that was told to stop is told as ended"
    )


def test_a_stop_that_nothing_is_promised_of_is_not_judged() -> None:
    assert check_stop(outage(life(ticks=BEGUN), stops=True, promises={})) == []
    assert check_stop(outage(life(ticks=BEGUN))) == []
    assert check_stop(outage(life(ticks=BEGUN, cancelled=True), stops=True)) == []


def test_a_job_that_lasts_longer_than_a_stop_may_tells_nothing_of_a_drain() -> None:
    """Its end was due after the time that the stop has."""
    one, hurried = life(ticks=BEGUN), {"stop": "drain", "stop_s": -1.0}

    [finding] = check_stop(outage(one, stops=True, promises=hurried))

    assert finding == doubtful(5.0, actual="the job lasts longer than a stop may", job="j")


def test_a_delayed_job() -> None:
    def told(
        *ticks: tuple[int, float], ended_s: float = 60.0, struck: tuple[str, ...] = ()
    ) -> Finding:
        one = life(ticks=list(ticks), delay_s=5.0)
        [finding] = check_delays(outage(one, ended_s=ended_s, struck=struck))
        return finding

    early = "no tick before the 5 s that were asked for"
    late = "begun within 21.5 s of its time, the outage's end included"
    assert told((0, 6.0)) == held(6.0, job="j")
    assert told((0, 27.5)) == held(27.5, job="j")
    assert told((0, 5.0)) == held(5.0, job="j")
    assert told((0, 4.9)) == broken(
        4.9, expected=early, actual="the first came after 3.90 s", job="j", errand=0
    )
    assert told((0, 30.0)) == broken(
        30.0, expected=late, actual="begun 24.0 s after its time", job="j", errand=0
    )
    assert told() == broken(27.5, expected=late, actual="begun never", job="j", errand=0)
    assert told(ended_s=20.0) == doubtful(6.0, actual="not watched for long enough", job="j")
    # What a lost worker held is taken up when its jobs are.
    assert told((0, 33.0), struck=(A,)) == held(33.0, job="j")
    assert told((0, 33.1), struck=(A,)) == broken(
        33.1,
        expected="begun within 27.0 s of its time, the outage's end included",
        actual="begun 27.1 s after its time",
        job="j",
        errand=0,
    )
    assert check_delays(outage(life(ticks=[], delay_s=5.0), costs="data")) == []
    assert check_delays(outage(life(ticks=[]))) == []
