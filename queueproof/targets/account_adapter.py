"""An adapter that leaves to an account what has to do with being let in: logins, flows, users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from queueproof.targets.protocol import Role
from queueproof.targets.vantage import Vantage


class Account(Protocol):
    """Who the harness is at a target, and what it has made there."""

    version: str | None
    troubles: dict[str, str]

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""

    async def recognise(self, vantage: Vantage, *, within_s: float) -> None:
        """Raises TargetUnreachable for anything that does not answer as such a target does."""

    async def recognise_replica(self, vantage: Vantage, *, within_s: float) -> None:
        """Raises TargetUnreachable where this is not the deployment that `prepare` was let into."""

    async def prepare(self, vantage: Vantage, *, answer_s: float) -> None:
        """Log in and make what the probes need."""

    async def tidy(self, vantage: Vantage) -> None:
        """Remove what `prepare` made."""

    @property
    def left_behind(self) -> tuple[str, ...]:
        """What was made and is not removed yet, and how to remove it."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What others did to what was made."""

    async def remove_leftovers(self, vantage: Vantage) -> tuple[str, ...]:
        """Remove what runs that are gone have made."""


class AccountAdapter:
    """To be derived from, with an account of the contract's own."""

    _account: Account

    @property
    def version(self) -> str | None:
        """The version the target names, once it was asked."""
        return self._account.version

    @property
    def troubles(self) -> Mapping[str, str]:
        """What was given and does not work, by what it was."""
        return self._account.troubles

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return self._account.has(role)

    async def recognise(self, vantage: Vantage, *, within_s: float) -> None:
        """Raises TargetUnreachable for anything that does not answer as such a target does."""
        await self._account.recognise(vantage, within_s=within_s)

    async def recognise_replica(self, vantage: Vantage, *, within_s: float) -> None:
        """Raises TargetUnreachable where this is not the deployment that `prepare` was let into."""
        await self._account.recognise_replica(vantage, within_s=within_s)

    async def prepare(self, vantage: Vantage, *, answer_s: float) -> None:
        """Log in and make the probe flow."""
        await self._account.prepare(vantage, answer_s=answer_s)

    async def tidy(self, vantage: Vantage) -> None:
        """Remove what `prepare` made."""
        await self._account.tidy(vantage)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What others did to what the run uses."""
        return self._account.remarks

    @property
    def left_behind(self) -> tuple[str, ...]:
        """What was made and is not removed yet, and how to remove it."""
        return self._account.left_behind

    async def remove_leftovers(self, vantage: Vantage) -> tuple[str, ...]:
        """Remove the flows, and users, of runs that are gone."""
        return await self._account.remove_leftovers(vantage)
