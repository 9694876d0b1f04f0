"""Lists: every filter alone and together, three orders, both directions, bounded search and counts."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.transactions.counter import Counter

START = datetime(2026, 11, 1, tzinfo=UTC)
FILL = """
INSERT INTO payment_transactions (
    payment_id, merchant_id, source, currency, exponent, amount_minor, authorized_minor, status,
    dispute_status, version, metadata, created_at, updated_at, archived_at)
SELECT
    'pay_' || lpad(n::text, 3, '0'), 'm_' || n % 7, (ARRAY['stripe', 'adyen', 'sumup'])[1 + n % 3],
    (ARRAY['EUR', 'USD', 'JPY'])[1 + n / 3 % 3], 2, n % 10 * 100, n % 10 * 100,
    (ARRAY['authorized', 'pending', 'failed', 'captured'])[1 + n % 4],
    (ARRAY['none', 'none', 'none', 'open', 'won'])[1 + n % 5], 1, '{"order":"A-' || n || '"}',
    $1::timestamptz + n / 3 * interval '1 minute', $1::timestamptz + n * 37 % 100 * interval '1 minute',
    CASE WHEN n % 11 = 0 THEN $1::timestamptz END
FROM generate_series(1, 120) AS n
"""


@pytest.fixture
async def filled(counter: Counter) -> Counter:
    """120 payments in which every filter finds something; some were created at the same moment."""
    await counter.desk.look.execute(FILL, START)
    return counter


async def page(counter: Counter, **query: Any) -> dict[str, Any]:
    answer = await counter.operator.get("/transactions", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def everything(counter: Counter, **query: Any) -> list[dict[str, Any]]:
    """Walk a list from its first page to its last."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        found = await page(counter, **query, **cursor)
        items += found["items"]
        if found["next_cursor"] is None:
            return items
        cursor = {"cursor": found["next_cursor"]}


FILTERS: dict[str, tuple[dict[str, Any], Any]] = {
    "merchant_id": ({"merchant_id": "m_3"}, lambda row: row["merchant_id"] == "m_3"),
    "status": ({"status": ["failed"]}, lambda row: row["status"] == "failed"),
    "statuses": ({"status": ["failed", "pending"]}, lambda row: row["status"] in {"failed", "pending"}),
    "dispute": ({"dispute_status": ["open"]}, lambda row: row["dispute_status"] == "open"),
    "disputes": (
        {"dispute_status": ["open", "won"]},
        lambda row: row["dispute_status"] in {"open", "won"},
    ),
    "undisputed": ({"dispute_status": ["none"]}, lambda row: row["dispute_status"] == "none"),
    "currency": ({"currency": ["JPY"]}, lambda row: row["currency"] == "JPY"),
    "currencies": ({"currency": ["JPY", "USD"]}, lambda row: row["currency"] in {"JPY", "USD"}),
    "amount": (
        {"amount_min_minor": 300, "amount_max_minor": 500},
        lambda row: 300 <= row["amount_minor"] <= 500,
    ),
    "created": (
        {"created_from": "2026-11-01T00:10:00Z", "created_to": "2026-11-01T00:20:00Z"},
        lambda row: "2026-11-01T00:10" <= row["created_at"] < "2026-11-01T00:20",
    ),
    "source": ({"source": "sumup"}, lambda row: row["source"] == "sumup"),
    "text": ({"text": "pay_01"}, lambda row: row["payment_id"].startswith("pay_01")),
}


@pytest.mark.parametrize("names", [*itertools.combinations(FILTERS, 1), *itertools.combinations(FILTERS, 2)])
async def test_filters_alone_and_in_pairs_give_what_they_say(filled: Counter, names: tuple[str, ...]) -> None:
    chosen: dict[str, Any] = {}
    for name in names:
        chosen |= FILTERS[name][0]
    whole = await everything(filled, archived="all", limit=200)
    kept = [
        row
        for row in whole
        if all(FILTERS[name][1](row) for name in names if chosen.items() >= FILTERS[name][0].items())
    ]
    assert [row["payment_id"] for row in await everything(filled, archived="all", limit=7, **chosen)] == [
        row["payment_id"] for row in kept
    ]


