"""One row changed, by the action that its page takes: only as the caller has seen it, which If-Match says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request

from commissioning.partnership.actions.leading import ChangedMeanwhile
from commissioning.partnership.rules.codes import LEVELS
from contracts.actions.change_placement import change_placement, end_as_read, tell_end
from contracts.actions.cost_lines import end_cost_line, replace_cost_line
from contracts.actions.referrals import CLOSED_WITHOUT, choose_offer, close_referral, reopen_referral
from contracts.models import Offer
from contracts.rules import codes
from providers.models import Establishment, Premises

from .acting import ActingView, words_of
from .bodies import read_json
from .conditions import must_be_unchanged, version_named
from .fields import described_as
from .keys import acts_for
from .problems import BadRequest, Changed, NotPossible
from .resources import Resource
from .views import OneView, one_row

LONGEST = 500  # characters of a reason
POUNDS = r"^-?[0-9]{1,8}(\.[0-9]{1,4})?$"


@dataclass(frozen=True)
class Asked:
    """What an action needs besides the row: who, when, and the version that was read."""

    by: Any
    today: date
    now: datetime
    version: int


class Change(serializers.Serializer):
    """What PATCH takes of a resource: names that are left out stay as they are."""

    scope: ClassVar[str]
    grant: ClassVar[tuple[str, str]]
    says: ClassVar[str]

    def apply(self, row: Any, asked: Asked) -> Any:
        """The changed row. ValidationError as the action's own; ChangedMeanwhile."""
        raise NotImplementedError


def _code(choices: Mapping[str, str], **more: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=[code for code in choices if code], required=False, **more)


def _words(**more: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=LONGEST, **more)


def _day(**more: Any) -> serializers.DateField:
    return serializers.DateField(required=False, format="iso-8601", input_formats=["%Y-%m-%d"], **more)


ENDS = ("ends_before", "end_reason", "ended_by", "ended_as_planned", "destination")


class PlacementChange(Change):
    scope, grant = "placements:write", ("change", "placements")
    says = (
        "Changes a placement as its page does. How it ended is sent whole: ends_before, end_reason, ended_by, "
        "ended_as_planned, destination; and notice_given_on where notice was given: left out, what is recorded of it "
        "stays. Anything else in a call of its own."
    )

    ends_before = _day(help_text="the day the child left; of one that has ended it stays")
    end_reason = _code(codes.END_REASONS)
    ended_by = _code(codes.ENDED_BY)
    ended_as_planned = serializers.BooleanField(required=False)
    destination = _code(codes.DESTINATIONS)
    notice_given_on = _day(allow_null=True)
    reference = _words(help_text="your authority's own number of the placement")
    level = _code(LEVELS, allow_null=True)
    solo = serializers.BooleanField(required=False, allow_null=True)
    registration = _code(codes.REGISTRATIONS)
    planned_end_on = _day(allow_null=True)
    establishment = serializers.UUIDField(required=False, allow_null=True)
    premises = serializers.UUIDField(required=False, allow_null=True)
    reason = _words(help_text="needed where the home was suspended when the placement was agreed")

    def apply(self, row: Any, asked: Asked) -> Any:
        told = self.validated_data
        about_end = [name for name in (*ENDS, "notice_given_on") if name in told]
        rest = {name: value for name, value in told.items() if name not in about_end}
        if about_end and rest:
            raise ValidationError("How it ended, and anything else, are two calls: send them one after the other.")
        if about_end:
            return self._end(row, told, asked)
        if not set(rest) - {"reason"}:
            raise ValidationError("Nothing is asked to be changed.")
        names = ("reference", "level", "solo", "registration", "planned_end_on", "establishment", "premises")
        same = {name: getattr(row, name) for name in names}
        if "establishment" in rest:
            rest["establishment"] = _named(Establishment, "establishment", rest["establishment"])
        if "premises" in rest:
            rest["premises"] = _named(Premises, "premises", rest["premises"])
        if "level" in rest:
            rest["level"] = rest["level"] or ""
        return change_placement(
            placement=row, version=asked.version, by=asked.by, today=asked.today, **{**same, **rest}
        )  # fmt: skip

    def _end(self, row: Any, told: dict[str, Any], asked: Asked) -> Any:
        over = row.ends_before is not None
        if over and told.get("ends_before", row.ends_before) != row.ends_before:
            raise ValidationError({"ends_before": f"The child left on {row.ends_before:%-d %B %Y}: that day stays."})
        for name in ENDS[over:]:
            if name not in told:
                raise ValidationError({name: "Is needed to say how the placement ended."})
        notice = told.get("notice_given_on", row.notice_given_on)
        facts = {name: told[name] for name in ENDS[1:]} | {"notice_given_on": notice}
        if over:
            return tell_end(placement=row, version=asked.version, by=asked.by, **facts)
        return end_as_read(
            placement=row, version=asked.version, ends_before=told["ends_before"], by=asked.by, today=asked.today,
            **facts,
        )  # fmt: skip


