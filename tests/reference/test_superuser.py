"""Replicas that start at the same moment on an empty database share one superuser."""

from __future__ import annotations

import asyncio
from pathlib import Path

from reference_impl.langflow.auth import ensure_superuser
from reference_impl.langflow.database import Database, User, make_engine
from reference_impl.langflow.settings import load


class LateLook(Database):
    """Looks before the other replica has written, once."""

    looked = False

    async def user_by_name(self, username: str) -> User | None:
        if not self.looked:
            self.looked = True
            return None
        return await super().user_by_name(username)


def test_the_second_replica_finds_the_superuser_of_the_first(tmp_path: Path) -> None:
    """A start that loses the race is no failed start."""

    async def start_both() -> User | None:
        engine = make_engine(load({"LANGFLOW_CONFIG_DIR": str(tmp_path)}))
        try:
            first, second = Database(engine), LateLook(engine)
            await first.create_tables()
            await ensure_superuser(first, username="admin", password="secret")
            await ensure_superuser(second, username="admin", password="secret")
            return await first.user_by_name("admin")
        finally:
            await engine.dispose()

    user = asyncio.run(start_both())

    assert user is not None
    assert user.is_superuser
