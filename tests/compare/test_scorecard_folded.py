"""A long section of a scorecard: what is to be talked about stands first, worst first, and nothing is lost."""

from commissioning.compare.pages.scorecard_rows import Row, Section
from commissioning.compare.pages.scorecards import LONG, _folded


def section(*tones):
    rows = [Row(f"k{number}", f"KPI {number}", "said", tone=tone) for number, tone in enumerate(tones)]
    return Section("kpis", "Contract KPIs", rows, "Nothing expected.")


def told(table):
    return [row.label for row in table.rows] if table else []


def test_a_long_section_begins_with_what_is_to_be_talked_about():
    long = _folded(section("needs", "", "harm", *[""] * LONG))
    assert told(long.table) == ["KPI 2", "KPI 0"]
    assert long.words == f"The other {LONG + 1} of {LONG + 3}"
    assert told(long.rest) == ["KPI 1", *(f"KPI {number}" for number in range(3, LONG + 3))]
    quiet = _folded(section(*[""] * (LONG + 1)))
    assert (quiet.table, quiet.words) == (None, f"All {LONG + 1}: none to talk about")
    assert len(told(quiet.rest)) == LONG + 1
    assert told(_folded(section("needs", "", "harm")).table) == ["KPI 0", "KPI 1", "KPI 2"]  # a short one in its order
    bad = _folded(section(*["harm"] * (LONG + 2)))
    assert (len(told(bad.table)), bad.rest) == (LONG + 2, None)
    assert _folded(section()).table is None
