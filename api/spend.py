"""Spend: worked out when it is asked, by the measure that pages and workbooks read (contracts/measures/spend.py)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request

from commissioning.kernel.periods import Period, financial_year
from commissioning.kernel.tenancy.viewer import acting
from commissioning.partnership.models import Authority, Lot
from commissioning.partnership.rules.codes import LEVELS
from commissioning.partnership.rules.terms import add_months
from contracts.filters_spend import SpendSelection
from contracts.measures.spend import FUNDERS, SpendRow, spend_rows
from contracts.models import Placement
from contracts.rules import codes
from providers.models import Provider

from .conditions import tag_of_page, unless_held
from .fields import Field, choice, described_as, text, whole
from .paging import Position, Span, question, read_cursor, write_cursor
from .problems import BadRequest
from .resources import Declared
from .sending import as_file, kind_asked
from .views import JSON, ResourceView, given_once, limit_of, next_address, selected

DIMENSIONS = ("month", "route", "state", "service", "level", "lot", "provider", "spot_reason")
NAMESPACE = UUID("6d4f2b0e-7c55-5d0b-9a53-0f2f8a3c1e77")  # a row's id is made of what it is of, and never changes
TOGETHER = 12  # months worked out by one query
MOST_MONTHS = 120
PARAMETERS = ("limit", "cursor", "format")
EMPTY = Span(until=0)  # rows of no model have no changes to span


def _pounds(name: str, says: str) -> Field:
    return Field(name, name, serializers.DecimalField(max_digits=14, decimal_places=2, help_text=says))


def _id(name: str, says: str = "", *, null: bool = True) -> Field:
    return Field(name, name, serializers.UUIDField(help_text=says, allow_null=null))


def _day(name: str, says: str) -> Field:
    return Field(name, name, serializers.DateField(help_text=says))


MONTH = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "description": "as 2026-04"}

SPEND = Declared(
    name="spend",
    component="Spend",
    says="Your authority's nights and spend by month and by how, what and from whom it bought: to the penny the "
    "figures of the spend page. They are worked out when you ask, from placements, cost-lines and funding-splits as "
    "they are then, and end with today. So there is no updated_since: a correction of an old price changes old "
    "months. Read the months you keep again, and put them in place of the ones you hold; a row that is no longer "
    "told is gone. csv and ndjson are of one moment; pages are each of their own.",
    own_fields=(
        _id("id", "made of the row's month and what it is of: the same whenever you ask", null=False),
        Field("month", "month", described_as(MONTH, serializers.CharField)()),
        _day("ends_before", "counted until the day before: the month's last, or today"),
        choice("route", codes.ROUTES, "how it was bought", required=True),
        choice("later_state", codes.LATER_STATES, "what had become of the purchase; null: from no framework"),
        choice("service_type", codes.SERVICE_TYPES, required=True),
        choice("level", LEVELS),
        _id("lot"),
        text("lot_number"),
        text("framework_reference"),
        _id("provider"),
        text("provider_name"),
        choice("spot_reason", codes.SPOT_REASONS),
        whole("nights", required=True),
        _pounds("gross", "pounds that accrued in the month, with what is paid once in it"),
        _pounds("own", "what is left for your authority: gross less the four that follow"),
        _pounds("education", "what education pays"),
        _pounds("health", "what health pays"),
        _pounds("housing", "what housing benefit pays"),
        _pounds("other", "what other funders pay"),
    ),
    selection=SpendSelection,
)


@dataclass(frozen=True)
class Asked:
    """The days, cut by today; which purchases; and the later state, where one is asked for."""

    period: Period | None
    placements: QuerySet
    state: str

    def rows(self, after: tuple[date, str] | None = None) -> Iterator[tuple[date, str, dict[str, Any]]]:
        """(month, id, row), in the order of months and ids, beyond `after`. At most `TOGETHER` months are held."""
        months = self.period.split_by_months() if self.period else []
        months = [month for month in months if after is None or month.bounds[0] >= after[0]]
        for begins in range(0, len(months), TOGETHER):
            part = months[begins : begins + TOGETHER]
            found = spend_rows(
                first=part[0].bounds[0], until=part[-1].bounds[1], by=DIMENSIONS, placements=self.placements,
                state=self.state,
            )  # fmt: skip
            ends = {month.bounds[0].replace(day=1): month.bounds[1] for month in part}
            told = sorted(_told(found, ends), key=lambda each: each[:2])
            yield from (each for each in told if after is None or each[:2] > after)


def _told(found: list[SpendRow], ends: dict[date, date]) -> Iterator[tuple[date, str, dict[str, Any]]]:
    own = Authority.objects.values_list("uuid", flat=True).get(pk=acting().viewer.authority_id)
    lots = {lot.pk: lot for lot in Lot.objects.filter(pk__in={row.key[5] for row in found}).select_related("framework")}
    providers = Provider.objects.in_bulk({row.key[6] for row in found if row.key[6] is not None})
    for row in found:
        month, route, state, service, level, lot_id, provider_id, reason = row.key
        lot, provider = lots.get(lot_id), providers.get(provider_id)
        lot_uuid, provider_uuid = (str(each.uuid) if each else "" for each in (lot, provider))
        of = (own, month, route, state, service, level, lot_uuid, provider_uuid, reason)
        identity = str(uuid5(NAMESPACE, "|".join(map(str, of))))
        yield month, identity, {
            "id": identity, "month": f"{month:%Y-%m}", "ends_before": ends[month].isoformat(), "route": route,
            "later_state": state or None, "service_type": service, "level": level or None, "lot": lot_uuid or None,
            "lot_number": lot.number if lot else None, "framework_reference": lot.framework.reference if lot else None,
            "provider": provider_uuid or None, "provider_name": provider.name if provider else None,
            "spot_reason": reason or None, "nights": row.nights, "gross": str(row.gross), "own": str(row.own),
            **{funder: str(row.others.get(funder, "0.00")) for funder in FUNDERS},
        }  # fmt: skip


class SpendView(ResourceView):
    """A page of rows, or all of them as a file."""

    no_delta = (
        "spend has no updated_since: it is worked out when it is asked, and no list of changes is kept of it.",
        "Ask for the months you keep, as from=2025-04&to=2026-03, and put them in place of those you hold.",
    )

    def answer(self, request: Request, **path: str) -> HttpResponseBase:
        if "updated_since" in request.query_params:
            raise BadRequest(*self.no_delta)
        given = given_once(request, self.declared, PARAMETERS)
        asked = self._asked(request, given)
        if "format" in given:
            return self._whole(request, given, asked)
        viewer, name = request.auth.viewer, self.declared.name
        which = question([item for item in given.items() if item[0] not in ("cursor", "limit")])
        limit = limit_of(given.get("limit"))
        after = None
        if "cursor" in given:
            _, position = read_cursor(given["cursor"], viewer, name, which)
            after = (date.fromordinal(position.phase), str((position.key or ("",))[0]))
        found = list(islice(asked.rows(after), limit + 1))
        following = None
        if len(found) > limit:
            month, identity, _ = found[limit - 1]
            beyond = Position(month.toordinal(), (identity,))
            cursor = write_cursor(viewer, name, which, EMPTY, beyond)
            following = request.build_absolute_uri(next_address(request, given, cursor))
        body = {"results": [row for *_, row in found[:limit]], "next": following}
        answer = HttpResponse(json.dumps(body, ensure_ascii=False), content_type=JSON)
        return unless_held(request, tag_of_page([json.dumps(body["results"])], last=following is None), answer)

    def _asked(self, request: Request, given: dict[str, str]) -> Asked:
        filters = {name: value for name, value in given.items() if name not in PARAMETERS and value != ""}
        placements = selected(self.declared, Placement.objects.all(), filters)
        today = request.auth.today
        first = _month(filters.get("from")) or financial_year(today).starts_on
        last = _month(filters.get("to")) or max(first, today.replace(day=1))
        if last < first:
            raise BadRequest("to is a month before from.", "Exchange them.")
        if add_months(first, MOST_MONTHS) <= last:
            raise BadRequest(f"from and to are more than {MOST_MONTHS} months apart.", "Ask for fewer at a time.")
        until = min(add_months(last, 1), today + timedelta(days=1))
        period = Period(first, until) if first < until else None  # months to come hold nothing yet
        return Asked(period, placements, filters.get("later_state", ""))

    def _whole(self, request: Request, given: dict[str, str], asked: Asked) -> HttpResponseBase:
        kind = kind_asked(given, self.declared)
        return as_file(
            request, self.declared, kind,
            lambda: (f"{json.dumps(row, ensure_ascii=False)}\n".encode() for *_, row in asked.rows()),
            lambda: self.door(request), delta=False,
        )  # fmt: skip


def _month(given: str | None) -> date | None:
    return date.fromisoformat(f"{given}-01") if given else None
