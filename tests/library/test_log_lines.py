"""The lines that a target printed near a failure."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from queueproof.redaction import known_secrets
from queueproof.stack.launched_keeper import last_text_line
from queueproof.stack.log_lines import LogFollower, PrintedSince


class Clock:
    """The history's clock, set by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_lines_have_the_instant_at_which_they_were_seen(tmp_path: Path) -> None:
    log, clock = tmp_path / "a.log", Clock()
    log.write_text("booted long ago\n")
    follower = LogFollower(clock)
    for clock.now_s, printed in ((1.0, ""), (10.0, "first\nsec"), (20.0, "ond\n")):
        with log.open("a") as out:
            out.write(printed)
        follower.look([("replica 0", log)])

    assert follower.near(10.0) == ("10.0s replica 0: first",)
    assert follower.near(21.0) == ("20.0s replica 0: second",)
    assert follower.near(1.0) == ()


def test_colours_folders_and_length_are_cut(tmp_path: Path) -> None:
    log, follower = tmp_path / "a.log", LogFollower(Clock())
    log.touch()
    follower.look([("a", log)])
    log.write_text(f"\x1b[31mERROR\x1b[0m in /home/somebody/app/main.py {'x' * 999}\n")
    follower.look([("a", log)])
    (line,) = follower.near(0.0)
    assert line.startswith("0.0s a: ERROR in main.py xxx")
    assert len(line) < 260


def test_the_nearest_are_kept_in_their_order(tmp_path: Path) -> None:
    log, clock = tmp_path / "a.log", Clock()
    follower = LogFollower(clock)
    log.touch()
    follower.look([("a", log)])
    for number in range(20):
        clock.now_s = number / 10
        with log.open("a") as out:
            out.write(f"line {number}\n")
        follower.look([("a", log)])
    assert follower.near(1.0, most=3) == ("0.9s a: line 9", "1.0s a: line 10", "1.1s a: line 11")


def test_a_log_that_begins_anew_or_is_gone_is_no_trouble(tmp_path: Path) -> None:
    log, follower = tmp_path / "a.log", LogFollower(Clock())
    log.write_text("a long first life\n")
    follower.look([("a", log)])
    log.write_text("again\n")
    follower.look([("a", log), ("b", tmp_path / "none.log")])
    log.unlink()
    follower.look([("a", log)])
    assert follower.near(0.0) == ("0.0s a: again",)


def test_a_log_that_was_emptied_is_read_from_its_beginning(tmp_path: Path) -> None:
    """Also where it has grown longer than it was before the next line is seen."""
    log, follower = tmp_path / "a.log", LogFollower(Clock())
    log.write_text("short\n")
    for printed in (None, "", "again, and longer\n"):
        if printed is not None:
            log.write_text(printed)
        follower.look([("a", log)])

    assert follower.near(0.0) == ("0.0s a: again, and longer",)


def test_a_flood_costs_no_more_than_its_end(tmp_path: Path) -> None:
    log, follower = tmp_path / "a.log", LogFollower(Clock())
    log.touch()
    follower.look([("a", log)])
    log.write_text("".join(f"{number:08}\n" for number in range(100_000)))
    follower.look([("a", log)])
    assert follower.near(0.0, most=1_000_000)[-1] == "0.0s a: 00099999"
    assert len(follower.near(0.0, most=1_000_000)) <= 5_000


def test_logs_are_followed_until_cancelled(tmp_path: Path) -> None:
    """Programs that are started meanwhile are followed too."""
    log, follower = tmp_path / "a.log", LogFollower(Clock())

    async def followed() -> None:
        task = asyncio.create_task(follower.follow(lambda: [("a", log)] if log.exists() else []))
        log.touch()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        log.write_text("hello\n")
        follower.look([("a", log)])
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(followed())
    assert follower.near(0.0) == ("0.0s a: hello",)


def test_a_case_gets_what_was_printed_since_it_began(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("before\n")
    printed = PrintedSince([("port 1", log)])
    assert printed.last() == ()
    with log.open("a") as out:
        out.write("\nduring\nand not yet whole")
    assert printed.last() == ("during", "and not yet whole")
    assert printed.last(most=1) == ("and not yet whole",)


def test_of_what_the_case_started_itself_all_is_told_and_by_whom(tmp_path: Path) -> None:
    main, own = tmp_path / "a.log", tmp_path / "b.log"
    main.write_text("before\n")
    printed = PrintedSince([("port 1", main), ("worker 1", tmp_path / "none.log")])
    own.write_text("refused\n")
    with main.open("a") as out:
        out.write("during\n")
    told = printed.last([("port 2", own), ("port 1", main)])
    assert told == ("port 1: during", "port 2: refused")
    assert PrintedSince(()).last() == ()


def test_a_secret_that_looks_like_folders_is_masked_before_paths_are_cut(tmp_path: Path) -> None:
    known_secrets.learn("ab /srv/key/99zz")
    log = tmp_path / "a.log"
    log.write_text("")
    printed = PrintedSince([("port 1", log)])
    log.write_text("dial ab /srv/key/99zz failed in /srv/app/main.py\n")

    assert printed.last() == ("dial *** failed in main.py",)
    assert last_text_line(log.read_text()) == "dial *** failed in main.py"
