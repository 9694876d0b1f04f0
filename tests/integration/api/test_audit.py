"""The trail is searched by every filter to the same end as by brute force, and can't be changed."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from payflow.api.audit import exporting, searching
from payflow.ledger.rollups import RollOptions, roll
from payflow.ledger.settled import Settling

from tests.integration.api.harness import idempotent
from tests.integration.quarantine.yard import authorized, captured, fact

if TYPE_CHECKING:
    import httpx

    from tests.integration.api.books import Books
    from tests.integration.api.harness import Api

PAGES_MAX = 300
SETVAL = "SELECT setval('audit_logs_audit_id_seq', nextval('audit_logs_audit_id_seq') + 700)"


async def index(books: Books, api: Api) -> None:
    settling = Settling[tuple[int, int]]()
    async with books.pool.acquire() as connection:
        for _ in range(3):
            await roll(connection, settling, api.services.clock, RollOptions(work_share=1.0))


async def note(client: httpx.AsyncClient, subject_id: str, kind: str = "payment") -> httpx.Response:
    body = {"subject_kind": kind, "subject_id": subject_id, "note": "asked by phone"}
    return await client.post("/audit/notes", json=body, headers=idempotent())


@pytest.fixture
async def trail(books: Books, api: Api, operator: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Deliveries and notes over many blocks, the newest not indexed yet; as `GET /audit/{id}` has them."""
    for number in range(12):
        payment_id = f"p{number}"
        await books.book(authorized(payment_id), captured(payment_id, "c", 100 + number))
        if number % 3 == 0:
            await books.book(fact(payment_id, "authorization.succeeded", f"auth-{payment_id}", 7))
            await note(operator, payment_id)
        if number % 5 == 0:
            await books.book(fact(payment_id, "refund.succeeded", "r", 1, source="adyen"))
        await books.rows(SETVAL)
        if number == 9:
            await index(books, api)
    ids = [row[0] for row in await books.rows("SELECT audit_id FROM audit_logs ORDER BY 1 DESC")]
    return [(await operator.get(f"/audit/{audit_id}")).json() for audit_id in ids]


def selected(trail: list[dict[str, Any]], filters: dict[str, str]) -> list[str]:
    """Filter by brute force."""

    def matches(entry: dict[str, Any], name: str, value: str) -> bool:
        if name == "operators_only":
            return entry["type"] is None or value == "false"
        if name == "from":
            return str(entry["recorded_at"]) >= value
        if name == "to":
            return str(entry["recorded_at"]) < value
        return bool(entry[name] == value)

    return [
        entry["audit_id"] for entry in trail if all(matches(entry, *filter_) for filter_ in filters.items())
    ]


async def paged(client: httpx.AsyncClient, filters: dict[str, str], limit: int = 3) -> list[list[str]]:
    params: dict[str, Any] = filters | {"limit": limit}
    pages = []
    while True:
        answer = await client.get("/audit", params=params)
        assert answer.status_code == 200, answer.text
        pages.append([entry["audit_id"] for entry in answer.json()["items"]])
        if answer.json()["next_cursor"] is None:
            return pages
        assert len(pages) < PAGES_MAX, (filters, pages[-5:])
        params["cursor"] = answer.json()["next_cursor"]


