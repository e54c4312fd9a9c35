"""Visits as people meet them: planned by a form, answered by the provider, published, relied on; and who reads what."""

import io
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from commissioning.kernel.audit.history import read_events
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from providers.models import Premises
from quality.actions.share_visit import decide_dispute, not_yet, publish, reply
from quality.measures.waiting import OURS, with_steps
from quality.models import (
    Answer,
    Evidence,
    Finding,
    FindingReply,
    ImprovementAction,
    Reliance,
    Visit,
    VisitReport,
    VisitTemplate,
)
from tests.paper import printed
from tests.quality.visiting import (
    BY,
    SECRET,
    again,
    home_of,
    of,
    own,
    planned,
    published,
    recorded,
    replied,
    sent,
    with_plan,
    with_templates,
)
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
TODAY = date(2026, 4, 20)
SEND = {"save": "Save"}  # the button alone: nothing typed


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as now:
        yield now


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def quality(cast):
    return signed_in(cast.person("quality_officer"))


@pytest.fixture
def colleague(cast):
    return signed_in(cast.person("commissioning_officer"))


@pytest.fixture
def lewisham_officer(cast):
    return signed_in(cast.person("quality_officer", stranger=True))


@pytest.fixture
def alder(cast):
    return signed_in(cast.person("provider_contact"))


@pytest.fixture
def birch(cast):
    return signed_in(cast.person("provider_contact", stranger=True))


def day(name: str, value: date) -> dict[str, str]:
    return {f"{name}_0": str(value.day), f"{name}_1": str(value.month), f"{name}_2": str(value.year)}


def version(visit: Visit) -> str:
    return str(again(visit).version)


def form_of(cast, home, on: date, code: str = "supported-site", **more) -> dict[str, str]:
    with own(cast.authority):
        template = VisitTemplate.objects.in_use().get(code=code)
    lead = more.pop("lead", cast.person("quality_officer"))
    return {"template": str(template.uuid), "announced": "yes", "lead": str(lead.uuid), **day("planned_on", on)} | more


def test_a_visit_is_planned_by_a_form_and_others_are_warned(cast, quality, lewisham_officer, alder, birch):
    with_templates()
    home = home_of(cast.provider)
    found = text(quality.get("/visits/new/?q=elm"))
    assert "Elm House" in found
    assert "Alder Fostering" in found
    assert "Elm House" in text(quality.get(f"/visits/new/?q={home.urn}"))
    assert "No home like that" in text(quality.get("/visits/new/?q=nowhere"))
    at = f"/visits/new/?home={home.uuid}"
    assert "Site visit to a children" not in text(quality.get(at)), "asked of another kind of home"
    past = text(quality.post(at, form_of(cast, home, TODAY - timedelta(days=1))))
    assert "That day is past" in past
    assert "Choose what is asked" in text(quality.post(at, SEND))
    answer = quality.post(at, form_of(cast, home, TODAY + timedelta(days=10)), follow=True)
    assert "The visit to Elm House is planned for 30 April 2026." in text(answer)
    theirs = form_of(cast, home, TODAY + timedelta(days=95), lead=cast.person("quality_officer", stranger=True))
    warned = text(lewisham_officer.get(at))
    assert "Southwark goes on 30 April 2026: rely on it instead." in warned
    refused = text(lewisham_officer.post(at, theirs))
    assert "Southwark goes on 30 April 2026: rely on it instead. Tick this if you go all the same." in refused
    assert lewisham_officer.post(at, theirs | {"go": "on", "announced": "no"}).status_code == 302
    with own(cast.authority):
        mine, other = Visit.objects.order_by("planned_on")
    assert (mine.to_provider, mine.to_members, mine.announced) == (True, True, True)
    assert (other.to_provider, other.to_members, other.authority_id) == (False, True, cast.other.pk)
    seen = text(alder.get("/visits/"))
    assert "all 1 visit" in seen
    assert "Elm House" in seen
    assert alder.get(f"/visits/{other.uuid}/").status_code == 404, "an unannounced visit is not the provider's to know"
    assert birch.get(f"/visits/{mine.uuid}/").status_code == 404
    assert "No visits yet" in text(birch.get("/visits/"))
    assert "Southwark is planned for 30 April 2026." in text(lewisham_officer.get(f"/visits/{mine.uuid}/"))
    # Past ninety days nobody is warned.
    far = form_of(cast, home, TODAY + timedelta(days=95 + 91))
    assert quality.post(at, far).status_code == 302


