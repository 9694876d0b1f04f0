"""`/health`, `/livez`, `/readyz` and `/metrics` at the root, for those who run the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from prometheus_client.exposition import choose_encoder

from payflow.api.health.checks import SPARED
from payflow.api.metering import registry_of
from payflow.api.middleware.forwarded import networks_of, within
from payflow.api.routing.sending import JSON, NO_STORE, encode, send_bytes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Scope, Send

    from payflow.api.services import Services

_OK: Final = 200
_UNAVAILABLE: Final = 503


class HealthPages:
    """The pages by their paths."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._registry = registry_of(services, services.loop_watch)
        self._metrics_networks = networks_of(
            services.settings.api.metrics_networks, "PAYFLOW_API_METRICS_NETWORKS"
        )
        self.by_path: dict[str, Callable[[Scope, Send], Awaitable[None]]] = {
            "/health": self._health,
            "/livez": self._livez,
            "/readyz": self._readyz,
            "/metrics": self._metrics,
        }

    def may_see(self, path: str, address: str) -> bool:
        """Tell whether a page is there for somebody at this address."""
        return path != "/metrics" or within(address, self._metrics_networks)

    async def _health(self, _scope: Scope, send: Send) -> None:
        """Tell the state of everything, without what servers say of themselves."""
        found = await self._services.health.health()
        spoken = {name: msgspec.structs.replace(one, detail=None) for name, one in found.dependencies.items()}
        body = msgspec.structs.replace(found, dependencies=spoken)
        await send_bytes(
            send, _UNAVAILABLE if found.status == "down" else _OK, [JSON, NO_STORE], encode(body)
        )

    async def _livez(self, _scope: Scope, send: Send) -> None:
        """Tell that the process works at all: this answer is the proof."""
        await send_bytes(send, _OK, [JSON, NO_STORE], b'{"live":true}')

    async def _readyz(self, _scope: Scope, send: Send) -> None:
        """Tell whether calls should be sent here, with every reason why not."""
        found = await self._services.health.health()
        reasons = [
            f"{name}: {one.status}"
            for name, one in found.dependencies.items()
            if one.status != "ok" and name not in SPARED
        ]
        if self._services.stopping:
            reasons.append("the process is stopping")
        body = encode({"ready": not reasons, "reasons": reasons})
        await send_bytes(send, _UNAVAILABLE if reasons else _OK, [JSON, NO_STORE], body)

    async def _metrics(self, scope: Scope, send: Send) -> None:
        """Give the metrics in the format that the scraper asks for."""
        accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
        make, media_type = choose_encoder(accept.decode("latin-1"))
        headers = [(b"content-type", media_type.encode()), NO_STORE]
        await send_bytes(send, _OK, headers, make(self._registry))
