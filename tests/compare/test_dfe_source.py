"""The source `dfe`: every layout against a plain reading of its file, any order, and what is refused and why."""

import csv
import io
import itertools
from decimal import Decimal

import pytest

from commissioning.compare.models import NationalFigure, NationalMeasure, StatisticalNeighbour
from commissioning.compare.rules import national
from commissioning.kernel.ingest.take_back import take_back
from commissioning.kernel.models import ImportState
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority
from tests.conftest import SERVICE
from tests.kernel.road import command

from .dfe_files import (
    BY,
    DICTIONARY,
    FILES,
    LAIT,
    NEAR_LEWISHAM,
    NEAR_SOUTHWARK,
    NOW,
    REAL,
    STABILITY,
    bring,
    lait,
    neighbours,
    remarks,
    sent,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
RELEASES = sorted(path for path in FILES.glob("*cla*.csv") if path.name.startswith(("la_cla", "national")))


@pytest.fixture(autouse=True)
def _ground(reference):
    pass


@pytest.fixture
def looking():
    with acting_as(SERVICE, by=BY):
        yield


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def loaded(**filters):
    """{(measure, part, year, DfE number or region code): value, or the sign}."""
    return {
        (row.measure, row.part, row.year, row.region_code or row.authority.dfe_number): (
            row.sign if row.value is None else row.value.normalize()
        )
        for row in NationalFigure.objects.filter(**filters).select_related("authority")
    }


def said(text):
    """As a reader takes a cell: a sign, or a number to 15 digits."""
    return text.lower() if text.lower() in national.SIGNS else Decimal(f"{Decimal(text):.15g}").normalize()


def lait_as_read(rows):
    regions = national.AREA_NUMBERS
    expected = {}
    for row in rows:
        years, number = row["Years"].split(" ")[0], row["LA Number"].removesuffix(".0")
        year = int(years[:4]) + ("-" in years)
        expected[row["Short Desc"], "", year, regions.get(number, number)] = said(row["Values"])
    return expected


def release_as_read(rows, key, filters):
    expected = {}
    for row in rows:
        level = row["geographic_level"]
        area = {"National": national.ENGLAND, "Regional": row.get("region_code")}.get(level, row.get("old_la_code"))
        part = ": ".join(row[name] for name in filters)
        for column, ends in (("number", "number"), ("percentage", "percent")):
            if column in row:
                expected[f"{key}_{ends}", part, int(row["time_period"]), area] = said(row[column])
    return expected


FILTERS = {
    "stability": ("cla_group", "placement_stability"), "provision": ("placement_type", "placement_provider"),
    "distance": ("cla_group", "characteristic"), "netgain": ("characteristic",),
}  # fmt: skip


def of_release(path):
    headings = rows_of(path)[0].keys()
    return next((key, filters) for key, filters in FILTERS.items() if set(filters) <= headings)


def test_the_extract_of_the_interactive_tool(looking):
    run = bring(LAIT)
    assert (run.state, run.rows_rejected, run.rows_corrected) == (ImportState.LOADED, 0, 2), run.message
    assert loaded() == lait_as_read(rows_of(LAIT))
    one = NationalFigure.objects.get(measure="RescareFinance", year=2025, authority__slug="southwark")
    assert (one.value, one.period, one.unit, one.edition) == (Decimal(5000), "2024-25", national.WEEKLY, 2025)
    assert (one.source_import_id, one.source_row) == (run.pk, 24)
    assert [text for _, _, column, text in remarks(run) if column == "Values"] == [
        "13.600000000000001 was read as 13.6: its last digits are computing noise"
    ] * 2


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_a_file_of_the_release(path, looking):
    run = bring(path)
    assert (run.state, run.rows_rejected) == (ImportState.LOADED, 0), run.message
    key, filters = of_release(path)
    assert loaded() == release_as_read(rows_of(path), key, filters)
    assert not NationalFigure.objects.exclude(region_code="").exclude(authority=None).exists()


def test_codes_of_before_belong_to_the_body_that_had_them(looking):
    bring(STABILITY)
    bring(LAIT)
    found = NationalFigure.objects.filter(measure="stability_number", part__endswith="the year", year=2024)
    assert found.get(authority__slug="cumbria").sign == "z"  # abolished in 2023, under its own code
    assert found.get(authority__slug="barnsley").value == 33  # the code it had until 2025
    assert NationalFigure.objects.filter(authority__slug="buckinghamshire", measure="RescareFinance").count() == 3
    assert not NationalFigure.objects.filter(authority__slug="buckinghamshire-county").exists()


def test_the_dictionary(looking):
    assert bring(DICTIONARY).rows_rejected == 0
    one = NationalMeasure.objects.get(code="RescareFinance")
    assert (one.good, one.methodology) == ("", "Invented method: (x/y) * 7")
    assert one.definition == "Invented words on residential care.\nThey have two paragraphs."
    assert NationalMeasure.objects.get(code="LACStable_2016on").good == national.LOW
    assert NationalMeasure.objects.filter(code="Twice").count() == 2


def near(slug="southwark"):
    rows = StatisticalNeighbour.objects.filter(authority__slug=slug).order_by("rank")
    return [(row.rank, row.neighbour.dfe_number, row.closeness) for row in rows.select_related("neighbour")]


def test_statistical_neighbours(tmp_path, looking):
    path = neighbours(
        tmp_path, [(210, "Southwark", NEAR_SOUTHWARK), (None, "Old SNs:", None), (209, "Lewisham", NEAR_LEWISHAM)]
    )
    run = bring(path)
    assert (run.rows_read, run.rows_rejected) == (3, 0), remarks(run)
    assert [text for _, _, _, text in remarks(run)] == ["no number and no neighbour: taken for a heading between rows"]
    closeness = ["Very close", "Very close", "Close", "Somewhat close", *["Not close"] * 6]
    assert near() == [
        (place, str(number), words)
        for place, (number, words) in enumerate(zip(NEAR_SOUTHWARK, closeness, strict=True), 1)
    ]


def every_file(tmp_path):
    rows = [(210, "Southwark", NEAR_SOUTHWARK), (209, "Lewisham", NEAR_LEWISHAM)]
    return [LAIT, DICTIONARY, *RELEASES, neighbours(tmp_path, rows)]


def test_the_same_file_twice_changes_nothing(tmp_path, looking):
    for path in every_file(tmp_path):
        assert bring(path).facts_added > 0
    for path in every_file(tmp_path):
        again = bring(path)
        assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0), path.name