def test_premises_are_chosen_where_a_registration_has_many(cast, quality):
    with_templates()
    home = home_of(cast.provider)
    with own(cast.authority):
        flat = Premises.objects.create(establishment=home, provider=cast.provider, name="Flat 2")
        left = Premises.objects.create(establishment=home, provider=cast.provider, name="Old", left_on=TODAY, ordinal=2)
    at = f"/visits/new/?home={home.uuid}"
    page = text(quality.get(at))
    assert "Flat 2" in page
    assert "Old" not in page
    assert "Choose the premises" in text(quality.post(at, form_of(cast, home, TODAY)))
    assert "valid choice" in text(quality.post(at, form_of(cast, home, TODAY, premises=str(left.uuid))))
    said = text(quality.post(at, form_of(cast, home, TODAY, premises=str(flat.uuid)), follow=True))
    assert "Site visit: Elm House, Flat 2" in said


def test_a_planned_visit_is_moved_and_called_off(cast, quality, colleague):
    visit = planned(cast, day=TODAY + timedelta(days=3), announced=False)
    lead = str(cast.person("commissioning_officer").uuid)
    stale = version(visit)
    moved = {"version": stale, "lead": lead, "announced": "on", **day("planned_on", TODAY + timedelta(days=5))}
    assert "planned for 25 April 2026" in text(quality.post(f"/visits/{visit.uuid}/move/", moved, follow=True))
    with own(cast.authority):
        now = Visit.objects.get()
        assert (now.announced, now.to_provider, now.lead) == (True, True, cast.person("commissioning_officer"))
    late = colleague.post(f"/visits/{visit.uuid}/cancel/", {"version": stale, "why": "Nobody is well"})
    assert "Somebody else changed this while you were typing" in text(late)
    assert "Nobody is well" in late.content.decode(), "nothing typed is lost"
    assert "Say why" in text(colleague.post(f"/visits/{visit.uuid}/cancel/", {"version": version(visit), "why": ""}))
    done = colleague.post(
        f"/visits/{visit.uuid}/cancel/", {"version": version(visit), "why": "Nobody is well"}, follow=True
    )
    assert "This visit was called off." in text(done)
    assert "no longer planned" in text(quality.post(f"/visits/{visit.uuid}/move/", moved | {"version": version(visit)}))


OLD_WORDS = "Shared finding 1"
NEW_WORDS = "The side door did not lock on the day"


