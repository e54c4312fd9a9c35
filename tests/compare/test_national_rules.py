"""Years, medians and words of national figures, without a database."""

from decimal import Decimal

import pytest

from commissioning.compare.pages import national_words as words
from commissioning.compare.rules import national


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2024", "2024"), ("2024-25 (OT)", "2024-25"), ("202425", "2024-25"), ("2024/25", "2024-25"),
        ("1999-00", "1999-00"), ("2024-26", None), ("24-25", None), ("", None), ("2024 (March)", None),
    ],
)  # fmt: skip
def test_years(text, period):
    assert national.period_of(text) == period


@pytest.mark.parametrize(
    ("value", "others", "unit", "out"),
    [
        (201, (90, 100, 110), national.WEEKLY, True), (200, (90, 100, 110), national.WEEKLY, False),
        (201, (90, 100, 110), national.NUMBER, False), (201, (), national.WEEKLY, False),
        (1, (0, 0), national.PERCENT, False), (None, (1, 1), national.PERCENT, False),
    ],
)  # fmt: skip
def test_what_stands_out(value, others, unit, out):
    value = None if value is None else Decimal(value)
    assert national.stands_out(value, [Decimal(other) for other in others], unit=unit) is out


def test_figures_in_words():
    assert words.in_words(Decimal("9880"), national.WEEKLY) == "£9,880 a week"
    assert words.in_words(Decimal("9.5"), national.PERCENT) == "9.5%"
    assert words.in_words(Decimal("58"), national.RATE) == "58 per 10,000 children"
    assert words.in_words(Decimal("13.6"), national.SCORE) == "13.6"
    assert words.part_in_words("2.ii Over 20 miles: 2a. Foster placements") == "Over 20 miles: Foster placements"
    assert national.median([]) is None
    assert national.median([Decimal(3), Decimal(1), Decimal(2), Decimal(9)]) == Decimal("2.5")
