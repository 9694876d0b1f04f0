"""From what changed to frames: payments and alerts as they are now."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from payflow.api.alerts.reading import read_alerts
from payflow.api.stream.frames import framed
from payflow.api.stream.shapes import PaymentChanged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from payflow.api.stream.frames import Frame
    from payflow.api.stream.shapes import MetricsTick
    from payflow.ledger.pool import Connection

__all__ = ["alert_frames", "payment_frames", "skipped_frames", "tick_frame"]

_PAYMENTS = (files("payflow.api.stream") / "sql" / "payments.sql").read_text()


async def payment_frames(
    connection: Connection,
    verdicts: Mapping[str, str | None],
    cursor: int,
    now: datetime,
    *,
    merchants: Sequence[str] | None = None,
) -> list[Frame]:
    """Read payments and give their frames.

    Args:
        connection: reads them.
        verdicts: their ids, each with the verdict of its newest delivery.
        cursor: where a later connection may go on.
        now: the time in UTC.
        merchants: only payments of these; None: all.

    """
    ids, of_all, of_some = list(verdicts), list[str](), list[str]()
    if merchants is None:
        of_all = ids
    else:
        of_some = ids
    rows = await connection.fetch(_PAYMENTS, of_all, of_some, list(merchants or ()))
    place = {payment_id: number for number, payment_id in enumerate(ids)}
    return [
        framed(
            "payments",
            "payment.changed",
            PaymentChanged(**row, verdict=verdicts.get(row["payment_id"])),
            cursor=cursor,
            at=now,
            key=f"payment/{row['payment_id']}",
            merchant_id=row["merchant_id"],
        )
        for row in sorted(rows, key=lambda row: place[row["payment_id"]])
    ]


async def alert_frames(
    connection: Connection,
    kind: Literal["alert.created", "alert.changed"],
    ids: Sequence[int],
    cursor: int,
    now: datetime,
) -> list[Frame]:
    """Read alerts and give their frames; of one that was changed by being deleted, that it was."""
    if not ids:
        return []
    found = await read_alerts(connection, ids, now)
    frames = [
        framed(
            "alerts",
            kind,
            alert,
            cursor=cursor,
            at=now,
            key=f"alert/{alert.alert_id}",
            merchant_id=alert.merchant_id,
        )
        for alert in found
    ]
    if kind == "alert.changed":
        gone = {str(number) for number in ids} - {alert.alert_id for alert in found}
        frames += [
            framed(
                "alerts",
                "alert.deleted",
                {"alert_id": name},
                cursor=cursor,
                at=now,
                key=f"alert/{name}",
                for_all=True,
            )
            for name in sorted(gone)
        ]
    return frames


def skipped_frames(cursor: int, now: datetime) -> list[Frame]:
    """Say that changes were passed over: what a page shows may be old, and is to be read again."""
    return [
        framed(
            "payments",
            "payments.skipped",
            {},
            cursor=cursor,
            at=now,
            key="payments.skipped",
            for_all=True,
        ),
        framed("alerts", "alerts.skipped", {}, cursor=cursor, at=now, key="alerts.skipped", for_all=True),
    ]


def tick_frame(tick: MetricsTick, cursor: int) -> Frame:
    """Give the frame of one second's figures."""
    return framed("metrics", "metrics.tick", tick, cursor=cursor, at=tick.at, key="metrics", for_all=True)
