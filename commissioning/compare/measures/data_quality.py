"""How good the records of the authority that is looking are, resource by resource, and what is to be put right.

Everything is asked as the viewer, so it is of the viewer's own rows: placements, searches, agreements, cost lines and
young people's answers are its alone; of visits, which every member reads, its own are asked; of KPI returns, those on
lots that it leads, as it is the lead that asks for them. Each kind of row is read by one query, whatever their number,
and judged by rules/data_quality_asked.py.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import current_viewer
from commissioning.partnership.models import Lot
from commissioning.partnership.rules.terms import add_months
from contracts.models import AgreementVersion, CostLine, Offer, Placement, Referral
from contracts.rules.codes import COST_CATEGORIES
from providers.measures.suspended import Standing, standing_on
from providers.models import Rate
from quality.measures.kpi_returns import slots
from quality.models import SurveyResponse, Visit

from ..rules.data_quality import LOOKS_BACK_MONTHS, RESOURCES, Judged, Row, judge
from ..rules.data_quality_asked import RULES
from ..rules.data_quality_rows import IN_HOUSE, Agreed, Home, Line, Priced, Reply, Returned, Said, Search, Visited

MANY_ADDRESSES = "supported_accommodation"
ONE_DAY = timedelta(days=1)
HOME_FACTS = (
    "pk", "uuid", "number", "service_type", "route", "respite", "starts_on", "ends_before", "planned_end_on",
    "provider_id", "establishment_id", "award_id", "called_off_on", "authority_id", "host_authority_id", "host_area",
    "boundary", "distance_miles", "registration", "spot_reason", "end_reason", "ended_by", "destination",
    "establishment__provider_id", "establishment__closed_on", "establishment__area_id",
)  # fmt: skip


def data_quality(today: date, resources: Collection[str] = tuple(RESOURCES)) -> Judged:
    """These resources, judged on the day. At most 24 queries, whatever the number of rows."""
    asked = _Asked(today)
    rows: dict[type[Row], list[Any]] = {}
    for resource, kinds in _KINDS.items():
        if resource in resources:
            rows |= {kind: load(asked) for kind, load in kinds.items()}
    return judge([rule for rule in RULES if rule.resource in resources], rows, today)


@dataclass
class _Recorded:
    """Of one model's rows: the day on which each was recorded, the reason written with it, and the first such day."""

    days: dict[int, date] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)

    def of(self, ids: Iterable[int]) -> Callable[[int], dict[str, date | None]]:
        """What a row says of it; `since` is the first day of those rows."""
        since = min((self.days[pk] for pk in ids if pk in self.days), default=None)
        return lambda pk: {"recorded_on": self.days.get(pk), "since": since}


def _recorded(model: Any) -> _Recorded:
    """From history: a row of a file is recorded on the day the file was loaded."""
    found = _Recorded()
    for pk, at, reason in events_of(model).filter(operation="insert").values_list("row_id", "at", "reason"):
        found.days[pk] = timezone.localdate(at)
        found.reasons[pk] = reason
    return found


