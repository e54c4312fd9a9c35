"""Either layer alone leaks nothing: every page and API route, walked with the database's policies off, then with the
managers' filter off. With both off the same walk must find what it looks for, or it proves nothing.
"""

import io
import itertools
import re
import zipfile

import pytest
from django.db import connections
from django.db.models import Manager, Q
from django.test import Client
from django.urls import get_resolver, resolve, reverse

from commissioning.compare.models import PeerGroup, PublishedFigure, Release
from commissioning.kernel.audit import events
from commissioning.kernel.models import ImportRun, VisibleManager
from commissioning.need.models import Milestone, PlannedAction
from commissioning.partnership.models import (
    ApiKey,
    Authority,
    Extension,
    Framework,
    Invitation,
    Kpi,
    Lot,
    LotKpi,
    NamedRole,
    Participation,
    PriceLine,
    SavedView,
    ScheduledExport,
    SentExport,
    SftpTarget,
    Statement,
    User,
    Webhook,
    WebhookDelivery,
)
from contracts.measures.returns import LAYOUTS
from contracts.models import (
    AgreementVersion,
    CareStatus,
    Child,
    CostLine,
    FundingSplit,
    Offer,
    Outcome,
    Oversight,
    PathwayPlace,
    Placement,
    PlacementMeeting,
    Referral,
)
from contracts.returns import kinds_of
from providers.models import Award, Establishment, Premises, Provider, Rate, Suspension
from quality.models import (
    Alert,
    Change,
    Concern,
    ContractKpi,
    ContractMeeting,
    Escalation,
    Evidence,
    FindingReply,
    ImprovementAction,
    Inspection,
    KpiReturn,
    MeetingItem,
    NotifiableEvent,
    Visit,
    VisitTemplate,
    YouSaid,
)
from tests.kernel import canaries
from tests.kernel.probe import AUDITED, SECURED
from tests.paper import printed
from tests.permissions import routes

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

POLICIES, FILTER, NEITHER = "policies alone", "filter alone", "neither"
# What the addresses under a word are of.
OF_SEGMENT = {
    "authorities": Authority, "frameworks": Framework, "lots": Lot, "price-lines": PriceLine, "providers": Provider,
    "establishments": Establishment, "homes": Establishment, "premises": Premises, "awards": Award, "places": Award,
    "rates": Rate, "inspections": Inspection, "imports": ImportRun, "people": User, "keys": ApiKey,
    "webhooks": Webhook, "again": WebhookDelivery,
    "views": SavedView, "exports": ScheduledExport, "files": SentExport, "sftp": SftpTarget,
    "invitations": Invitation, "participants": Participation, "extensions": Extension, "children": Child,
    "statuses": CareStatus, "referrals": Referral, "offers": Offer, "placements": Placement,
    "agreements": AgreementVersion, "lines": CostLine, "cost-lines": CostLine, "funding": CostLine,
    "services": CostLine, "funding-splits": FundingSplit, "outcomes": Outcome, "oversight": Oversight,
    "meetings": PlacementMeeting, "own-places": PathwayPlace, "releases": Release, "benchmarks": PublishedFigure,
    "groups": PeerGroup, "visits": Visit, "actions": ImprovementAction, "suspensions": Suspension,
    "notifiable-events": NotifiableEvent, "changes": Change, "exposure": Provider, "events": NotifiableEvent,
    "concerns": Concern, "escalations": Escalation, "alerts": Alert, "named-roles": NamedRole,
    "templates": VisitTemplate, "disputes": FindingReply,
    "evidence": Evidence,
    "contract-meetings": ContractMeeting, "items": MeetingItem, "plan": PlannedAction, "milestones": Milestone,
    "scorecard": Provider,
    "kpis": Kpi, "kpi-returns": KpiReturn, "returns": KpiReturn, "expectations": LotKpi,
    "contracts": ContractKpi, "you-said": YouSaid, "statements": Statement,
}  # fmt: skip
FORMATS = ("format=csv", "format=ndjson", "format=xlsx", "updated_since=0", "updated_since=0&format=ndjson")
# Every word that a canary can be known by is a part of one of these: its own, an amount, a secret.
CANARY = re.compile(r"canary-[\w@.-]+|\d[\d.]*\.\d\d|[\w-]{32,}=*")
LINKED_FILE = re.compile(r'href="([^"]*(?:csv|xlsx|format|download|export)[^"]*)"')


