"""Frameworks out as an OCDS package and in again: the same comes back. And packages that others made, and bad ones."""

import json
import random
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from commissioning.kernel.ingest.take_back import take_back
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.change_framework import record_event, take_extension
from commissioning.partnership.actions.change_lots import add_lot
from commissioning.partnership.actions.let_framework import let_framework
from commissioning.partnership.actions.take_part import join_framework, leave_framework
from commissioning.partnership.models import Framework
from commissioning.partnership.rules import codes
from contracts.measures.ocds import ocds_releases, package_of
from providers.actions.add_provider import add_provider
from providers.actions.award_place import award_place, end_place
from providers.models import Award, Provider
from tests import ocds
from tests.world import BY, NOW, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
TODAY = date(2026, 4, 20)


@pytest.fixture
def acting(world, as_authority):
    with as_authority(world.southwark):
        yield world


def package(**asked):
    return json.loads(json.dumps(package_of([each for *_, each in ocds_releases(today=TODAY, **asked)], at=NOW)))


def of(reference):
    return {"frameworks": Framework.objects.filter(reference=reference)}


def wipe(framework, *, providers=()):
    """As in an installation that has never heard of it."""
    Award.objects.filter(framework=framework).delete()
    Framework.objects.get(pk=framework.pk).delete()
    Provider.objects.filter(pk__in=[each.pk for each in providers]).delete()


def bring(world, made, *, load=True):
    content = made if isinstance(made, bytes) else json.dumps(made).encode()
    return send("ocds", content, world.southwark, name="package.json", load=load)


def remarks(run, outcome="rejected"):
    return [(each.sheet, each.says) for each in run.importremarks.filter(outcome=outcome).order_by("pk")]


def a_market(world, kind, seed):
    """A framework of a kind with whatever the seed gives it, all by the room's actions."""
    draw = random.Random(seed)
    starts_on = date(2022, 4, 1) + timedelta(days=draw.randrange(0, 900))
    ends = draw.random() < 0.8 or kind in ("framework", "block")
    months = [draw.choice([6, 12, 24]) for _ in range(draw.randrange(3))] if ends else []
    ends_before = starts_on + timedelta(days=draw.randrange(200, 1500)) if ends else None
    made = let_framework(
        by=BY, lead_authority=world.southwark, name=f"Homes “{seed}”", reference=f"R-{seed}", kind=kind,
        starts_on=starts_on, ends_before=ends_before, extension_months=months,
        participants=[world.lewisham] if draw.random() < 0.5 else [],
    )  # fmt: skip
    if draw.random() < 0.7:
        joined = starts_on + timedelta(days=draw.randrange(0, 100))
        part = join_framework(framework=made, authority=world.greenwich, starts_on=joined, by=BY)
        if draw.random() < 0.5:
            leaves = joined + timedelta(days=draw.randrange(1, 400))
            leave_framework(participation=part, ends_before=leaves, version=part.version, by=BY)
    for option in made.extensions.order_by("position")[: draw.randrange(3)]:
        day = min(starts_on + timedelta(days=150), TODAY)
        option.framework = Framework.objects.get(pk=made.pk)
        if day >= starts_on:
            take_extension(extension=option, taken_on=day, today=TODAY, by=BY)
    for event in draw.sample(list(codes.FRAMEWORK_EVENTS), draw.randrange(4)):
        day = starts_on + timedelta(days=draw.randrange(-200, 900))
        record_event(framework=made, kind=event, happens_on=day, note="SECRET note", by=BY)
    fresh = [
        add_provider(name=f"Ash {seed} Ltd", company_number=f"{70000000 + seed:08d}", by=BY),
        add_provider(name=f"Elm {seed}", charity_number=f"{1100000 + seed}", by=BY),
        add_provider(name=f"Oak {seed}", by=BY),
    ]
    for number in range(draw.randrange(4)):
        lot = add_lot(
            framework=made, by=BY, number=f"{number + 1}", name=f"Lot of {seed}",
            service_type=draw.choice(list(codes.SERVICE_TYPES)),
            call_off_method=draw.choice(list(codes.CALL_OFF_METHODS)),
            specification=draw.choice(["", "Two lines\nof a specification"]),
        )  # fmt: skip
        for provider in draw.sample([*fresh, *world.providers.values()], draw.randrange(5)):
            begins = starts_on + timedelta(days=draw.randrange(0, 300))
            term = begins + timedelta(days=draw.randrange(1, 700)) if draw.random() < 0.3 else None
            place = award_place(lot=lot, provider=provider, starts_on=begins, ends_before=term, by=BY,
                                reason="SECRET reason", tier=1)  # fmt: skip
            if term is None and draw.random() < 0.4 and begins < TODAY:
                day = min(begins + timedelta(days=draw.randrange(1, 400)), TODAY)
                end_place(award=place, ends_before=day, reason="SECRET reason", by=BY)
    return made, fresh