class _Asked:
    """What several kinds of row stand on, read once."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.authority = current_viewer().authority_id or 0
        self.first = add_months(today, -LOOKS_BACK_MONTHS)

    def lasting(self, rows: QuerySet) -> QuerySet:
        """Begun by today, and not over before the days that are asked about."""
        return rows.filter(starts_on__lte=self.today).filter(Q(ends_before=None) | Q(ends_before__gt=self.first))

    @cached_property
    def homes(self) -> dict[int, dict[str, Any]]:
        rows = self.lasting(Placement.objects.all()).order_by("number").values(*HOME_FACTS)
        return {row["pk"]: row for row in rows}

    @cached_property
    def lines(self) -> dict[int, list[dict[str, Any]]]:
        """By placement."""
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        rows = self.lasting(CostLine.objects.all()).order_by("pk")
        for row in rows.values(
            "pk", "uuid", "placement_id", "category", "service", "unit", "amount", "weekly_amount", "starts_on",
            "ends_before", "review_on", "price_line_id", "price_line__unit",
        ):  # fmt: skip
            if row["placement_id"] in self.homes:
                found[row["placement_id"]].append(row)
        return found

    @cached_property
    def closed(self) -> dict[int, bool]:
        """The searches that are asked, by number in the database: whether each is closed."""
        return {row["pk"]: bool(row["outcome"]) for row in self.searches}

    @cached_property
    def searches(self) -> list[dict[str, Any]]:
        begun = timezone.make_aware(datetime(self.first.year, self.first.month, self.first.day))
        return list(
            Referral.objects.filter(opened_at__gte=begun).order_by("number")
            .values("pk", "uuid", "number", "opened_at", "needed_by", "outcome", "chosen_why", "child_view")
        )  # fmt: skip

    @cached_property
    def offers(self) -> list[dict[str, Any]]:
        rows = Offer.objects.filter(referral__in=list(self.closed)).order_by("referral__number", "pk")
        return list(rows.values(
            "pk", "uuid", "referral_id", "referral__uuid", "referral__number", "provider_id", "provider__name",
            "asked_at", "answered_at", "answer", "decline_reason", "weekly_amount", "chosen", "suitable",
        ))  # fmt: skip

    def is_open(self, row: dict[str, Any]) -> bool:
        return row["ends_before"] is None or row["ends_before"] > self.today

    def running(self, placement: int) -> list[dict[str, Any]]:
        """Its cost lines of today; what is paid once does not run."""
        return [line for line in self.lines.get(placement, ()) if self.is_open(line) and line["unit"] != "one_off"]


def _called(row: dict[str, Any], number: str = "number") -> str:
    return f"Placement {row[number]}"


def _homes(asked: _Asked) -> list[Home]:
    recorded = _recorded(Placement)
    entered = recorded.of(asked.homes)
    standing = standing_on(asked.today, asked.authority)
    found = []
    for pk, row in asked.homes.items():
        barred = None if recorded.reasons.get(pk) else _barred(row, standing)
        host = row["host_authority_id"] or (row["authority_id"] if row["boundary"] == "in" else None)
        same = ("service_type", "route", "respite", "starts_on", "ends_before", "planned_end_on", "boundary",
                "registration", "spot_reason", "end_reason", "ended_by", "destination")  # fmt: skip
        found.append(Home(
            key=str(pk), what=_called(row), uuid=str(row["uuid"]), part=str(barred.suspension.uuid) if barred else "",
            **{name: row[name] for name in same}, provider=row["provider_id"], establishment=row["establishment_id"],
            home_provider=row["establishment__provider_id"], home_closed_on=row["establishment__closed_on"],
            where=row["establishment__area_id"], host=host, distance_known=row["distance_miles"] is not None,
            host_known=row["host_authority_id"] is not None or bool(row["host_area"]),
            suspended=barred.says if barred else "", **entered(pk),
        ))  # fmt: skip
    return found


def _barred(row: dict[str, Any], standing: list[Standing]) -> Standing | None:
    """What stood in the way of the purchase on its day and stands today, as providers/measures/suspended.py has it."""
    if row["route"] == IN_HOUSE:
        return None
    for each in standing:
        of = each.suspension
        if of.establishment_id:
            covers = of.establishment_id == row["establishment_id"]
        elif of.award_id:
            covers = of.award_id == row["award_id"]
        else:
            covers = of.provider_id in (row["provider_id"], row["establishment__provider_id"])
        if covers and of.starts_on <= row["called_off_on"] and each.bars(framework=row["award_id"] is not None):
            return each
    return None


def _searches(asked: _Asked) -> list[Search]:
    entered = _recorded(Referral).of(asked.closed)
    made = Placement.objects.filter(referral__isnull=False).order_by("number").values_list("referral_id", "provider_id")
    placed = dict(made)
    chosen = {row["referral_id"]: row["provider_id"] for row in asked.offers if row["chosen"]}
    return [
        Search(
            key=str(row["pk"]), what=f"Referral {row['number']}", uuid=str(row["uuid"]),
            opened_on=timezone.localdate(row["opened_at"]), needed_by=row["needed_by"], outcome=row["outcome"],
            chosen_why=row["chosen_why"], child_view=row["child_view"], placed=row["pk"] in placed,
            chosen_provider=chosen.get(row["pk"]), placed_provider=placed.get(row["pk"]), **entered(row["pk"]),
        )
        for row in asked.searches
    ]  # fmt: skip


def _replies(asked: _Asked) -> list[Reply]:
    answers = {row["pk"]: row["answer"] for row in asked.offers}
    days: dict[int, date] = {}
    told = events_of(Offer).filter(operation__in=("insert", "update")).exclude(after__answer="").order_by("event_id")
    for pk, at, answer in told.values_list("row_id", "at", "after__answer"):
        if answers.get(pk) == answer:
            days.setdefault(pk, timezone.localdate(at))
    entered = _Recorded(days).of(answers)
    return [
        Reply(
            key=f"offer:{row['pk']}", what=f"Referral {row['referral__number']}: {row['provider__name']}",
            uuid=str(row["referral__uuid"]), part=str(row["uuid"]), asked_on=timezone.localdate(row["asked_at"]),
            answered_on=timezone.localdate(row["answered_at"]) if row["answered_at"] else None, answer=row["answer"],
            decline_reason=row["decline_reason"], priced=row["weekly_amount"] is not None, chosen=row["chosen"],
            suitable=row["suitable"], search_closed=asked.closed[row["referral_id"]], **entered(row["pk"]),
        )
        for row in asked.offers
    ]  # fmt: skip


def _agreements(asked: _Asked) -> list[Agreed]:
    versions: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in AgreementVersion.objects.order_by("number").values(
        "placement_id", "agreed_on", "starts_on", "planned_end_on", "provider_signatory", "authority_signatory",
        "included", "lines",
    ):  # fmt: skip
        versions[row["placement_id"]].append(row)
    found = []
    for pk, row in asked.homes.items():
        made = versions.get(pk, [])
        newest = next((each for each in reversed(made) if each["starts_on"] <= asked.today), made[-1] if made else None)
        running = asked.running(pk)
        named = {each.get("id"): each.get("weekly_amount") for each in newest["lines"]} if newest else {}
        found.append(Agreed(
            key=str(pk), what=_called(row), uuid=str(row["uuid"]), bought=row["route"] != IN_HOUSE,
            respite=row["respite"], starts_on=row["starts_on"], ends_before=row["ends_before"],
            planned_end_on=row["planned_end_on"], first_agreed_on=made[0]["agreed_on"] if made else None,
            signed=bool(newest and newest["provider_signatory"] and newest["authority_signatory"]),
            included=bool(newest and newest["included"]),
            version_planned_end_on=newest["planned_end_on"] if newest else None, lines=len(running),
            unlike=sum(named.get(str(line["uuid"])) != f"{line['weekly_amount']:.4f}" for line in running),
        ))  # fmt: skip
    return found


def _prices(asked: _Asked) -> list[Priced]:
    return [
        Priced(
            key=f"placement:{pk}", what=_called(row), uuid=str(row["uuid"]), route=row["route"],
            lines=len(asked.running(pk)),
        )
        for pk, row in asked.homes.items()
        if asked.is_open(row)
    ]  # fmt: skip


def _lines(asked: _Asked) -> list[Line]:
    entered = _recorded(CostLine).of(line["pk"] for lines in asked.lines.values() for line in lines)
    rates = _rates(asked)
    found = []
    for pk, row in asked.homes.items():
        for line in asked.lines.get(pk, ()):
            same = ("category", "unit", "starts_on", "ends_before", "amount", "service")
            charged = line["category"] == "core" and line["unit"] == line["price_line__unit"]
            found.append(Line(
                key=str(line["pk"]), what=f"{_called(row)}: {COST_CATEGORIES[line['category']].lower()}",
                uuid=str(row["uuid"]), part=str(line["uuid"]), route=row["route"],
                **{name: line[name] for name in same},
                home_from=row["starts_on"], home_until=row["ends_before"], reviewed=line["review_on"] is not None,
                price_line=line["price_line_id"] is not None,
                rate=rates(row["award_id"], line["price_line_id"], line["starts_on"]) if charged else None,
                **entered(line["pk"]),
            ))  # fmt: skip
    return found


def _rates(asked: _Asked) -> Callable[[int | None, int | None, date], Any]:
    """(award, price line, day) -> the award's rate: the authority's own, or else every participant's; None without."""
    awards = {row["award_id"] for row in asked.homes.values() if row["award_id"]}
    found: dict[tuple[int, int], list[tuple[Any, ...]]] = defaultdict(list)
    rows = Rate.objects.filter(award__in=awards).charged_to(asked.authority).order_by("authority_id")  # own first
    for award, line, *rate in rows.values_list("award_id", "price_line_id", "starts_on", "ends_before", "amount"):
        found[award, line].append(tuple(rate))

    def on(award: int | None, line: int | None, day: date) -> Any:
        for starts_on, ends_before, amount in found.get((award or 0, line or 0), ()):
            if starts_on <= day and (ends_before is None or ends_before > day):
                return amount
        return None

    return on