def test_from_draft_to_published_each_side_reads_its_part(
    cast, quality, colleague, lewisham_officer, alder, birch, clock
):
    visit = recorded(planned(cast), findings=3, kept=2)
    at = f"/visits/{visit.uuid}/"
    mine = text(quality.get(at))
    assert "A draft with 5 findings: nobody outside our authority reads it yet. 2 stay with us." in mine
    assert SECRET in mine
    # Of the same authority, but not of those who work with cases: they read what another borough reads.
    apart = [signed_in(cast.person(role)) for role in ("steering_member", "authority_administrator")]
    for other in (lewisham_officer, alder, *apart):
        draft = text(other.get(at))
        assert "The draft is being written." in draft
        assert "Shared finding" not in draft
        assert "Two hours in the house" not in draft
    assert "does not wait for a reply" in text(alder.get(f"{at}reply/"))
    # Sent: the provider reads what may be shared.
    sending = text(quality.get(f"{at}send/"))
    assert "Findings that go 3" in sending
    assert "Findings that stay with us 2" in sending
    told = text(quality.post(f"{at}send/", {"version": version(visit)}, follow=True))
    assert "The draft is with Alder Fostering. Its reply is due by 4 May 2026." in told
    assert "0 of 3 findings are answered. The provider’s reply is due by 4 May 2026, 14 days left." in told
    assert "still has time to" in told
    theirs = text(alder.get(at))
    assert theirs.count("Shared finding") >= 3
    assert SECRET not in theirs
    assert "Meets what is expected" in theirs
    assert "Shared finding" not in text(lewisham_officer.get(at)), "nothing of it is a member's before publication"
    assert birch.get(at).status_code == 404
    assert birch.get(f"{at}reply/").status_code == 404
    # The reply, in two goes; what was typed stays where it is refused.
    with own(cast.authority):
        first, second, third = Finding.objects.filter(visit=visit, marking="shareable").order_by("pk")
    empty = text(alder.post(f"{at}reply/", SEND))
    assert "Say of at least one finding whether it is accurate." in empty
    bare = {f"says_{first.uuid}": "disputed", f"says_{second.uuid}": "accurate"}
    assert "Say what is not accurate, and what would be." in text(alder.post(f"{at}reply/", bare))
    why = "It was the side door, and it was mended in May"
    given = bare | {f"words_{first.uuid}": why}
    said = text(alder.post(f"{at}reply/", given, follow=True))
    assert "Your reply to 2 findings is with Southwark. 1 finding is still to be answered." in said
    waiting = text(quality.get("/visits/"))
    assert "1 visit needs you: 1 with a dispute to decide." in waiting
    # Who was there does not decide; a colleague does, once.
    with own(cast.authority):
        dispute = FindingReply.objects.get(visit=visit, says="disputed")
    decide = f"{at}disputes/{dispute.uuid}/"
    decided = {"outcome": "changed", "words": "The photograph shows the side door", "new_words": NEW_WORDS}
    assert "You made this visit: ask a colleague" in text(quality.post(decide, decided))
    assert "Enter the finding as it shall read" in text(colleague.post(decide, decided | {"new_words": " "}))
    assert colleague.post(decide, decided).status_code == 302
    assert "This dispute has been decided" in text(colleague.post(decide, decided))
    contact = cast.person("provider_contact")
    with of(cast.provider), pytest.raises(ValidationError, match="can no longer change"):
        reply(visit=Visit.objects.get(), replies={first: ("disputed", why)}, by=contact, now=NOON)
    # Not yet: one finding is open, until the fourteen days are over.
    refused = text(quality.post(f"{at}publish/", {"version": version(visit)}))
    assert "The provider has not answered every finding, and still has time to." in refused
    assert alder.post(f"{at}reply/", {f"says_{third.uuid}": "accurate"}).status_code == 302
    assert "1 visit needs you: 1 to publish." in text(quality.get("/visits/"))
    shared = text(quality.post(f"{at}publish/", {"version": version(visit)}, follow=True))
    assert "The visit is published" in shared
    assert "Say whether" not in text(alder.get(at))
    now = again(visit)
    assert (now.state, now.plan_due_on, now.revisit_due_on) == ("published", date(2026, 5, 4), date(2026, 10, 19))
    assert now.replied_at == NOON
    # Members read the shareable part as it reads now; nothing of what it was, nor of what stays.
    seen = text(lewisham_officer.get(at))
    assert NEW_WORDS in seen
    assert "Shared finding 2" in seen
    paper = printed(lewisham_officer.get(f"{at}report.pdf").content)
    assert "The side door did not lock" in paper
    book = lewisham_officer.get("/visits/workbook/")
    cells = [str(cell) for sheet in load_workbook(io.BytesIO(book.content)) for row in sheet.values for cell in row]
    assert NEW_WORDS in cells
    for who in (seen, paper, " ".join(cells), text(lewisham_officer.get("/visits/"))):
        for hidden in (OLD_WORDS, SECRET, why, "The photograph shows"):
            assert hidden not in who
    with own(cast.authority):
        kept = Finding.objects.exclude(marking="shareable").first()
    for one in apart:
        page, everything = text(one.get(at)), one.get("/api/v1/visits/").content.decode()
        book = text(one.get(f"/audit/quality_finding/{kept.uuid}/"))
        assert "Shared finding 2" in page
        assert "Shared finding 2" in everything
        for hidden in (OLD_WORDS, SECRET, why, "The photograph shows"):
            for said in (page, everything, book, printed(one.get(f"{at}report.pdf").content)):
                assert hidden not in said
    assert SECRET in quality.get("/api/v1/visits/").content.decode()
    assert SECRET in printed(quality.get(f"{at}report.pdf").content)
    assert SECRET not in printed(alder.get(f"{at}report.pdf").content)
    assert birch.get(f"{at}report.pdf").status_code == 404


