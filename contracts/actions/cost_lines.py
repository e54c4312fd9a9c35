"""What is paid for a placement: lines added, reviewed and ended, and who pays each."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile

from ..models import CostLine, FundingSplit, Placement
from ..rules.lines import once_of, splits_problem, weekly_of


@transaction.atomic
def add_cost_line(
    *,
    placement: Placement,
    amount: Decimal,
    starts_on: date,
    by: Any,
    unit: str = "week",
    quantity: Decimal = Decimal(1),
    ends_before: date | None = None,
    category: str = "core",
    approved_by: str = "",
    approved_on: date | None = None,
    review_on: date | None = None,
    **facts: Any,
) -> CostLine:
    """A line within its placement. An additional service is approved by somebody, time-limited and reviewed.

    ValidationError (by field) for days outside the placement, a quantity of nought, or an additional service without
    its approver, its last day or its review.
    """
    _within(placement, starts_on, ends_before)
    if ends_before is None:
        ends_before = placement.ends_before
    if quantity <= 0:
        raise ValidationError({"quantity": "Enter how many: more than nought."})
    if category == "additional":
        _approved(approved_by, approved_on, ends_before, review_on)
    signed = _signed(category, amount)
    return CostLine.objects.create(
        authority_id=placement.authority_id, placement=placement, category=category, amount=signed, unit=unit,
        quantity=quantity, weekly_amount=weekly_of(signed, unit, quantity), once_amount=once_of(signed, unit, quantity),
        starts_on=starts_on, ends_before=ends_before, approved_by=approved_by, approved_on=approved_on,
        review_on=review_on, **facts,
    )  # fmt: skip


@transaction.atomic
def replace_cost_line(
    *, line: CostLine, amount: Decimal, starts_on: date, reason: str, by: Any, version: int | None = None
) -> CostLine:
    """The same line at another price from a day: the old one ends there and keeps what it cost until then. From its
    own first day on, the line itself is put right: that price was never agreed.

    Who pays is asked again, for the new amount. ValidationError as for ending and adding a line; ChangedMeanwhile as
    for ending it.
    """
    if starts_on == line.starts_on:
        return _put_right(line, amount, reason, by, version)
    if line.ends_before is not None and starts_on >= line.ends_before:
        raise ValidationError({"starts_on": f"That line ended on {line.ends_before:%-d %B %Y}: add a new one."})
    until = line.ends_before
    end_cost_line(line=line, ends_before=starts_on, reason=reason, by=by, version=version)
    same = {
        name: getattr(line, name)
        for name in ("category", "service", "description", "price_line", "unit", "quantity", "approved_by",
                     "approved_on", "review_on")
    }  # fmt: skip
    return add_cost_line(placement=line.placement, amount=amount, starts_on=starts_on, ends_before=until, by=by, **same)


def _put_right(line: CostLine, amount: Decimal, reason: str, by: Any, version: int | None) -> CostLine:
    """Another amount from the line's first day; what was recorded of who pays it goes, since it no longer adds up."""
    if version is not None:
        _unchanged(line, version)
    _need(reason)
    signed = _signed(line.category, amount)
    with acting_as(current_viewer(), by=by, reason=reason):
        FundingSplit.objects.filter(cost_line=line).delete()
        line.amount, line.review_note = signed, reason.strip()
        line.weekly_amount = weekly_of(signed, line.unit, line.quantity)
        line.once_amount = once_of(signed, line.unit, line.quantity)
        line.save(update_fields=["amount", "weekly_amount", "once_amount", "review_note"])
    return line


@transaction.atomic
def end_cost_line(*, line: CostLine, ends_before: date, reason: str, by: Any, version: int | None = None) -> CostLine:
    """Ends a line early; ValidationError without a reason, or where it would end before it starts or last longer.

    ChangedMeanwhile where the line no longer has the version that was read.
    """
    if version is not None:
        _unchanged(line, version)
    _need(reason)
    if ends_before <= line.starts_on:
        first = f"{line.starts_on:%-d %B %Y}"
        raise ValidationError({"ends_before": f"The line starts on {first}: it cannot end before that day is over."})
    if line.ends_before is not None and ends_before > line.ends_before:
        raise ValidationError({"ends_before": "It ends before that day already: approve a new service instead."})
    with acting_as(current_viewer(), by=by, reason=reason):
        line.ends_before, line.review_note = ends_before, reason.strip()
        line.save(update_fields=["ends_before", "review_note"])
    return line


