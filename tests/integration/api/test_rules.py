"""Rules are changed in versions that compile together, tried before they are in force, kept when they go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from payflow.api.rules import trying

from tests.integration.api.harness import idempotent
from tests.integration.quarantine.yard import authorized, captured, fact

if TYPE_CHECKING:
    import httpx

    from tests.integration.api.books import Books

LARGE = 'verdict == "apply" && event.type == "capture.succeeded" && event.amount_minor >= 500'


@pytest.fixture
async def seeded(books: Books) -> Books:
    """The seeded rules are there."""
    return books


def draft(condition: str = LARGE, **more: Any) -> dict[str, Any]:
    plain = {"condition": condition, "severity": "warning", "description": "Large", "enabled": True}
    return plain | more


async def create(client: httpx.AsyncClient, name: str, **more: Any) -> httpx.Response:
    return await client.post("/rules", json={"name": name} | draft(**more), headers=idempotent())


async def update(client: httpx.AsyncClient, rule: dict[str, Any], **more: Any) -> httpx.Response:
    headers = idempotent() | {"if-match": f'"{rule["etag"]}"'}
    return await client.put(f"/rules/{rule['name']}", json=draft(**more), headers=headers)


async def switch(client: httpx.AsyncClient, rule: dict[str, Any], to: str) -> httpx.Response:
    headers = idempotent() | {"if-match": f'"{rule["etag"]}"'}
    return await client.post(f"/rules/{rule['name']}/{to}", headers=headers)


async def test_rules_are_listed_by_name_with_their_alerts(seeded: Books, reader: httpx.AsyncClient) -> None:
    await seeded.book(authorized("p", 5_000_000), authorized("q", 5_000_000))
    first = (await reader.get("/rules", params={"limit": 5, "count": "true"})).json()
    following = (await reader.get("/rules", params={"limit": 5, "cursor": first["next_cursor"]})).json()
    back = (await reader.get("/rules", params={"limit": 5, "cursor": following["prev_cursor"]})).json()
    assert back["items"] == first["items"]
    names = [rule["name"] for rule in first["items"] + following["items"]]
    assert names == sorted(names)
    assert first["count"]["value"] == 12
    found = (await reader.get("/rules/high_value")).json()
    assert (found["alerts_24h"], found["version"], found["enabled"]) == (2, 1, True)


async def test_each_change_is_a_version_and_the_last_one_is_in_force(
    seeded: Books, operator: httpx.AsyncClient
) -> None:
    answer = await create(operator, "large_capture")
    assert answer.status_code == 201
    assert answer.headers["location"] == "/api/v1/rules/large_capture"
    rule = answer.json()
    answer = await update(operator, rule, severity="high")
    assert answer.status_code == 200
    assert answer.headers["etag"] == f'"{answer.json()["etag"]}"'
    told = (await operator.get("/rules/large_capture")).json()
    assert [
        (version["version"], version["severity"], version["enabled"]) for version in told["versions"]
    ] == [
        (2, "high", True),
        (1, "warning", False),
    ]
    assert told["created_by"] == "user:operator@example.test"
    recorded = """
        SELECT action, details ->> 'version', details #>> '{severity,from}', details #>> '{severity,to}'
        FROM audit_logs WHERE subject_kind = 'rule' AND subject_id = 'large_capture' ORDER BY audit_id
    """
    assert await seeded.rows(recorded) == [
        ("rule.created", "1", None, "warning"),
        ("rule.updated", "2", "warning", "high"),
    ]
    await seeded.refresh_rules()
    await seeded.book(authorized("p"), captured("p"))
    assert (await operator.get("/rules/large_capture")).json()["alerts_24h"] == 1


async def test_a_version_that_was_not_seen_is_not_overwritten(
    seeded: Books, operator: httpx.AsyncClient
) -> None:
    rule = (await create(operator, "large_capture")).json()
    assert (await update(operator, rule)).status_code == 200
    assert (await update(operator, rule)).status_code == 412
    assert (await switch(operator, rule, "disable")).status_code == 412


async def test_a_rule_is_switched_off_and_on_without_a_version(
    seeded: Books, operator: httpx.AsyncClient
) -> None:
    rule = (await create(operator, "large_capture")).json()
    off = (await switch(operator, rule, "disable")).json()
    assert (off["version"], off["enabled"]) == (1, False)
    assert off["etag"] != rule["etag"]
    on = (await switch(operator, off, "enable")).json()
    assert on == rule
    recorded = "SELECT action FROM audit_logs WHERE subject_id = 'large_capture' ORDER BY audit_id"
    assert [row[0] for row in await seeded.rows(recorded)] == [
        "rule.created",
        "rule.disabled",
        "rule.enabled",
    ]


async def test_a_retired_rule_keeps_its_versions_and_its_name(
    seeded: Books, admin: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    rule = (await create(operator, "large_capture")).json()
    headers = {"if-match": f'"{rule["etag"]}"'}
    path = "/rules/large_capture"
    assert (await operator.delete(path, headers=headers | idempotent())).status_code == 403
    assert (await admin.delete(path, headers=headers | idempotent())).status_code == 204
    assert (await admin.get(path)).status_code == 404
    assert (await create(operator, "large_capture")).status_code == 409
    assert await seeded.rows("SELECT enabled FROM rules WHERE name = 'large_capture'") == [(False,)]
    assert "large_capture" not in {rule["name"] for rule in (await admin.get("/rules")).json()["items"]}


async def test_what_does_not_compile_is_refused_with_its_places(
    seeded: Books, operator: httpx.AsyncClient
) -> None:
    broken = 'event.amout > 5\n  && event.type == "capture.suceeded"'
    answer = await create(operator, "broken", condition=broken)
    assert (answer.status_code, answer.json()["code"]) == (422, "rule_invalid")
    places = [(error["line"], error["column"]) for error in answer.json()["condition_errors"]]
    assert places[0] == (1, 7)
    assert places[1][0] == 2
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/condition"}
    validated = (await operator.post("/rules/validate", json={"condition": broken})).json()
    assert validated["valid"] is False
    assert validated["errors"] == answer.json()["condition_errors"]
    assert (await operator.post("/rules/validate", json={"condition": LARGE})).json() == {
        "valid": True,
        "errors": [],
    }
    assert (await seeded.rows("SELECT count(*) FROM rules WHERE name = 'broken'")) == [(0,)]


async def test_a_set_that_costs_too_much_in_all_never_gets_in_force(
    seeded: Books, operator: httpx.AsyncClient
) -> None:
    dear = " || ".join(f"payment.version * {number} > 7" for number in range(1, 60))
    codes, made = [], []
    for number in range(40):
        answer = await create(operator, f"dear_{number}", condition=dear)
        codes.append(answer.status_code)
        if answer.status_code != 201:
            assert answer.json()["code"] == "rule_invalid"
            break
        made.append(answer.json())
    assert codes[-1] == 422
    asleep = (await create(operator, "asleep", condition=dear, enabled=False)).json()
    assert (await switch(operator, asleep, "enable")).status_code == 422
    assert (await switch(operator, made[0], "disable")).status_code == 200
    assert (await switch(operator, asleep, "enable")).status_code == 200
    await seeded.refresh_rules()


async def test_two_changes_at_once_make_one_version(seeded: Books, operator: httpx.AsyncClient) -> None:
    rule = (await create(operator, "large_capture")).json()
    answers = await asyncio.gather(*(update(operator, rule, severity="high") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert await seeded.rows("SELECT max(version) FROM rules WHERE name = 'large_capture'") == [(2,)]


async def test_a_condition_is_tried_on_the_newest_events(seeded: Books, operator: httpx.AsyncClient) -> None:
    await seeded.book(authorized("p"), captured("p", "small", 200), authorized("q"))
    await seeded.book(captured("q", "large", 900), captured("q", "large", 900))
    body: dict[str, Any] = {"condition": LARGE}
    told = (await operator.post("/rules/try", json=body)).json()
    assert (told["events"], told["matches"], told["errors"], told["complete"]) == (4, 1, 0, True)
    assert [(event["payment_id"], event["amount_minor"], event["currency"]) for event in told["sample"]] == [
        ("q", 900, "EUR")
    ]
    told = (await operator.post("/rules/try", json=body | {"limit": 1})).json()
    assert (told["events"], told["matches"]) == (1, 1)
    told = (await operator.post("/rules/try", json=body | {"since": "2999-01-01T00:00:00Z"})).json()
    assert told["events"] == 0
    answer = await operator.post("/rules/try", json={"condition": "event.x"})
    assert answer.json()["code"] == "rule_invalid"


async def test_a_try_sees_what_an_event_crossed_and_counts_what_fails(
    seeded: Books, operator: httpx.AsyncClient
) -> None:
    await seeded.book(authorized("p"), captured("p", "c", 1_000), fact("p", "refund.succeeded", "r1", 700))
    await seeded.book(fact("p", "refund.succeeded", "r2", 200))
    condition = (await operator.get("/rules/refund_above_share")).json()["condition"]
    told = (await operator.post("/rules/try", json={"condition": condition})).json()
    assert [event["event_id"] for event in told["sample"]] == ["refund.succeeded-r2-200"]
    failing = {"condition": "1 / (payment.version - payment.version) == 1"}
    told = (await operator.post("/rules/try", json=failing)).json()
    assert (told["matches"], told["errors"]) == (0, 4)


async def test_a_try_ends_when_its_time_is_up(
    seeded: Books, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seeded.book(authorized("p"))
    monkeypatch.setattr(trying, "TIME_MAX_S", -1.0)
    told = (await operator.post("/rules/try", json={"condition": LARGE})).json()
    assert (told["events"], told["complete"]) == (0, False)


async def test_the_vocabulary_is_what_editors_need(reader: httpx.AsyncClient) -> None:
    fields = {field["name"]: field for field in (await reader.get("/rules/vocabulary")).json()["fields"]}
    assert fields["event.amount_minor"]["type"] == "int"
    assert "capture.succeeded" in fields["event.type"]["words"]
    assert "apply" in fields["verdict"]["words"]


@pytest.mark.parametrize("name", ["", "Upper", "1st", "a" * 65, "with space"])
async def test_a_name_is_small_letters_digits_and_underscores(operator: httpx.AsyncClient, name: str) -> None:
    answer = await create(operator, name)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/name")