def test_an_earlier_wording_is_in_nobody_elses_history(cast):
    """Changed twice: as a draft, and after a dispute. The history of both stays with the two sides that had it."""
    visit = recorded(planned(cast), findings=1, kept=1)
    with own(cast.authority):
        finding = Finding.objects.get(marking="shareable")
        finding.words = "Second wording, still a draft"
        finding.save()
    sent(again(visit), by=cast.person("quality_officer"))
    replied(visit, by=cast.person("provider_contact"), disputed=1)
    with own(cast.authority):
        decide_dispute(
            reply=FindingReply.objects.get(), outcome="changed", words="Both were there", new_words=NEW_WORDS,
            by=cast.person("commissioning_officer"), now=NOON,
        )  # fmt: skip
        found = Visit.objects.get()
        publish(visit=found, version=found.version, by=cast.person("quality_officer"), now=NOON)

    def told(viewer) -> str:
        with acting_as(viewer, by=BY):
            events = read_events({Finding: Q(), FindingReply: Q()}, stop=50)
            with connection.cursor() as cursor:
                cursor.execute("SELECT coalesce(string_agg(concat(before, after), ' '), '') FROM audit.quality_finding")
                (raw,) = cursor.fetchone()
                cursor.execute("SELECT coalesce(string_agg(words, ' '), '') FROM quality_finding")
                (rows,) = cursor.fetchone()
                said = "SELECT coalesce(string_agg(concat(words, outcome_words), ' '), '') FROM quality_findingreply"
                cursor.execute(said)
                (answered,) = cursor.fetchone()
            return " ".join([*(f"{each.says} {each.title}" for each in events), raw, rows, answered])

    member, provider = told(Viewer.of_authority(cast.other.pk)), told(Viewer.of_provider(cast.provider.pk))
    mine = told(Viewer.of_authority(cast.authority.pk))
    assert NEW_WORDS in member
    for wording in (OLD_WORDS, "Second wording", "mended in May", "Both were there", SECRET):
        assert wording not in member, wording
    assert "Second wording" in provider, "it answered that one"
    assert OLD_WORDS not in provider
    assert SECRET not in provider
    for wording in (OLD_WORDS, "Second wording", NEW_WORDS, SECRET):
        assert wording in mine
    assert told(Viewer.of_provider(cast.rival.pk)).strip() == ""


def test_what_stands_beside_a_finding_that_is_not_shared_stays_with_it(cast):
    """The answer's note under such a finding, its photograph, a loose one of that question, and the signature."""
    visit = recorded(planned(cast), findings=1, kept=1)
    part = {"authority_id": visit.authority_id, "provider_id": visit.provider_id, "visit": visit}
    with own(cast.authority):
        shared, kept = Finding.objects.order_by("marking")[::-1]
        for number, facts in enumerate((
            {"finding": shared}, {"finding": kept}, {"question": kept.question}, {"question": shared.question},
            {"kind": "signature"},
        )):  # fmt: skip
            Evidence.objects.create(
                **part, **({"kind": "photograph"} | facts), name=f"{number}.jpg", consent=True, sent_at=NOON, size=1,
                content_type="image/jpeg", digest="d", stored_as=f"{number}",
            )  # fmt: skip
    sent(again(visit), by=cast.person("quality_officer"))
    replied(visit, by=cast.person("provider_contact"))
    with own(cast.authority):
        found = Visit.objects.get()
        publish(visit=found, version=found.version, by=cast.person("quality_officer"), now=NOON)
        asked = visit.template.questions.count()
    for door in (of(cast.provider), own(cast.other)):
        with door:
            assert set(Evidence.objects.values_list("name", flat=True)) == {"0.jpg", "3.jpg"}
            assert Answer.objects.count() == asked - 1
            assert not Answer.objects.filter(question=kept.question).exists()
            assert list(Finding.objects.values_list("pk", flat=True)) == [shared.pk]


