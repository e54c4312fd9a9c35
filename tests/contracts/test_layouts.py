"""The declared layouts against the schemas that the collections published, where they are at hand."""

import json
from functools import cache
from pathlib import Path

import pytest

from contracts.rules import codes
from contracts.rules.layouts import recognised, spellings
from contracts.rules.layouts_census import (
    CARE_STATUS,
    CATEGORY_WORDS,
    CENSUSES,
    DISTANCE,
    ENHANCED,
    ETHNICITY,
    PROVISION,
    PROVISION_OF,
    REGISTRATION,
    SEX,
    SOLO,
    SOURCED,
    SOURCED_OF_ROUTE,
    UASC,
)
from contracts.rules.layouts_hosts import HOSTS, WELSH
from contracts.rules.layouts_liia import (
    LIIA,
    PLACEMENT_TYPES,
    PLATFORMS,
    PROVIDER_OF,
    PROVIDER_TYPES,
    TYPE_OF,
)
from contracts.rules.layouts_standard import INTEGERS, SEVERAL, STANDARD, YES_NO
from providers.rules.codes import SECTORS
from tests.world import shared_data

yaml = pytest.importorskip("yaml", reason="the schemas are YAML, and no reader of it is installed")
YEARS = ("2020_dec", "2021_mar", "2022_mar", "2025_dec")


def _schemas() -> Path:
    folder = (shared_data() or Path("/nowhere")) / "schemas"
    if not folder.is_dir():
        pytest.skip("../shared/data/schemas is not here: our lists cannot be held against the published ones")
    return folder


@cache
def published(layout: str) -> dict:
    """Heading -> its schema, the dated differences applied up to the layout's own."""
    folder = _schemas()
    if layout == "liia_2023":
        return yaml.safe_load((folder / "S251_schema_2023.yml").read_text())["table_name"]["placement_costs"]
    columns = yaml.safe_load((folder / "pnw_census_schema_2019_jun.yml").read_text())["column_map"]["pnw_census"]
    for year in YEARS:
        if f"census_{year}" > layout:
            break
        changes = yaml.safe_load((folder / f"pnw_census_schema_{year}.diff.yml").read_text())
        for path, change in changes.items():
            name, _, part = path.removeprefix("column_map.pnw_census").removeprefix(".").partition(".")
            if change["type"] == "add":
                columns[name] = change["value"]
            elif change["type"] == "modify":
                columns[name][part] = change["value"]
            elif change["type"] == "remove":
                for gone in change["value"]:
                    del columns[gone.strip()]
            else:  # renamed, in its place
                columns = {change["value"] if old == name else old: entry for old, entry in columns.items()}
    return columns


def _names(entry: dict) -> set[str]:
    names = entry.get("name") or []
    return {names} if isinstance(names, str) else set(names)


def _kind(entry: dict) -> str:
    number = entry.get("numeric")
    if number is None:
        return "date" if "date" in entry else "text"
    return "whole" if "integer" in (number, number["type"] if isinstance(number, dict) else "") else "money"


@pytest.mark.parametrize("layout", [*CENSUSES, LIIA], ids=lambda each: each.key)
def test_our_columns_are_the_published_ones_to_the_letter(layout):
    """In their order, with their lists, what may be blank, and how a heading is known."""
    schema = published(layout.key)
    assert [column.heading for column in layout.columns] == list(schema)
    for column in layout.columns:
        theirs = schema[column.heading]
        assert column.needed == (theirs.get("canbeblank") is False), column.heading
        assert column.kind == _kind(theirs), column.heading
        assert [f"/{column.like}/i"] == [like.lower() for like in theirs.get("header_regex", ["//i"])], column.heading
        words = {entry["code"]: _names(entry) for entry in theirs.get("category", ())}
        assert {word: set(others) for word, others in (column.words or {}).items()} == words, column.heading


