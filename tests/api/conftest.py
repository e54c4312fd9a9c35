"""What the API shows: two frameworks with rates, one of them none of Southwark's, and a key for each authority."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.utils import timezone

from commissioning.compare.actions.releases import quarter_ends, request_release
from commissioning.kernel.models import ImportRun, ImportSheet
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.models import (
    Extension,
    Framework,
    FrameworkEvent,
    Kpi,
    Lot,
    LotKpi,
    Participation,
    PriceLine,
    User,
)
from contracts.actions.cost_lines import add_cost_line, set_funding
from contracts.models import (
    AgreementVersion,
    Benefit,
    CareStatus,
    DistanceApproval,
    Offer,
    Oversight,
    PlacementMeeting,
    Referral,
)
from providers.models import (
    Alias,
    Award,
    Establishment,
    Ownership,
    Premises,
    Provider,
    Rate,
    Suspension,
    SuspensionDecision,
)
from quality.models import (
    Answer,
    ContractKpi,
    EventNotice,
    Finding,
    ImprovementAction,
    Inspection,
    KpiCheck,
    KpiReturn,
    NotifiableEvent,
    Reliance,
    SurveyQuestion,
    SurveyWords,
    TemplateQuestion,
    Visit,
    VisitReport,
    VisitTemplate,
)
from tests.contracts.bought import child_of, spot_placement
from tests.quality.voices import answer, make_survey
from tests.resident import resident

BEGINS = date(2025, 4, 1)


def service():
    return acting_as(Viewer.of_service("tests"), by="service:tests")


def officer(authority):
    return acting_as(Viewer.of_authority(authority.pk), by="service:tests")


def bearer(authority, *scopes):
    """The header of a new key."""
    with officer(authority):
        _, presented = make_key(
            authority=authority, name="warehouse", scopes=scopes or ("*",), at=timezone.now(), by=None
        )
    return {"Authorization": f"Bearer {presented}"}


def framework(lead, members, reference):
    """A framework with one lot of two lines, taken part in by `members` for as long as it lasts."""
    with officer(lead):
        made = Framework.objects.create(
            reference=reference, name=f"Framework {reference}", kind="framework", lead_authority=lead, starts_on=BEGINS
        )
        for member in members:
            Participation.objects.create(framework=made, authority=member, starts_on=BEGINS)
        Extension.objects.create(framework=made, position=1, months=12)
        FrameworkEvent.objects.create(framework=made, kind="award", happens_on=BEGINS)
        lot = Lot.objects.create(framework=made, number="1", name="General fostering", service_type="fostering")
        lines = [
            PriceLine.objects.create(
                framework=made, lot=lot, position=n, code=f"L{n}", name=f"Core {n}", age_from=n, age_to=n + 4
            )
            for n in (1, 2)
        ]
    return SimpleNamespace(framework=made, lot=lot, lines=lines, lead=lead)


def award(place, provider, amounts=("712.5000", "845.2500"), starts_on=BEGINS, **rate):
    """The provider's place on the lot, and a rate for each line."""
    with officer(place.lead):
        made = Award.objects.create(
            framework=place.framework, lot=place.lot, provider=provider, tier=1, starts_on=starts_on
        )
        rates = [
            charge(place, made, line, amount, starts_on, **rate)
            for line, amount in zip(place.lines, amounts, strict=False)
        ]
    return made, rates


def charge(place, place_on_lot, line, amount, starts_on=BEGINS, **more):
    return Rate.objects.create(
        award=place_on_lot, price_line=line, framework=place.framework, lot=place.lot,
        provider_id=place_on_lot.provider_id, amount=amount, starts_on=starts_on, **more,
    )  # fmt: skip


