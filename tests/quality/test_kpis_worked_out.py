"""KPIs that are worked out from our own records, each against an oracle that goes child by child and day by day."""

import csv
import io
import random
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from commissioning.partnership.rules.codes import KPI_FORMULAS
from contracts.actions.agreements import AgreementVersion
from contracts.models import CareStatus, Child, Offer, Placement, Referral
from contracts.rules.clocks import is_working
from providers.models import Premises
from quality.measures.coverage import coverage
from quality.measures.kpis import figures
from quality.measures.own_records import Window, records
from quality.rules.stability import Stay, homes_of, in_care_long, months_before
from tests.quality.monitored import home_of, visit_of
from tests.quality.reporting import agreed_alone, expected, on_lot, own, with_kpis
from tests.quality.test_kpis import signed_in, text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
BEGINS, ENDS, TODAY = date(2026, 1, 1), date(2026, 4, 1), date(2026, 4, 20)
DAY = ENDS - timedelta(days=1)
ONE = timedelta(days=1)


def scene(chance, authority, awards, houses, count):
    """Children with up to six stays each, of two providers on the lot and off it; searches, agreements, visits."""
    number = 0
    for n in range(1, count + 1):
        child = Child.objects.create(
            authority=authority, number=n, born_on=date(2006 + chance.randrange(0, 17), chance.randrange(1, 13), 9)
        )
        day = TODAY - timedelta(days=chance.randrange(200, 1500))
        care, legal = day - timedelta(days=chance.randrange(0, 400)), chance.choice(("C2", "C2", "V2", "V3"))
        parted = care + timedelta(days=60)
        CareStatus.objects.create(authority=authority, child=child, status="looked_after", legal_status="C1",
                                  starts_on=care, ends_before=parted)  # fmt: skip
        CareStatus.objects.create(authority=authority, child=child, status="looked_after", legal_status=legal,
                                  starts_on=parted + chance.choice((0, 0, 0, 20)) * ONE)  # fmt: skip
        house = chance.choice(houses)
        for _ in range(chance.randrange(1, 7)):
            if day > TODAY:
                break
            number += 1
            house = chance.choice((house, chance.choice(houses)))
            home, premises, service = house
            ends = day + timedelta(days=chance.choice((chance.randrange(1, 400), chance.randrange(1, 1400))))
            open_ = ends > TODAY
            award = awards[home.provider_id] if chance.random() < 0.7 else None
            Placement.objects.create(
                authority=authority, number=number, child=child, service_type=service, provider=home.provider,
                establishment=home, premises=premises, starts_on=day, ends_before=None if open_ else ends,
                called_off_on=day, route="framework" if award else "spot", award=award,
                lot=award.lot if award else None, spot_reason="" if award else "specialist",
                distance_miles=chance.choice((None, "3.2", "20.0", "20.1", "44.0")),
                boundary=chance.choice(("", "in", "out")),
                end_reason="" if open_ else chance.choice(("PLACE", "CARPL", "CREQB", "CREQB")),
                ended_as_planned=None if open_ else chance.choice((None, True, *[False] * 6)),
                ended_by="" if open_ else chance.choice(("provider", "authority", "young_person")),
            )  # fmt: skip
            gap = chance.choice((0, 0, 0, 6))
            if gap and not open_ and chance.random() < 0.7:
                number += 1
                Placement.objects.create(
                    authority=authority, number=number, child=child, service_type="residential",
                    provider=home.provider, establishment=chance.choice(houses)[0], starts_on=ends,
                    ends_before=ends + gap * ONE, called_off_on=ends, route="spot", spot_reason="specialist",
                    respite=True,
                )  # fmt: skip
            day = ends + gap * ONE
    for placement in list(Placement.objects.filter(starts_on__gte=BEGINS - 40 * ONE, respite=False)):
        if chance.random() < 0.6:
            AgreementVersion.objects.create(
                authority=authority, placement=placement, number=1, starts_on=placement.starts_on, notice_days=28,
                agreed_on=placement.starts_on + chance.randrange(0, 120) * ONE, price_agreed=100,
            )  # fmt: skip
    children = list(Child.objects.filter(authority=authority)[:40])
    for n, child in enumerate(children, 1):
        at = timezone.make_aware(datetime(2025, 12, 20, 15) + timedelta(days=chance.randrange(0, 121)))
        search = Referral.objects.create(
            authority=authority, number=n, child=child, opened_at=at, needed_by=DAY, urgency="planned",
            in_house_tried="no", service_type="fostering",
        )  # fmt: skip
        for award in awards.values():
            took = chance.choice((None, 2, 20, 30, 100))
            Offer.objects.create(
                authority=authority, referral=search, provider_id=award.provider_id, service_type="fostering",
                urgency="planned", needed_by=DAY, asked_at=at, lot=chance.choice((award.lot, None)),
                answered_at=at + timedelta(hours=took) if took else None, answer="offered" if took else "",
            )  # fmt: skip
    for home, premises, _ in houses:
        for kind in ("site", "desktop", "report"):
            if chance.random() < 0.7:
                visit_of(authority, home, DAY - chance.randrange(0, 250) * ONE, kind=kind, premises=premises)