def _visits(asked: _Asked) -> list[Visited]:
    rows = Visit.objects.filter(authority=asked.authority)
    rows = rows.filter(Q(visited_on__gte=asked.first) | Q(visited_on=None, planned_on__gte=asked.first))
    return [
        Visited(
            key=str(row["pk"]), what=f"Visit {row['number']}", uuid=str(row["uuid"]), state=row["state"],
            planned_on=row["planned_on"], visited_on=row["visited_on"],
            published_on=timezone.localdate(row["published_at"]) if row["published_at"] else None,
            lead=row["lead_id"] is not None, many=row["establishment__kind"] == MANY_ADDRESSES,
            premises=row["premises_id"] is not None, home_closed_on=row["establishment__closed_on"],
        )
        for row in rows.order_by("number").values(
            "pk", "uuid", "number", "state", "planned_on", "visited_on", "published_at", "lead_id", "premises_id",
            "establishment__kind", "establishment__closed_on",
        )
    ]  # fmt: skip


def _returns(asked: _Asked) -> list[Returned]:
    lots = Lot.objects.filter(framework__lead_authority=asked.authority)
    found = []
    for slot in slots(lots, after=asked.first, until=asked.today + ONE_DAY, today=asked.today):
        row = slot.returned
        state = slot.state_of(row) if row else ""
        found.append(Returned(
            key=f"{slot.award.pk}:{slot.expected._meta.model_name}:{slot.expected.pk}:{slot.starts_on}",
            what=f"{slot.expected.kpi.name}, {slot.award.provider.name}, to {wording.day(slot.ends_before - ONE_DAY)}",
            uuid=str(row.uuid) if row else "", part=str(slot.award.lot.uuid), due_on=slot.due_on,
            sent_on=timezone.localdate(row.sent_at) if row else None,
            check=state if state in ("verified", "queried", "disputed") else "",
        ))  # fmt: skip
    return found


