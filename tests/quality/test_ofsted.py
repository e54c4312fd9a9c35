"""The Ofsted source against a slow oracle: every published layout, any order of years, the five real files."""

import itertools
from datetime import UTC, date, datetime

import pytest

from commissioning.kernel.ingest.road import bring_in, receive
from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.models import ImportState
from commissioning.kernel.tenancy.viewer import acting_as
from providers.models import Establishment, EstablishmentRecord, Premises
from quality.models import Inspection
from quality.rules.scales import grade_limits
from quality.sources.ofsted_layouts import day_described
from tests.conftest import SERVICE

from . import state
from .books import DAYS, FILES, HEADINGS, LIST, REAL, WORKBOOK, ods, sheets_of, xlsx
from .oracle import Oracle

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
BY = "service:tests"
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
WELSH = {"Cardiff", "Newport", "Wrexham", "Conwy", "Flintshire"}


@pytest.fixture(autouse=True)
def _inbox(tmp_path, settings, reference):
    settings.INBOX = tmp_path / "inbox"


@pytest.fixture
def looking():
    with acting_as(SERVICE, by=BY):
        yield


def bring(path, name=None, *, load=True):
    with acting_as(SERVICE, by=BY):
        run = receive(source=source_named("ofsted"), file=path, file_name=name or path.name, authority=None, by=BY)
    return bring_in(run, viewer=SERVICE, by=BY, now=NOW, load=load)


def expected(paths, days):
    oracle = Oracle()
    for path in paths:
        oracle.hear(days[path.name], sheets_of(path))
    return oracle


def agrees(oracle):
    homes = state.homes()
    assert homes == oracle.homes()
    assert state.records() == oracle.records
    assert state.owners() == oracle.owners()
    assert state.inspections() == oracle.inspections()
    assert state.premises() == oracle.premises()


@pytest.mark.parametrize("name", sorted(DAYS))
def test_every_layout(name, looking):
    run = bring(FILES / name)
    assert (run.state, run.rows_rejected) == (ImportState.LOADED, 0), run.message
    oracle = expected([FILES / name], DAYS)
    assert run.rows_read == len(oracle.records) >= 2
    agrees(oracle)


@pytest.mark.parametrize("build", [xlsx, ods])
def test_the_workbook_of_2025(build, tmp_path, looking):
    path = build(tmp_path / f"provider_level_at_31_march_2025.{build.__name__}")
    run = bring(path)
    assert (run.state, run.rows_rejected) == (ImportState.LOADED, 0), run.message
    assert [sheet.name for sheet in run.importsheets.order_by("pk")] == [
        "Provider_level_at_31_Mar_2025", "Provider_level_in_year_2024-25", "SA_Premises_at_31_Mar_2025",
        "Leavers+Joiners_at_31_Mar_2025",
    ]  # fmt: skip
    agrees(expected([path], {path.name: date(2025, 3, 31)}))
    assert Premises.objects.count() == 5  # two of them alike
    left = Establishment.objects.get(urn="1200009")
    assert (left.listed_at, left.closed_on, left.places, left.status) == (None, date(2025, 2, 2), 2, "Cancelled")
    assert Establishment.objects.get(urn="SC100001").closed_on is None
    assert Establishment.objects.get(urn="1200010").status == "Resigned"
    assert not Establishment.objects.filter(urn="9999999").exists()  # the sheet of places is not the list


THREE = [FILES / f"provider_level_at_31_march_{year}.csv" for year in (2017, 2019, 2024)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_any_order_of_three_years(order, looking):
    for place in order:
        bring(THREE[place])
    agrees(expected(THREE, DAYS))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_files_that_differ_about_a_publication_day(order, tmp_path, looking):
    """The last day that any file gives counts, whichever file came first."""
    other = tmp_path / "provider_level_at_31_march_2019.csv"
    text = (FILES / other.name).read_bytes()
    assert b"14/11/2017" in text
    other.write_bytes(text.replace(b"14/11/2017", b"15/11/2017"))
    files = [FILES / "provider_level_at_31_march_2018.csv", other, FILES / "provider_level_at_31_march_2020.csv"]
    for place in order:
        bring(files[place])
    agrees(expected(files, DAYS))
    assert Inspection.objects.get(event_number="10020002").published_on == date(2017, 11, 15)


@pytest.mark.parametrize("backwards", [False, True])
def test_every_year_and_the_workbook(backwards, tmp_path, looking):
    """Twelve files and a second list of the same day, then all of them again: nothing is said twice."""
    files = [*sorted(FILES.glob("*.csv"), key=lambda path: DAYS[path.name])]
    book = xlsx(tmp_path / "provider_level_at_31_march_2025.xlsx")
    files[[path.stem for path in files].index("provider_level_at_31_march_2025")] = book
    days = DAYS | {book.name: date(2025, 3, 31)}
    for path in reversed(files) if backwards else files:
        assert bring(path).rows_rejected == 0
    agrees(expected(files, days))
    for path in files:
        again = bring(path)
        assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)


