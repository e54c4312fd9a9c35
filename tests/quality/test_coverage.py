"""Coverage against an oracle that goes day by day, placement by placement and visit by visit; and its pages."""

import random
from datetime import date, timedelta

import pytest

from contracts.models import Placement
from providers.models import Establishment, Premises
from quality.measures.coverage import KINDS, by_kind, coverage
from quality.models import MonitoringRule, Reliance, Visit
from quality.rules.codes import VISIT_STATES
from quality.rules.intervals import USUAL
from tests.quality.monitored import TODAY, as_member, home_of, place, provider_called, rely, service, visit_of

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ROUTES = ("spot", "spot", "spot", "in_house")
SERVICES = ("residential", "residential", "supported", "supported", "supported", "fostering", "kinship", "secure")


def usual_days(service: str, kind: str) -> int | None:
    found = USUAL.get(service)
    return found[kind].days if found else None


def scene(chance: random.Random, members) -> None:
    """Homes with one and with many addresses; two years of placements, visits in every state, and reliances."""
    with service():
        provider = provider_called("Ivy Homes")
        homes = [
            home_of(provider, f"SC20000{n}", kind, addresses)
            for n, (kind, addresses) in enumerate((
                ("childrens_home", 0), ("childrens_home", 1), ("supported_accommodation", 3), ("fostering_agency", 0),
                ("supported_accommodation", 2), ("supported_accommodation", 2),
            ))
        ]  # fmt: skip
        # Of the last registration one address was given up: the other is the registration's only one since.
        Premises.objects.filter(establishment=homes[5], ordinal=1).update(left_on=TODAY - timedelta(days=60))
        addresses = {home.pk: list(home.premises.order_by("ordinal")) for home in homes}
    for member in members:
        with as_member(member):
            for _ in range(26):
                home = chance.choice([*homes, None])
                starts_on = TODAY - timedelta(days=chance.randrange(0, 500))
                ends = starts_on + timedelta(days=chance.randrange(1, 400)) if chance.random() < 0.5 else None
                in_house = chance.choice(ROUTES) == "in_house"
                place(
                    member, home, starts_on, ends_before=ends, service_type=chance.choice(SERVICES), in_house=in_house,
                    premises=chance.choice([*addresses[home.pk], None]) if home else None,
                    spot_reason="" if in_house else "specialist",
                )  # fmt: skip
            for _ in range(26):
                home = chance.choice(homes)
                visited_on = TODAY - timedelta(days=chance.randrange(0, 420))
                visit_of(
                    member, home, visited_on, kind=chance.choice(KINDS),
                    state=chance.choice([*VISIT_STATES, "published"]),
                    premises=chance.choice([*addresses[home.pk], None]),
                    published_on=visited_on + timedelta(days=chance.randrange(0, 60)),
                )  # fmt: skip
            for service_type, kind in chance.sample([(s, k) for s in SERVICES for k in KINDS], 3):
                MonitoringRule.objects.get_or_create(
                    authority=member, service_type=service_type, kind=kind,
                    defaults={"every_days": chance.choice((30, 120, 400))},
                )  # fmt: skip
    for member in members:
        with as_member(member):
            others = list(Visit.objects.exclude(authority=member).exclude(visited_on=None))
            for visit in chance.sample(others, 25):
                rely(member, visit, visit.visited_on + timedelta(days=chance.randrange(1, 80)))


def edges(member, other) -> dict[str, str]:
    """Homes in which one thing alone decides, whatever chance makes of the others: name -> what is said today."""
    usual = USUAL["residential"]["site"].days
    with service():
        provider = provider_called("Edge Homes")
        names = ("last day in time", "a day late", "relied on too late", "published too late", "relied on", "given up",
                 "not relied on", "only planned", "tomorrow")  # fmt: skip
        homes = {name: home_of(provider, f"SC30000{n}", name=name) for n, name in enumerate(names)}
        given_up = home_of(provider, "SC300010", "supported_accommodation", 2)
        homes["given up"] = given_up
        Premises.objects.filter(establishment=given_up, ordinal=1).update(left_on=TODAY)
        left = given_up.premises.get(ordinal=1)
    with as_member(member):
        MonitoringRule.objects.filter(service_type="residential", kind="site").delete()
        for home in homes.values():
            place(member, home, TODAY - timedelta(days=500))
        visit_of(member, homes["last day in time"], TODAY - timedelta(days=usual), state="draft")
        visit_of(member, homes["a day late"], TODAY - timedelta(days=usual + 1))
        visit_of(member, given_up, TODAY - timedelta(days=3), premises=left)
        visit_of(member, homes["only planned"], TODAY - timedelta(days=3), state="planned")
        visit_of(member, homes["tomorrow"], TODAY + timedelta(days=1))
    with as_member(other):
        theirs = {
            name: visit_of(other, homes[name], TODAY - timedelta(days=30), published_on=TODAY - timedelta(days=late))
            for name, late in (
                ("relied on too late", 5), ("published too late", -1), ("relied on", 0), ("not relied on", 5),
            )
        }  # fmt: skip
    with as_member(member):
        rely(member, theirs["relied on too late"], TODAY + timedelta(days=1))
        rely(member, theirs["published too late"], TODAY)
        rely(member, theirs["relied on"], TODAY)
    return dict.fromkeys(names, "late") | {"last day in time": "monitored", "relied on": "monitored"}


