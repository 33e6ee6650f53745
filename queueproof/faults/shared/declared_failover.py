"""A deployment's own Sentinels fail over: its master is ended or frozen as its owner declares."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from queueproof.errors import CaseOutcome, HarnessError, NotAssessed
from queueproof.executors.declared_keeper import DeclaredKeeper
from queueproof.faults.base import Unconfirmed
from queueproof.faults.shared.foreign_keys import refuse_where_foreign
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.journal import Journal, Undo
from queueproof.stack.sentinel_servers import SentinelServers, noted, told
from queueproof.targets.redis_view import command
from queueproof.targets.sentinel_opening import Address
from queueproof.waiting import eventually

_CATCH_UP_S = 3.0
_PAUSE_MS = "4000"
#: An election, and a second one where the first came to nothing, once they take it for dead.
_ELECTED_S = 30.0
#: A Sentinel corrects what comes back as a master after eight seconds at the earliest.
_CORRECTED_S = 60.0


class DeclaredFailover:
    """What was promoted stays the master; the old one is brought back, and is then its replica."""

    def __init__(self, stack: ChaosStack, servers: SentinelServers, *, frozen: bool) -> None:
        self.name = f"Sentinels fail over from a {'frozen' if frozen else 'killed'} master"
        self._stack = stack
        self._servers = servers
        self._frozen = frozen
        self._old: Address | None = None
        self._freezing: FrozenProcess | _FrozenByCommand | None = None
        self._applied = False

    async def apply(self) -> None:
        """Let a replica have everything, then end or freeze the master.

        Raises NotAssessed where its owner has not said how, where it has no replica in step, and
        where other people's keys are on it.
        """
        view = self._stack.redis.view
        self._old = old = await self._servers.master()
        if old is None:
            raise Unconfirmed(f"{self.name}: they do not agree on a master")
        keeper = self._servers.keeper(old)
        keeper.must_be_startable()
        if self._frozen:
            self._freezing = await self._freeze(keeper, old)
        await refuse_where_foreign(view, await view.sizes(), instead="left alone")
        await self._let_catch_up()
        self._applied, self._stack.redis.expected_up = True, False
        if self._freezing is not None:
            await self._freezing.apply()
        else:
            await self._kill(keeper)

    async def confirm(self) -> str:
        """Most Sentinels tell another one, and it is a master."""
        within_s = await self._servers.down_after_s() + _ELECTED_S
        new, promoted = await eventually(self._successor, bool, within_s=within_s)
        if not promoted or new is None:
            raise Unconfirmed(f"{self.name}: they tell no new master within {within_s:.0f} s")
        role = await self._role(new)
        if role != "master":
            raise Unconfirmed(f"{self.name}: what they tell plays the role {role!r}")
        return f"the Sentinels tell {told(new)}, which was a replica"

    async def heal(self) -> None:
        """Bring the old master back, and know that it is a replica of the new one."""
        if not self._applied or self._old is None:
            return
        if self._freezing is not None:
            await self._freezing.heal()
        else:
            await self._await_successor()
            await self._servers.keeper(self._old).start()
        _, serves = await eventually(self._stack.redis.answers, bool, within_s=_CORRECTED_S)
        if not serves:
            raise HarnessError(f"{self.name}: there is no master any more")
        self._stack.redis.expected_up = True
        if await self._successor() is not None:
            await self._await_correction(self._old)
        self._applied = False

    async def _kill(self, keeper: DeclaredKeeper) -> None:
        try:
            await keeper.kill()
        except CaseOutcome:  # nothing was done to it
            self._applied, self._stack.redis.expected_up = False, True
            raise

    async def _freeze(
        self, keeper: DeclaredKeeper, old: Address
    ) -> FrozenProcess | _FrozenByCommand:
        if keeper.freezes_by_command:
            return _FrozenByCommand(keeper, old, self._stack.journal)
        victim = await keeper.victim()
        if victim is None:
            raise NotAssessed(
                f"Redis at {told(old)} cannot be frozen: give freeze and thaw, or process_root, in "
                "its row of [[chaos.redis_servers]]"
            )
        return FrozenProcess(victim, "Redis", journal=self._stack.journal)

    async def _let_catch_up(self) -> None:
        """Lose no write by the failover itself: the master takes none until a replica has all."""
        client = self._stack.redis.view.client()
        if not _in_step(await client.info("replication")):
            raise NotAssessed("the master has no replica that is online: nothing would take over")
        await command(client, "CLIENT", "PAUSE", _PAUSE_MS, "WRITE")

        async def caught_up() -> bool:
            facts = await client.info("replication")
            offsets = [int(row["offset"]) for row in _in_step(facts)]
            return any(offset >= int(facts["master_repl_offset"]) for offset in offsets)

        _, done = await eventually(caught_up, bool, within_s=_CATCH_UP_S)
        if not done:
            await command(client, "CLIENT", "UNPAUSE")
            raise Unconfirmed(f"{self.name}: no replica catches up")

    async def _successor(self) -> Address | None:
        """The master that they tell, if it is another one."""
        now = await self._servers.master()
        return now if now not in (None, self._old) else None

    async def _await_successor(self) -> None:
        """Without a master nothing can go on: so longer is waited for one than for the proof."""
        within_s = 2 * await self._servers.down_after_s() + 2 * _ELECTED_S
        await eventually(self._successor, bool, within_s=within_s)

    async def _await_correction(self, old: Address) -> None:
        async def role() -> str:
            return await self._role(old)

        _, corrected = await eventually(role, "slave".__eq__, within_s=_CORRECTED_S)
        if not corrected:
            raise HarnessError(
                f"{self.name}: the old master, {told(old)}, did not become a replica"
            )

    async def _role(self, address: Address) -> str:
        """What a server is now, master or slave; empty where it does not say."""
        client: Redis = self._servers.client(address)
        try:
            return str((await client.info("replication"))["role"])
        except (RedisError, OSError):
            return ""
        finally:
            await client.aclose()


class _FrozenByCommand:
    """A server that its owner's command freezes; a killed run leaves a note for the next."""

    def __init__(self, keeper: DeclaredKeeper, address: Address, journal: Journal) -> None:
        self._keeper = keeper
        self._undo = Undo("frozen", noted(address))
        self._journal = journal
        self._note: int | None = None

    async def apply(self) -> None:
        self._note = self._journal.note(self._undo)
        await self._keeper.freeze()

    async def heal(self) -> None:
        await self._keeper.thaw()
        if self._note is not None:
            self._journal.done(self._note)


def _in_step(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The replicas that are online, of what a master says of its replication."""
    rows = [value for name, value in facts.items() if name.startswith("slave")]
    return [row for row in rows if isinstance(row, dict) and row.get("state") == "online"]
