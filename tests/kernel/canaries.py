"""A partnership in which every text of every row is a word found nowhere else, and every amount a figure of its own.

Rows are made through the models by those who may; who sees and who writes each is worked out from tests/visibility.py
and from whose the row is, never from the declarations or policies under test.
"""

import itertools
import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models

from commissioning.compare.models import (
    Contribution,
    NationalFigure,
    NationalMeasure,
    PeerGroup,
    PeerMember,
    PriceDecision,
    PublishedFigure,
    Release,
    StatisticalNeighbour,
)
from commissioning.kernel.models import CacheEntry, ImportChange, ImportRemark, ImportRun, ImportSheet
from commissioning.kernel.tenancy.policies import every_model
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.need.models import Milestone, PlannedAction
from commissioning.partnership.models import (
    ApiKey,
    Authority,
    AuthorityCode,
    Calls,
    Extension,
    Framework,
    FrameworkEvent,
    Invitation,
    KeptAnswer,
    Kpi,
    Lot,
    LotKpi,
    LotStatement,
    NamedRole,
    Participation,
    PriceLine,
    SavedView,
    ScheduledExport,
    SentExport,
    SftpTarget,
    Statement,
    StatementSet,
    User,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
)  # fmt: skip
from commissioning.partnership.models.authorities import AuthorityName, AuthoritySuccession
from contracts.models import (
    AgreementVersion,
    Benefit,
    CareStatus,
    Child,
    ChildReference,
    CostLine,
    DistanceApproval,
    FundingSplit,
    Offer,
    Outcome,
    OutcomeReview,
    Oversight,
    PathwayPlace,
    Placement,
    PlacementMeeting,
    Presence,
    Referral,
    ReturnTaken,
    SiblingGroup,
)
from contracts.rules.references import seal
from providers.models import (
    Alias,
    Award,
    ComplianceDocument,
    Establishment,
    EstablishmentRecord,
    Ownership,
    Premises,
    Provider,
    Rate,
    Suspension,
    SuspensionDecision,
    WorkingName,
)  # fmt: skip
from quality.models import (
    Alert,
    Answer,
    Change,
    ChangeDecision,
    Concern,
    ConcernNote,
    ContractKpi,
    ContractMeeting,
    Escalation,
    EventNotice,
    Evidence,
    Finding,
    FindingReply,
    ImprovementAction,
    Inspection,
    KpiCheck,
    KpiReturn,
    MeetingItem,
    MeetingMinutes,
    MeetingPaper,
    MonitoringRule,
    Notice,
    NotifiableEvent,
    Reliance,
    ReminderSetting,
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyQuestion,
    SurveyResponse,
    SurveyWords,
    TemplateQuestion,
    Visit,
    VisitReport,
    VisitSync,
    VisitTemplate,
    YouSaid,
)
from tests import visibility as words

BY = "service:canaries"
BORN = date(2012, 5, 17)  # restricted: no answer of any route shows it
BORN_WORDS = ("2012-05-17", "17 May 2012", "17 May 2012".replace(" ", "\u00a0"), "17/05/2012", "17.05.2012")
BEGINS, TURNS, LATER = date(2024, 4, 1), date(2025, 4, 1), date(2026, 4, 1)
AT = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
AUTHORITIES = ("southwark", "lewisham", "greenwich", "croydon")
PROVIDERS = ("alder", "birch")
RELEASE = "release"  # on the connection of that role; on web's, a viewer that only calls itself so
MEMBERS = {*AUTHORITIES, "service"}
LEADS = {"shared": "southwark", "pair": "lewisham"}
# Croydon took part in the shared framework until rates turned.
TAKE_PART = {"shared": ("southwark", "lewisham", "greenwich", "croydon"), "pair": ("lewisham", "greenwich")}


@dataclass(frozen=True)
class Row:
    """`texts` are the words that only this row holds; `sees` and `writes` are names of viewers."""

    model: type[models.Model]
    id: int
    uuid: uuid.UUID | None
    texts: tuple[str, ...]
    sees: frozenset[str]
    writes: frozenset[str]

    @property
    def table(self) -> str:
        return self.model._meta.db_table