async def test_every_filter_finds_what_brute_force_finds_whatever_a_search_may_look_at(
    trail: list[dict[str, Any]], operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    middle = trail[len(trail) // 2]["recorded_at"]
    cases: list[dict[str, str]] = [
        {},
        {"verdict": "conflict"},
        {"verdict": "apply"},
        {"verdict": "orphaned"},
        {"action": "refund.succeeded"},
        {"source": "adyen"},
        {"source": "adyen", "verdict": "apply"},
        {"source": "adyen", "verdict": "conflict"},
        {"actor": "user:operator@example.test"},
        {"actor": "worker:test:1", "action": "capture.succeeded"},
        {"action": "payment.noted"},
        {"payment_id": "p3"},
        {"payment_id": "p3", "verdict": "conflict"},
        {"subject_kind": "payment", "subject_id": "p6"},
        {"subject_kind": "payment"},
        {"subject_kind": "alert"},
        {"operators_only": "true"},
        {"operators_only": "false", "source": "stripe"},
        {"from": middle},
        {"to": middle},
        {"from": middle, "verdict": "conflict"},
        {"to": middle, "action": "payment.noted", "operators_only": "true"},
    ]
    for blocks_max, tail_max in ((64, 32_768), (2, 32_768), (1, 200)):
        monkeypatch.setattr(searching, "BLOCKS_MAX", blocks_max)
        monkeypatch.setattr(searching, "TAIL_MAX", tail_max)
        for filters in cases:
            found = [audit_id for page in await paged(operator, filters) for audit_id in page]
            assert found == selected(trail, filters), (filters, blocks_max)
    assert selected(trail, {"verdict": "conflict"})


@pytest.mark.parametrize("filters", [{}, {"verdict": "apply"}, {"operators_only": "true"}])
async def test_pages_lead_back_the_way_they_came(
    trail: list[dict[str, Any]], operator: httpx.AsyncClient, filters: dict[str, str]
) -> None:
    params: dict[str, Any] = filters | {"limit": 2}
    forth = []
    while True:
        page = (await operator.get("/audit", params=params)).json()
        forth.append([entry["audit_id"] for entry in page["items"]])
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    back = [forth[-1]]
    while page["prev_cursor"] is not None:
        page = (await operator.get("/audit", params=params | {"cursor": page["prev_cursor"]})).json()
        back.append([entry["audit_id"] for entry in page["items"]])
    assert [page for page in back if page] == list(reversed(forth))


async def test_counts_stop_at_a_bound_and_say_so(
    trail: list[dict[str, Any]], operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def counted(**params: str) -> dict[str, Any]:
        return dict((await operator.get("/audit", params={"count": "true"} | params)).json()["count"])

    assert await counted() == {"value": len(trail), "capped": False}
    applied = len(selected(trail, {"verdict": "apply"}))
    assert await counted(verdict="apply") == {"value": applied, "capped": False}
    monkeypatch.setattr(searching, "BLOCKS_MAX", 1)
    assert (await counted(verdict="apply"))["capped"] is True


async def test_an_entry_tells_the_event_as_it_came_and_lists_do_not(
    books: Books, operator: httpx.AsyncClient
) -> None:
    event = authorized("p") | {"metadata": {"large": 2**70}}
    await books.book(event)
    [entry] = (await operator.get("/audit/transactions/p")).json()["items"]
    assert "payload" not in entry
    told = (await operator.get(f"/audit/{entry['audit_id']}")).json()
    assert told["payload"] == event
    assert {name: told[name] for name in ("subject_kind", "subject_id", "type", "verdict", "to_status")} == {
        "subject_kind": "payment",
        "subject_id": "p",
        "type": "authorization.succeeded",
        "verdict": "apply",
        "to_status": "authorized",
    }


async def test_a_note_stands_with_what_it_is_about(
    books: Books, operator: httpx.AsyncClient, reader: httpx.AsyncClient
) -> None:
    await books.book(authorized("p", 5_000_000), captured("early"))
    answer = await note(operator, "p")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["action"], told["note"], told["actor"]) == (
        "payment.noted",
        "asked by phone",
        "user:operator@example.test",
    )
    assert told["correlation_id"] == answer.headers["x-correlation-id"]
    history = (await operator.get("/audit/transactions/p")).json()["items"]
    assert [entry["action"] for entry in history] == ["payment.noted", "authorization.succeeded"]
    [(alert_id,)] = await books.rows("SELECT alert_id::text FROM alerts")
    parked = "early/stripe/capture.succeeded-c-early-700"
    for kind, subject_id, payment_id in (
        ("alert", alert_id, "p"),
        ("rule", "high_value", None),
        ("parked_fact", parked, "early"),
    ):
        answer = await note(operator, subject_id, kind)
        assert (answer.status_code, answer.json().get("payment_id")) == (201, payment_id), answer.text
    for kind, subject_id in (("payment", "nowhere"), ("alert", "0"), ("alert", "x"), ("user", "x")):
        answer = await note(operator, subject_id, kind)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/subject_id")
    assert (await note(reader, "p")).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_changing_an_entry_is_refused_with_the_reason(admin: httpx.AsyncClient, method: str) -> None:
    answer = await admin.request(method, "/audit/1")
    assert (answer.status_code, answer.json()["code"]) == (405, "audit_immutable")
    assert answer.headers["allow"] == "GET"
    assert "note" in answer.json()["detail"]


async def test_json_lines_are_the_entries_with_their_events(
    trail: list[dict[str, Any]], reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS_A_TIME", 4)
    monkeypatch.setattr(searching, "BLOCKS_MAX", 1)
    for filters in ({}, {"verdict": "conflict"}, {"operators_only": "true"}):
        answer = await reader.get("/audit/export", params={"format": "jsonl"} | filters)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith('attachment; filename="payflow-audit-')
        told = [json.loads(line) for line in answer.text.splitlines()]
        wanted = set(selected(trail, filters))
        assert told == [entry for entry in trail if entry["audit_id"] in wanted]


async def test_csv_has_a_row_for_each_entry_and_nothing_that_a_spreadsheet_runs(
    books: Books, operator: httpx.AsyncClient
) -> None:
    await books.book(authorized("=1+1"), authorized('say "hi", \nplease'.replace("\n", "")))
    await note(operator, "=1+1")
    answer = await operator.get("/audit/export", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["payment_id"] for row in rows] == ["'=1+1", 'say "hi", please', "'=1+1"]
    assert rows[0]["note"] == "asked by phone"
    assert rows[2]["verdict"] == "apply"
    assert rows[2]["recorded_at"].endswith("Z")


async def test_as_many_exports_as_run_already_are_enough(
    api: Api, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "EXPORTS_MAX", 0)
    answer = await operator.get("/audit/export", params={"format": "csv"})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert answer.headers["retry-after"] == "30"
