"""All operations of the API, by resource. A route that is not in here does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payflow.api.alerts.routes import ROUTES as ALERTS
from payflow.api.audit.routes import ROUTES as AUDIT
from payflow.api.auth.routes import ROUTES as AUTH
from payflow.api.dashboard.routes import ROUTES as DASHBOARD
from payflow.api.dead_letters.routes import ROUTES as DEAD_LETTERS
from payflow.api.docs.routes import ROUTES as DOCS
from payflow.api.fleet.routes import ROUTES as FLEET
from payflow.api.health.routes import ROUTES as HEALTH
from payflow.api.parked.routes import ROUTES as PARKED
from payflow.api.queue.routes import ROUTES as QUEUE
from payflow.api.rules.routes import ROUTES as RULES
from payflow.api.stream.routes import ROUTES as STREAM
from payflow.api.transactions.routes import ROUTES as TRANSACTIONS
from payflow.api.users.routes import ROUTES as USERS

if TYPE_CHECKING:
    from payflow.api.routing import Route

ROUTES: Final[tuple[Route, ...]] = (
    *AUTH,
    *USERS,
    *TRANSACTIONS,
    *STREAM,
    *ALERTS,
    *AUDIT,
    *RULES,
    *DEAD_LETTERS,
    *PARKED,
    *QUEUE,
    *FLEET,
    *DASHBOARD,
    *HEALTH,
    *DOCS,
)