@transaction.atomic
def review_services(
    *,
    lines: list[CostLine],
    decision: str,
    day: date,
    reason: str,
    by: Any,
    next_review_on: date | None = None,
    until: date | None = None,
    versions: dict[int, int] | None = None,
) -> int:
    """Reviews additional services together: "continue" until the next review, or "end" on the day. One reason for all.

    `until` prolongs those that would end before it (half-open), never beyond their placement. `versions` (line id ->
    the version that was read) finds what somebody else changed meanwhile: ChangedMeanwhile. ValidationError without a
    reason, with no line, or without the next review. Returns how many were reviewed.
    """
    # Always in the same order, so that two people who review the same services do not wait for each other.
    for line in sorted(lines, key=lambda each: each.pk) if versions is not None else ():
        _unchanged(line, versions[line.pk])
    _need(reason)
    if not lines:
        raise ValidationError("Choose at least one service.")
    if decision == "continue" and (next_review_on is None or next_review_on <= day):
        raise ValidationError({"next_review_on": "Enter the day of the next review, after today."})
    with acting_as(current_viewer(), by=by, reason=reason):
        for line in lines:
            if decision == "end":
                if day <= line.starts_on:
                    raise ValidationError(f"{line.description or 'A service'} starts on that day or later.")
                line.ends_before = min(day, line.ends_before or day)
            else:
                line.review_on = next_review_on
                if until is not None and line.ends_before is not None:
                    left = line.placement.ends_before
                    line.ends_before = max(line.ends_before, min(until, left) if left else until)
                if line.ends_before is not None and next_review_on > line.ends_before:
                    raise ValidationError(
                        {"next_review_on": f"One of them ends on {line.ends_before:%-d %B %Y}, before that review."}
                    )
            line.review_note = reason.strip()
            line.save(update_fields=["ends_before", "review_on", "review_note"])
    return len(lines)


@transaction.atomic
def set_funding(
    *, line: CostLine, parts: dict[str, tuple[Decimal, Decimal]], by: Any, known: str | None = None
) -> list[FundingSplit]:
    """Who pays a line: funder -> (pounds a week, pounds once). Replaces what was recorded; nobody else pays nothing.

    ValidationError where the parts do not come to the whole line. ChangedMeanwhile where `known`, as `funding_known`
    gave it when the form was shown, is no longer what is recorded.
    """
    if known is not None:
        CostLine.objects.select_for_update().get(pk=line.pk)
        if known != funding_known(line):
            raise ChangedMeanwhile(line)
    given = {funder: part for funder, part in parts.items() if any(part)}
    problem = splits_problem(
        line.weekly_amount, line.once_amount, [(funder, weekly, once) for funder, (weekly, once) in given.items()]
    )
    if problem:
        whole = line.weekly_amount + line.once_amount
        apart = sum((weekly + once for weekly, once in given.values()), Decimal(0)) - whole
        way = "too much" if (apart > 0) == (whole >= 0) else "too little"
        raise ValidationError(f"{problem[0].upper()}{problem[1:]}. That is £{abs(apart):,.2f} {way}.")
    FundingSplit.objects.filter(cost_line=line).exclude(funder__in=given).delete()
    return [
        FundingSplit.objects.update_or_create(
            authority_id=line.authority_id, placement_id=line.placement_id, cost_line=line, funder=funder,
            defaults={"weekly_amount": weekly, "once_amount": once},
        )[0]
        for funder, (weekly, once) in given.items()
    ]  # fmt: skip


def funding_known(line: CostLine) -> str:
    """What is recorded of who pays the line, as one text to compare: "health=300.0000/0.00;…"."""
    recorded = FundingSplit.objects.filter(cost_line=line).order_by("funder")
    return ";".join(f"{each.funder}={each.weekly_amount}/{each.once_amount}" for each in recorded)


def _unchanged(line: CostLine, version: int) -> None:
    """Locks the line; ChangedMeanwhile where it no longer has the version that was read."""
    now = CostLine.objects.select_for_update().get(pk=line.pk)
    if now.version != version:
        raise ChangedMeanwhile(now)


def _within(placement: Placement, starts_on: date, ends_before: date | None) -> None:
    if starts_on < placement.starts_on:
        raise ValidationError({"starts_on": f"The placement starts on {placement.starts_on:%-d %B %Y}."})
    if placement.ends_before is not None:
        if starts_on >= placement.ends_before:
            raise ValidationError({"starts_on": f"The placement ended on {placement.ends_before:%-d %B %Y}."})
        if ends_before is not None and ends_before > placement.ends_before:
            raise ValidationError({"ends_before": f"The placement ended on {placement.ends_before:%-d %B %Y}."})
    if ends_before is not None and ends_before <= starts_on:
        raise ValidationError({"ends_before": "The line ends before it starts: check both dates."})


def _approved(approved_by: str, approved_on: date | None, ends_before: date | None, review_on: date | None) -> None:
    missing = {}
    if not approved_by.strip():
        missing["approved_by"] = "Say who approved it."
    if approved_on is None:
        missing["approved_on"] = "Enter the day it was approved."
    if ends_before is None:
        missing["ends_before"] = "An additional service has a last day: enter it."
    if review_on is None:
        missing["review_on"] = "Enter when it is looked at again."
    elif ends_before is not None and review_on > ends_before:
        missing["review_on"] = "The review comes before the last day."
    if missing:
        raise ValidationError(missing)


def _signed(category: str, amount: Decimal) -> Decimal:
    """A discount is below nought. ValidationError for another price that is."""
    if category == "discount":
        return -abs(amount)
    if amount < 0:
        raise ValidationError({"amount": "A price cannot be less than nought: record a discount instead."})
    return amount


def _need(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Say why: it stays on the record."})
