"""``python -m tests.faulty``: the proof that the suites and the outages bite.

Plays the suites, or an outage, on every variant of the reference and fails unless each broken one
fails exactly what it must, each harmless one passes, every requirement and every case has a
variant that breaks it, and no case passes that looked at answers which were exchanged mechanically.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from queueproof.errors import QueueproofError
from queueproof.reporting import write_all
from queueproof.reporting.model import RunResult
from queueproof.reporting.terminal import render
from queueproof.verdicts import ExitCode
from tests.faulty.catalogue import Kind, Variant, VariantError, load_variants
from tests.faulty.judging import Judgement, unproven, without_variant
from tests.faulty.matrix import COMMAND, result_of, run_info
from tests.faulty.playing import Plan, play_all
from tests.faulty.selection import Selection, load_selection
from tests.faulty.telling import Teller, listing, teller
from tests.faulty.unbreakable import UNBREAKABLE, UNPROVEN

#: Contracts of which every requirement must have a variant that breaks it.
COMPLETE = frozenset({"flowise", "generic", "langflow"})
#: Requirements of outages that fail when somebody has waited in vain.
PATIENT = frozenset({"RESI-001", "RESI-005", "RESI-007"})


def main() -> int:
    """Play, tell, write the report; returns the exit code."""
    options = _options()
    console = Console()
    # What asks to end ends the runs that were started too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        selection = load_selection(options.contract)
        variants = load_variants(selection.registry, contract=options.contract)
        chosen = _chosen(variants, options.only, mechanical=options.mechanical)
        if options.list:
            console.print(listing(chosen, selection))
            return ExitCode.PASSED
        return _prove(options, console, selection, variants, chosen)
    except (QueueproofError, VariantError) as error:
        print(f"faulty: {error}", file=sys.stderr)  # noqa: T201
        return ExitCode.USAGE
    except KeyboardInterrupt:
        return ExitCode.INCONCLUSIVE


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--only", action="append", metavar="VARIANT", help="may be repeated")
    parser.add_argument("--all", action="store_true", help="every case on every variant")
    parser.add_argument(
        "--mechanical",
        action="store_true",
        help="play the mechanical variants too: minutes each, where answers are held back",
    )
    parser.add_argument("--list", action="store_true", help="tell the variants and play nothing")
    parser.add_argument("--at-once", type=int, default=3, help="gates side by side (default 3)")
    parser.add_argument(
        "--outages-at-once", type=int, default=2, help="outages beside the gates (default 2)"
    )
    parser.add_argument(
        "--setting",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="of every variant, such as REFERENCE_FAST=0; may be repeated",
    )
    parser.add_argument("--out", type=Path, default=Path("reports/out/faulty"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--contract", default="langflow")
    return parser.parse_args()


def _setting(text: str) -> tuple[str, str]:
    name, given, value = text.partition("=")
    if not (name and given):
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    return name, value


def _chosen(
    variants: tuple[Variant, ...], names: list[str] | None, *, mechanical: bool
) -> list[Variant]:
    """Those that were named; without names all, the mechanical ones only where asked for."""
    known = {variant.name for variant in variants} | {variant.alters for variant in variants}
    unknown = sorted(set(names or ()) - known)
    if unknown:
        raise VariantError(f"no such variant: {', '.join(unknown)} (--list tells them)")
    if names:
        return [one for one in variants if {one.name, one.alters} & set(names)]
    return [one for one in variants if mechanical or one.kind is not Kind.MECHANICAL]


def _prove(
    options: argparse.Namespace,
    console: Console,
    selection: Selection,
    variants: tuple[Variant, ...],
    chosen: list[Variant],
) -> int:
    started, began = datetime.now(UTC), time.monotonic()
    everything = tuple(requirement.id for requirement in selection.registry)
    asked = [
        (v, everything if options.all and not v.scenario else v.played(selection)) for v in chosen
    ]
    asked.sort(key=lambda pair: shortness(*pair, selection=selection))
    plan = Plan(
        contract=options.contract,
        out=options.out / "variants",
        at_once=options.at_once,
        outages_at_once=options.outages_at_once,
        seed=options.seed,
        settings=tuple(options.setting),
    )
    with teller(console, len(asked)) as telling:
        asyncio.run(
            play_all(
                asked,
                plan,
                started=telling.started,
                finished=telling.finished,
                postponed=telling.postponed,
            )
        )
    apart = {one for one in variants if one.kind is not Kind.MECHANICAL}
    whole = apart <= set(chosen) and options.contract in COMPLETE
    judgements = _in_order(telling, chosen)
    result = result_of(
        judgements,
        registry=selection.registry,
        contract=options.contract,
        run=run_info(
            started=started,
            duration_s=time.monotonic() - began,
            command=" ".join([COMMAND, *sys.argv[1:]]),
            seed=options.seed,
        ),
        unbreakable=UNBREAKABLE,
        without=without_variant(selection.registry, variants, UNBREAKABLE) if whole else (),
        whole=whole,
        unproven_cases=unproven(selection.cases, judgements, UNPROVEN) if whole else (),
    )
    return _report(result, options.out, console)


def shortness(
    variant: Variant, asked: tuple[str, ...], *, selection: Selection
) -> tuple[bool, int, int]:
    """Orders plays by their likely length, the longest first, so that none is alone at the end.

    A case with a target of its own takes longer than all those together that share one; an outage
    is as long as its broken promises keep clients waiting. Harmless variants, on which nothing may
    be left in doubt, come when the outages beside them are over.
    """
    if variant.scenario:
        return (False, -len(variant.fails & PATIENT), -len(variant.fails))
    harmless = variant.kind is Kind.HARMLESS
    return (harmless, -len(set(asked) - selection.shared), -len(asked))


def _in_order(telling: Teller, chosen: list[Variant]) -> list[Judgement]:
    place = {variant.label: number for number, variant in enumerate(chosen)}
    return sorted(telling.judgements, key=lambda told: place[told.variant.label])


def _report(result: RunResult, out: Path, console: Console) -> int:
    paths = write_all(result, out)
    console.print(render(result, report=paths["report.html"]))
    for case in result.unproven_cases:
        console.print(f"no variant is seen to fail {case}", markup=False, highlight=False)
    return result.exit_code


if __name__ == "__main__":
    sys.exit(main())