@pytest.mark.parametrize("sort", ["created_at", "updated_at", "amount_minor"])
@pytest.mark.parametrize("sign", ["", "-"])
async def test_pages_in_each_order_meet_every_payment_once_and_lead_back(
    filled: Counter, sort: str, sign: str
) -> None:
    whole = (await page(filled, archived="all", limit=200, sort=sign + sort))["items"]
    places = [(row[sort], row["payment_id"]) for row in whole]
    assert places == sorted(places, reverse=bool(sign))
    assert len(places) == 120

    first = await page(filled, archived="all", limit=50, sort=sign + sort)
    second = await page(filled, archived="all", limit=50, sort=sign + sort, cursor=first["next_cursor"])
    third = await page(filled, archived="all", limit=50, sort=sign + sort, cursor=second["next_cursor"])
    assert first["items"] + second["items"] + third["items"] == whole
    assert (first["prev_cursor"], third["next_cursor"]) == (None, None)
    back = await page(filled, archived="all", limit=50, sort=sign + sort, cursor=third["prev_cursor"])
    assert back["items"] == second["items"]
    front = await page(filled, archived="all", limit=50, sort=sign + sort, cursor=back["prev_cursor"])
    assert front["items"] == first["items"]
    assert front["prev_cursor"] is None


async def test_a_cursor_of_other_filters_is_refused(filled: Counter) -> None:
    first = await page(filled, limit=10)
    answer = await filled.operator.get(
        "/transactions", params={"limit": 10, "source": "adyen", "cursor": first["next_cursor"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")


async def test_a_count_is_told_when_it_is_asked_for(filled: Counter) -> None:
    assert (await page(filled))["count"] is None
    counted = (await page(filled, count="true", source="adyen", archived="all"))["count"]
    assert counted == {"value": 40, "capped": False}


async def test_metadata_is_searched_through_where_no_id_begins_with_the_text(filled: Counter) -> None:
    found = await everything(filled, text="a-11", archived="all")
    assert {row["metadata"]["order"] for row in found} == {"A-11", *(f"A-{n}" for n in range(110, 120))}


async def test_a_providers_reference_finds_its_payment(counter: Counter) -> None:
    await counter.told("p1", ("authorization.succeeded", "8836542198765432", 500))
    await counter.told("p2", ("authorization.succeeded", "7736542198765432", 500))
    assert [row["payment_id"] for row in (await page(counter, text="883654"))["items"]] == ["p1"]


async def test_a_search_stops_after_a_bounded_number_of_payments_and_goes_on_with_the_next_page(
    filled: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payflow.api.transactions.listing.EXAMINED_MAX", 25)
    pages: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        found = await page(filled, text="a-1", archived="all", **cursor)
        pages.append([row["metadata"]["order"] for row in found["items"]])
        if found["next_cursor"] is None:
            break
        cursor = {"cursor": found["next_cursor"]}
    assert len(pages) == 5, "120 payments, 25 at a time"
    expected = {f"A-{n}" for n in range(1, 121) if str(n).startswith("1")}
    assert sorted(order for told in pages for order in told) == sorted(expected)


async def test_a_timeline_is_paged_in_both_directions(counter: Counter) -> None:
    await counter.told("p1", *(("authorization.pending", f"a{number}", 100) for number in range(25)))
    path = "/transactions/p1/timeline"
    first = (await counter.operator.get(path, params={"limit": 10, "count": "true"})).json()
    assert first["count"] == {"value": 25, "capped": False}
    second = (await counter.operator.get(path, params={"limit": 10, "cursor": first["next_cursor"]})).json()
    third = (await counter.operator.get(path, params={"limit": 10, "cursor": second["next_cursor"]})).json()
    told = [int(entry["audit_id"]) for part in (first, second, third) for entry in part["items"]]
    assert told == sorted(told, reverse=True)
    assert (len(told), third["next_cursor"]) == (25, None)
    back = (await counter.operator.get(path, params={"limit": 10, "cursor": third["prev_cursor"]})).json()
    assert back["items"] == second["items"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"status": "lost"}, "/status"),
        ({"currency": "euro"}, "/currency"),
        ({"limit": "0"}, "/limit"),
        ({"limit": "201"}, "/limit"),
        ({"sort": "merchant_id"}, "/sort"),
        ({"created_from": "yesterday"}, "/created_from"),
        ({"amount_min_minor": "1.5"}, "/amount_min_minor"),
        ({"text": "x"}, "/text"),
        ({"archived": "maybe"}, "/archived"),
        ({"merchant": "m_1"}, "/merchant"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(
    counter: Counter, query: dict[str, str], pointer: str
) -> None:
    answer = await counter.operator.get("/transactions", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_open_alerts_are_counted_beside_each_payment(counter: Counter) -> None:
    await counter.captured("p1")
    await counter.desk.look.execute(
        """UPDATE alerts SET status = 'resolved', resolved_at = $1, outcome = 'fixed' WHERE alert_id = (
        SELECT min(alert_id) FROM alerts)""",
        START + timedelta(days=1),
    )
    assert [row["open_alerts"] for row in (await page(counter))["items"]] == [1]
