"""Distance by the DfE's formula, and where real postcodes (of public buildings) lie."""

import subprocess
import sys
from decimal import Decimal
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.rules.distance import LABELS, UNKNOWN, boundary, country_of, label, miles, over_20
from contracts.sources.postcodes import Place, places_of

GRID = st.integers(min_value=0, max_value=1_300_000)


def test_the_formula():
    assert miles(533308, 179997, 533308, 179997) == Decimal("0.0")
    assert miles(0, 0, 1609, 0) == Decimal("1.0")
    assert miles(0, 0, 32186, 0) == Decimal("20.0")
    assert not over_20(miles(0, 0, 32186, 0))
    assert over_20(miles(0, 0, 32268, 0))


@given(GRID, GRID, GRID, GRID)
def test_the_formula_is_the_plain_one(e1, n1, e2, n2):
    assert abs(miles(e1, n1, e2, n2) - Decimal(hypot(e1 - e2, n1 - n2) / 1609.3)) <= Decimal("0.0501")
    assert miles(e1, n1, e2, n2) == miles(e2, n2, e1, n1)


def test_public_buildings_lie_where_they_stand():
    """Southwark's offices, Kent's county hall, Cardiff's and Edinburgh's city halls, Belfast's."""
    found = places_of(["SE1 2QH", "me141xq", "CF10 3ND", "EH1 1YJ", "BT1 5GS", "ZZ99 9ZZ", "", "1234"])
    assert {code: place.authority_code for code, place in found.items()} == {
        "SE12QH": "E09000028", "ME141XQ": "E10000016", "CF103ND": "W06000015", "EH11YJ": "S12000036",
        "BT15GS": "N09000003",
    }  # fmt: skip
    assert found["BT15GS"] == Place(None, None, "N09000003")
    southwark, kent = found["SE12QH"], found["ME141XQ"]
    assert Decimal(25) < miles(southwark.easting, southwark.northing, kent.easting, kent.northing) < Decimal(40)


def test_one_that_the_directory_knows_by_name_alone_is_left_out():
    assert list(places_of(["S12 9AJ", "SE1 2QH"])) == ["SE12QH"]


def test_a_running_platform_reads_them_without_pandas():
    """The tests have pandas and what `make demo` installs has not, so the package must not be imported."""
    ask = "from contracts.sources.postcodes import places_of; assert places_of(['SE1 2QH'])"
    subprocess.run([sys.executable, "-c", f"import sys; sys.modules['pandas'] = None; {ask}"], check=True)


@pytest.mark.parametrize(
    ("distance", "side", "says"),
    [
        ("20.0", "in", LABELS[0]),
        ("20.0", "out", LABELS[1]),
        ("20.1", "in", LABELS[2]),
        ("20.1", "out", LABELS[3]),
        (None, "out", UNKNOWN),
        ("3.0", "", UNKNOWN),
    ],
)
def test_labels(distance, side, says):
    assert label(Decimal(distance) if distance else None, side) == says


def test_boundary_and_country():
    assert boundary({"E09000028"}, "E09000028") == "in"
    assert boundary({"E09000028"}, "E09000023") == boundary({"E09000028"}, "S12000036") == "out"
    assert boundary({"E09000028"}, "") == ""
    assert [country_of(code) for code in ("S1", "W0", "N0", "E0", "")] == ["SCO", "WAL", "NIR", "", ""]
