"""The routes of transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payflow.api.routing.access import Access, Role
from payflow.api.routing.listing import Page
from payflow.api.routing.problems import (
    AMOUNT_EXCEEDS_CAPTURABLE,
    AMOUNT_EXCEEDS_REFUNDABLE,
    CONFLICT,
    NOT_FOUND,
    PAYMENT_STATE_CONFLICT,
)
from payflow.api.routing.route import Answer, Call, Route
from payflow.api.transactions.commanding import command, connected
from payflow.api.transactions.detail import read_detail, read_timeline
from payflow.api.transactions.listing import list_transactions
from payflow.api.transactions.shapes import (
    CancelBody,
    CommandBody,
    CommandOutcome,
    CommandQuery,
    MetadataPatch,
    NewTransaction,
    TimelineEntry,
    TimelineQuery,
    Transaction,
    TransactionDetail,
    TransactionsQuery,
)
from payflow.api.transactions.writing import archive, create, edit_metadata

if TYPE_CHECKING:
    from payflow.api.routing.problems import Problem
    from payflow.api.transactions.shapes import CommandName

_TAG = "transactions"


async def get_list(call: Call) -> Answer:
    """Answer with a page of payments."""
    return Answer(200, await list_transactions(call))


async def get_one(call: Call) -> Answer:
    """Answer with a payment and all that is known of it."""
    found = await read_detail(call, connected=connected(call))
    return Answer(200, found, {"etag": f'"{found.version}"'})


async def get_timeline(call: Call) -> Answer:
    """Answer with a page of a payment's timeline."""
    return Answer(200, await read_timeline(call))


async def post_new(call: Call) -> Answer:
    """Create a payment."""
    return _changed(await create(call), status=201)


async def patch_one(call: Call) -> Answer:
    """Change a payment's metadata."""
    return _changed(await edit_metadata(call))


async def post_archive(call: Call) -> Answer:
    """Put a payment into the archive."""
    return _changed(await archive(call, wanted=True))


async def post_unarchive(call: Call) -> Answer:
    """Take a payment out of the archive."""
    return _changed(await archive(call, wanted=False))


async def post_capture(call: Call) -> Answer:
    """Capture."""
    return await command(call, "capture")


async def post_void(call: Call) -> Answer:
    """Void."""
    return await command(call, "void")


async def post_refund(call: Call) -> Answer:
    """Refund."""
    return await command(call, "refund")


async def post_cancel(call: Call) -> Answer:
    """Cancel."""
    return await command(call, "cancel")


def _changed(transaction: Transaction, status: int = 200) -> Answer:
    return Answer(status, transaction, {"etag": f'"{transaction.version}"'})


def _command(name: CommandName, handler: Any, summary: str, *problems: Problem) -> Route:
    return Route(
        method="POST",
        path=f"/transactions/{{payment_id}}/{name}",
        handler=handler,
        operation_id=f"{name}Transaction",
        tag=_TAG,
        summary=summary,
        access=Access.at_least(Role.OPERATOR),
        query=CommandQuery,
        body=CancelBody if name == "cancel" else CommandBody,
        answers={200: CommandOutcome, 202: CommandOutcome},
        problems=(NOT_FOUND, PAYMENT_STATE_CONFLICT, *problems),
        idempotency=True,
        if_match=True,
        description="202: taken, and on its way to the provider. 200: what a dry run would have done.",
    )


def _write(method: str, path: str, operation_id: str, handler: Any, summary: str, **more: Any) -> Route:
    return Route(
        method=method,
        path=path,
        handler=handler,
        operation_id=operation_id,
        tag=_TAG,
        summary=summary,
        access=Access.at_least(Role.OPERATOR),
        idempotency=True,
        **more,
    )


ROUTES = (
    Route(
        method="GET",
        path="/transactions",
        handler=get_list,
        operation_id="listTransactions",
        tag=_TAG,
        summary="Payments by any filter, in three orders",
        access=Access.SIGNED_IN,
        query=TransactionsQuery,
        answers={200: Page[Transaction]},
        cached=True,
    ),
    _write(
        *("POST", "/transactions", "createTransaction", post_new),
        "Create a payment before anything is attempted",
        body=NewTransaction,
        answers={201: Transaction},
        problems=(CONFLICT,),
    ),
    Route(
        method="GET",
        path="/transactions/{payment_id}",
        handler=get_one,
        operation_id="getTransaction",
        tag=_TAG,
        summary="A payment with operations, timeline, alerts, and the commands that it takes now",
        access=Access.SIGNED_IN,
        answers={200: TransactionDetail},
        problems=(NOT_FOUND,),
    ),
    Route(
        method="GET",
        path="/transactions/{payment_id}/timeline",
        handler=get_timeline,
        operation_id="listTimeline",
        tag=_TAG,
        summary="What happened to a payment, the newest first",
        access=Access.SIGNED_IN,
        query=TimelineQuery,
        answers={200: Page[TimelineEntry]},
        problems=(NOT_FOUND,),
    ),
    _write(
        *("PATCH", "/transactions/{payment_id}", "updateTransaction", patch_one),
        "Put other metadata in the place of what is there",
        body=MetadataPatch,
        answers={200: Transaction},
        problems=(NOT_FOUND,),
        if_match=True,
    ),
    _write(
        *("POST", "/transactions/{payment_id}/archive", "archiveTransaction", post_archive),
        "Put a payment into the archive: lists leave it out",
        answers={200: Transaction},
        problems=(NOT_FOUND,),
        if_match=True,
    ),
    _write(
        *("POST", "/transactions/{payment_id}/unarchive", "unarchiveTransaction", post_unarchive),
        "Take a payment out of the archive",
        answers={200: Transaction},
        problems=(NOT_FOUND,),
        if_match=True,
    ),
    _command("capture", post_capture, "Take authorized money", AMOUNT_EXCEEDS_CAPTURABLE),
    _command("void", post_void, "Give authorized money back", AMOUNT_EXCEEDS_CAPTURABLE),
    _command("refund", post_refund, "Give captured money back", AMOUNT_EXCEEDS_REFUNDABLE),
    _command("cancel", post_cancel, "Attempt nothing more, while nothing is authorized"),
)
