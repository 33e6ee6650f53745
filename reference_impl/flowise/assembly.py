"""The one place where the main server is put together."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import Route

from reference_impl.common.security import Tokens
from reference_impl.flowise.auth import Authenticator
from reference_impl.flowise.dashboard import DashboardEndpoints
from reference_impl.flowise.database import Database
from reference_impl.flowise.http_accounts import AccountEndpoints
from reference_impl.flowise.http_flows import FlowEndpoints
from reference_impl.flowise.http_predictions import PredictionEndpoints
from reference_impl.flowise.http_system import SystemEndpoints
from reference_impl.flowise.local_service import LocalService
from reference_impl.flowise.secret_key import SecretKey
from reference_impl.flowise.service import Service
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.witness import Witnesses


class ServerAssembly:
    """The main server's parts, each made once, inside the event loop."""

    def __init__(self, settings: Settings, *, database: Database, secret: SecretKey) -> None:
        self.settings = settings
        self.database = database
        self.secret = secret
        self.witnesses = Witnesses()

    @cached_property
    def service(self) -> Service:
        """Whoever runs predictions."""
        if not self.settings.on_queue:
            return LocalService(self.settings, database=self.database, fetch=self.witnesses.fetch)
        service: Service = self.queue_service
        return service

    @cached_property
    def queue_service(self) -> Any:
        """Workers, by way of the queue; BullMQ is imported only where it is used."""
        from reference_impl.flowise.queue_service import QueueService
        from reference_impl.flowise.redis_link import connect

        return QueueService(
            self.settings,
            database=self.database,
            client=connect(self.settings),
            secret=self.secret,
        )

    @cached_property
    def auth(self) -> Authenticator:
        """Who is asking."""
        return Authenticator(database=self.database, tokens=Tokens(self.secret.token_key()))

    @cached_property
    def system_endpoints(self) -> SystemEndpoints:
        """Health and version."""
        return SystemEndpoints(database=self.database, service=self.service)

    @cached_property
    def account_endpoints(self) -> AccountEndpoints:
        """Registration, login, keys."""
        member = self.settings.member_email
        return AccountEndpoints(auth=self.auth, database=self.database, member=member)

    @cached_property
    def flow_endpoints(self) -> FlowEndpoints:
        """Flows, nodes, messages."""
        return FlowEndpoints(auth=self.auth, database=self.database)

    @cached_property
    def prediction_endpoints(self) -> PredictionEndpoints:
        """Predictions."""
        return PredictionEndpoints(
            self.settings, auth=self.auth, database=self.database, service=self.service
        )

    @cached_property
    def dashboard_endpoints(self) -> DashboardEndpoints:
        """The dashboard."""
        return DashboardEndpoints(auth=self.auth, queue=self.queue_service.queue)

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes: nothing here, something in variants."""
        return []

    def routes(self) -> list[Route]:
        """Everything a client can ask for."""
        parts: list[Any] = [
            self.system_endpoints,
            self.account_endpoints,
            self.prediction_endpoints,
            self.flow_endpoints,
        ]
        if self.settings.dashboard and self.settings.on_queue:
            parts.append(self.dashboard_endpoints)
        return [route for part in parts for route in part.routes()]