@pytest.mark.parametrize("kind", codes.FRAMEWORK_KINDS)
def test_what_goes_out_comes_back_the_same(acting, kind):
    for seed in range(3):
        number = seed * 10 + list(codes.FRAMEWORK_KINDS).index(kind)
        made, fresh = a_market(acting, kind, number)
        out = package(**of(f"R-{number}"))
        assert ocds.problems_of(out) == []
        assert "SECRET" not in json.dumps(out)
        if ocds.folder() is not None:
            assert ocds.errors_in(out) == []
        stood = Award.objects.filter(framework=made, starts_on__lte=TODAY).count()

        again = bring(acting, out)  # where it stands already, nothing changes
        assert (again.state, remarks(again)) == ("loaded", [])
        assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)

        wipe(made, providers=fresh)
        dry = bring(acting, out, load=False)
        assert not Framework.objects.filter(reference=f"R-{number}").exists()
        run = bring(acting, out)
        assert remarks(run) == []
        assert (dry.facts_added, dry.rows_read) == (run.facts_added, run.rows_accepted)
        assert package(**of(f"R-{number}")) == out
        assert Award.objects.filter(framework__reference=f"R-{number}", source_import=run).count() == stood

        other = json.loads(json.dumps(out).replace(out["releases"][0]["ocid"], "ocds-a1b2c3-elsewhere"))
        for release in other["releases"]:
            if "tender" in release:
                release["tender"]["id"] = f"COPY-{number}"
        assert remarks(bring(acting, other)) == []  # beside the first, under a reference and ids of its own
        assert comparable(package(**of(f"COPY-{number}"))) == comparable(out)


def comparable(made):
    """What it tells, but for the ids and the reference; in the order that they gave it."""
    text = json.dumps([{k: v for k, v in release.items() if k != "id"} for release in made["releases"]])
    text = text.replace(made["releases"][0]["ocid"], "OCID").replace("COPY-", "R-")
    places = [award["id"] for release in made["releases"] for award in release.get("awards", ())]
    told = []
    for release in json.loads(text):
        for section in ("awards", "contracts"):
            for each in release.get(section, ()):
                each.pop("id")
                each.pop("awardID", None)
            if section in release:
                release[section].sort(key=json.dumps)
        told.append(release)
    return len(set(places)), told


def test_a_package_that_came_in_can_be_taken_back(acting, world):
    made, fresh = a_market(acting, "framework", 77)
    out = package(**of("R-77"))
    wipe(made, providers=fresh)
    run = bring(acting, out)
    assert run.facts_added > 5
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY, reason="not ours to publish"):
        take_back(run, by=BY, now=NOW)
    assert not Framework.objects.filter(reference="R-77").exists()
    assert not Provider.objects.filter(name="Oak 77").exists()