def runs(row, day):
    return row.starts_on <= day and (row.ends_before is None or day < row.ends_before)


def house(row):
    if row.premises_id:
        return "premises", row.premises_id
    return ("home", row.establishment_id) if row.service_type in ("residential", "secure", "school", "family") else None


def walked(rows, day, first):
    """(homes between first and day, the first night of the last): each night, where the child slept, and whether that
    is a new home. A night of a short stay is passed over; one that nothing tells of parts two homes."""
    homes, began, last = [], None, None
    night = min(row.starts_on for row in rows)
    while night <= day:
        there = next((row for row in rows if not row.respite and runs(row, night)), None)
        if there is None:
            if not any(row.respite and runs(row, night) for row in rows):
                last = None if last is None else (last[0], "parted")
            night += ONE
            continue
        if last is not None and last[0].pk == there.pk:
            new = False
        elif last is None or last[1] == "parted":
            new = True
        elif last[0].ends_before == there.starts_on:
            same = house(last[0]) is not None and house(last[0]) == house(there)
            new = not (last[0].end_reason == "PLACE" or same)
        else:
            new = not (house(last[0]) == house(there) and last[0].provider_id == there.provider_id)
        if new:
            began = night
            homes.append([night, night])
        homes[-1][1] = night
        last = (there, "")
        night += ONE
    return sum(left >= first for _, left in homes), began


def oracle(authority, lot):
    found = {}

    def add(row, formula, counted):
        pair = found.setdefault((row.provider_id, formula), [0, 0])
        pair[0] += bool(counted)
        pair[1] += 1

    every = list(Placement.objects.filter(authority=authority).order_by("starts_on"))
    mine = [row for row in every if not row.respite and (lot is None or row.lot_id == lot)]
    for row in mine:
        if row.ends_before and BEGINS <= row.ends_before < ENDS and row.end_reason != "PLACE":
            for formula, who in (("ended_by_provider", "provider"), ("ended_by_purchaser", "authority"),
                                 ("ended_by_young_person", "young_person")):  # fmt: skip
                add(row, formula, row.ended_as_planned is False and row.ended_by == who)
        if BEGINS <= row.starts_on < ENDS:
            add(row, "agreements_made", any(each.agreed_on < ENDS for each in row.agreementversions.all()))
        if not runs(row, DAY):
            continue
        spells = [each for each in CareStatus.objects.filter(child=row.child) if each.legal_status != "V3"]
        if not any(runs(each, DAY) for each in spells):
            continue
        far = row.distance_miles is not None and row.distance_miles > 20
        add(row, "over_20_miles", far)
        add(row, "outside_boundary", row.boundary == "out")
        add(row, "over_20_miles_outside", far and row.boundary == "out")
        stays = [each for each in every if each.child_id == row.child_id]
        homes, began = walked(stays, DAY, date(2025, 4, 1))
        add(row, "three_homes", homes >= 3)
        born = row.child.born_on
        age = DAY.year - born.year - ((DAY.month, DAY.day) < (born.month, born.day))
        day, unbroken = date(2023, 9, 30), True
        while day <= DAY:
            unbroken = unbroken and any(runs(each, day) for each in spells)
            day += ONE
        if age < 16 and unbroken:
            add(row, "same_home", began <= date(2024, 3, 31))
    kept = {row.pk: row for row in mine}
    for placed in coverage(authority.pk, DAY):
        states = {placed.state(kind) for kind in ("site", "desktop", "report")} - {"not_asked"}
        if placed.pk in kept and states:
            add(kept[placed.pk], "monitored", states == {"monitored"})
    for row in Offer.objects.filter(authority=authority):
        asked = timezone.localdate(row.asked_at)
        if not BEGINS <= asked < ENDS or (lot is not None and row.lot_id != lot):
            continue
        until = asked + ONE
        while not is_working(until):
            until += ONE
        if row.answered_at or until < TODAY:
            add(row, "answered_in_time", row.answered_at and timezone.localdate(row.answered_at) <= until)
    return {key: tuple(pair) for key, pair in found.items()}