@dataclass
class Canaries:
    viewers: dict[str, Viewer] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    number: Any = field(default_factory=lambda: itertools.count(1))

    def of(self, model: type[models.Model]) -> list[Row]:
        return [row for row in self.rows if row.model is model]

    def unseen_by(self, name: str) -> set[str]:
        """Every word that must never come back to this viewer."""
        return {text for row in self.rows if name not in row.sees for text in row.texts}

    def make(
        self, model: type[models.Model], by: str, *, authority: str = "", framework: str = "", provider: str = "",
        late: bool = False, stage: str = "", also: str = "", tells: tuple[str, ...] = (), **given: Any,
    ) -> Any:  # fmt: skip
        """One row, made by the viewer `by`. The other names say whose it is; `late`: in force after the turn only;
        `stage`: "told" to its provider, or "published" to members too; `also`: one more authority that reads it;
        `tells`: what else may be read from it."""
        number = next(self.number)
        values, texts = _filled(model, f"{authority or framework or provider or 'all'}-{number}", number, given)
        with acting_as(self.viewers[by], by=BY, using=RELEASE if by == RELEASE else "default"):
            made = model._default_manager.create(**values)
        line = words.TABLE[model._meta.label]
        whose = (authority, framework, provider, late, stage, also)
        self.rows.append(
            Row(
                model,
                made.pk,
                getattr(made, "uuid", None),
                (*texts, *tells),
                frozenset(_audience(line.sees, *whose)),
                frozenset(_audience(line.writes, *whose)),
            )  # fmt: skip
        )
        return made


def _audience(
    who: str, authority: str, framework: str, provider: str, late: bool, stage: str, also: str
) -> set[str]:  # fmt: skip
    its_provider = {provider} - {""}
    told = its_provider if stage else set()
    match who:
        case words.EVERYBODY:
            return {*MEMBERS, *PROVIDERS}
        case words.MEMBERS | words.MEMBERS_ONLY:
            return set(MEMBERS)
        case words.MEMBERS_TAKING_PART if not framework:
            return set(MEMBERS)
        case words.NOBODY:
            return set()
        case words.MEMBERS_AND_ITS_PROVIDER | words.MEMBERS_OR_ITS_PROVIDER:
            return MEMBERS | its_provider
        case words.TAKING_PART | words.MEMBERS_TAKING_PART:
            return {name for name in TAKE_PART[framework] if not (late and name == "croydon")} | its_provider
        case words.ITS_LEAD:
            return {LEADS[framework]}
        case words.ITS_LEAD_OR_PROVIDER:
            return {LEADS[framework]} | its_provider
        case words.SERVICES:
            return {"service"}
        case words.ITS_AUTHORITY:
            return {authority}
        case words.ITS_AUTHORITY_AND_PROVIDER:
            return {authority} | its_provider
        case words.ITS_AUTHORITY_OR_PROVIDER:
            return {authority} | its_provider
        case words.ITS_AUTHORITY_OR_TOLD_PROVIDER:
            return {authority} | told
        case words.BY_STATE | words.BY_STATE_AND_ANOTHER:
            return {authority} | told | ({also} - {""}) | (MEMBERS if stage == "published" else set())
        case words.ITS_AUTHORITY_OR_ALL:
            return {authority} if authority else set(MEMBERS)
        case words.UNGUARDED:
            return {*MEMBERS, *PROVIDERS, "nobody", RELEASE}
    raise AssertionError(who)


