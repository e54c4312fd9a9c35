"""Homes and visits for tests: planned by the room's action, recorded as a tablet leaves them, and walked on by
actions. The clock is the caller's."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from providers.models import Establishment
from quality.actions.improvement import Proposal, agree_action, asked_for, propose_plan
from quality.actions.load_templates import load_templates
from quality.actions.plan_visit import plan_visit
from quality.actions.share_visit import publish, reply, send_to_provider, shareable_findings
from quality.models import Answer, Finding, Visit, VisitReport, VisitTemplate

BY = "service:tests"
SECRET = "Placing-only words about one young person"
KINDS = {
    "supported_accommodation": "supported-site",
    "childrens_home": "home-site",
    "fostering_agency": "fostering-site",
}


def own(authority: Any):
    return acting_as(Viewer.of_authority(getattr(authority, "pk", authority)), by=BY)


def of(provider: Any):
    return acting_as(Viewer.of_provider(getattr(provider, "pk", provider)), by=BY)


def with_templates() -> None:
    with acting_as(Viewer.of_service("tests"), by=BY):
        load_templates()


def home_of(provider: Any, name: str = "Elm House", kind: str = "supported_accommodation", urn: str = "") -> Any:
    with acting_as(Viewer.of_service("tests"), by=BY):
        found = Establishment.objects.filter(name=name, provider=provider).first()
        return found or Establishment.objects.create(
            urn=urn or f"SC{uuid4().int % 10_000_000}", kind=kind, name=name, provider=provider, area_name="Southwark"
        )


def planned(cast: Any, *, day: date | None = None, today: date | None = None, lead: Any = None, **facts: Any) -> Visit:
    """Of Southwark, at Alder's Elm House, led by its quality officer."""
    with_templates()
    home = facts.pop("home", None) or home_of(cast.provider)
    authority = facts.pop("authority", cast.authority)
    today = today or timezone.localdate()
    lead = lead or cast.person("quality_officer", stranger=authority == cast.other)
    with own(authority):
        code = facts.pop("code", KINDS[home.kind])
        return plan_visit(
            authority_id=authority.pk, establishment=home, template=VisitTemplate.objects.in_use().get(code=code),
            planned_on=day or today, by=lead, today=today, **facts,
        )  # fmt: skip


def recorded(
    visit: Visit, *, at: datetime | None = None, findings: int = 2, kept: int = 1, worst: bool = False
) -> Visit:
    """A draft as it comes from a tablet: every question answered, `findings` that may be shared and ask for an action,
    `kept` that are the authority's own."""
    at = at or timezone.now()
    part = {"authority_id": visit.authority_id, "provider_id": visit.provider_id, "visit": visit}
    with own(visit.authority_id):
        questions = list(visit.template.questions.all())
        Answer.objects.bulk_create(
            Answer(**part, question=each, value=_best(each.scale, worst), note=f"Note {each.label}", answered_at=at)
            for each in questions
        )
        VisitReport.objects.create(**part, summary="Two hours in the house.", signed_name="An officer", signed_at=at)
        for number in range(findings):
            Finding.objects.create(
                **part, words=f"Shared finding {number + 1}", question=questions[number], asks_action=True, found_at=at,
                device_key=uuid4(),
            )  # fmt: skip
        for number in range(kept):
            Finding.objects.create(
                **part, words=f"{SECRET} {number + 1}", question=questions[-1 - number], marking="placing", found_at=at,
                device_key=uuid4(),
            )  # fmt: skip
        Visit.objects.filter(pk=visit.pk).update(state="draft", visited_on=timezone.localdate(at))
        return Visit.objects.get(pk=visit.pk)


def _best(scale: str, worst: bool) -> str:
    good, bad = {"met": ("met", "not_met"), "yes_is_good": ("yes", "no"), "no_is_good": ("no", "yes"),
                 "words": ("In words", "In words"), "number": ("3", "3")}[scale]  # fmt: skip
    return bad if worst else good


def sent(visit: Visit, *, by: Any, now: datetime | None = None) -> Visit:
    with own(visit.authority_id):
        return send_to_provider(visit=Visit.objects.get(pk=visit.pk), version=visit.version, by=by,
                                now=now or timezone.now())  # fmt: skip


def again(visit: Visit) -> Visit:
    with own(visit.authority_id):
        return Visit.objects.select_related("template", "authority", "provider").get(pk=visit.pk)


def replied(visit: Visit, *, by: Any, disputed: int = 0, now: datetime | None = None) -> None:
    with of(visit.provider_id):
        found = list(shareable_findings(visit).order_by("pk"))
        said = {
            each: ("disputed", "That door was mended in May") if n < disputed else ("accurate", "")
            for n, each in enumerate(found)
        }
        reply(visit=Visit.objects.get(pk=visit.pk), replies=said, by=by, now=now or timezone.now())


def published(cast: Any, *, at: datetime | None = None, **facts: Any) -> Visit:
    """The whole way: recorded, sent, every finding accurate, published."""
    at = at or timezone.now()
    officer, contact = cast.person("quality_officer"), cast.person("provider_contact")
    day = timezone.localdate(at)
    findings, kept = facts.pop("findings", 2), facts.pop("kept", 1)
    visit = recorded(planned(cast, day=day, today=day, **facts), at=at, findings=findings, kept=kept)
    sent(again(visit), by=officer, now=at)
    replied(again(visit), by=contact, now=at)
    with own(visit.authority_id):
        found = Visit.objects.get(pk=visit.pk)
        publish(visit=found, version=found.version, by=officer, now=at)
    return again(visit)


def with_plan(visit: Visit, cast: Any, *, agreed: bool = True, due_on: date | None = None, today: date | None = None):
    today = today or timezone.localdate()
    with of(visit.provider_id):
        made = propose_plan(
            visit=Visit.objects.get(pk=visit.pk), by=cast.person("provider_contact"), today=today,
            proposals=[
                Proposal(each, f"Mend what {each.words} says", "Registered manager",
                         due_on or today + timedelta(days=30), str(each.uuid))
                for each in asked_for(visit).order_by("pk")
            ],
        )  # fmt: skip
    if agreed:
        with own(visit.authority_id):
            for each in made:
                each.refresh_from_db()
                agree_action(action=each, version=each.version, by=cast.person("quality_officer"))
    return made