def test_a_corrected_file_of_the_same_day_overrules_the_first(tmp_path, looking):
    """Judgements of both sheets and premises are corrected; where both sheets tell of an event the list's word stands,
    however often either file comes."""
    first = xlsx(tmp_path / "provider_level_at_31_march_2025.xlsx")
    listed, in_year, premises = (name for name in WORKBOOK if name.startswith(("Provider_level", "SA_")))
    number = next(place for place, name in enumerate(HEADINGS) if name.strip().lower().endswith("event number"))
    overall = next(place for place, name in enumerate(HEADINGS) if name.strip().startswith("Overall"))
    sheets = WORKBOOK | {
        listed: [_with(row, overall, "Inadequate") if row[number] == "10090001" else row for row in LIST],
        in_year: [
            _with(row, overall, "Good") if len(row) > number and row[number] in (10090001, 10085009, 10085001) else row
            for row in WORKBOOK[in_year]
        ],
        premises: [*WORKBOOK[premises][:5], *WORKBOOK[premises][6:8]],  # one of two alike went, and the last
    }
    assert sheets[listed] != LIST
    second = xlsx(tmp_path / "reissue_at_31_march_2025.xlsx", sheets)
    days = {path.name: date(2025, 3, 31) for path in (first, second)}
    for path in (first, second, first, second):
        assert bring(path).rows_rejected == 0
        agrees(expected([path], days))
        again = bring(path)
        assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)
    assert Inspection.objects.get(event_number="10090001").overall == "inadequate"
    assert Inspection.objects.get(event_number="10085001").overall == "good"
    assert Premises.objects.exclude(listed_at=None).count() == 3
    assert Premises.objects.filter(listed_at=None).count() == 2  # off the list: a visit there keeps its address


def _with(row, place, value):
    return [*row[:place], value, *row[place + 1 :]]


@pytest.mark.parametrize("backwards", [False, True])
def test_premises_follow_the_home_to_its_new_provider(backwards, tmp_path, looking):
    book = xlsx(tmp_path / "provider_level_at_31_march_2025.xlsx")
    later = tmp_path / "Provider_level_at_30_09_25.csv"
    text = (FILES / "provider_level_at_31_march_2024.csv").read_bytes()
    later.write_bytes(text.replace(b"Birch Doors (UK) Limited", b"Hazel Housing Limited"))
    for path in (later, book) if backwards else (book, later):
        bring(path)
    assert set(Premises.objects.values_list("provider__name", flat=True)) == {"Hazel Housing Limited"}
    assert Inspection.objects.get(establishment__urn="2600005").provider.name == "Hazel Housing Limited"


def test_withheld_names_stay_withheld(looking):
    """Elm Cottage was named in 2015; the file of 2017 withholds it. What it was called stays in its record."""
    for year in (2017, 2015):
        bring(FILES / f"provider_level_at_31_march_{year}.csv")
    elm = Establishment.objects.get(urn="1200003")
    assert (elm.name, elm.address) == ("", "")
    assert elm.shown_name == "Children's home, Bristol, URN 1200003"
    assert EstablishmentRecord.objects.get(establishment=elm, as_at=date(2015, 3, 31)).name == "Elm Cottage"
    assert not Establishment.objects.filter(name__icontains="redacted").exists()