def test_the_provider_has_fourteen_days_and_not_one_less(cast):
    visit = recorded(planned(cast), findings=1, kept=0)
    sent(again(visit), by=cast.person("quality_officer"), now=NOON)
    with own(cast.authority):
        found = Visit.objects.get()
        for days in range(17):
            assert bool(not_yet(found, NOON + timedelta(days=days))) == (days <= 14), days
        replies = {"authority_id": visit.authority_id, "provider_id": visit.provider_id, "visit": visit}
        FindingReply.objects.create(
            **replies, finding=Finding.objects.get(), says="disputed", words="No", replied_at=NOON, to_provider=True
        )
        assert "has not been decided" in not_yet(found, NOON + timedelta(days=30))


def test_a_rating_is_overridden_with_a_reason_only(cast, quality, alder):
    visit = recorded(planned(cast), findings=1, worst=True)
    at = f"/visits/{visit.uuid}/rating/"
    assert "By the template’s rule it comes to: Much improvement needed." in text(quality.get(at))
    with own(cast.authority):
        read = VisitReport.objects.get(visit=visit).version
    assert "Say why the rating differs" in text(quality.post(at, {"rating": "some", "version": read}))
    why = "Everything was mended while we were there"
    assert quality.post(at, {"rating": "some", "why": why, "version": read}).status_code == 302
    later = text(quality.post(at, {"rating": "meets", "why": "I saw it otherwise", "version": read}))
    assert "Some improvement needed" in later
    assert "I saw it otherwise" in later, "two officers rate it at once: the second sees both"
    sent(again(visit), by=cast.person("quality_officer"))
    page = text(alder.get(f"/visits/{visit.uuid}/"))
    assert "Some improvement needed" in page
    assert f"By the template’s rule it would be “Much improvement needed”. It differs because: {why}" in page
    replied(visit, by=cast.person("provider_contact"))
    with own(cast.authority):
        found = Visit.objects.get()
        publish(visit=found, version=found.version, by=cast.person("quality_officer"), now=NOON)
    assert "settled before the visit is published" in text(
        quality.post(at, {"rating": "meets", "why": "Later", "version": read})
    )


def test_another_borough_relies_on_it_and_takes_its_word_back(cast, quality, lewisham_officer, alder):
    visit = published(cast)
    at = f"/visits/{visit.uuid}/"
    assert "It counts as monitoring of yours" in text(lewisham_officer.get(f"{at}rely/"))
    assert lewisham_officer.post(f"{at}rely/", {"note": "Instead of ours in May"}).status_code == 302
    lewisham_officer.post(f"{at}rely/", {"note": "again"})
    with own(cast.authority):
        assert [(each.authority_id, each.note) for each in Reliance.objects.all()] == [
            (cast.other.pk, "Instead of ours in May")
        ]
    assert "Lewisham relies on this visit since 20 April 2026: Instead of ours in May." in text(quality.get(at))
    assert "Lewisham" not in text(alder.get(at)), "who relies is the members' own business"
    assert quality.post(f"{at}rely/", {}).status_code == 403
    assert "Say why" in text(lewisham_officer.post(f"{at}rely/stop/", SEND))
    assert lewisham_officer.post(f"{at}rely/stop/", {"why": "We went ourselves"}).status_code == 302
    with own(cast.authority):
        assert not Reliance.objects.exists()
    early = recorded(planned(cast, home=home_of(cast.provider, "Ash House")))
    assert "Only a published visit can be relied on" in text(lewisham_officer.post(f"/visits/{early.uuid}/rely/", SEND))


def oracle_step(visit, today: date, of_provider: bool) -> str:
    """What a visit waits for, slowly, from the lists of its parts."""
    shared = [f for f in Finding.objects.filter(visit=visit) if f.marking == "shareable" and not f.taken_out_on]
    replies = {r.finding_id: r for r in FindingReply.objects.filter(visit=visit)}
    actions = list(ImprovementAction.objects.filter(visit=visit))
    ours, theirs = [], []
    if visit.state == "planned" and visit.planned_on < today:
        ours.append("record")
    if visit.state == "draft":
        ours.append("send")
    if visit.state == "with_provider":
        if any(r.says == "disputed" and not r.outcome for r in replies.values()):
            ours.append("decide")
        elif all(f.pk in replies for f in shared) or today > visit.reply_due_on:
            ours.append("publish")
        if not all(f.pk in replies for f in shared):
            theirs.append("reply")
    if visit.state == "published":
        if any(a.state == "proposed" for a in actions):
            ours.append("agree")
        if any(a.state == "done" for a in actions):
            ours.append("check")
        followed = any(v.follows_id == visit.pk and v.state != "cancelled" for v in Visit.objects.all())
        if visit.revisit_due_on and not followed and (visit.revisit_due_on - today).days <= 30:
            ours.append("revisit")
        if any(f.asks_action and f.pk not in {a.finding_id for a in actions} for f in shared):
            theirs.append("plan")
        if any(a.state in ("agreed", "sent_back") for a in actions):
            theirs.append("act")
    return next(iter([*theirs, *ours] if of_provider else [*ours, *theirs]), "")