@pytest.fixture(scope="module", params=[POLICIES, FILTER, NEITHER])
def layer(request, flock, django_db_blocker):
    """Which layer stands. Policies are switched off for everybody, in the test database alone, and on again."""
    patch = pytest.MonkeyPatch()
    if request.param in (POLICIES, NEITHER):
        patch.setattr(VisibleManager, "get_queryset", lambda manager: Manager.get_queryset(manager))
        patch.setattr(events, "_seen", lambda model, now: Q())
    with django_db_blocker.unblock():
        if request.param in (FILTER, NEITHER):
            _policies("DISABLE")
        yield request.param
        patch.undo()
        _policies("ENABLE")


def _policies(turn):
    with connections["owner"].cursor() as cursor:
        for role, schema, models in (("owner", "public", SECURED), ("audit", "audit", AUDITED)):
            cursor.execute(f"SET ROLE {role}")
            for model in models:
                cursor.execute(f'ALTER TABLE {schema}."{model._meta.db_table}" {turn} ROW LEVEL SECURITY')
        cursor.execute("RESET ROLE")


def pool(flock, segments):
    """Public ids for an argument of a route, by the nearest word before it; of every kind where no word is known."""
    model = next((OF_SEGMENT[word] for word in reversed(segments) if word in OF_SEGMENT), None)
    return [str(row.uuid) for row in of_each_kind(flock) if row.uuid and (model is None or row.model is model)]


def of_each_kind(flock):
    """One row of each model for each audience: own, shared and foreign ones."""
    return list({(row.model, row.sees, row.writes): row for row in flock.rows}.values())


def addresses(flock):
    """Every route of ours, its arguments filled with own, shared and foreign rows alike."""
    for route in routes(get_resolver()):
        if route.others or not route.name or route.name.startswith(("health", "api-nothing")):
            continue
        values = []
        if route.arguments == ("table", "uuid"):
            yield from (
                reverse(route.name, kwargs={"table": row.table, "uuid": row.uuid})
                for row in of_each_kind(flock) if row.uuid and row.model in AUDITED
            )  # fmt: skip
            continue
        for argument in route.arguments:
            before = re.split(r"[/<>:]+", route.pattern.partition(f":{argument}>")[0])
            kind = re.search(rf"<(\w+):{argument}>", route.pattern)
            is_id = kind and (kind[1] == "uuid" or argument == "id")
            words = ["1"] if kind and kind[1] == "int" else ["1", "dates", "check", "off", "csv"]
            values.append(pool(flock, before) if is_id else words)
        for chosen in itertools.islice(itertools.product(*values), 24):
            yield reverse(route.name, kwargs=dict(zip(route.arguments, chosen, strict=True)))


def everything(response):
    """Headers and body as text; the files inside a workbook and the words of a printed document too."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    told = [str(response.headers)]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            told += [book.read(name).decode("utf-8", "replace") for name in book.namelist()]
    elif body[:4] == b"%PDF":
        words = printed(body)
        told += [words, words.replace(" ", "")]  # a long word may be broken
    else:
        told.append(body.decode("utf-8", "replace"))
    return "\n".join(told)


def walk(client, person, waiting):
    """(address, what came back) for each address, and for every file that a page links to. Of a route whose guard bars
    the person's role, one: it asks for the role before a row is looked for, so that the others are refused alike."""
    asked, refused = set(), set()
    waiting = list(waiting)
    for address in list(waiting):
        if address.startswith("/api/v1/") and address.count("/") == 4 and address[8:] not in ("docs/", "schema/"):
            waiting += [f"{address}?{how}" for how in FORMATS]
    while waiting:
        address = waiting.pop()
        if address in asked:
            continue
        asked.add(address)
        route = resolve(address.partition("?")[0])
        resource, verb = getattr(route.func, "allowed", None) or ("", "")
        barred = resource and not person.may(verb, resource)
        if barred and route.view_name in refused:
            yield address, 403, ""
            continue
        response = client.get(address)
        if barred:
            assert response.status_code == 403, address
            refused.add(route.view_name)
        told = everything(response)
        yield address, response.status_code, told
        if "html" in response.get("Content-Type", "") and not address.startswith("/api/"):
            found = (link.replace("&amp;", "&") for link in LINKED_FILE.findall(told))
            waiting += [link if link.startswith("/") else address.partition("?")[0] + link for link in found
                        if link.startswith(("/", "?")) and not link.startswith("/static/")]  # fmt: skip


