"""How many requests the harness makes for its own purposes: finding workers, keeping them in view.

Theory. Connections that were sorted at a cost are kept from being closed as idle, and a target that
answers dozens of such requests a second does not notice. Where something limits the requests
(`requests_per_s` in the target file), they would take all there are, and the cases would wait for
their turns for minutes: then few connections are opened, and few are kept, asked no more often than
needed, as is learnt from those that rest (`resting`).
"""

from __future__ import annotations

from dataclasses import dataclass

#: What upkeep asks of a target of three workers at most, pulse included; a tenth more is free.
_UNNOTICED_PER_S = 100.0


@dataclass(frozen=True)
class Upkeep:
    """The sizes of everything that asks the target for the harness's own sake.

    fresh_s        after so long a connection is asked whether it is still open before it is lent
    warm_every_s   how often it is looked whether what stands by is to be asked, to keep it open
    rests_s        so long that may rest in any case, and so long at most, as is learnt
    kept_warm      so many of each worker, besides the one that stands for it
    batch          so many connections are opened before they are sorted
    barren         after so many batches without a new worker there is none
    company        so many of each worker are kept busy while the next one waits to be accepted
    pulse_every_s  how often each worker is asked how fast it answers
    """

    fresh_s: float = 0.8
    warm_every_s: float = 0.6
    rests_s: tuple[float, float] = (0.0, 0.0)
    kept_warm: int = 4
    batch: int = 6
    barren: int = 5
    company: int = 3
    pulse_every_s: float = 0.5


_SPARING = Upkeep(
    fresh_s=3.0,
    warm_every_s=1.0,
    rests_s=(3.0, 24.0),
    kept_warm=2,
    batch=3,
    barren=3,
    company=1,
    pulse_every_s=4.0,
)


def upkeep_within(requests_per_s: float | None) -> Upkeep:
    """What a target bears that takes so many requests a second, or any number of them (None)."""
    if requests_per_s is None or requests_per_s >= _UNNOTICED_PER_S:
        return Upkeep()
    return _SPARING