def _filled(
    model: type[models.Model], tag: str, number: int, given: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Values for a new row: what is given, a canary in every free text, an amount of its own in every money column."""
    values = dict(given)
    lists = [value for value in given.values() if isinstance(value, list)]
    texts = re.findall(r"canary-[\w-]+", json.dumps(lists))
    for each in model._meta.concrete_fields:
        if each.name in given or each.primary_key or each.is_relation or each.name in ("uuid", "source_sheet"):
            continue
        kind = each.get_internal_type()
        if each.choices:
            values[each.name] = next(key for key, _ in each.flatchoices if key != "")
        elif kind in ("TextField", "CharField", "EmailField", "JSONField"):
            text = f"canary-{tag}-{each.name}".replace("_", "-")
            if kind == "EmailField":
                text += "@example.test"
            texts.append(text)
            values[each.name] = {"cell": text} if kind == "JSONField" else text
        elif kind == "DecimalField":
            values[each.name] = amount = Decimal("400.03") + number * Decimal("3.17")
            texts.append(f"{amount:.2f}")
        elif kind == "ArrayField":
            values[each.name] = [] if each.base_field.get_internal_type() == "IntegerField" else [f"canary-{tag}-list"]
            texts += [] if each.base_field.get_internal_type() == "IntegerField" else values[each.name]
        elif each.has_default() or each.has_db_default() or each.null:
            continue
        elif kind == "DateField":
            values[each.name] = BEGINS
        elif kind == "DateTimeField":
            values[each.name] = AT
        elif kind in ("IntegerField", "BigIntegerField"):
            values[each.name] = number
    return values, tuple(texts)


def build() -> Canaries:
    """The whole partnership; commits where nothing is open. Authorities must be loaded."""
    world = Canaries(
        {"service": Viewer.of_service("canaries"), "nobody": Viewer.nobody(), RELEASE: Viewer.of_release()}
    )
    with acting_as(world.viewers["service"], by=BY):
        by_name = {authority.slug: authority for authority in Authority.objects.filter(slug__in=AUTHORITIES)}
    world.made |= by_name
    world.viewers |= {name: Viewer.of_authority(by_name[name].pk) for name in AUTHORITIES}
    _reference(world)
    for name in PROVIDERS:
        _provider(world, name)
    for name, lead in LEADS.items():
        _framework(world, name, lead)
    for name in ("southwark", "lewisham", ""):
        _own(world, name)
    for name in ("southwark", "lewisham"):
        _bought(world, name)
    _released(world)
    _published(world)
    _heard(world)
    for name in ("southwark", "lewisham"):
        _watched(world, name)
    missing = [m._meta.label for m in every_model() if m._meta.label in words.TABLE and not world.of(m)]
    assert not missing, f"make a row of each of these: {missing}"
    return world


def _reference(world: Canaries) -> None:
    old = world.make(Authority, "service")
    new = world.make(Authority, "service")
    world.make(AuthorityCode, "service", authority_id=old.pk)
    world.make(AuthorityName, "service", authority_id=old.pk)
    world.make(AuthoritySuccession, "service", predecessor=old, successor=new)
    world.make(CacheEntry, "service", cache_key="attempts")
    world.make(WebhookEvent, "service", about=uuid.uuid4())
    world.made["statements"] = world.make(StatementSet, "service")
    world.made["statement"] = world.make(Statement, "service", statement_set=world.made["statements"])
    of_set = {"statement_set": world.made["statements"]}
    world.made["kpi"] = world.make(Kpi, "service", **of_set)
    world.made["kpi of one"] = world.make(Kpi, "service", **of_set)
    world.made["survey"] = world.make(Survey, "service", **of_set, age_from=8, age_to=11)
    world.made["survey question"] = world.make(SurveyQuestion, "service", survey=world.made["survey"])


def _provider(world: Canaries, name: str) -> None:
    whose = {"provider": name}
    provider = world.made[name] = world.make(Provider, "service", **whose)
    world.viewers[name] = Viewer.of_provider(provider.pk)

    def make(model: type[models.Model], by: str = "lewisham", **given: Any) -> Any:
        return world.make(model, by, **whose, **given)

    # The names of whose a row is and of a model's field are the same word here: the field goes by its column.
    make(Alias, provider_id=provider.pk)
    owned = world.make(Provider, "service", provider="")
    make(Ownership, provider_id=provider.pk, owned=owned)
    make(ComplianceDocument, name, provider_id=provider.pk)
    home = world.made[f"{name} home"] = make(Establishment, provider_id=provider.pk)
    make(EstablishmentRecord, provider_id=provider.pk, establishment=home, as_at=BEGINS)
    make(Premises, provider_id=provider.pk, establishment=home)
    make(Inspection, provider_id=provider.pk, establishment=home)


def _framework(world: Canaries, name: str, lead: str) -> None:
    framework = world.made[name] = world.make(
        Framework, lead, framework=name, lead_authority=world.made[lead], starts_on=BEGINS
    )

    def make(model: type[models.Model], **given: Any) -> Any:
        return world.make(model, lead, framework=name, framework_id=framework.pk, **given)

    for member in TAKE_PART[name]:
        until = TURNS if member == "croydon" else None
        make(Participation, authority_id=world.made[member].pk, starts_on=BEGINS, ends_before=until)
    make(Extension)
    make(FrameworkEvent)
    lot = world.made[f"{name} lot"] = make(Lot)
    line = make(PriceLine, lot=lot, category="core", unit="week")
    make(LotStatement, lot=lot, statement=world.made["statement"])
    good, fair, poor = Decimal(1000) + len(name), Decimal(900) + len(name), Decimal(800) + len(name)
    expected = make(
        LotKpi, lot=lot, kpi=world.made["kpi"], starts_on=BEGINS, target=good, approaching=fair, improvement=poor
    )
    for provider in PROVIDERS:
        who = {"provider": provider, "provider_id": world.made[provider].pk, "lot": lot}
        award = make(Award, **who, starts_on=BEGINS)
        price = {"award": award, "price_line": line, **who}
        make(Rate, **price, starts_on=BEGINS, ends_before=TURNS)
        make(Rate, **price, starts_on=TURNS, late=True)
        make(ContractKpi, **who, award=award, kpi=world.made["kpi"], target=good, approaching=fair, improvement=poor,
             starts_on=BEGINS)  # fmt: skip
        alone = world.made[f"{name} {provider} alone"] = make(
            ContractKpi, **who, award=award, kpi=world.made["kpi of one"], due_days=21, target=good, approaching=fair,
            improvement=poor, starts_on=BEGINS,
        )  # fmt: skip
        for starts_on, ends_before, late in ((BEGINS, TURNS, False), (TURNS, LATER, True)):
            period = {**who, "award": award, "starts_on": starts_on, "ends_before": ends_before, "late": late}
            for asked in ({"lot_kpi": expected}, {"contract_kpi": alone}):
                returned = make(KpiReturn, **period, **asked)
                make(KpiCheck, **period, kpi_return=returned, outcome="queried")


def _heard(world: Canaries) -> None:
    """What every member knows of homes, and what is asked on a visit."""
    for name in PROVIDERS:
        whose = {"provider": name, "provider_id": world.made[name].pk, "establishment": world.made[f"{name} home"]}
        notice = world.make(Notice, "lewisham", **whose)
        world.made[f"{name} change"] = world.make(Change, "lewisham", notice=notice, **whose)
        if name == "alder":  # it keeps the home, and Birch's is taken away in a test
            world.made["alder event"] = world.make(NotifiableEvent, name, **whose)
    template = world.made["template"] = world.make(VisitTemplate, "southwark")
    world.made["question"] = world.make(TemplateQuestion, "southwark", template=template)


def _watched(world: Canaries, name: str) -> None:
    """One authority's visits in each state, its concerns and decisions, each with Alder."""
    home, alder = world.made["alder home"], world.made["alder"].pk
    key = {"authority": name, "authority_id": world.made[name].pk}

    def make(model: type[models.Model], by: str = name, **given: Any) -> Any:
        return world.make(model, by, **key, **given)

    make(NamedRole)
    make(WebhookDelivery, webhook=make(Webhook, revoked_at=None), event=make(WebhookEvent, about=uuid.uuid4()))
    with acting_as(world.viewers["service"], by=BY):
        keeper = User.objects.create_user(f"keeper@{name}.test", role="analyst", authority=world.made[name])
    view = make(SavedView, owner=keeper, resource="rates", query="", removed_at=None)
    make(SftpTarget, made_by=keeper, removed_at=None)
    every = {"every": "day", "hour": 6, "weekday": None, "day": None}
    export = make(ScheduledExport, owner=keeper, view=view, removed_at=None, paused_at=AT, **every)
    make(SentExport, owner=keeper, export=export, state="sent", stored_as="", expires_at=None)
    make(Presence, establishment=home)
    make(MonitoringRule)
    suspension = make(Suspension, provider="alder", provider_id=alder, expires_on=None, lifted_on=None)
    make(SuspensionDecision, suspension=suspension)
    change, placement = world.made["alder change"], world.made[f"{name} placement"]
    make(ChangeDecision, change=change, placement=placement, decision="watch")
    make(Alert, about=uuid.uuid4())
    make(EventNotice, "alder", provider="alder", provider_id=alder, event=world.made["alder event"],
         acknowledged_words="")  # fmt: skip
    for stage, state in (("", "draft"), ("told", "with_provider"), ("published", "published")):
        flags = {"to_provider": bool(stage), "to_members": stage == "published"}
        whose = {"provider": "alder", "provider_id": alder, "stage": stage, **flags}
        concerns = {} if stage else {"also": "greenwich", "about_id": world.made["greenwich"].pk}
        visit = make(
            Visit, **whose, establishment=home, template=world.made["template"], state=state, visited_on=TURNS,
            sent_at=AT, reply_due_on=TURNS, published_at=AT,
        )  # fmt: skip
        part = {**whose, "visit": visit}
        make(VisitReport, **part)
        make(Answer, **part, question=world.made["question"])
        finding = make(Finding, **part, **concerns)
        make(FindingReply, **part, finding=finding)
        make(ImprovementAction, **part, finding=finding)
        make(Evidence, **part, consent=True)
        make(Concern, **whose, **concerns)
        make(Escalation, **whose, deadline_on=None)
        make(YouSaid, **whose, statement_set=world.made["statements"], did_on=TURNS)
        meeting = make(ContractMeeting, **whose, held_on=TURNS)
        make(MeetingMinutes, **whose, item=make(MeetingItem, **whose, meeting=meeting))
        make(ImprovementAction, **whose, meeting=meeting)
    make(MeetingPaper, meeting=meeting)
    make(ConcernNote, concern=Concern(pk=next(r.id for r in world.of(Concern) if name in r.writes)))
    make(Reliance, visit=visit)
    make(VisitSync, visit=visit, key=uuid.uuid4())
    world.make(ReminderSetting, name, user=world.made[f"{name} commissioning_officer"])
    invited = make(
        SurveyInvitation, placement=placement, survey=world.made["survey"], made_on=BEGINS, ends_before=TURNS
    )
    said = make(
        SurveyResponse, survey=world.made["survey"], invitation=invited, placement=placement, followed_on=BEGINS,
        service_type="residential",
    )  # fmt: skip
    make(SurveyAnswer, response=said, question=world.made["survey question"], value=1)
    make(SurveyWords, response=said, question=world.made["survey question"])
    planned = make(PlannedAction)
    make(Milestone, planned_action=planned)


def _own(world: Canaries, name: str) -> None:
    """Rows of one authority; of none, for an empty name."""
    key = {"authority_id": world.made[name].pk if name else None}
    by = name or "service"
    run = world.make(
        ImportRun, by, authority=name, **key, rows_read=0, rows_accepted=0, rows_rejected=0, state="loaded",
        source="rates",
    )  # fmt: skip
    world.made[f"{name or 'shared'} run"] = run
    for part in (ImportSheet, ImportRemark, ImportChange):
        world.make(part, by, authority=name, run=run, **key)
    if not name:
        return
    world.make(WorkingName, by, authority=name, **key, establishment=world.made["alder home"])
    for role in ("commissioning_officer", "authority_administrator", "auditor", "placements_officer"):
        world.made[f"{name} {role}"] = world.make(User, by, authority=name, **key, role=role)
    world.make(Invitation, by, authority=name, **key, role="analyst")
    opens = world.make(ApiKey, by, authority=name, **key)
    world.make(Calls, by, authority=name, **key, key=opens)
    world.make(KeptAnswer, by, authority=name, **key, key=opens, status=200)


def _bought(world: Canaries, name: str) -> None:
    """A child of one authority, and everything bought for that child."""
    key = {"authority_id": world.made[name].pk}

    def make(model: type[models.Model], **given: Any) -> Any:
        return world.make(model, name, authority=name, **key, **given)

    child = world.made[f"{name} child"] = make(Child, sibling_group=make(SiblingGroup), born_on=BORN)
    # Sealed as a real one is: the authority's own page and returns open it.
    reference, whose = f"canary-{name}-reference", str(world.made[name].uuid)
    sealed = seal(settings.REFERENCE_KEY, whose, "case", reference)
    make(ChildReference, child=child, scheme="case", sealed=sealed, tells=(reference, sealed))
    make(CareStatus, child=child)
    referral = world.made[f"{name} referral"] = make(Referral, child=child, outcome="", closed_at=None)
    for asked in PROVIDERS:
        world.made[f"{name} offer of {asked}"] = world.make(
            Offer, name, authority=name, provider=asked, **key, provider_id=world.made[asked].pk, referral=referral,
            answer="", decline_reason="", answered_at=None,
        )  # fmt: skip
    placement = world.made[f"{name} placement"] = make(
        Placement, child=child, referral=referral, pathway_place=make(PathwayPlace), starts_on=BEGINS,
        called_off_on=BEGINS, route="spot", spot_reason="specialist", provider_id=world.made["alder"].pk,
        distance_miles=Decimal("12.3"),
    )  # fmt: skip
    about = {"placement": placement}
    make(Oversight, **about)
    make(DistanceApproval, **about)
    make(PlacementMeeting, **about)
    agreement = world.made[f"{name} agreement"] = make(
        AgreementVersion, **about, **_as_agreed(name), number=1, notice_days=28
    )
    once = {"once_amount": Decimal(0)}
    line = world.made[f"{name} line"] = make(CostLine, **about, quantity=Decimal(1), unit="week", **once)
    world.made[f"{name} split"] = make(FundingSplit, **about, cost_line=line, **once)
    outcome = world.made[f"{name} outcome"] = make(Outcome, **about, statement_set=world.made["statements"], baseline=2)
    make(OutcomeReview, **about, outcome=outcome, now=3)
    make(Benefit, **about, agreement=agreement)
    make(ReturnTaken)
    make(PriceDecision, provider_id=world.made["alder"].pk, decided_by=world.made[f"{name} commissioning_officer"])


def _released(world: Canaries) -> None:
    """A release, as the role that makes it: figures of the whole partnership, and of providers on a framework's lot,
    on a day when Croydon took part and on one when it no longer did."""
    first, second = (world.made[f"{name} commissioning_officer"].pk for name in ("southwark", "lewisham"))
    asked = {"requested_by_id": first, "as_at": TURNS, "number": 1}
    shown = {"state": "published", "approved_by_id": second, "published_at": AT}  # or its figures are nobody's to see
    release = world.made["release"] = world.make(Release, "southwark", **asked, **shown)
    for name in ("southwark", "lewisham"):
        key = {"authority_id": world.made[name].pk}
        group = world.make(PeerGroup, name, authority=name, **key)
        world.make(PeerMember, name, authority=name, **key, group=group, member_id=world.made["greenwich"].pk)
        world.make(Contribution, RELEASE, authority=name, **key, release_id=release.pk)
    figure = {"release_id": release.pk, "sign": ""}
    world.make(PublishedFigure, RELEASE, **figure, as_at=BEGINS)
    for name, as_at, late in (("shared", BEGINS, False), ("shared", TURNS, True), ("pair", BEGINS, False)):
        which = {"framework_id": world.made[name].pk, "lot_id": world.made[f"{name} lot"].pk}
        of = {"provider_id": world.made["alder"].pk}
        world.make(PublishedFigure, RELEASE, framework=name, late=late, as_at=as_at, **figure, **which, **of)


def _as_agreed(name: str) -> dict[str, Any]:
    """What a version repeats of its lines, payers and outcomes."""
    paid = {"weekly_amount": "1.0000", "once_amount": "0.00"}
    line = {
        "id": "a line", "category": "core", "service": "", "description": f"canary-{name}-agreed-line", **paid,
        "amount": "1.0000", "unit": "week", "quantity": "1.00", "starts_on": "2024-04-01", "ends_before": None,
        "approved_by": f"canary-{name}-agreed-approver", "approved_on": None, "review_on": None,
    }  # fmt: skip
    outcome = {
        "id": "an outcome", "sought": f"canary-{name}-agreed-outcome", "baseline": 2, "agreed_on": "2024-04-01",
        "statements": [{"number": 1, "words": "I am listened to"}],
    }  # fmt: skip
    return {"lines": [line], "funding": [{"line": "a line", "funder": "health", **paid}], "outcomes": [outcome]}


def _published(world: Canaries) -> None:
    """What DfE publishes: any member's to load."""
    world.make(NationalMeasure, "lewisham")
    world.make(NationalFigure, "lewisham", authority_id=world.made["southwark"].pk, region_code="", sign="")
    near = {"authority_id": world.made["southwark"].pk, "neighbour_id": world.made["lewisham"].pk}
    world.make(StatisticalNeighbour, "lewisham", **near)


def contact(world: Canaries, provider: str) -> User:
    """A person of the provider, to sign in as."""
    with acting_as(world.viewers["service"], by=BY):
        return User.objects.create_user(
            f"contact@{provider}.example.test", role="provider_contact", provider_id=world.made[provider].pk
        )