def test_scales_are_kept_apart_and_not_yet_inspected_is_no_judgement(looking):
    for name in ("provider_level_at_31_march_2024.csv", "provider_level_at_31_march_2025.csv"):
        bring(FILES / name)
    found = dict(Inspection.objects.values_list("establishment__urn", "overall").order_by("inspected_on"))
    assert found["2600005"] == "inconsistent"
    assert Inspection.objects.get(establishment__urn="2600005").scale == "outcomes"
    assert set(Inspection.objects.exclude(establishment__urn="2600005").values_list("scale", flat=True)) == {"grades"}
    assert not Inspection.objects.filter(establishment__urn="2600006").exists()


def test_the_columns_of_a_previous_inspection_are_never_the_latest(looking):
    bring(FILES / "provider_level_at_31_march_2024.csv")
    home = Inspection.objects.get(establishment__urn="SC100001")
    assert (home.event_number, home.overall, home.protection) == ("10080001", "requires_improvement", "inadequate")


def test_an_area_without_a_code_is_accepted_and_reported(looking):
    run = bring(FILES / "provider_level_at_31_march_2025.csv")
    noted = run.importremarks.filter(outcome="noted", column="Local authority")
    assert ["“Cardiff”" in remark.says for remark in noted] == [True]
    assert Establishment.objects.get(urn="2600006").area is None
    assert Establishment.objects.get(urn="SC100001").area.slug == "lewisham"


def test_a_limiting_judgement_is_noted_and_loaded_as_published(looking):
    run = bring(FILES / "provider_level_at_31_march_2018.csv")
    assert run.importremarks.filter(outcome="noted", says__contains="limiting").count() == 1
    ash = Inspection.objects.get(event_number="10020004")
    assert (ash.overall, ash.protection) == ("good", "inadequate")
    assert grade_limits(overall=ash.overall, protection=ash.protection, leadership=ash.leadership)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("provider_level_at_31_march_2015.csv", date(2015, 3, 31)),
        ("Children's social care: provider level as at March 2022", date(2022, 3, 31)),
        ("Provider_level_at_31_Mar_2025", date(2025, 3, 31)),
        ("Provider_level_at_30_09_25", date(2025, 9, 30)),
        ("as at 30th September 2025", date(2025, 9, 30)),
        ("provider-level-at-31-march-2024", date(2024, 3, 31)),
        ("at February 2024", date(2024, 2, 29)),
        ("Provider_level_in_year_2024-25", None),
        ("summary_2025", None),
        ("decisions 2024", None),
        ("at_31_06_25", None),
    ],
)
def test_the_day_a_file_describes(text, day):
    assert day_described(text) == day


def test_a_file_that_does_not_say_its_day_is_refused(looking):
    run = bring(FILES / "provider_level_at_31_march_2016.csv", "list.csv")
    assert run.state == ImportState.UNREADABLE
    assert "Keep the name that Ofsted gave it" in run.message
    assert not Establishment.objects.exists()


REAL_DAYS = {f"provider_level_at_31_march_{year}.csv": date(year, 3, 31) for year in (2016, 2018, 2021, 2022)} | {
    "provider_level_at_31_march_2025.ods": date(2025, 3, 31)
}


@pytest.fixture(scope="module")
def real():
    """(the five files, what the oracle makes of them)."""
    paths = [REAL / name for name in REAL_DAYS]
    if not all(path.is_file() for path in paths):
        pytest.skip(
            "Ofsted's five published files are not in ../shared/data/ofsted: only hand-written ones were tried."
        )
    return paths, expected(paths, REAL_DAYS)


@pytest.mark.parametrize("order", [(4, 3, 2, 1, 0), (2, 4, 0, 3, 1)])
def test_the_five_published_files_in_any_order(real, order, looking):
    paths, oracle = real
    for place in order:
        run = bring(paths[place])
        assert (run.state, run.rows_rejected) == (ImportState.LOADED, 0), run.message
        if paths[place].suffix == ".ods":
            counts = {sheet.name: sheet.rows_accepted for sheet in run.importsheets.all()}
            assert counts["Provider_level_at_31_Mar_2025"] == 5600
            assert counts["SA_Premises_at_31_Mar_2025"] == 8119
    agrees(oracle)
    assert Establishment.objects.listed().count() == 5600
    assert Premises.objects.filter(listed_at=date(2025, 3, 31)).count() == 8119
    unknown = set(Establishment.objects.filter(area=None).values_list("area_name", flat=True))
    assert unknown == WELSH - {"Flintshire"}
    assert set(Premises.objects.filter(area=None).values_list("area_name", flat=True)) == {"Flintshire"}