def test_every_formula_equals_its_oracle_for_every_provider(cast):
    with_kpis()
    awards = {award.provider_id: award for award in (on_lot(cast), on_lot(cast, cast.rival))}
    lot = next(iter(awards.values())).lot
    chance = random.Random(11)
    with own(cast.authority):
        houses = []
        for n, provider in enumerate((cast.provider, cast.rival)):
            alone = home_of(provider, f"SC70000{n}")
            many = home_of(provider, f"SC71000{n}", "supported_accommodation", 2)
            agency = home_of(provider, f"SC72000{n}", "fostering_agency")
            houses += [(alone, None, "residential"), (agency, None, "fostering"), (agency, None, "fostering")]
            houses += [(many, each, "supported") for each in Premises.objects.filter(establishment=many)]
    for authority, count in ((cast.authority, 70), (cast.other, 12)):
        with own(authority):
            scene(chance, authority, awards, houses, count)
    with own(cast.authority):
        for chosen in (lot.pk, None):
            got = figures(cast.authority.pk, list(KPI_FORMULAS), BEGINS, ENDS, TODAY, lot=chosen)
            assert {key: (each.numerator, each.denominator) for key, each in got.items()} == oracle(
                cast.authority, chosen
            )
        # What stands beside a statement is counted by the same rule.
        for provider in (cast.provider.pk, cast.rival.pk):
            window = Window(BEGINS, ENDS, 7, 1, provider=provider)
            beside = [(each.part, each.of) for each in records(["three_homes", "far_from_home"], window)]
            alone = oracle(cast.authority, None)
            assert beside == [alone[provider, "three_homes"], alone[provider, "over_20_miles"]]
        for formula in KPI_FORMULAS:  # of everything that is bought, none is nought for want of rows
            assert sum(each.numerator for (_, name), each in got.items() if name == formula), formula
        assert not figures(cast.other.pk, list(KPI_FORMULAS), BEGINS, ENDS, TODAY)  # not ours to count
        for code in ("three-homes", "over-20-miles", "monitored", "same-home"):
            expected(lot, code)
        single = agreed_alone(awards[cast.provider.pk], "agreements-made", starts_on=BEGINS).kpi_id
        alone = figures(cast.authority.pk, ["agreements_made"], BEGINS, ENDS, TODAY, lot=lot.pk)
        three = figures(cast.authority.pk, ["three_homes"], BEGINS, ENDS, TODAY, lot=lot.pk)
        told = three[cast.provider.pk, "three_homes"]
    page = signed_in(cast.person("analyst")).get(reverse("kpi-lot", args=[lot.uuid]), {"until": "2026-03-31"})
    assert f"{told.numerator} of {told.denominator}" in text(page)
    assert "no other authority’s children are in it" in text(page)
    # What is agreed with one contract alone is worked out for that one, and for no other.
    made = alone[cast.provider.pk, "agreements_made"]
    assert (cast.rival.pk, "agreements_made") in alone
    file = signed_in(cast.person("analyst")).get(page.request["PATH_INFO"], {"until": "2026-03-31", "format": "csv"})
    rows = {row["provider"]: row[f"c{single}"] for row in csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))}
    assert f"({made.numerator} of {made.denominator}" in rows.pop(cast.provider.name)
    assert cast.rival.name in rows
    assert set(rows.values()) == {""}
    theirs = text(signed_in(cast.person("analyst", stranger=True)).get(page.request["PATH_INFO"],
                                                                       {"until": "2026-03-31"}))  # fmt: skip
    assert f"{told.numerator} of {told.denominator}" not in theirs
    steering = text(signed_in(cast.person("steering_member")).get(reverse("kpi-lot", args=[lot.uuid])))
    assert "Worked out from our own records" not in steering
    assert "shown to those whose role reads them" in steering


def test_homes_of_a_child():
    def stay(first, last, place, **more):
        return Stay(date(2025, 1, 1) + first * ONE, None if last is None else date(2025, 1, 1) + last * ONE, 1,
                    ("home", place) if place else None, **more)  # fmt: skip

    assert len(homes_of([stay(0, 10, 1), stay(10, 20, 1), stay(20, None, 2)])) == 2  # one house, two agreements
    assert len(homes_of([stay(0, 10, None), stay(10, None, None)])) == 2  # the same agency, another carer
    assert len(homes_of([stay(0, 10, None, status_only=True), stay(10, None, None)])) == 1
    away = [stay(0, 10, 1), stay(10, 14, 9, short=True), stay(14, None, 1)]
    assert len(homes_of(away)) == 1  # away for a few nights, and back
    assert len(homes_of(away, short_stays_left_out=False)) == 3
    assert months_before(date(2023, 3, 31), 30) == date(2020, 9, 30)
    assert months_before(date(2023, 3, 31), 24) == date(2021, 3, 31)
    assert in_care_long([(date(2020, 9, 30), date(2022, 1, 1)), (date(2022, 1, 1), None)], date(2023, 3, 31))
    assert not in_care_long([(date(2020, 10, 1), None)], date(2023, 3, 31))
    assert not in_care_long([(date(2019, 1, 1), date(2022, 1, 1)), (date(2022, 1, 2), None)], date(2023, 3, 31))