def buy(authority, provider, home):
    """One search, one home and all that hangs on it, of one authority."""
    with officer(authority):
        child = child_of(authority, sex="F", ethnicity="BCRB", disabilities=["LD", "AUT"], ehcp=True)
        own = {"authority": authority}
        CareStatus.objects.create(**own, child=child, status="looked_after", legal_status="C2", starts_on=BEGINS)
        referral = Referral.objects.create(
            **own, number=1, child=child, opened_at=timezone.now(), needed_by=date(2025, 6, 2), urgency="planned",
            in_house_tried="no", service_type="residential", needs="SECRET needs", child_view="SECRET view",
            chosen_why="SECRET why", wanted_area="SECRET area",
        )  # fmt: skip
        offer = Offer.objects.create(
            **own, referral=referral, provider=provider, service_type="residential", urgency="planned",
            needed_by=date(2025, 6, 2), asked_at=timezone.now(),
        )  # fmt: skip
        placement = spot_placement(
            child, referral=referral, provider=provider, establishment=home, distance_miles="12.3", boundary="out"
        )
        of = {**own, "placement": placement}
        Oversight.objects.create(
            **of, kind="unregistered", starts_on=BEGINS, why="SECRET why", approved_by="a director", approved_on=BEGINS,
            checks="SECRET checks", exit_plan="SECRET plan",
        )  # fmt: skip
        DistanceApproval.objects.create(**of, reason="safeguarding", note="SECRET note", approved_on=BEGINS)
        PlacementMeeting.objects.create(**of, kind="planning", due_on=BEGINS, note="SECRET note")
        line = add_cost_line(placement=placement, amount=Decimal("4200.35"), starts_on=placement.starts_on, by=None)
        extra = add_cost_line(
            placement=placement, amount=Decimal("61.7300"), unit="hour", quantity=Decimal("4.5"), by=None,
            starts_on=date(2025, 7, 1), ends_before=date(2025, 9, 3), category="additional", service="therapy",
            description="SECRET description", approved_by="a panel", approved_on=BEGINS, review_on=date(2025, 8, 1),
        )  # fmt: skip
        set_funding(
            line=line, by=None,
            parts={"social_care": (Decimal("3000.00"), Decimal(0)), "health": (Decimal("1200.35"), Decimal(0))},
        )  # fmt: skip
        agreement = AgreementVersion.objects.create(
            **of, number=1, agreed_on=BEGINS, starts_on=placement.starts_on, notice_days=28, price_asked="4500",
            price_agreed="4200.35", negotiation="SECRET words", included=["rent"], staying_put_absence="SECRET words",
            lines=[{"description": "SECRET line"}], outcomes=[{"sought": "SECRET outcome"}], changes="SECRET change",
        )  # fmt: skip
        Benefit.objects.create(**of, agreement=agreement, kind="avoided", weekly_amount="299.65", starts_on=BEGINS)
    return SimpleNamespace(
        child=child, referral=referral, offer=offer, placement=placement, line=line, extra=extra, agreement=agreement
    )


def watch(authority, provider, home, at):
    """A published visit with its action, a draft, a suspension and an event, of one authority."""
    own = {"authority": authority, "provider": provider}
    with officer(authority):
        template, _ = VisitTemplate.objects.get_or_create(
            code="site", number=1, defaults={"name": "Site visit", "kind": "site", "rule": "By weight."}
        )
        question, _ = TemplateQuestion.objects.get_or_create(
            template=template, section=1, number=1,
            defaults={"section_name": "Doors", "words": "Do the doors lock?", "scale": "yes_is_good"},
        )  # fmt: skip
        for number, state in ((1, "published"), (2, "draft")):
            flags = {"to_provider": state == "published", "to_members": state == "published"}
            visit = Visit.objects.create(
                **own, number=number, establishment=home, template=template, kind="site", state=state, to_members=True,
                planned_on=BEGINS, visited_on=BEGINS, published_at=at,
            )  # fmt: skip
            part = {**own, **flags, "visit": visit}
            note = "open to all" if state == "published" else "HIDDEN note"
            VisitReport.objects.create(**part, rule_rating="some", rating="some", summary=note)
            Answer.objects.create(**part, question=question, value="no", note=note, answered_at=at)
            finding = Finding.objects.create(**part, question=question, words=note, asks_action=True, found_at=at)
            ImprovementAction.objects.create(**part, finding=finding, words=note, owner="manager", due_on=BEGINS)
        Finding.objects.create(**own, visit=visit, words="HIDDEN finding", marking="safeguarding", found_at=at)
        Reliance.objects.create(authority=authority, visit=visit, relied_at=at)
        suspension = Suspension.objects.create(
            **own,
            reason="visit",
            words="Doors",
            lifts_when="Doors lock",
            starts_on=date(2024, 1, 8),
            lifted_on=date(2024, 2, 5),
            lifted_why="They lock",
        )
        SuspensionDecision.objects.create(authority=authority, suspension=suspension, decision="follow", decided_at=at)
        event = NotifiableEvent.objects.create(
            provider=provider, establishment=home, rule="fostering_7", theme="police", happened_at=at, received_at=at
        )
        EventNotice.objects.create(**own, event=event, words="HIDDEN event", told_at=at)


