"""Both sides of a payment: an operator who asks, and a provider whose facts come in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.integration.ledger.transactions import fact

if TYPE_CHECKING:
    import httpx

    from tests.integration.api.harness import Api
    from tests.integration.ledger.transactions import Desk


@dataclass
class Counter:
    """What tests do with payments."""

    desk: Desk
    operator: httpx.AsyncClient
    api: Api

    async def told(self, payment_id: str, *facts: tuple[str, str, int]) -> list[tuple[str, str]]:
        """Book facts, each as (type, operation id, amount); give verdicts and reasons."""
        return await self.desk.book([fact(payment_id, *one) for one in facts])

    async def authorized(self, payment_id: str, amount_minor: int = 1_000) -> None:
        """Have a payment authorized."""
        await self.told(payment_id, ("authorization.succeeded", "a1", amount_minor))

    async def captured(self, payment_id: str, amount_minor: int = 1_000) -> None:
        """Have a payment authorized and captured."""
        await self.authorized(payment_id, amount_minor)
        await self.told(payment_id, ("capture.succeeded", "c1", amount_minor))

    async def detail(self, payment_id: str) -> dict[str, Any]:
        """Read a payment."""
        answer = await self.operator.get(f"/transactions/{payment_id}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
        found: dict[str, Any] = answer.json()
        return found

    async def ask(
        self,
        payment_id: str,
        command: str,
        amount_minor: int | None = None,
        *,
        version: int | None = None,
        key: str | None = None,
        dry_run: bool = False,
        **body: Any,
    ) -> httpx.Response:
        """Give a command, at the version that the payment is at now unless another one is named."""
        seen = (await self.detail(payment_id))["version"] if version is None else version
        return await self.operator.post(
            f"/transactions/{payment_id}/{command}",
            json=body if amount_minor is None else body | {"amount_minor": amount_minor},
            params={"dry_run": "true"} if dry_run else {},
            headers={"idempotency-key": key or uuid.uuid4().hex, "if-match": f'"{seen}"'},
        )

    async def write(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Call another route that writes."""
        headers = {"idempotency-key": uuid.uuid4().hex} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return await self.operator.request(method, path, json=body, headers=headers)