def test_a_package_says_what_stood_and_when(acting, world):
    """One framework followed by hand: the days, the tags, the words of the techniques extension."""
    made = let_framework(
        by=BY, lead_authority=world.southwark, name="Fostering 2024", reference="IFA-24", kind="framework",
        starts_on=date(2024, 4, 1), ends_before=date(2026, 4, 1), extension_months=[12, 12],
        participants=[world.lewisham],
    )  # fmt: skip
    record_event(framework=made, kind="specification", happens_on=date(2023, 9, 1), by=BY)
    lots = [
        add_lot(framework=made, by=BY, number=number, name="Any", service_type="fostering", call_off_method=method)
        for number, method in (("1", "ranked"), ("2", "mini_competition"))
    ]
    first, second, third = world.providers.values()
    gone = award_place(lot=lots[0], provider=first, starts_on=date(2024, 4, 1), by=BY)
    award_place(lot=lots[1], provider=second, starts_on=date(2024, 4, 1), by=BY)
    award_place(lot=lots[0], provider=third, starts_on=date(2025, 1, 6), by=BY)
    award_place(lot=lots[1], provider=third, starts_on=date(2027, 1, 1), by=BY)  # not begun: not told
    before = {each["id"] for *_, each in ocds_releases(today=date(2025, 5, 31), **of("IFA-24"))}
    end_place(award=gone, ends_before=date(2025, 6, 1), reason="SECRET", by=BY)
    option = made.extensions.order_by("position")[0]
    option.framework = Framework.objects.get(pk=made.pk)
    take_extension(extension=option, taken_on=date(2025, 12, 1), today=TODAY, by=BY)
    releases = package(**of("IFA-24"))["releases"]
    assert [(each["date"][:10], each["tag"]) for each in releases] == [
        ("2023-09-01", ["planning", "tender"]),
        ("2024-04-01", ["award", "contract"]),
        ("2025-01-06", ["award", "contract"]),
        ("2025-06-01", ["awardUpdate", "contractTermination"]),
        ("2025-12-01", ["tenderUpdate"]),
    ]
    opening, award, _, removal, extension = releases
    assert opening["tender"]["techniques"] == {
        "hasFrameworkAgreement": True, "hasDynamicPurchasingSystem": False,
        "frameworkAgreement": {
            "method": "withAndWithoutReopeningCompetition",
            "period": {
                "startDate": "2024-04-01T00:00:00Z", "endDate": "2026-03-31T23:59:59Z",
                "maxExtentDate": "2028-03-31T23:59:59Z",
            },
        },
    }  # fmt: skip
    assert [lot["techniques"]["frameworkAgreement"]["method"] for lot in opening["tender"]["lots"]] == [
        "withoutReopeningCompetition", "withReopeningCompetition",
    ]  # fmt: skip
    assert {party["id"]: party["roles"] for party in opening["parties"]} == {
        "GB-GSS-E09000028": ["buyer", "procuringEntity"], "GB-GSS-E09000023": ["buyer"]
    }  # fmt: skip
    assert {each["suppliers"][0]["id"]: each["relatedLots"] for each in award["awards"]} == {
        "GB-COH-90000001": ["1"], "GB-COH-90000002": ["2"]
    }  # fmt: skip
    assert removal["awards"][0]["contractPeriod"]["endDate"] == "2025-05-31T23:59:59Z"
    assert removal["contracts"][0]["status"] == "terminated"
    assert extension["tender"]["contractPeriod"]["endDate"] == "2027-03-31T23:59:59Z"
    kept = {each["id"] for each in releases}
    later = {each["id"] for *_, each in ocds_releases(today=date(2027, 4, 1), **of("IFA-24"))}
    assert before < kept < later  # what was told stays as it was told: a removal, an extension, an end come after it
    assert ocds_releases(today=date(2023, 8, 31), **of("IFA-24")) == []


def test_only_its_lead_brings_a_framework_in(acting):
    run = bring(acting, package())
    said = remarks(run)
    assert run.state == "loaded"
    assert [says for sheet, says in said if sheet == "Frameworks"] == [
        "Lewisham leads it, and a framework is brought in by its lead authority alone: send it from there"
    ]
    assert {says for sheet, says in said if sheet != "Frameworks"} == {
        "its framework was not taken over: see the sheet Frameworks"
    }
    assert run.rows_read == run.rows_accepted + run.rows_rejected
    assert (run.facts_added, run.facts_changed) == (0, 0)


