"""What a reader was told of a flow's steps: each begins and ends once, in the order of the flow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from queueproof.history import Event

Step = tuple[str, int]


def steps_told(events: Iterable[Event], begun: str) -> list[Step]:
    """The begins and ends of ticks among `events`, in the order of their arrival.

    An end is a tick; a begin is an event whose text is `begun` and the tick's label.
    """
    told: list[Step] = []
    for event in events:
        label = event.text.removeprefix(begun)
        if event.tick is not None:
            told.append(("end", event.tick))
        elif event.text.startswith(begun) and label.removeprefix("tick-").isdigit():
            told.append(("begin", int(label.removeprefix("tick-"))))
    return told


def first_deviation(told: Sequence[Step], ticks: Iterable[int]) -> str:
    """Where the steps told first differ from those of a chain of ticks; empty when nowhere."""
    wanted = [(what, tick) for tick in ticks for what in ("begin", "end")]
    for place, step in enumerate(wanted):
        if place >= len(told):
            return f"{_words(step)} never came"
        if told[place] != step:
            return f"{_words(told[place])} came where {_words(step)} was due"
    return f"{_words(told[len(wanted)])} came after the last" if len(told) > len(wanted) else ""


def _words(step: Step) -> str:
    return f"the {step[0]} of tick {step[1]}"
