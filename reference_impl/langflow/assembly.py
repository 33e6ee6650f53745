"""The one place where a worker is put together.

An :class:`Assembly` is one worker's parts, each made once, when first asked for. It is made after
the fork, inside the event loop. A variant of the reference (``variants.py``) overrides one part.
"""

from __future__ import annotations

from functools import cached_property

from starlette.middleware import Middleware
from starlette.routing import Route

from reference_impl.common.security import Tokens
from reference_impl.langflow import variants
from reference_impl.langflow.api_keys import ApiKeyEndpoints
from reference_impl.langflow.assembly_queue import QueueAssembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.langflow.http_flows import FlowEndpoints
from reference_impl.langflow.http_system import SystemEndpoints
from reference_impl.langflow.http_users import UserEndpoints
from reference_impl.langflow.monitor import Monitor, RedisMonitor
from reference_impl.langflow.security import load_secret_key
from reference_impl.langflow.settings import Settings


class Assembly(QueueAssembly):
    """The parts of one worker, wired by the settings: the queue's, and these for HTTP."""

    auth_class: type[Authenticator] = Authenticator
    system_endpoints_class: type[SystemEndpoints] = SystemEndpoints
    user_endpoints_class: type[UserEndpoints] = UserEndpoints
    api_key_endpoints_class: type[ApiKeyEndpoints] = ApiKeyEndpoints
    flow_endpoints_class: type[FlowEndpoints] = FlowEndpoints
    build_endpoints_class: type[BuildEndpoints] = BuildEndpoints
    memory_monitor_class: type[Monitor] = Monitor
    redis_monitor_class: type[RedisMonitor] = RedisMonitor

    @cached_property
    def auth(self) -> Authenticator:
        """Who is asking."""
        return self.auth_class(
            database=self.database, tokens=Tokens(load_secret_key(self.settings.config_path))
        )

    @cached_property
    def monitor(self) -> Monitor:
        """The monitor's snapshot."""
        if self.redis_store is None:
            return self.memory_monitor_class(desk=self.desk)
        return self.redis_monitor_class(
            desk=self.desk,
            readers=self.readers,
            background=self.background,
            dispatcher=self.dispatcher,
            stats=self.stats,
        )

    @cached_property
    def system_endpoints(self) -> SystemEndpoints:
        """Health, version, monitor."""
        return self.system_endpoints_class(
            auth=self.auth,
            database=self.database,
            store=self.store,
            monitor=self.monitor,
            answer_timeout_s=self.settings.answer_timeout_s,
        )

    @cached_property
    def user_endpoints(self) -> UserEndpoints:
        """Login and users."""
        auto = self.settings.superuser_name if self.settings.auto_login else None
        return self.user_endpoints_class(auth=self.auth, database=self.database, auto_login_as=auto)

    @cached_property
    def api_key_endpoints(self) -> ApiKeyEndpoints:
        """API keys."""
        return self.api_key_endpoints_class(auth=self.auth, database=self.database)

    @cached_property
    def flow_endpoints(self) -> FlowEndpoints:
        """Flows and node templates."""
        return self.flow_endpoints_class(auth=self.auth, database=self.database)

    @cached_property
    def build_endpoints(self) -> BuildEndpoints:
        """Builds."""
        return self.build_endpoints_class(
            auth=self.auth,
            database=self.database,
            store=self.store,
            desk=self.desk,
            patrol=self.patrol,
            poller=self.poller,
            reader=self.reader,
            readers=self.readers,
            canceller=self.canceller,
            background=self.background,
        )

    def routes(self) -> list[Route]:
        """Everything a client can ask for; what is asked for most is found first."""
        parts = (
            self.build_endpoints,
            self.flow_endpoints,
            self.user_endpoints,
            self.api_key_endpoints,
            self.system_endpoints,
        )
        return [route for part in parts for route in part.routes()]

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes: nothing."""
        return []


def assembly_for(settings: Settings) -> type[Assembly]:
    """The assembly to use: the reference itself, or the variant that was asked for."""
    if settings.variant is None:
        return Assembly
    chosen: type[Assembly] = getattr(variants.load(settings.variant), "VariantAssembly", Assembly)
    return chosen
