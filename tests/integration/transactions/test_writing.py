"""Payments made by hand, and what operators note on them, stand in trail and books alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.transactions.test_commands import proved

if TYPE_CHECKING:
    from payflow.settings import Settings

    from tests.integration.transactions.counter import Counter

NEW = {"merchant_id": "m_1", "amount_minor": 1_250, "currency": "EUR", "source": "stripe"}


async def test_a_payment_is_created_before_anything_is_attempted(
    counter: Counter, settings: Settings
) -> None:
    answer = await counter.write("POST", "/transactions", NEW | {"metadata": {"order": "A-7"}})
    assert answer.status_code == 201
    made = answer.json()
    assert made["payment_id"].startswith("pay_")
    assert (made["status"], made["amount_minor"], made["exponent"]) == ("created", 1_250, 2)
    assert made["metadata"] == {"order": "A-7"}
    detail = await counter.detail(made["payment_id"])
    assert detail["allowed_commands"] == ["cancel"]
    assert detail["operations"][0]["kind"] == "intent"

    await counter.told(made["payment_id"], ("authorization.succeeded", "a1", 1_300))
    detail = await counter.detail(made["payment_id"])
    assert (detail["status"], detail["amount_minor"]) == ("authorized", 1_300)
    assert await proved(settings) == []


async def test_facts_that_waited_for_the_payment_apply_when_it_is_created(counter: Counter) -> None:
    assert await counter.told("p1", ("cancellation.succeeded", "k1", 1)) == [("premature", "payment_unknown")]
    answer = await counter.write("POST", "/transactions", NEW | {"payment_id": "p1"})
    assert answer.status_code == 201
    detail = await counter.detail("p1")
    assert detail["parked"] == []
    assert {operation["kind"] for operation in detail["operations"]} == {"intent", "cancellation"}


async def test_a_second_payment_of_the_same_id_is_refused(counter: Counter) -> None:
    await counter.authorized("p1")
    answer = await counter.write("POST", "/transactions", NEW | {"payment_id": "p1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"exponent": 3}, "/exponent"),
        ({"currency": "XYZ"}, "/currency"),
        ({"currency": "eur"}, "/currency"),
        ({"amount_minor": 0}, "/amount_minor"),
        ({"source": "Stripe"}, "/source"),
        ({"metadata": {"nested": {}}}, "/metadata"),
        ({"metadata": {"long": "x" * 5_000}}, "/metadata"),
        ({"payment_id": "a\u200bb"}, "/payment_id"),
        ({"merchant_id": "a\nb"}, "/merchant_id"),
        ({"unknown": 1}, "/unknown"),
    ],
)
async def test_a_new_payment_that_breaks_a_rule_of_the_wire_is_refused_and_pointed_to(
    counter: Counter, change: dict[str, Any], pointer: str
) -> None:
    answer = await counter.write("POST", "/transactions", NEW | change)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_metadata_is_replaced_told_in_the_timeline_and_proved(
    counter: Counter, settings: Settings
) -> None:
    made = (await counter.write("POST", "/transactions", NEW | {"metadata": {"order": "A-7"}})).json()
    path = f"/transactions/{made['payment_id']}"
    changed = await counter.write("PATCH", path, {"metadata": {"order": "A-8"}}, if_match='"1"')
    assert changed.status_code == 200
    assert changed.json()["metadata"] == {"order": "A-8"}
    assert changed.headers["etag"] == '"2"'
    assert (await counter.write("PATCH", path, {"metadata": {}}, if_match='"1"')).status_code == 412
    gone = await counter.write("PATCH", path, {"metadata": None}, if_match='"2"')
    assert gone.json()["metadata"] is None
    told = (await counter.detail(made["payment_id"]))["timeline"]
    assert [entry["action"] for entry in told[:2]] == ["payment.metadata_changed"] * 2
    assert told[1]["payload"] == {"metadata": {"order": "A-8"}}
    assert await proved(settings) == []


async def test_metadata_that_was_changed_past_the_trail_is_found(
    counter: Counter, settings: Settings
) -> None:
    made = (await counter.write("POST", "/transactions", NEW)).json()
    path = f"/transactions/{made['payment_id']}"
    await counter.write("PATCH", path, {"metadata": {"order": "A-8"}}, if_match='"1"')
    await counter.desk.look.execute("""UPDATE payment_transactions SET edited_metadata = '{"order":"A-9"}'""")
    assert [found.split(" ")[0] for found in await proved(settings)] == ["edit_differs"]


async def test_an_archived_payment_leaves_the_list_and_goes_on_taking_facts(counter: Counter) -> None:
    await counter.authorized("p1")
    archived = await counter.write("POST", "/transactions/p1/archive", if_match='"1"')
    assert archived.json()["archived"] is True

    async def listed(**query: str) -> list[str]:
        answer = await counter.operator.get("/transactions", params=query)
        return [item["payment_id"] for item in answer.json()["items"]]

    assert await listed() == []
    assert await listed(archived="true") == ["p1"]
    assert await listed(archived="all") == ["p1"]
    assert await counter.told("p1", ("capture.succeeded", "c1", 1_000)) == [("apply", "applied")]
    back = await counter.write("POST", "/transactions/p1/unarchive", if_match='"3"')
    assert back.json()["archived"] is False
    assert await listed() == ["p1"]


async def test_what_is_not_there_is_said_to_be_missing(counter: Counter) -> None:
    for method, path, body in (
        ("PATCH", "/transactions/nobody", {"metadata": {}}),
        ("POST", "/transactions/nobody/archive", None),
        ("POST", "/transactions/nobody/refund", {}),
    ):
        answer = await counter.write(method, path, body, if_match='"1"')
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    for path in ("/transactions/nobody", "/transactions/nobody/timeline"):
        assert (await counter.operator.get(path)).status_code == 404
