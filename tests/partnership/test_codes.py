"""The list of authorities: complete, dated without overlap, and known by the names Ofsted uses."""

import csv
import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from commissioning.kernel.periods import Period, overlapping
from commissioning.partnership.rules.names import fold_authority

ROOT = Path(__file__).resolve().parents[2]
CODES = ROOT / "commissioning" / "partnership" / "codes"
OFSTED = ROOT.parent / "shared" / "data" / "ofsted"
WELSH = {"Cardiff", "Conwy", "Flintshire", "Newport", "Wrexham"}
TODAY = dt.date(2026, 3, 31)
FILES = {
    "provider_level_at_31_march_2016.csv": dt.date(2016, 3, 31),
    "provider_level_at_31_march_2018.csv": dt.date(2018, 3, 31),
    "provider_level_at_31_march_2021.csv": dt.date(2021, 3, 31),
    "provider_level_at_31_march_2022.csv": dt.date(2022, 3, 31),
    "provider_level_at_31_march_2025.ods": dt.date(2025, 3, 31),
}


def read(name: str) -> list[dict[str, str]]:
    with (CODES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def period(row: dict[str, str]) -> Period:
    starts_on, ends_before = row["starts_on"], row["ends_before"]
    return Period(*(dt.date.fromisoformat(day) if day else None for day in (starts_on, ends_before)))


ROWS = read("authorities.csv")
NAMES = read("authority_names.csv")
BY_CODE = {row["ons_code"]: row for row in ROWS}


def of_authority(slug: str) -> list[dict[str, str]]:
    return [row for row in ROWS if row["authority"] == slug]


def resolve(name: str, day: dt.date) -> set[str]:
    """The codes in force on `day` of every body known by `name`."""
    wanted = fold_authority(name)
    bodies = {row["authority"] for row in ROWS if fold_authority(row["name"]) == wanted}
    bodies |= {BY_CODE[row["ons_code"]]["authority"] for row in NAMES if fold_authority(row["name"]) == wanted}
    return {row["ons_code"] for slug in bodies for row in of_authority(slug) if day in period(row)}


def test_153_authorities_are_current_and_each_region_has_its_number():
    current = [row for row in ROWS if TODAY in period(row)]
    assert len(current) == len({row["authority"] for row in current}) == 153
    assert Counter(row["kind"] for row in current) == {
        "unitary authority": 62,
        "metropolitan district": 36,
        "London borough": 32,
        "county": 21,
        "City of London": 1,
        "Isles of Scilly": 1,
    }
    assert Counter(row["region"] for row in current)["London"] == 33
    assert len({row["region_code"] for row in current}) == len({row["region"] for row in current}) == 9
    assert len({row["dfe_number"] for row in current}) == 153


@pytest.mark.parametrize(
    ("day", "number"),
    [("2015-06-01", 152), ("2019-06-01", 151), ("2020-06-01", 151), ("2021-06-01", 152), ("2023-06-01", 153)],
)
def test_as_many_authorities_at_each_date_as_there_were(day, number):
    """152 until 2019; three became two; one became two in 2021; one became two in 2023."""
    assert sum(dt.date.fromisoformat(day) in period(row) for row in ROWS) == number


def test_codes_are_whole_unique_and_of_their_kind():
    letters = {"E06": {"unitary authority", "Isles of Scilly"}, "E08": {"metropolitan district"}, "E10": {"county"}}
    letters["E09"] = {"London borough", "City of London"}
    assert len(BY_CODE) == len(ROWS)
    for row in ROWS:
        assert len(row["ons_code"]) == 9
        assert row["kind"] in letters[row["ons_code"][:3]]
        assert len(row["dfe_number"]) == 3
        assert all(row[key] for key in ("authority", "name", "region", "region_code"))


def test_codes_of_one_authority_follow_each_other():
    for slug in {row["authority"] for row in ROWS}:
        spans = [period(row) for row in of_authority(slug)]
        assert overlapping(spans) == []
        assert [span.starts_on for span in spans[1:]] == [span.ends_before for span in spans[:-1]]


def test_every_successor_exists_and_begins_when_its_predecessor_ends():
    for row in ROWS:
        successors = [code for code in row["successor_ons_codes"].split(";") if code]
        assert bool(successors) == bool(row["ends_before"])
        assert {BY_CODE[code]["starts_on"] for code in successors} <= {row["ends_before"]}
    assert BY_CODE["E10000006"]["successor_ons_codes"] == "E06000063;E06000064"


def test_no_two_bodies_share_a_name_on_one_day():
    spans = defaultdict(list)
    for row in ROWS:
        spans[fold_authority(row["name"])].append(period(row))
    assert {name for name, held in spans.items() if overlapping(held)} == set()


def test_names_mean_one_body_and_follow_it_through_time():
    assert {row["ons_code"] for row in NAMES} <= set(BY_CODE)
    for row in NAMES:
        assert len(resolve(row["name"], TODAY)) == 1, row["name"]
    assert resolve("Dorset", dt.date(2016, 3, 31)) == {"E10000009"}
    assert resolve("Dorset", dt.date(2021, 3, 31)) == {"E06000059"}
    assert resolve("Durham", dt.date(2009, 2, 1)) == {"E10000010"}
    assert resolve("Sheffield", dt.date(2025, 3, 31)) == {"E08000019"}
    assert resolve("Sheffield", dt.date(2025, 4, 1)) == {"E08000039"}
    assert resolve("Cumbria", TODAY) == set()


def sheets(path: Path) -> list[list[list]]:
    if path.suffix == ".ods":
        book = CalamineWorkbook.from_path(path)
        return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    return [list(csv.reader(text.splitlines(keepends=True)))]


def ofsted_names(path: Path) -> set[str]:
    names: set[str] = set()
    for rows in sheets(path):
        for number, row in enumerate(rows[:30]):
            columns = [n for n, cell in enumerate(row) if str(cell).strip().lower().endswith("local authority")]
            if columns:
                names |= {str(late[n]).strip() for late in rows[number + 1 :] for n in columns if n < len(late)}
                break
    return names - {""}


@pytest.mark.parametrize(("file", "day"), FILES.items())
def test_every_authority_ofsted_names_is_known_on_the_day_of_its_file(file, day):
    path = OFSTED / file
    if not path.exists():
        pytest.skip(f"Ofsted's published file {file} is not beside the project")
    names = ofsted_names(path)
    assert len(names) > 145
    found = {name: resolve(name, day) for name in names - WELSH}
    assert {name: codes for name, codes in found.items() if len(codes) != 1} == {}
    assert all(resolve(name, day) == set() for name in names & WELSH)
