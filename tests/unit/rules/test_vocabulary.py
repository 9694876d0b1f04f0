"""Editors are told every field that a condition may read."""

from __future__ import annotations

from payflow.rules import validate, vocabulary


def test_every_field_is_described_and_compiles_in_a_condition() -> None:
    literals = {"string": '"x"', "int": "1", "timestamp": 'timestamp("2026-11-22T10:00:00Z")'}
    fields = vocabulary()
    assert len({field.name for field in fields}) == len(fields)
    for field in fields:
        assert field.description
        literal = f'"{field.words[0]}"' if field.words else literals[field.type]
        assert validate(f"{field.name} == {literal}") == []


def test_what_is_not_listed_does_not_compile() -> None:
    assert validate('event.nothing == "x"') != []
    assert {field.name for field in vocabulary()} >= {"verdict", "reason", "event.type", "before.status"}
