from pathlib import Path

import pytest
from payflow.errors import SettingsInvalid
from payflow.events import ISO_4217_EXPONENTS, Sources


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sources.toml"


@pytest.mark.parametrize(
    ("source", "currency", "exponent"),
    [
        ("adyen", "CLP", 2),
        ("adyen", "CVE", 0),
        ("adyen", "ISK", 2),
        ("adyen", "JPY", 0),
        ("stripe", "ISK", 2),
        ("stripe", "MGA", 0),
        ("stripe", "UGX", 0),
        ("hyperswitch", "MGA", 0),
        ("hyperswitch", "IRR", 0),
        ("hyperswitch", "ISK", 2),
        ("sumup", "COP", 0),
        ("sumup", "HUF", 0),
        ("razorpay", "INR", 2),
        ("anything-else", "ISK", 0),
        ("anything-else", "CLF", 4),
        ("anything-else", "KWD", 3),
    ],
)
def test_a_source_has_its_own_exponents_and_those_of_iso_4217_otherwise(
    source: str, currency: str, exponent: int
) -> None:
    assert Sources.load().exponents(source)[currency] == exponent


@pytest.mark.parametrize(("source", "days"), [("stripe", 3), ("adyen", 30), ("sumup", 3), ("unheard-of", 3)])
def test_a_source_has_the_retry_horizon_that_it_promises(source: str, days: int) -> None:
    assert Sources.load().profile(source).retry_horizon_s == days * 86_400


@pytest.mark.parametrize(("source", "adjustable"), [("stripe", False), ("adyen", True), ("unheard-of", True)])
def test_a_source_says_whether_amounts_can_be_adjusted(source: str, adjustable: bool) -> None:
    assert Sources.load().profile(source).adjustable is adjustable


def test_a_file_replaces_a_source_whole_and_leaves_the_others(file: Path) -> None:
    file.write_text("[adyen]\novercapture_bps = 1_500\n[mine]\nadjustable = false\nexponents = { ISK = 2 }\n")
    sources = Sources.load(file)
    assert sources.profile("adyen").overcapture_bps == 1_500
    assert sources.profile("adyen").retry_horizon_s == 259_200
    assert sources.exponents("adyen")["CLP"] == 0
    assert sources.exponents("mine")["ISK"] == 2
    assert sources.exponents("stripe")["MGA"] == 0


def test_a_file_may_change_one_key_of_the_default(file: Path) -> None:
    file.write_text("[default]\nretry_horizon_s = 60\n")
    profile = Sources.load(file).profile("unheard-of")
    assert (profile.retry_horizon_s, profile.adjustable) == (60, True)


def test_exponents_of_the_default_are_not_handed_down(file: Path) -> None:
    file.write_text("[default]\nexponents = { EUR = 3 }\n")
    sources = Sources.load(file)
    assert sources.exponents("unheard-of")["EUR"] == 3
    assert sources.exponents("razorpay")["EUR"] == 2


def test_all_problems_of_a_file_are_listed_at_once(file: Path) -> None:
    file.write_text("""
        plain = 1
        [Upper]
        [one]
        retry_horizon_s = "long"
        adjustable = 1
        colour = "red"
        exponents = { XXX = 2, EUR = 2 }
        [two]
        overcapture_bps = -1
        exponents = { EUR = 5 }
    """)
    with pytest.raises(SettingsInvalid) as raised:
        Sources.load(file)
    places = [problem.removeprefix(f"{file}: ").split(":")[:2] for problem in raised.value.problems]
    assert [[part.strip() for part in place] for place in places] == [
        ["[plain]", "must be a table"],
        ["[Upper]", "a source is named with 1 to 64 of a-z, 0-9, _ and -"],
        ["[one]", "retry_horizon_s"],
        ["[one]", "adjustable"],
        ["[one]", "colour is not known"],
        ["[one]", "exponents"],
        ["[two]", "overcapture_bps"],
        ["[two]", "exponents"],
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"[one", "must be a TOML file"), (b"\xff", "must be a TOML file"), (None, "can't be read")],
    ids=["not-toml", "not-utf8", "missing"],
)
def test_a_file_that_cannot_be_read_is_named(file: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsInvalid, match=problem) as raised:
        Sources.load(file)
    assert str(file) in str(raised.value)


def test_a_file_whose_default_is_no_table_is_refused(file: Path) -> None:
    file.write_text("default = 1")
    with pytest.raises(SettingsInvalid, match=r"\[default\]: must be a table"):
        Sources.load(file)


@pytest.mark.parametrize(
    ("exponent", "codes"),
    [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ],
)
def test_the_codes_of_an_unusual_exponent_are_those_of_iso_4217(exponent: int, codes: str) -> None:
    assert {code for code, of in ISO_4217_EXPONENTS.items() if of == exponent} == set(codes.split())


def test_every_currency_code_has_three_capitals() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in ISO_4217_EXPONENTS)
