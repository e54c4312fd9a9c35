"""Spend, day by day, in plain Python: slow and obvious. What the measure is held against."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from contracts.models import CostLine, FundingSplit, Placement

DAY = timedelta(days=1)


def rounded(pounds: Fraction) -> Decimal:
    """To pence, halves away from nought."""
    pence = abs(pounds) * 100
    whole = int(pence) + (1 if pence - int(pence) >= Fraction(1, 2) else 0)
    return (Decimal(whole) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP) * (1 if pounds >= 0 else -1)


@lru_cache(maxsize=10_000)  # each day asks for what the day before had come to
def accrued(weekly: Decimal, days: int) -> Decimal:
    return rounded(Fraction(weekly) * days / 7)


def of_day(weekly: Decimal, starts_on: date, day: date) -> Decimal:
    """What one more day adds to what had accrued: `day` is the nth day of the line."""
    n = (day - starts_on).days
    return accrued(weekly, n + 1) - accrued(weekly, n)


def state_of(placement: Placement, day: date) -> str:
    """What had become of a framework purchase on one day."""
    if placement.award_id is None:
        return ""
    framework = placement.award.framework
    if framework.runs_until and day >= framework.runs_until:
        return "framework_ended"
    if placement.award.ends_before and day >= placement.award.ends_before:
        return "provider_left"
    if framework.ends_before and day >= framework.ends_before:
        return "extension"
    return "in_force"


def spend_by_day(first: date, until: date, key) -> dict:
    """key(placement, day, state) -> {"nights", "gross", and each other funder}: for every day of every placement."""
    told: dict = defaultdict(lambda: defaultdict(Decimal))
    lines = defaultdict(list)
    for line in CostLine.objects.all():
        lines[line.placement_id].append(line)
    splits = defaultdict(list)
    for split in FundingSplit.objects.exclude(funder="social_care"):
        splits[split.cost_line_id].append(split)
    placements = Placement.objects.select_related("award__framework", "child", "lot__framework", "provider")
    for placement in placements.prefetch_related("award__framework__extensions"):
        day = max(first, placement.starts_on)
        end = min(until, placement.ends_before or until)
        while day < end:
            row = told[key(placement, day, state_of(placement, day))]
            row["nights"] += 1
            for line in lines[placement.pk]:
                if line.starts_on <= day and (line.ends_before is None or day < line.ends_before):
                    row["gross"] += of_day(line.weekly_amount, line.starts_on, day)
                    if day == line.starts_on:
                        row["gross"] += line.once_amount
                    for split in splits[line.pk]:
                        row[split.funder] += of_day(split.weekly_amount, line.starts_on, day)
                        if day == line.starts_on:
                            row[split.funder] += split.once_amount
            day += DAY
    return told