def many(cast) -> None:
    """Visits in every state and step, of two boroughs."""
    officer, contact = cast.person("quality_officer"), cast.person("provider_contact")
    homes = iter(home_of(cast.provider, f"House {number}") for number in range(40))

    def plan(**facts):
        return planned(cast, home=next(homes), **facts)

    plan(day=TODAY, today=TODAY)
    plan(day=TODAY - timedelta(days=9), today=TODAY - timedelta(days=9))
    recorded(plan())
    for disputed, answered in ((0, False), (0, True), (1, True)):
        visit = recorded(plan())
        sent(again(visit), by=officer)
        if answered:
            replied(visit, by=contact, disputed=disputed)
    late = recorded(
        plan(day=TODAY - timedelta(days=40), today=TODAY - timedelta(days=40)), at=NOON - timedelta(days=40)
    )
    sent(again(late), by=officer, now=NOON - timedelta(days=30))
    published(cast, home=next(homes))
    published(cast, home=next(homes), findings=0)
    old = published(cast, home=next(homes), at=NOON - timedelta(days=170))
    follows = published(cast, home=next(homes), at=NOON - timedelta(days=170))
    planned(cast, home=next(homes), follows=follows)
    with_plan(published(cast, home=next(homes)), cast, agreed=False)
    for state in ("done", "sent_back", "verified", "agreed"):
        made = with_plan(published(cast, home=next(homes)), cast)
        if state != "agreed":
            with own(cast.authority):
                ImprovementAction.objects.filter(pk=made[0].pk).update(state=state, done_on=TODAY)
    published(cast, home=next(homes), authority=cast.other)
    assert old


def test_each_visit_waits_for_what_the_oracle_says(cast, quality, alder):
    many(cast)
    for of_provider, door in ((False, own(cast.authority)), (True, of(cast.provider))):
        with door:
            for later in (0, 20, 60):
                day_ = TODAY + timedelta(days=later)
                rows = with_steps(Visit.objects.order_by("pk"), of_provider=of_provider, today=day_)
                found = {row.pk: row.step for row in rows}
                assert found == {v.pk: oracle_step(v, day_, of_provider) for v in Visit.objects.order_by("pk")}
            if not of_provider:
                seen = set(found.values())
                assert {"record", "send", "decide", "publish", "agree", "check", "revisit", "plan"} <= seen
                mine = [
                    v for v in Visit.objects.filter(authority=cast.authority)
                    if oracle_step(v, TODAY, False) in OURS
                ]  # fmt: skip
    page = text(quality.get("/visits/"))
    assert f"{len(mine)} visits need you:" in page
    assert f"{len(mine)} of" in text(quality.get("/visits/?needs=us"))
    late = text(quality.get("/visits/?needs=overdue&format=csv"))
    assert "House 1" in late
    assert "Say what you will do" in text(alder.get("/visits/?needs=us"))


def test_a_list_of_fifty_costs_what_a_list_of_five_does(cast, quality):
    with_templates()
    quality.get("/visits/")
    counts = []
    for until in (5, 50):
        for number in range(until - 5 if counts else until):
            planned(cast, home=home_of(cast.provider, f"Row {until}-{number}"))
        spent = []
        for address in ("/visits/", "/visits/?needs=us", "/visits/?format=xlsx", "/visits/workbook/", "/"):
            with CaptureQueriesContext(connections["default"]) as made:
                answer = quality.get(address)
            assert answer.status_code == 200
            spent.append(len(made))
        assert f"all {until} visits" in text(quality.get("/visits/"))
        counts.append(spent)
    assert counts[0] == counts[1], counts