def oracle(member, day: date) -> dict[tuple[int, str], str]:
    """(placement's number, kind) -> what the page must say. Day by day back from the day asked."""
    with as_member(member):
        rules = {(r.service_type, r.kind): r.every_days for r in MonitoringRule.objects.filter(authority=member)}
        relied = {r.visit_id: r.relied_at.date() for r in Reliance.objects.filter(authority=member)}
        visits, lived = list(Visit.objects.all()), list(Premises.objects.all())
        said = {}
        for one in Placement.objects.all():
            if one.starts_on > day or (one.ends_before and one.ends_before <= day):
                continue
            there = [
                p for p in lived if p.establishment_id == one.establishment_id and not (p.left_on and p.left_on <= day)
            ]
            for kind in ("site", "desktop", "report"):
                days = rules.get((one.service_type, kind), usual_days(one.service_type, kind))
                if days is None:
                    said[one.number, kind] = "not_asked"
                    continue
                if one.establishment_id is None or (len(there) > 1 and one.premises_id is None):
                    said[one.number, kind] = "not_known"
                    continue
                said[one.number, kind] = "late"
                for back in range(days + 1):
                    for visit in visits:
                        if visit.visited_on != day - timedelta(days=back) or visit.kind != kind:
                            continue
                        if visit.establishment_id != one.establishment_id:
                            continue
                        if len(there) > 1:  # several addresses: this one, or the whole registration on paper
                            if visit.premises_id != one.premises_id and not (
                                visit.premises_id is None and kind != "site"
                            ):
                                continue
                        elif visit.premises_id and visit.premises.left_on and visit.premises.left_on <= day:
                            continue
                        if visit.authority_id == member.pk:
                            ok = visit.state in ("draft", "with_provider", "published")
                        else:
                            ok = (
                                visit.state == "published" and visit.published_at.date() <= day
                                and visit.pk in relied and relied[visit.pk] <= day
                            )  # fmt: skip
                        if ok:
                            said[one.number, kind] = "monitored"
        return said


def test_coverage_is_what_the_oracle_says_for_every_borough(
    southwark, lewisham, greenwich, django_assert_max_num_queries
):
    chance = random.Random(11)
    members = (southwark, lewisham, greenwich)
    scene(chance, members)
    edge = edges(greenwich, southwark)
    with as_member(greenwich):
        rows = [row for row in coverage(greenwich.pk, TODAY) if row.establishment_id]
        names = dict(Establishment.objects.values_list("pk", "name"))
        said = {names[row.establishment_id]: row.state("site") for row in rows}
        said["given up"] = said["Home SC300010"]
        assert {name: said[name] for name in edge} == edge
    seen = set()
    for member in members:
        for day in (TODAY, date(2026, 3, 31), TODAY - timedelta(days=200), TODAY + timedelta(days=120)):
            expected = oracle(member, day)
            with as_member(member):
                with django_assert_max_num_queries(4):
                    rows = coverage(member.pk, day)
                assert {(row.number, kind): row.state(kind) for row in rows for kind in KINDS} == expected
                for kind in KINDS:
                    independent = [row for row in rows if row.independent]
                    whose = {
                        p.number for p in Placement.objects.all()
                        if p.route != "in_house" and p.service_type in ("residential", "supported")
                    }  # fmt: skip
                    wanted = [state for (number, k), state in expected.items() if k == kind and number in whose]
                    share = by_kind(independent, kind)
                    assert (share.monitored, share.late, share.not_known) == tuple(
                        wanted.count(state) for state in ("monitored", "late", "not_known")
                    )
                    assert share.share != 100 or wanted.count("monitored") == len(wanted)
                whole = by_kind(independent, "")
                each = [{expected[row.number, kind] for kind in KINDS} - {"not_asked"} for row in independent]
                assert whole.monitored == sum(states == {"monitored"} for states in each)
                assert whole.not_known == sum("not_known" in states for states in each)
            seen |= set(expected.values())
    assert seen == {"monitored", "late", "not_known", "not_asked"}