def test_the_standard_s_fields_are_the_published_ones_to_the_letter():
    path = (shared_data() or Path("/nowhere")) / "placements_standard" / "placements.json"
    if not path.is_file():
        pytest.skip("../shared/data/placements_standard is not here: our fields cannot be held against the published")
    kinds = {"String": "text", "Categorical": "text", "Boolean": "text", "Date": "date"}
    theirs = [
        (f"{entity['name']}.{each['name']}", each["cardinality"].startswith("1"), each.get("options"), each)
        for entity in json.loads(path.read_text())["entities"] for each in entity["fields"]
    ]  # fmt: skip
    assert len(STANDARD.columns) == len(theirs) == 41
    for column, (heading, needed, options, entry) in zip(STANDARD.columns, theirs, strict=True):
        assert (column.heading, column.needed) == (heading, needed)
        assert (column.words is YES_NO) is (entry["type"] == "Boolean"), heading
        assert options is None or list(column.words) == options, heading
        assert (column.key in SEVERAL) is (entry["cardinality"] == "1..*"), heading
        assert (column.key in INTEGERS) is (entry["type"] == "Integer"), heading
        assert column.kind == kinds.get(entry["type"], column.kind), heading


@pytest.mark.parametrize("layout", CENSUSES, ids=lambda each: each.key)
def test_a_year_is_known_by_its_own_columns(layout):
    assert recognised(CENSUSES, {column.key for column in layout.columns}) is layout


def test_every_word_means_something_that_we_record():
    meanings = {
        "looked_after": (CARE_STATUS, codes.CARE_STATUSES),
        "gender": (SEX, codes.SEXES),
        "ethnicity": (ETHNICITY, codes.ETHNICITIES),
        "registration": (REGISTRATION, codes.REGISTRATIONS),
    }
    for layout in CENSUSES:
        for column in layout.columns:
            words = column.words or {}
            if column.key in meanings:
                meaning, known = meanings[column.key]
                assert words.keys() <= meaning.keys()
                assert set(meaning.values()) <= known.keys()
        assert layout.column("provision").words.keys() <= PROVISION.keys()
        assert layout.column("sourced").words.keys() <= SOURCED.keys()
        assert layout.column("uasc").words.keys() == UASC.keys()
    assert {service for service, _, _ in PROVISION.values()} <= codes.SERVICE_TYPES.keys()
    assert CENSUSES[-1].column("solo").words.keys() == SOLO.keys()
    assert set(DISTANCE.values()) <= codes.DISTANCE_REASONS.keys()
    assert LIIA.column("provision").words.keys() == PLACEMENT_TYPES.keys()
    assert {service for service, _ in PLACEMENT_TYPES.values()} <= codes.SERVICE_TYPES.keys()
    assert LIIA.column("sourced").words.keys() == PLATFORMS.keys()
    assert TYPE_OF.keys() == codes.SERVICE_TYPES.keys()
    assert set(TYPE_OF.values()) <= PLACEMENT_TYPES.keys()


def test_what_goes_out_by_itself_is_a_word_of_the_newest_list():
    """But for services of which the newest list asks what is not recorded: they go out without a word."""
    newest = CENSUSES[-1]
    for (service, _), words in PROVISION_OF.items():
        has = any(word in newest.column("provision").words for word in words)
        assert has is (service not in ("other", "kinship", "staying_put", "school", "supported"))
    for category, words in CATEGORY_WORDS.items():
        assert any(word in newest.column("provision").words for word in words), category
    assert newest.column("provision").words.keys() >= {ENHANCED}
    assert PROVIDER_OF.keys() == SECTORS.keys()
    assert set(PROVIDER_OF.values()) <= set(PROVIDER_TYPES)
    for route, words in SOURCED_OF_ROUTE.items():
        assert any(word in newest.column("sourced").words for word in words) or route == "in_house"


def test_other_spellings_are_known():
    assert spellings(LIIA.column("gender").words)["female"] == "2"
    assert spellings(HOSTS)["tunbridge wells"] == "Kent"
    assert len(WELSH) == 22