def _answers(asked: _Asked) -> list[Said]:
    rows = list(
        SurveyResponse.objects.filter(answered_on__gte=asked.first).order_by("answered_on", "pk")
        .values("pk", "answered_on", "provider_id", "placement_id", "placement__uuid",
                "placement__provider_id", "placement__starts_on", "placement__ends_before")
    )  # fmt: skip
    entered = _recorded(SurveyResponse).of(row["pk"] for row in rows)
    return [
        Said(
            key=str(row["pk"]), what=f"Answers of {wording.day(row['answered_on'])}",
            uuid=str(row["placement__uuid"] or ""), answered_on=row["answered_on"],
            placement=row["placement_id"] is not None, provider=row["provider_id"],
            home_provider=row["placement__provider_id"], home_from=row["placement__starts_on"],
            home_until=row["placement__ends_before"], **entered(row["pk"]),
        )
        for row in rows
    ]  # fmt: skip


_KINDS: dict[str, dict[type[Row], Callable[[_Asked], list[Any]]]] = {
    "placements": {Home: _homes},
    "referrals": {Search: _searches, Reply: _replies},
    "agreements": {Agreed: _agreements},
    "cost-lines": {Priced: _prices, Line: _lines},
    "visits": {Visited: _visits},
    "kpi-returns": {Returned: _returns},
    "surveys": {Said: _answers},
}