def test_what_the_actions_refuse_is_rejected_with_their_words(acting):
    made = package(**of("IFA-TEST"))
    opening = made["releases"][0]
    for release in made["releases"]:
        release["ocid"], release["tender"]["id"] = "ocds-a1b2c3-new", "NEW"
    opening["parties"].append({"id": "GB-XX-1", "name": "Nowhere", "roles": ["buyer"]})
    opening["tender"]["lots"].append({"id": "9", "title": "Pencils"})
    award = made["releases"][1]["awards"][0]
    award["relatedLots"] = ["9"]
    made["releases"][1]["awards"][1]["contractPeriod"]["startDate"] = "2020-01-01T00:00:00Z"
    made["releases"].append(
        {"ocid": "ocds-a1b2c3-child", "id": "1", "date": "2025-01-01T00:00:00Z", "relatedProcesses": [
            {"id": "1", "relationship": ["framework"], "scheme": "ocid", "identifier": "ocds-a1b2c3-new"}]}
    )  # fmt: skip
    run = bring(acting, made)
    said = remarks(run)
    assert [(sheet, says[:40]) for sheet, says in said] == [
        ("Lots", "the lot does not say which kind of home "),
        ("Buyers", "“Nowhere” is no authority that this plat"),
        ("Places", "The framework has no lot 9 here."),
        ("Places", "The framework begins on 1 April 2024: a "),
    ]
    assert any("call-offs are in the package" in says for _, says in remarks(run, "noted"))
    assert Award.objects.filter(framework__reference="NEW").count() == 1


BAD = {
    b"": "The file is no JSON",
    b"[1, 2]": "no OCDS release package",
    b'{"releases": 5}': "no OCDS release package",
    b'{"records": []}': "This is a record package",
    b'{"releases": [{"id": "1"}]}': "has no ocid",
    b'{"releases": [{"ocid": "a", ': "damaged or cut short",
    b"\xff\xfe\x00{": "The file is no JSON",
    b'{"releases": [' + b"[" * 100_000: "damaged or cut short",
}


def test_bad_packages_are_refused_with_a_remedy(acting):
    for content, says in BAD.items():
        run = bring(acting, content)
        assert run.state == "unreadable", content[:40]
        assert says in run.message
    strange = {
        "releases": [
            {"ocid": 5, "date": None, "tender": [], "parties": {"a": 1}, "awards": [{"id": 1, "suppliers": "x"}, 4]},
            {"ocid": "a", "tender": {"id": {}, "lots": [None, {"id": []}], "contractPeriod": {"startDate": "soon"}},
             "planning": {"milestones": [{"type": "x_event_award", "dueDate": "0000-00-00"}]}},
        ]
    }  # fmt: skip
    run = bring(acting, strange)
    assert run.state == "loaded"
    assert run.rows_accepted == 0 < run.rows_rejected


def test_the_standards_own_examples_are_read(acting):
    if ocds.folder() is None:
        pytest.skip(ocds.ABSENT)
    told = {}
    for name in ocds.EXAMPLES:
        run = bring(acting, (ocds.folder() / f"{name}.json").read_bytes())
        assert run.state == "loaded", run.message
        sheets = {each.name: each.rows_read for each in run.importsheets.all() if each.rows_read}
        told[name.removeprefix("example_framework_")] = (sheets, [says[:30] for _, says in remarks(run)])
    calls = ({"Call-offs": 1}, [])
    foreign = "its framework was not taken ov"
    assert told == {
        "closed_single_award": calls, "open_multiple_award": calls, "open_multiple_second_stage": calls,
        "open_multiple_first_stage": (
            {"Frameworks": 1, "Buyers": 2, "Lots": 2},
            ["“Dirección de Compras y Contra", foreign, foreign, foreign, foreign],
        ),
    }  # fmt: skip


def test_a_name_that_is_taken_makes_no_second_provider(acting):
    first = next(iter(acting.providers.values()))
    with pytest.raises(ValidationError, match="recorded under that name"):
        add_provider(name=first.name.upper(), by=BY)
    with pytest.raises(ValidationError, match="needs a name"):
        add_provider(name=" . ", by=BY)