class CostLineChange(Change):
    scope, grant = "cost-lines:write", ("change", "placements")
    says = (
        "Ends a cost line early (ends_before), or gives it another amount from a day (amount, starts_on): then the "
        "line ends there and the answer is the one that follows it. Both need a reason."
    )

    ends_before = _day(help_text="the first day that it is not paid for")
    amount = described_as({"type": "string", "pattern": POUNDS}, serializers.DecimalField)(
        required=False, max_digits=12, decimal_places=4
    )
    starts_on = _day(help_text="the first day of the new amount")
    reason = _words()

    def apply(self, row: Any, asked: Asked) -> Any:
        told = self.validated_data
        names = set(told) - {"reason"}
        common = {"line": row, "reason": told.get("reason", ""), "by": asked.by, "version": asked.version}
        if names == {"ends_before"}:
            return end_cost_line(ends_before=told["ends_before"], **common)
        if names == {"amount", "starts_on"}:
            return replace_cost_line(amount=told["amount"], starts_on=told["starts_on"], **common)
        raise ValidationError("Send ends_before, or amount and starts_on, with a reason.")


class ReferralChange(Change):
    scope, grant = "referrals:write", ("change", "referrals")
    says = (
        "Ends a search: with one of its offers (offer, chosen_why), or without (outcome: in_house, withdrawn or "
        "not_found). Opens it again with outcome null and a reason."
    )

    outcome = serializers.ChoiceField(choices=list(CLOSED_WITHOUT), required=False, allow_null=True)
    offer = serializers.UUIDField(required=False, help_text="id of the offer that was chosen")
    chosen_why = _words()
    reason = _words(help_text="why it is opened again")

    def apply(self, row: Any, asked: Asked) -> Any:
        told = self.validated_data
        common = {"referral": row, "version": asked.version, "by": asked.by}
        if "offer" in told and "outcome" not in told:
            offer = Offer.objects.filter(referral=row, uuid=told["offer"]).first()
            if offer is None:
                raise ValidationError({"offer": "No offer of this search has that id."})
            return choose_offer(offer=offer, chosen_why=told.get("chosen_why", ""), now=asked.now, **common)
        if told.get("outcome"):
            return close_referral(
                outcome=told["outcome"], chosen_why=told.get("chosen_why", ""), now=asked.now, **common
            )  # fmt: skip
        if "outcome" in told and "offer" not in told:
            return reopen_referral(reason=told.get("reason", ""), **common)
        raise ValidationError("Send offer and chosen_why, or outcome; null opens it again, with a reason.")


class ChangesRow(ActingView, OneView):
    """PATCH on one row."""

    declared: Resource
    change: type[Change]
    http_method_names = ["get", "head", "patch"]
    changes_by = ("PATCH",)

    @property
    def scope(self) -> str:  # type: ignore[override]
        return self.change.scope

    @property
    def grant(self) -> tuple[str, str]:
        return self.change.grant

    def patch(self, request: Request, **path: str) -> HttpResponseBase:
        change = _read(request, self.change)
        version, _ = version_named(request)
        with self.act(request):
            row = _locked(self.declared.model, path["id"])
            before = one_row(self.declared, row.uuid)
            assert before is not None
            must_be_unchanged(request, before["ETag"])
            asked = Asked(acts_for(request.auth), request.auth.today, request.auth.now, version)
            try:
                changed = change.apply(row, asked)
            except ValidationError as problem:
                raise NotPossible(words_of(problem)) from None
            except ChangedMeanwhile:
                raise Changed("Somebody else changed the row while this call was under way.") from None
            answer = one_row(self.declared, changed.uuid, 200 if changed.pk == row.pk else 201)
        assert answer is not None
        if answer.status_code == 201:
            answer["Location"] = request.path.replace(path["id"], str(changed.uuid))
        return answer


def _read(request: Request, kind: type[Change]) -> Change:
    """BadRequest names what is unknown or will not do."""
    known = list(kind().fields)
    told = read_json(request._request, '{"' + known[0] + '": "…"}')
    for name in told:
        if name not in known:
            raise BadRequest(f"{name!r} is nothing that can be changed here.", f"Known: {', '.join(known)}.")
    change = kind(data=told)
    if not change.is_valid():
        said = "; ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in change.errors.items())
        raise BadRequest(said, "Dates are written 2026-04-01; ids and codes as they stand in the rows.")
    return change


def _locked(model: type[models.Model], given: str) -> Any:
    try:
        found = model._default_manager.select_for_update(of=("self",)).filter(uuid=UUID(given)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _named(model: type[models.Model], name: str, uuid: UUID | None) -> Any:
    if uuid is None:
        return None
    found = model._default_manager.filter(uuid=uuid).first()
    if found is None:
        raise ValidationError({name: "No row that you may see has that id."})
    return found


CHANGES: dict[str, type[Change]] = {
    "placements": PlacementChange, "cost-lines": CostLineChange, "referrals": ReferralChange,
}  # fmt: skip
