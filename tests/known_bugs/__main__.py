"""`tox -e known-bugs`: every pair, or those that are named; the table that it prints is the proof.

tox -e known-bugs -- K03 K05
tox -e known-bugs -- --every-push                   # one of each library, as CI does
tox -e known-bugs -- --write docs/known-bugs.md     # put the table there too
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.known_bugs.pairs import Pair, load_pairs
from tests.known_bugs.playing import Seen, play, visit_lab
from tests.known_bugs.table import Shown, rows_of, with_rows


def main() -> int:
    """0 where every bad release failed its requirement and every good one passed it."""
    parser = argparse.ArgumentParser(prog="known-bugs", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--every-push", action="store_true", help="one pair of each library")
    parser.add_argument("--write", type=Path, metavar="FILE")
    given = parser.parse_args()
    pairs = load_pairs()
    if missing := set(given.ids) - {pair.id for pair in pairs}:
        parser.error(f"no such pair: {', '.join(sorted(missing))}")
    if given.ids:
        pairs = tuple(pair for pair in pairs if pair.id in given.ids)
    if given.every_push:
        pairs = tuple(pair for pair in pairs if pair.every_push)
    shown = [_shown(pair) for pair in pairs]
    print("\n" + "\n".join(rows_of(shown)))
    if given.write:
        text = given.write.read_text("utf-8")
        given.write.write_text(with_rows(text, shown), "utf-8")
    return 0 if all(one.holds for one in shown) else 1


def _shown(pair: Pair) -> Shown:
    bad, good = (_side(pair, side, words) for side, words in _sides(pair))
    return Shown(pair=pair, bad=bad, good=good)


def _sides(pair: Pair) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("bad", pair.bad), ("good", pair.good))


def _side(pair: Pair, side: str, words: tuple[str, ...]) -> Seen:
    seen = play(visit_lab, words, pair.requirement)
    name = " ".join(words)
    print(
        f"{pair.id} {side:4} {name}: {seen.verdict}, {seen.took_s:.0f} s: {seen.actual}", flush=True
    )
    return seen


if __name__ == "__main__":
    sys.exit(main())