def people(flock):
    """Who walks, and as whom the canaries know them. The last two of Southwark open what the first may not."""
    yield "southwark", flock.made["southwark commissioning_officer"], False
    yield "southwark", flock.made["southwark placements_officer"], True
    yield "southwark", flock.made["southwark authority_administrator"], True
    yield "lewisham", flock.made["lewisham commissioning_officer"], False
    yield "alder", canaries.contact(flock, "alder"), False
    yield "birch", canaries.contact(flock, "birch"), False


def test_a_layer_alone_leaks_nothing(layer, flock, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    leaks, births, opened, seen, refused = [], [], 0, set(), []
    answers = {}
    every = list(addresses(flock))
    for name, person, only_refused in people(flock):
        client = Client(raise_request_exception=layer != NEITHER)
        client.force_login(person)
        hidden = flock.unseen_by(name)
        own = {text for row in flock.rows if name in row.sees for text in row.texts}
        assert hidden
        assert [text for text in hidden | own if not CANARY.fullmatch(text)] == []
        for address, status, told in walk(client, person, refused if only_refused else every):
            opened += status == 200
            found = resolve(address.partition("?")[0])
            if found.func.__module__.startswith("contracts.") or (found.url_name or "").startswith("api-"):
                answers.setdefault(found.url_name, set()).add(status)
            refused += [address] if status == 403 and not only_refused else []
            words = "\n".join(set(CANARY.findall(told)))
            leaks += [(name, address, text) for text in hidden if text in words]
            seen |= {text for text in own - seen if text in words}
            births += [(name, address, text) for text in canaries.BORN_WORDS if text in told]
            assert status < 500 or layer == NEITHER, (name, address)
            if layer == NEITHER and len({where for _, where, _ in leaks}) > 5:
                return
    assert layer != NEITHER, "the walk found nothing with both layers off"
    assert leaks == []
    assert births == [], "a date of birth is shown to nobody, whoever's child it is"
    assert {name: told for name, told in answers.items() if not told & {200, 302, 405}} == {}, "never reached"
    assert opened > 100
    assert len(seen) > 50


def test_a_return_that_is_taken_holds_nobody_elses_children(layer, flock, settings):
    """The one download that is asked for by a form. That one finds one's own children in it proves that it was full."""
    settings.SECOND_FACTOR_REQUIRED = False
    leaks, own, refused = [], set(), 0
    for name in ("southwark", "lewisham"):
        client = Client(raise_request_exception=layer != NEITHER)
        client.force_login(flock.made[f"{name} placements_officer"])
        asked = {"as_at_0": "31", "as_at_1": "3", "as_at_2": "2026", "reason": "Quarterly return"}
        for layout, kind in ((key, kind) for key, each in LAYOUTS.items() for kind in kinds_of(each)):
            answer = client.post(reverse("returns"), asked | {"layout": layout, "kind": kind})
            assert answer.status_code == 200 or layer == NEITHER
            refused += answer.status_code != 200
            told = everything(answer)
            leaks += [(name, layout, text) for text in flock.unseen_by(name) if text in told]
            own |= {text for row in flock.rows if row.sees == {name} for text in row.texts if text in told}
            if layout != "liia_2023":  # the authority's own statutory return alone gives out a date of birth
                assert not [text for text in canaries.BORN_WORDS if text in told]
    if layer == NEITHER:  # the other's references are sealed for the other: the file fails before it can tell
        assert leaks or refused
        return
    assert leaks == []
    assert {f"canary-{name}-reference" for name in ("southwark", "lewisham")} <= own


def test_a_printed_agreement_is_looked_into(layer, flock, settings):
    """Its words are not readable as they are sent: without this the walk would pass over a leak in it."""
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(flock.made["southwark commissioning_officer"])
    ours, theirs = (
        client.get(reverse("agreement-pdf", args=[flock.made[f"{name} placement"].uuid, 1]))
        for name in ("southwark", "lewisham")
    )
    assert "canary-southwark-agreed-line" in everything(ours)
    assert ("canary-lewisham-agreed-line" in everything(theirs)) is (layer == NEITHER)
    assert theirs.status_code == (200 if layer == NEITHER else 404)