def test_a_dry_run_loads_nothing(looking):
    run = bring(LAIT, load=False)
    assert (run.state, run.facts_added) == (ImportState.CHECKED, len(rows_of(LAIT)))
    assert not NationalFigure.objects.exists()


EDITIONS = (
    [("LAC", "2022", "Southwark", "71", "210"), ("LAC", "2023", "Southwark", "72", "210")],
    [("LAC", "2023", "Southwark", "c", "210"), ("LAC", "2024", "Southwark", "74", "210")],
    [("LAC", "2024", "Southwark", "75", "210"), ("LAC", "2025", "Southwark", "76", "210")],
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_any_order_of_editions(order, looking):
    """An older file after a newer one undoes nothing, and still brings the years that only it has."""
    for place in order:
        assert lait(*EDITIONS[place]).rows_rejected == 0
    found = {year: value for (_, _, year, _), value in loaded().items()}
    assert found == {2022: 71, 2023: "c", 2024: 75, 2025: 76}


@pytest.mark.parametrize("order", list(itertools.permutations((2021, 2023, 2025))))
def test_any_order_of_lists_of_neighbours(order, tmp_path, looking):
    lists = {2021: NEAR_LEWISHAM[1:] + (302,), 2023: NEAR_SOUTHWARK[::-1], 2025: NEAR_SOUTHWARK}
    for year in order:
        assert bring(neighbours(tmp_path, [(210, "Southwark", lists[year])], year)).rows_rejected == 0
    assert [number for _, number, _ in near()] == [str(number) for number in NEAR_SOUTHWARK]


@pytest.mark.parametrize("newest_first", [False, True])
def test_an_older_dictionary_undoes_nothing(newest_first, looking):
    text = DICTIONARY.read_text()
    old = text.replace("46051", "45000").replace("45962", "44900").replace("Invented words", "Old words").encode()
    files = [lambda: sent(old, "old.csv"), lambda: bring(DICTIONARY)]
    for send in files[::-1] if newest_first else files:
        assert send().rows_rejected == 0
    assert NationalMeasure.objects.get(code="RescareFinance").definition.startswith("Invented words")


def test_a_corrected_file_of_the_same_years_overrules(looking):
    lait(("LAC", "2025", "Southwark", "70", "210"))
    run = lait(("LAC", "2025", "Southwark", "k", "210"))
    assert (run.facts_added, run.facts_changed) == (0, 1)
    assert list(loaded().values()) == ["k"]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (("LAC", "2025", "Southwark", "about 70", "210"), "Values",
         "“about 70” is neither a figure nor one of the signs c, z, x, k, low, -: write it as DfE published it"),
        (("LAC", "2025", "Southwark", "70.12345", "210"), "Values",
         "“70.12345” has more than 4 decimals: write it as DfE published it"),
        (("LAC", "last year", "Southwark", "70", "210"), "Years",
         "“last year” is no year that is known: write 2024, or 2024-25 for a financial year"),
        (("LAC", "2024-26", "Southwark", "70", "210"), "Years",
         "“2024-26” is no year that is known: write 2024, or 2024-25 for a financial year"),
        (("LAC", "2025", "Narnia", "70", "777"), "LA Number",
         "the number 777 is of no English authority or region that is known: check it"),
        (("LAC", "2025", "Narnia", "70", ""), "LA and Regions",
         "“Narnia” is no English authority or region that is known, and the row has no number: add it"),
        (("LAC", "2025", "Barnet", "70", "210"), "LA Number",
         "the number 210 is not that of Barnet: one of the two is wrong"),
        (("", "2025", "Southwark", "70", "210"), "Short Desc", "this cell is empty: every row needs one"),
    ],
)  # fmt: skip
def test_a_row_of_the_extract_is_refused_with_a_reason(row, column, sentence, looking):
    run = lait(("LAC", "2024", "Southwark", "69", "210"), row)
    assert (run.rows_accepted, run.rows_rejected) == (1, 1)
    assert [(at, where, says) for _, at, where, says in remarks(run)] == [(3, column, sentence)]
    assert list(loaded().values()) == [69]


