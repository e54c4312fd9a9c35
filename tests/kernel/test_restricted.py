"""What is said of a restricted cell does not repeat it, however it was written and whatever was wrong with it."""

import datetime
import re

import pytest

from commissioning.kernel.ingest.dates import DateOrder, as_date
from commissioning.kernel.ingest.parsed import CellError
from commissioning.kernel.ingest.restricted import NOT_KEPT, masked, without_values
from commissioning.kernel.ingest.source import every_source

WRITTEN = [
    "17/05/2012", "17/05/12", "17.05.2012", "2012-05-17", "17 May 2012", "17-May-12", "May 17 2012", "17th May 2012",
    "20120517", "05/17/2012", "17/15/2012", "31/02/2012", "17/05/1712", "17/05/2012 23:10", "17/05/2012 noon",
    "17 Maj 2012", "born 17/05/2012", "41046", 41046, 41046.5, 20120517, 17052012,
    datetime.datetime(2012, 5, 17, 23, 10), datetime.datetime(1812, 5, 17), datetime.date(1812, 5, 17),
]  # fmt: skip
# The day and the month in any writing, Excel's number of it, and the year run together with either.
TOLD = re.compile(
    r"(?<!for example )\b(?:\d{1,2}[/.-]\d{1,2}|\d{4}[/.-]\d{2}|17|41046|17052012|20120517)\b|\bMa[yj]\b|1712|1812"
)


@pytest.mark.parametrize("cell", WRITTEN, ids=repr)
@pytest.mark.parametrize("order", [DateOrder(), DateOrder(month_first="05/17/2012")], ids=["plain", "month first"])
def test_no_sentence_about_a_date_repeats_it(cell, order):
    try:
        said = as_date(cell, order).note
    except CellError as problem:
        said = str(problem)
    if said is None:
        return
    told = without_values(said)
    assert not TOLD.search(told.replace("31/03/2026", "")), (said, told)
    assert "what was sent" in told


def test_what_to_do_stays():
    assert without_values("“17/05/12x” is not a date: write it as day/month/year, for example 31/03/2026") == (
        "what was sent is not a date: write it as day/month/year, for example 31/03/2026"
    )
    assert without_values("this cell is empty: every row needs one") == "this cell is empty: every row needs one"
    assert without_values("outside the years 1900 to 2100: check it").endswith("1900 to 2100: check it")


def test_an_empty_cell_is_not_said_to_have_been_sent():
    assert [masked(cell) for cell in (None, "", "  ", "x", 0)] == [None, None, None, NOT_KEPT, NOT_KEPT]


def test_every_column_of_a_file_that_a_model_restricts_is_restricted_as_it_comes_in():
    columns = [
        (source.name, table.key, each)
        for source in every_source()
        for table in source.tables
        for each in table.fields
        if any(each.key in getattr(model, "restricted", ()) for model in source.writes())
    ]
    assert {(source, table) for source, table, _ in columns} >= {("placements", "placements"), ("placements", "liia")}
    assert [told[:2] for told in columns if not told[2].restricted] == []
