"""The sweeper: orphans at the horizon, facts that were left behind, and books that stay provable."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from payflow.events import Sources
from payflow.events.sources import SourceProfile
from payflow.ledger.quarantine.orphans import orphan_due
from payflow.lifecycle import policies_of
from payflow.rules import Rule, Severity, compile_rules
from payflow.worker.sweeper import SWEEPER_LOCK, SweepOptions

from tests.integration.quarantine.yard import SOURCES, authorized, captured, fact

if TYPE_CHECKING:
    from payflow._native import Policies

    from tests.integration.quarantine.yard import Yard

HORIZON_DAYS = 3


async def test_a_fact_that_waits_past_its_horizon_becomes_an_orphan_with_an_alert_and_its_body(
    yard: Yard,
) -> None:
    assert await yard.book(captured("p")) == [("premature", "payment_unknown")]
    yard.clock.move(days=HORIZON_DAYS, seconds=1)
    async with yard.pool.acquire() as connection:
        swept = await yard.sweeper().sweep(connection)
    assert swept.orphaned == 1
    assert await yard.rows("SELECT count(*) FROM parked_events") == [(0,)]
    letters = "SELECT class, reason, payment_id, source, status, receive_count FROM dead_letters"
    assert await yard.rows(letters) == [("orphaned", "payment_unknown", "p", "stripe", "open", 0)]
    [(body,)] = await yard.rows("SELECT body FROM dead_letters")
    assert yard.decoder.decode([body]).events[0].event_id == captured("p")["event_id"]
    trail = "SELECT verdict, reason, actor FROM audit_logs ORDER BY audit_id"
    assert await yard.rows(trail) == [
        ("premature", "payment_unknown", "worker"),
        ("orphaned", "payment_unknown", "sweeper"),
    ]
    alerts = "SELECT r.name, a.severity, a.verdict, a.reason FROM alerts a JOIN rules r USING (rule_id)"
    assert await yard.rows(alerts) == [("orphaned", "critical", "orphaned", "payment_unknown")]
    assert await yard.differences() == []


async def test_rules_see_the_payment_of_an_orphan_as_it_stands(yard: Yard) -> None:
    standing = "payment.capturable_minor == 300 && payment.refundable_minor == 700"
    condition = f'verdict == "orphaned" && {standing}'
    rules = compile_rules(
        [Rule(rule_id=1, name="standing", version=1, severity=Severity.INFO, condition=condition)]
    )
    too_much = fact("p", "refund.succeeded", "r-p", 900)
    told = await yard.book(authorized("p"), captured("p"), too_much)
    assert [verdict for verdict, _ in told] == ["apply", "apply", "premature"]
    yard.clock.move(days=HORIZON_DAYS, seconds=1)
    fired: list[list[str]] = []

    def fires(facts: dict[str, Any]) -> list[str]:
        fired.append(rules.try_facts(facts))
        return []

    async with yard.pool.acquire() as connection:
        await orphan_due(connection, fires, actor="sweeper", now=yard.clock(), limit=10)
    assert fired == [["standing"]]


async def test_a_fact_within_its_horizon_is_told_of_after_an_hour_and_left_alone(yard: Yard) -> None:
    await yard.book(captured("p"))
    yard.clock.move(minutes=59)
    async with yard.pool.acquire() as connection:
        early = await yard.sweeper().sweep(connection)
        yard.clock.move(minutes=2)
        late = await yard.sweeper().sweep(connection)
    assert early.overdue is not None
    assert late.overdue is not None
    assert (early.overdue.facts, late.overdue.facts, late.orphaned) == (0, 1, 0)
    assert await yard.rows("SELECT count(*) FROM parked_events") == [(1,)]


async def test_orphans_are_made_in_bounded_batches_and_the_next_pass_goes_on(yard: Yard) -> None:
    await yard.book(*(captured(f"p{number}") for number in range(7)))
    yard.clock.move(days=HORIZON_DAYS, seconds=1)
    sweeper = yard.sweeper(SweepOptions(batch_size=2, batches_max=2))
    async with yard.pool.acquire() as connection:
        counts = [(await sweeper.sweep(connection)).orphaned for _ in range(3)]
    assert counts == [4, 3, 0]
    assert await yard.differences() == []


async def test_an_orphan_that_comes_again_is_a_duplicate_and_the_books_stay_provable(yard: Yard) -> None:
    await yard.book(captured("p"))
    yard.clock.move(days=HORIZON_DAYS, seconds=1)
    async with yard.pool.acquire() as connection:
        await yard.sweeper().sweep(connection)
    await yard.book(authorized("p"))
    assert await yard.book(captured("p")) == [("duplicate", "event_seen")]
    assert await yard.rows("SELECT captured_minor FROM payment_transactions") == [(0,)]
    assert await yard.differences() == []


async def test_a_worker_and_the_sweeper_at_the_same_fact_leave_it_applied_or_orphaned_once(
    yard: Yard,
) -> None:
    for number in range(10):
        await yard.book(captured(f"p{number}"))
        yard.clock.move(days=HORIZON_DAYS, seconds=1)
        async with yard.pool.acquire() as connection:
            await asyncio.gather(yard.book(authorized(f"p{number}")), yard.sweeper().sweep(connection))
    ended = """
        SELECT count(*) FROM audit_logs
        WHERE action = 'capture.succeeded' AND verdict IN ('apply', 'orphaned')
        GROUP BY payment_id
    """
    assert await yard.rows(ended) == [(1,)] * 10
    assert await yard.differences() == []


async def test_a_fact_that_a_tightened_policy_no_longer_forgives_is_judged_again_by_the_sweeper(
    yard: Yard,
) -> None:
    """Too large a capture waits for an adjustment; from a source that never adjusts it can never fit."""
    await yard.book(authorized("p", 1_000) | {"source": "adyen"})
    large = captured("p", "large", 5_000) | {"source": "adyen"}
    assert await yard.book(large) == [("premature", "capture_exceeds_authorized")]
    yard.clock.move(minutes=1)
    await yard.book(captured("p", "small", 10) | {"source": "adyen"})
    yard.policies = _never_adjusting("adyen")
    async with yard.pool.acquire() as connection:
        swept = await yard.sweeper().sweep(connection)
    assert dict(swept.freed) == {"impossible": 1}
    assert await yard.rows("SELECT count(*) FROM parked_events") == [(0,)]
    alerts = "SELECT r.name FROM alerts a JOIN rules r USING (rule_id) ORDER BY 1"
    assert ("impossible",) in await yard.rows(alerts)


async def test_sweeping_payments_that_changed_frees_nothing_that_a_delivery_left_waiting_with_reason(
    yard: Yard,
) -> None:
    await yard.book(authorized("p", 1_000) | {"source": "adyen"})
    await yard.book(captured("p", "large", 5_000) | {"source": "adyen"})
    yard.clock.move(minutes=1)
    await yard.book(captured("p", "small", 10) | {"source": "adyen"})
    async with yard.pool.acquire() as connection:
        swept = await yard.sweeper().sweep(connection)
    assert dict(swept.freed) == {}
    assert await yard.differences() == []


async def test_only_one_session_can_hold_the_sweepers_lock(yard: Yard) -> None:
    async with yard.pool.acquire() as connection:
        assert await connection.fetchval("SELECT pg_try_advisory_lock($1)", SWEEPER_LOCK)
        assert not await yard.look.fetchval("SELECT pg_try_advisory_lock($1)", SWEEPER_LOCK)
        await connection.fetchval("SELECT pg_advisory_unlock($1)", SWEEPER_LOCK)


def _never_adjusting(source: str) -> Policies:
    profile = SOURCES.profile(source)
    tightened = SourceProfile(
        retry_horizon_s=profile.retry_horizon_s,
        adjustable=False,
        overcapture_bps=profile.overcapture_bps,
        exponents=profile.exponents,
    )
    return policies_of(Sources({**SOURCES.profiles, source: tightened}))


@pytest.mark.parametrize("verdict", ["orphaned", "discarded", "linked"])
async def test_verify_names_a_row_that_takes_out_what_did_not_wait(yard: Yard, verdict: str) -> None:
    await yard.book(authorized("p"), captured("p"))
    await yard.look.execute(
        """
        INSERT INTO audit_logs (
            audit_id, payment_id, source, event_id, occurrence, action, verdict, reason, from_status,
            to_status, version, fingerprint, actor, correlation_id, occurred_at, recorded_at)
        OVERRIDING SYSTEM VALUE
        SELECT
            audit_id + 1000, payment_id, source, event_id, audit_id + 1000, action, $1, 'by_operator',
            to_status, to_status, version, fingerprint, 'forger', correlation_id, occurred_at, recorded_at
        FROM audit_logs
        WHERE action = 'capture.succeeded'
        """,
        verdict,
    )
    [difference] = await yard.differences()
    assert difference.check == "verdict_differs"
    assert difference.expected == "no such row: the fact did not wait at that time"


async def test_verify_names_an_orphan_whose_alert_or_trail_is_gone(yard: Yard) -> None:
    await yard.book(captured("p"))
    yard.clock.move(days=HORIZON_DAYS, seconds=1)
    async with yard.pool.acquire() as connection:
        await yard.sweeper().sweep(connection)
    await yard.look.execute("DELETE FROM alerts")
    assert [found.check for found in await yard.differences()] == ["dead_letter_without_alert"]
    await yard.look.execute("ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_append_only")
    await yard.look.execute("DELETE FROM audit_logs WHERE verdict = 'orphaned'")
    checks = {found.check for found in await yard.differences()}
    assert checks == {"dead_letter_without_alert", "dead_letter_unexplained", "parked_missing"}