def test_a_name_serves_where_there_is_no_number(looking):
    run = lait(
        ("LAC", "2025", "Durham", "71", ""), ("LAC", "2025", "Yorkshire and the Humber", "72", "NA"),
        ("LAC", "202425", "England", "73", ""),
    )  # fmt: skip
    assert run.rows_rejected == 0, remarks(run)
    assert loaded() == {
        ("LAC", "", 2025, "840"): 71, ("LAC", "", 2025, "E12000003"): 72, ("LAC", "", 2025, national.ENGLAND): 73,
    }  # fmt: skip


def test_a_blank_cell_is_said_and_kept_as_a_sign(looking):
    run = lait(("LAC", "2025", "Southwark", "", "210"))
    assert remarks(run) == [("corrected", 2, "Values", "the cell is empty: read as “-”, not published")]
    assert list(loaded().values()) == ["-"]


def test_a_figure_that_stands_twice_is_taken_once(looking):
    run = lait(("LAC", "2025", "Southwark", "70", "210"), ("LAC", "2025", "Southwark", "90", "210.0"))
    assert [(at, says) for outcome, at, _, says in remarks(run) if outcome == "rejected"] == [
        (3, "this measure, year and area stand in an earlier row already: keep one of them")
    ]
    assert list(loaded().values()) == [70]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (",E09000028,", ",E09999999,", "the code “E09999999” is of no English authority, now or before: check it"),
        ("Local authority,E92000001,England,E13000001,Inner London,210", "Ward,E92000001,England,E13000001,Inner,210",
         "“Ward” is no level that is shown here: National, Regional or Local authority"),
        ("Regional,E92000001,England,E12000007", "Regional,E92000001,England,W12000007",
         "“W12000007” is no region of England that is known"),
    ],
)  # fmt: skip
def test_a_row_of_a_release_is_refused_with_a_reason(old, new, sentence, looking):
    text = STABILITY.read_text(encoding="utf-8-sig")
    run = sent(text.replace(old, new).encode(), "stability.csv")
    assert run.rows_rejected == text.count(old) == 4
    assert {says for _, _, _, says in remarks(run)} == {sentence}
    assert run.rows_accepted + run.rows_rejected == run.rows_read


def test_a_table_of_the_release_that_is_not_known_is_refused_row_by_row(looking):
    path = FILES / "la_cla_on_31_march_la_of_placement_netgain.csv"
    text = path.read_text(encoding="utf-8-sig").replace("Net gain of children by responsible LA", "Age 1 to 4")
    run = sent(text.encode(), "characteristics.csv")
    assert [says for outcome, _, _, says in remarks(run) if outcome == "rejected"] == [
        "“Age 1 to 4” belongs to another table of the release, which is not shown here"
    ] * 2


