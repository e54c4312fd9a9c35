"""An Individual Placement Agreement made and amended: each time a new version, which nobody changes afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from commissioning.kernel.money import round_half_up
from commissioning.partnership.models import Statement

from ..models import AgreementVersion, Benefit, CostLine, FundingSplit, Outcome, Placement
from ..rules.benefits import benefits

STATEMENTS = "southwark"  # the set that agreements serve
FOSTERED = ("fostering", "kinship")
STAYING_PUT_FROM = 16  # years


class AgreedMeanwhile(Exception):
    """Somebody else made a version first. `now` is the newest."""

    def __init__(self, now: AgreementVersion) -> None:
        super().__init__("Somebody else made a version of this agreement while you were typing.")
        self.now = now


@dataclass(frozen=True)
class Sought:
    """An outcome to be sought: in words, with the numbers of the I statements it serves and a baseline of 1 to 5."""

    sought: str
    statements: Sequence[int]
    baseline: int


def newest_version(placement: Placement) -> AgreementVersion | None:
    return AgreementVersion.objects.filter(placement=placement).order_by("-number").first()


def agree(
    *,
    placement: Placement,
    base: int,
    lines: Iterable[CostLine],
    kept: Iterable[Outcome] = (),
    sought: Iterable[Sought] = (),
    price_agreed: Decimal,
    agreed_on: date,
    starts_on: date,
    notice_days: int,
    by: Any,
    today: date,
    price_asked: Decimal | None = None,
    planned_end_on: date | None = None,
    changes: str = "",
    **facts: Any,
) -> AgreementVersion:
    """The version after `base` (0: the first), with its outcomes and benefits; open benefits of the version before end.

    An amendment names the outcomes it keeps: others are dropped. ValidationError (by field) where the price is not the
    sum of the lines, days lie outside the placement, an amendment does not say why, a difference from the price asked
    is not explained, or a fostered child of 16 has neither staying-put terms nor a reason. AgreedMeanwhile where
    another version was made since `base`, also where both are saved in the same moment.
    """
    before = newest_version(placement)
    if (before.number if before else 0) != base:
        raise AgreedMeanwhile(before)
    lines, sought = list(lines), list(sought)
    facts |= {
        "agreed_on": agreed_on, "starts_on": starts_on, "planned_end_on": planned_end_on, "notice_days": notice_days,
        "price_asked": price_asked, "price_agreed": price_agreed, "changes": changes.strip(),
    }  # fmt: skip
    _check(placement, before, lines, sought, facts, today)
    try:
        with transaction.atomic():
            outcomes = _outcomes(placement, list(kept), sought, agreed_on)
            version = AgreementVersion.objects.create(
                authority_id=placement.authority_id, placement=placement, number=base + 1,
                lines=[line_as_agreed(line) for line in lines], funding=_funding(lines), outcomes=outcomes, **facts,
            )  # fmt: skip
            _benefits(version, before)
            if planned_end_on != placement.planned_end_on:
                Placement.objects.filter(pk=placement.pk).update(planned_end_on=planned_end_on)
    except IntegrityError as refused:
        if "agreement_version_once" not in str(refused):
            raise
        raise AgreedMeanwhile(newest_version(placement)) from None
    return version


def _check(
    placement: Placement,
    before: AgreementVersion | None,
    lines: list[CostLine],
    sought: list[Sought],
    facts: dict[str, Any],
    today: date,
) -> None:
    problems: dict[str, str] = {}
    starts_on, planned_end_on = facts["starts_on"], facts["planned_end_on"]
    if facts["agreed_on"] > today:
        problems["agreed_on"] = "The agreement cannot have been made after today."
    if starts_on < placement.starts_on:
        problems["starts_on"] = f"The child came on {placement.starts_on:%-d %B %Y}: it cannot start before."
    elif placement.ends_before is not None and starts_on >= placement.ends_before:
        problems["starts_on"] = f"The child left on {placement.ends_before:%-d %B %Y}: it cannot start then or later."
    elif before is not None and starts_on < before.starts_on:
        problems["starts_on"] = f"Version {before.number} starts on {before.starts_on:%-d %B %Y}: start then or later."
    if planned_end_on is not None and planned_end_on <= starts_on:
        problems["planned_end_on"] = "The planned end comes after the start: check both dates."
    if before is not None and not facts["changes"]:
        problems["changes"] = "Say why the agreement changes: it stays on the record."
    if (problem := _price_problem(lines, facts["price_agreed"], starts_on)) is not None:
        problems["lines" if problem[0] else "price_agreed"] = problem[1]
    if facts["price_asked"] not in (None, facts["price_agreed"]):
        if not facts.get("negotiated_by", "").strip():
            problems["negotiated_by"] = "Say who negotiated: the price agreed is not the price asked."
        if not facts.get("negotiation", "").strip():
            problems["negotiation"] = "Say why the price agreed is not the price asked."
    if needs_staying_put(placement, max(starts_on, facts["agreed_on"])) and not (
        facts.get("staying_put_terms", "").strip() or facts.get("staying_put_absence", "").strip()
    ):
        problems["staying_put_terms"] = "Enter the staying-put terms, or say below why there are none: the child is 16."
    if any(not each.statements for each in sought):
        problems["sought"] = "Each outcome serves at least one I statement: choose it."
    if problems:
        raise ValidationError(problems)


def _price_problem(lines: list[CostLine], agreed: Decimal, starts_on: date) -> tuple[bool, str] | None:
    """(is it about a line?, the sentence); None where the price is the sum of lines that run then or later."""
    for line in lines:
        if line.ends_before is not None and line.ends_before <= starts_on:
            return True, f"{called(line)} ended before the agreement starts: leave it out, or start earlier."
    total = weekly_total(lines)
    if round_half_up(total) == round_half_up(agreed):
        return None
    apart = abs(total - agreed)
    way = "more" if agreed > total else "less"
    return False, (
        f"The lines chosen come to £{total:,.2f} a week; £{agreed:,.2f} is £{apart:,.2f} {way}. "
        "They must be equal: choose other lines, or change the price."
    )


def weekly_total(lines: Iterable[CostLine]) -> Decimal:
    """Pounds a week of the lines together; what is paid once is not in it."""
    return sum((line.weekly_amount for line in lines), Decimal("0.0000"))


def needs_staying_put(placement: Placement, day: date) -> bool:
    """A fostered child who is 16 or older on the day."""
    age = placement.child.age_on(day)
    return placement.service_type in FOSTERED and age is not None and age >= STAYING_PUT_FROM


def called(line: CostLine) -> str:
    """ "Additional service: Therapy, weekly session" """
    named = ", ".join(part for part in (line.get_service_display(), line.description) if part)
    return f"{line.get_category_display()}: {named}" if named else line.get_category_display()


def line_as_agreed(line: CostLine) -> dict[str, Any]:
    """What a version says of a cost line: amounts as strings, days as 2026-04-01 or null."""
    return {
        "id": str(line.uuid), "category": line.category, "service": line.service, "description": line.description,
        "amount": f"{line.amount:.4f}", "unit": line.unit, "quantity": f"{line.quantity:.2f}",
        "weekly_amount": f"{line.weekly_amount:.4f}", "once_amount": f"{line.once_amount:.2f}",
        "starts_on": line.starts_on.isoformat(), "ends_before": line.ends_before and line.ends_before.isoformat(),
        "approved_by": line.approved_by, "approved_on": line.approved_on and line.approved_on.isoformat(),
        "review_on": line.review_on and line.review_on.isoformat(),
    }  # fmt: skip


def _funding(lines: list[CostLine]) -> list[dict[str, str]]:
    """Who pays each line: what is recorded, and social care the whole of a line with nothing recorded."""
    recorded: dict[int, list[FundingSplit]] = {}
    for split in FundingSplit.objects.filter(cost_line__in=lines).order_by("funder"):
        recorded.setdefault(split.cost_line_id, []).append(split)
    return [
        {
            "line": str(line.uuid), "funder": part.funder, "weekly_amount": f"{part.weekly_amount:.4f}",
            "once_amount": f"{part.once_amount:.2f}",
        }
        for line in lines
        for part in recorded.get(line.pk)
        or [FundingSplit(funder="social_care", weekly_amount=line.weekly_amount, once_amount=line.once_amount)]
    ]  # fmt: skip


def _outcomes(placement: Placement, kept: list[Outcome], sought: list[Sought], agreed_on: date) -> list[dict[str, Any]]:
    """Records new outcomes, drops those not kept, and gives all that the version says of them."""
    going_on = Outcome.objects.filter(placement=placement, dropped_on=None)
    going_on.exclude(pk__in=[each.pk for each in kept]).update(dropped_on=agreed_on)
    words = {each.number: each for each in Statement.objects.filter(statement_set__code=STATEMENTS)}
    made = list(kept)
    for each in sought:
        if unknown := set(each.statements) - set(words):
            raise ValidationError({"sought": f"No I statement has the number {min(unknown)}."})
        made.append(
            Outcome.objects.create(
                uuid=uuid4(), authority_id=placement.authority_id, placement=placement,
                statement_set_id=words[each.statements[0]].statement_set_id, statements=sorted(each.statements),
                sought=each.sought, baseline=each.baseline, agreed_on=agreed_on,
            )
        )  # fmt: skip
    return [
        {
            "id": str(each.uuid), "sought": each.sought, "baseline": each.baseline,
            "agreed_on": each.agreed_on.isoformat(),
            "statements": [{"number": number, "words": words[number].words} for number in each.statements],
        }
        for each in made
    ]  # fmt: skip


def _benefits(version: AgreementVersion, before: AgreementVersion | None) -> None:
    """What this version saves (rules/benefits.py), from its start to the planned end; the earlier ones end there."""
    earlier = Benefit.objects.filter(placement=version.placement_id)
    earlier.filter(starts_on__gte=version.starts_on).delete()
    earlier.filter(ends_before=None).update(ends_before=version.starts_on)
    earlier.filter(ends_before__gt=version.starts_on).update(ends_before=version.starts_on)
    saved = benefits(version.price_asked, version.price_agreed, before.price_agreed if before else None)
    for kind, weekly_amount in zip(("cashable", "avoided"), saved, strict=True):
        if weekly_amount > 0:
            Benefit.objects.create(
                authority_id=version.authority_id, placement_id=version.placement_id, agreement=version, kind=kind,
                weekly_amount=weekly_amount, starts_on=version.starts_on, ends_before=version.planned_end_on,
            )  # fmt: skip


def outcomes_named(placement: Placement, ids: Iterable[UUID]) -> list[Outcome]:
    """Outcomes of the placement that go on and were named."""
    return list(Outcome.objects.filter(placement=placement, dropped_on=None, uuid__in=list(ids)).order_by("pk"))