def report(place, provider):
    """A KPI that the lot expects and one of a single contract, a return of each, and a check. Inside nobody's door."""
    with service():
        kpi, single = (
            Kpi.objects.create(code=name.lower(), name=name, numerator="Children", denominator="Of children")
            for name in ("Activity", "Single")
        )
    period = {"starts_on": BEGINS, "ends_before": date(2025, 7, 1)}
    with officer(place.lead):
        award = Award.objects.get(lot=place.lot, provider=provider)
        of = {"framework": place.framework, "lot": place.lot}
        expected = LotKpi.objects.create(
            **of, kpi=kpi, target="95", approaching="90", improvement="80", starts_on=BEGINS
        )
        of |= {"award": award, "provider": provider}
        ContractKpi.objects.create(**of, kpi=kpi, target="92", approaching="90", improvement="80", starts_on=BEGINS)
        alone = ContractKpi.objects.create(
            **of, kpi=single, target="92", approaching="90", improvement="80", due_days=21, starts_on=BEGINS
        )
        KpiReturn.objects.create(
            **of, **period, contract_kpi=alone, numerator=19, denominator=20, value=95, rating="good",
            sent_at=timezone.now(),
        )  # fmt: skip
        returned = KpiReturn.objects.create(
            **of, **period, lot_kpi=expected, numerator=18, denominator=20, value=90, rating="approaching",
            sent_at=timezone.now(),
        )  # fmt: skip
        KpiCheck.objects.create(
            **of, **period, kpi_return=returned, return_version=1, outcome="queried", words="Eighteen of whom?",
            checked_at=timezone.now(),
        )  # fmt: skip


def say(authority, placement):
    """One young person answers, in words that stay too."""
    with service():
        survey = make_survey()
    with officer(authority):
        made = answer(authority, survey, timezone.localdate(), {1: 5, 2: None, 5: 4}, placement=placement)
        SurveyWords.objects.create(
            authority=authority, response=made, words="SECRET words",
            question=SurveyQuestion.objects.get(survey=survey, number=20),
        )  # fmt: skip


def build_market(southwark, lewisham, greenwich):
    """Southwark's framework for all three, Lewisham's with Greenwich; Alder and Birch on both."""
    ours = framework(southwark, (southwark, lewisham, greenwich), "SEL-1")
    theirs = framework(lewisham, (lewisham, greenwich), "LEW-1")
    with service():
        run = ImportRun.objects.create(source="ofsted", file_name="=cmd.csv", sha256="a" * 64, state="loaded")
        ImportSheet.objects.create(
            run=run, name="Providers", holds="providers", header_row=1,
            rows_read=0, rows_accepted=0, rows_corrected=0, rows_rejected=0,
        )  # fmt: skip
        alder = Provider.objects.create(
            name="=Alder Fostering", folded_name="alder", sector="private", source_import=run
        )
        birch = Provider.objects.create(name="Birch Homes", folded_name="birch", company_number="01234567")
        Alias.objects.create(provider=alder, name="Alder", folded_name="alder fostering ltd")
        Ownership.objects.create(provider=birch, owned=alder)
        agency = Establishment.objects.create(
            urn="SC000001", kind="fostering_agency", name="Alder", provider=alder, area=southwark, listed_at=BEGINS,
            source_import=run, source_sheet="Providers", source_row=2,
        )  # fmt: skip
        Premises.objects.create(establishment=agency, provider=alder, category=2, places=3, listed_at=BEGINS)
        Inspection.objects.create(
            establishment=agency, provider=alder, event_number="1", inspected_on=date(2025, 6, 1), scale="grades",
            overall="good", as_at=BEGINS + timedelta(days=365),
        )  # fmt: skip
    for place in (ours, theirs):
        for provider in (alder, birch):
            award(place, provider)
    report(ours, alder)
    with officer(southwark):
        person = User.objects.create_user("releases@southwark.test", role="commissioning_officer", authority=southwark)
        request_release(as_at=quarter_ends(timezone.localdate())[0], by=person, now=timezone.now(),
                        today=timezone.localdate())  # fmt: skip
    bought = {authority.slug: buy(authority, alder, agency) for authority in (southwark, lewisham)}
    for authority in (southwark, lewisham):
        watch(authority, alder, agency, timezone.now())
        say(authority, bought[authority.slug].placement)
    return SimpleNamespace(ours=ours, theirs=theirs, alder=alder, birch=birch, agency=agency, run=run, bought=bought)


_resident_market, market = resident("market", build_market)