def test_rows_of_neighbours_are_refused_whole(tmp_path, looking):
    rows = [
        (210, "Southwark", (*NEAR_SOUTHWARK[:9], 777)), (209, "Lewisham", (209, *NEAR_LEWISHAM[1:])),
        (203, "Greenwich", (204, 204, *NEAR_SOUTHWARK[3:], 302)), (210, "Southwark", NEAR_SOUTHWARK),
        (777, "Narnia", NEAR_SOUTHWARK), (None, "Bexley", NEAR_SOUTHWARK),
    ]  # fmt: skip
    run = bring(neighbours(tmp_path, rows))
    assert (run.rows_read, run.rows_rejected, run.facts_added) == (6, 6, 0)
    assert [(at, says) for _, at, _, says in remarks(run)] == [
        (4, "the number 777 is of no English authority that is known"),
        (5, "an authority is no neighbour of its own"),
        (6, "the number 204 stands in this row already"),
        (7, "Southwark stands in an earlier row already: keep one of them"),
        (8, "the number 777 is of no English authority that is known"),
        (9, "this cell is empty: give the number of the authority whose neighbours these are"),
    ]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"Provider,Rate\nAlder,700\n", "rates.csv", "none of the layouts of DfE’s"),
        (LAIT.read_bytes().splitlines()[0] + b"\n", "empty.csv", "headings and no rows"),
        (DICTIONARY.read_bytes().replace(b"46051", b"New Data").replace(b"45962", b"New Data"), "dictionary.csv",
         "cannot be told from an older one"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_why(content, name, sentence, looking):
    run = sent(content, name)
    assert run.state == ImportState.UNREADABLE
    assert sentence in run.message


def test_a_list_of_neighbours_without_its_year(tmp_path, looking):
    path = neighbours(tmp_path, [(210, "Southwark", NEAR_SOUTHWARK)])
    run = bring(path, name="neighbours.xlsx")
    assert run.state == ImportState.UNREADABLE
    assert "which year’s neighbours" in run.message


def test_an_import_can_be_taken_back(looking):
    lait(("LAC", "2025", "Southwark", "70", "210"))
    run = bring(LAIT)
    take_back(run, by=BY, now=NOW)
    assert list(loaded().values()) == [70]


def test_a_member_loads_for_the_whole_partnership(southwark, greenwich):
    run = bring(LAIT, viewer=Viewer.of_authority(southwark.pk))
    assert (run.state, run.authority_id) == (ImportState.LOADED, None)
    with acting_as(Viewer.of_authority(greenwich.pk), by=BY):
        assert NationalFigure.objects.count() == len(rows_of(LAIT))
    with acting_as(Viewer.of_provider(1), by=BY):
        assert not NationalFigure.objects.exists()


def test_the_command(tmp_path):
    code, report = command(LAIT, source="dfe")
    assert (code, report["state"]) == (0, "loaded")
    wrong = tmp_path / "extract.csv"
    wrong.write_text(LAIT.read_text().replace("210.0", "777"))
    assert command(wrong, source="dfe")[0] == 1
    wrong.write_text("Provider,Rate\nAlder,700\n")
    assert command(wrong, source="dfe")[0] == 2


def test_the_real_extract_is_read_whole(looking):
    path = REAL / "dfe" / "lait_cla_and_finance_extract.csv"
    if not path.is_file():
        pytest.skip("the published extract is not beside this checkout (../shared/data/dfe)")
    run = bring(path)
    assert (run.state, run.rows_rejected) == (ImportState.LOADED, 0), run.message
    assert loaded() == lait_as_read(rows_of(path))
    again = bring(path)
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)


def test_the_other_real_files_are_read_whole(looking):
    folder = REAL / "dfe"
    if not folder.is_dir():
        pytest.skip("the published files are not beside this checkout (../shared/data/dfe)")
    expected = {}
    for path in sorted(folder.glob("*_cla_*.csv")):
        if path.name.startswith("lait"):
            continue
        run = bring(path)
        assert (run.state, run.rows_rejected) == (ImportState.LOADED, 0), run.message
        expected |= release_as_read(rows_of(path), *of_release(path))
    assert loaded() == expected
    assert bring(folder / "lait_data_dictionary.csv").rows_rejected == 0
    assert bring(REAL / "authorities" / "statistical_neighbours_2025.xlsx").rows_rejected == 0
    assert StatisticalNeighbour.objects.count() == 1580
    assert [number for _, number, _ in near("southwark")][:2] == ["208", "209"]
    assert not Authority.objects.filter(ends_before=None).exclude(
        pk__in=StatisticalNeighbour.objects.values("authority")
    ).exists()  # fmt: skip
