"""A copy kept by a full walk and its deltas is exact, whatever others write meanwhile."""

import json
import threading
import time
from datetime import date, timedelta
from urllib.parse import quote

import pytest
from django.db import connections
from django.utils import timezone

from api import paging, sending
from commissioning.partnership.models import AuthorityName, Extension, Framework, Participation, PriceLine
from providers.models import Alias, Award, Ownership, Provider, Rate
from quality.models import Finding, KpiCheck, KpiReturn, Visit

from .conftest import award, bearer, charge, officer, service
from .walk import V1, apply, pages, whole

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
RATES = f"{V1}/rates/"


def settle():
    """Waits until everything written so far is behind the watermark: transactions of other databases of the same
    server (tests that run beside this one) hold it back too."""
    with service(), connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (mine,) = cursor.fetchone()
    for _ in range(3000):
        with service():
            if paging.watermark()[0] > mine:
                return
        time.sleep(0.02)
    raise AssertionError("a transaction of more than a minute holds the watermark back")


class Copy:
    """What a borough keeps, by the rules of the documentation."""

    def __init__(self, client, key, address=RATES, *, settled=True):
        self.client, self.key, self.address = client, key, address
        self.held, self.watermark = {}, None
        self.take(address, settled=settled)

    def take(self, address, *, settled=True):
        told = []
        if settled:
            settle()
        for page in pages(self.client, address, self.key):
            told += page["results"]
            self.watermark = page["watermark"]
        self.apply(told)
        return told

    def apply(self, told):
        apply(self.held, told)

    def refresh(self, limit=1000, *, settled=True):
        joint = "&" if "?" in self.address else "?"
        address = f"{self.address}{joint}limit={limit}&updated_since={self.watermark}"
        return self.take(address, settled=settled)

    def is_exact(self):
        fresh = Copy(self.client, self.key, self.address)
        assert self.held == fresh.held
        return True


@pytest.fixture
def key(market, southwark):
    return bearer(southwark)


@pytest.fixture
def many(market, southwark):
    """120 rates more on Southwark's framework."""
    place = market.ours
    with officer(southwark):
        place.lines += PriceLine.objects.bulk_create(
            PriceLine(framework=place.framework, lot=place.lot, position=n, code=f"M{n}", name=f"Line {n}")
            for n in range(60)
        )
        for on_lot in place.lot.awards.all():
            Rate.objects.bulk_create(
                Rate(award=on_lot, price_line=line, framework=place.framework, lot=place.lot, amount=n,
                     provider_id=on_lot.provider_id, starts_on=date(2025, 4, 1))
                for n, line in enumerate(place.lines[2:])
            )  # fmt: skip
    return place


def in_thread(work, *args):
    def run():
        try:
            work(*args)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_late_commit_is_in_the_next_delta(client, key, many, southwark):
    """Written before the walk begins, committed after it has passed: the walk cannot see it, the delta must."""
    written, passed = threading.Event(), threading.Event()

    def late():
        with officer(southwark):
            line = PriceLine.objects.create(
                framework=many.framework, lot=many.lot, position=99, code="LATE", name="Late"
            )
            charge(many, many.lot.awards.first(), line, "1")
            Rate.objects.filter(price_line=many.lines[0]).update(amount="999")
            written.set()
            assert passed.wait(20)

    thread = in_thread(late)
    assert written.wait(20)
    with officer(southwark):
        Rate.objects.filter(price_line=many.lines[1]).update(amount="888")  # a later transaction, committed earlier
    copy = Copy(client, key, settled=False)
    assert len(copy.held) == 124
    between = copy.refresh(settled=False)
    assert not [row for row in between if row.get("price_line_code") == "LATE"]
    passed.set()
    thread.join()
    told = copy.refresh()
    assert [row["price_line_code"] for row in told if row.get("price_line_code") == "LATE"] == ["LATE"]
    assert copy.is_exact()


def test_a_count_says_where_a_copy_of_its_watermark_cannot_agree_yet(client, key, market, southwark, lewisham):
    """While a transaction is open nothing that came after it is told: rows that went, too, or left the selection, or a
    framework that is seen no more."""
    lewishams = bearer(lewisham)
    copies = [Copy(client, key), Copy(client, key, f"{RATES}?in_force_on=2025-09-01"), Copy(client, lewishams)]
    written, passed = threading.Event(), threading.Event()

    def late():
        with officer(southwark):
            PriceLine.objects.filter(pk=market.ours.lines[0].pk).update(includes="held open")
            written.set()
            assert passed.wait(60)

    def counted(copy, *, agree):
        address, _, filters = copy.address.partition("?")
        told = json.loads(client.get(f"{address}count/?{filters}", headers=copy.key).content)
        assert (told["rows"] == len(copy.held)) is agree
        assert (told["unsettled"] == 0) is agree, told

    for copy in copies:
        counted(copy, agree=True)
    thread = in_thread(late)
    try:
        assert written.wait(20)
        with officer(southwark):
            gone, later = Rate.objects.filter(framework=market.ours.framework).order_by("pk")[:2]
            gone.delete()
            Rate.objects.filter(pk=later.pk).update(starts_on=date(2026, 1, 1))
            Participation.objects.filter(framework=market.ours.framework, authority=lewisham).delete()
        for copy in copies:
            copy.refresh(settled=False)
            counted(copy, agree=False)
    finally:
        passed.set()
        thread.join()
    for copy in copies:
        copy.refresh()
        counted(copy, agree=True)


def test_walks_are_exact_while_others_write(client, key, many, southwark):
    with officer(southwark):
        stays = {str(u) for u in Rate.objects.exclude(price_line__code__startswith="M5").values_list("uuid", flat=True)}
    stop = threading.Event()

    def write(number):
        round_ = 0
        on_lot = list(_awards(many, southwark))[number % 2]
        while not stop.is_set():
            round_ += 1
            with officer(southwark):
                Award.objects.select_for_update().get(pk=on_lot.pk)  # two of the three write to the same rates
                line = PriceLine.objects.create(
                    framework=many.framework, lot=many.lot, position=0, code=f"T{number}-{round_}", name="New"
                )
                charge(many, on_lot, line, round_)
                Rate.objects.filter(award=on_lot, price_line__code__endswith=str(round_ % 10)).update(amount=round_)
                Rate.objects.filter(award=on_lot, price_line__code=f"M5{round_ % 10}").delete()
                time.sleep(0.002 * number)

    threads = [in_thread(write, number) for number in range(3)]
    try:
        seen = []
        copy = Copy.__new__(Copy)
        copy.client, copy.key, copy.address, copy.held = client, key, RATES, {}
        for page in pages(client, f"{RATES}?limit=5", key):
            seen += [row["id"] for row in page["results"]]
            copy.watermark = page["watermark"]
            copy.apply(page["results"])
        assert len(seen) == len(set(seen)), "told twice"
        assert stays <= set(seen), "skipped"
        for _ in range(3):
            told = [row["id"] for row in copy.refresh(limit=5, settled=False) if not row.get("deleted")]
            assert len(told) == len(set(told)), "told twice in one delta"
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert copy.refresh(limit=7)
    assert copy.is_exact()
    assert copy.refresh() == []


def _awards(place, lead):
    with officer(lead):
        return list(place.lot.awards.order_by("id"))


def test_removals_are_told(client, key, market, southwark):
    copy = Copy(client, key)
    since = copy.watermark
    with officer(southwark):
        gone = Rate.objects.filter(provider=market.alder).order_by("id")
        ids = [str(rate.uuid) for rate in gone]
        gone.delete()
    told = copy.refresh()
    assert [(row["id"], row["deleted"], row["removes"]) for row in told] == [(id_, True, "row") for id_ in ids]
    assert copy.is_exact()
    lines = whole(client.get(f"{RATES}?updated_since={since}&format=ndjson", headers=key)).decode().splitlines()
    assert [json.loads(line) for line in lines] == told
    table = whole(client.get(f"{RATES}?updated_since={since}&format=csv", headers=key)).decode()
    assert table.count(",true,row") == 2


def test_a_row_that_leaves_a_selection_is_told(client, key, market, southwark):
    copy = Copy(client, key, f"{RATES}?in_force_on=2026-05-01")
    with officer(southwark):
        Rate.objects.filter(provider=market.alder).update(ends_before=date(2026, 4, 1))
    assert {row["removes"] for row in copy.refresh()} == {"row"}
    assert len(copy.held) == 2
    assert copy.is_exact()


def test_leaving_a_framework_takes_its_later_rates(client, market, southwark, lewisham):
    """Lewisham's part ends: rates that begin later are its to see no more, though no rate has changed."""
    with officer(southwark):
        for rate in Rate.objects.filter(framework=market.ours.framework, provider=market.birch):
            rate.ends_before = date(2026, 4, 1)
            rate.save()
            charge(market.ours, rate.award, rate.price_line, "900", date(2026, 4, 1))
    copy = Copy(client, bearer(lewisham))
    assert len(copy.held) == 10
    with officer(southwark):
        Participation.objects.filter(framework=market.ours.framework, authority=lewisham).update(
            ends_before=date(2026, 4, 1)
        )
    told = copy.refresh(limit=2)
    assert told[0]["removes"] == "framework"
    assert len(told) == 5
    assert len(copy.held) == 8
    assert copy.is_exact()
    with officer(southwark):
        Participation.objects.filter(framework=market.ours.framework, authority=lewisham).delete()
    copy.refresh()
    assert len(copy.held) == 4
    assert copy.is_exact()


def test_joining_a_framework_tells_its_rates(client, key, market, southwark, lewisham):
    copy = Copy(client, key)
    with officer(lewisham):
        Participation.objects.create(framework=market.theirs.framework, authority=southwark, starts_on=date(2026, 4, 1))
    assert len(copy.refresh(limit=3)) == 5
    assert len(copy.held) == 8
    assert copy.is_exact()
    assert copy.refresh() == []


def test_anothers_joining_is_not_ours(client, key, market, greenwich):
    copy = Copy(client, key)
    with officer(market.ours.lead):
        Participation.objects.filter(framework=market.ours.framework, authority=greenwich).delete()
    assert copy.refresh() == []


def test_a_rate_that_moves_out_of_a_part_is_taken_away(client, key, market, southwark, lewisham):
    """Southwark joins late; an older rate is then closed before it joined. That change is not Southwark's to see."""
    with officer(lewisham):
        Participation.objects.create(framework=market.theirs.framework, authority=southwark, starts_on=date(2026, 4, 1))
    copy = Copy(client, key)
    assert len(copy.held) == 8
    with officer(lewisham):
        moved = Rate.objects.filter(framework=market.theirs.framework, provider=market.alder)
        ids = {str(rate.uuid) for rate in moved}
        moved.update(ends_before=date(2026, 4, 1))
    told = copy.refresh()
    assert {row["id"] for row in told} == ids
    assert {row["removes"] for row in told} == {"row"}
    assert copy.is_exact()
    with officer(lewisham):
        moved.delete()
    assert copy.refresh()
    assert copy.is_exact()


def test_parts_are_told_with_their_row(client, key, market, southwark, greenwich):
    frameworks = Copy(client, key, f"{V1}/frameworks/")
    providers = Copy(client, key, f"{V1}/providers/")
    with officer(southwark):
        Extension.objects.filter(framework=market.ours.framework).update(taken_on=date(2026, 1, 1))
        Participation.objects.filter(framework=market.ours.framework, authority=greenwich).delete()
    with service():
        Alias.objects.all().delete()
        Ownership.objects.filter(owned=market.alder).update(
            owned=Provider.objects.create(name="Cedar", folded_name="cedar")
        )
    assert [row["reference"] for row in frameworks.refresh()] == ["SEL-1"]
    assert {row["name"] for row in providers.refresh(limit=1)} == {"=Alder Fostering", "Cedar"}
    assert frameworks.is_exact()
    assert providers.is_exact()


def test_names_of_authorities_are_no_part(client, key, southwark):
    copy = Copy(client, key, f"{V1}/authorities/")
    with service():
        AuthorityName.objects.create(authority=southwark, folded_name="the borough")
    assert copy.refresh() == []


def test_an_instant_tells_ten_minutes_more(client, key, market, southwark):
    def since(instant):
        settle()
        return [row for page in pages(client, f"{RATES}?updated_since={quote(instant.isoformat())}", key)
                for row in page["results"]]  # fmt: skip

    now = timezone.now()
    assert [row.get("removes") for row in since(now + timedelta(minutes=9))] == ["framework"] + [None] * 4
    ahead = client.get(f"{RATES}?updated_since={quote((now + timedelta(minutes=11)).isoformat())}", headers=key)
    assert (ahead.status_code, b"has not come yet" in ahead.content) == (400, True)
    with officer(southwark):
        Rate.objects.filter(provider=market.alder).delete()
    assert [row.get("deleted") for row in since(now)] == [True, True, True, None, None]


def test_pages_of_a_delta_make_the_whole(client, key, many, southwark):
    copy = Copy(client, key)
    with officer(southwark):
        Rate.objects.filter(price_line__code__startswith="M1").delete()
        Rate.objects.filter(price_line__code__startswith="M2").update(amount="5")
    address = f"{RATES}?updated_since={copy.watermark}&limit="
    settle()
    whole_ = [row for page in pages(client, f"{address}1000", key) for row in page["results"]]
    assert len(whole_) == 44
    for limit in (1, 3, 22):
        told = list(pages(client, f"{address}{limit}", key))
        assert [row for page in told for row in page["results"]] == whole_
        assert all(len(page["results"]) == limit for page in told[:-1])


def test_a_stream_is_one_moment(client, key, many, southwark, monkeypatch):
    monkeypatch.setattr(sending, "BLOCK", 10)
    told_before = paging.Phase.copied
    written = []

    def copied(phase, *of):
        """The others write when some of the rows are read, and the rest is not yet."""
        for number, line in enumerate(told_before(phase, *of)):
            if number == 20:
                in_thread(write).join()
                written.append(number)
            yield line

    monkeypatch.setattr(paging.Phase, "copied", copied)

    def write():
        with officer(southwark):
            Rate.objects.filter(price_line__code="M59").update(amount="7777")
            award(many, cedar, amounts=("1", "2"))

    with service():
        cedar = Provider.objects.create(name="Cedar", folded_name="cedar")
    settle()
    answer = client.get(f"{RATES}?format=ndjson", headers=key)
    told = [json.loads(line) for line in whole(answer).splitlines()]
    assert (len(told), written) == (124, [20])
    assert "7777.0000" not in {row["amount"] for row in told}
    held = {row["id"]: row for row in told}
    settle()
    after = [row for page in pages(client, f"{RATES}?updated_since={answer['Watermark']}", key)
             for row in page["results"]]  # fmt: skip
    assert held | {row["id"]: row for row in after} == Copy(client, key).held


@pytest.mark.parametrize("kind", ["ndjson", "csv"])
def test_a_reader_who_leaves_in_the_middle_leaves_the_connection_free(client, key, many, monkeypatch, kind):
    monkeypatch.setattr(sending, "PIECE", 100)
    answer = client.get(f"{RATES}?format={kind}", headers=key)
    assert len(next(iter(answer.streaming_content))) == 100
    answer.close()
    assert len(Copy(client, key).held) == 124


def test_a_watermark_of_another_database_is_refused(client, key, market):
    mark = int(Copy(client, key).watermark)
    assert client.get(f"{RATES}?updated_since={mark + 100000}", headers=key).status_code == 400


def test_changed_rows_come_in_the_order_of_their_transactions(client, key, market, southwark):
    copy = Copy(client, key, f"{V1}/frameworks/")
    with officer(southwark):
        Framework.objects.filter(pk=market.ours.framework.pk).update(note="a")
    with officer(market.theirs.lead):
        Framework.objects.filter(pk=market.theirs.framework.pk).update(note="b")
    assert [row["note"] for row in copy.refresh(limit=1)] == ["a", "b"]


def test_what_is_published_of_a_visit_comes_with_the_next_delta(client, market, southwark, lewisham):
    copy = Copy(client, bearer(lewisham), f"{V1}/visits/")
    with officer(southwark):
        visit = Visit.objects.get(authority=southwark, state="draft")
        Finding.objects.filter(visit=visit, marking="shareable").update(to_provider=True, to_members=True)
    assert not copy.held[str(visit.uuid)]["findings"]
    copy.refresh()
    assert copy.is_exact()
    assert [finding["words"] for finding in copy.held[str(visit.uuid)]["findings"]] == ["HIDDEN note"]


def test_a_check_comes_with_its_return(client, key, market, southwark):
    copy = Copy(client, key, f"{V1}/kpi-returns/")
    with officer(southwark):
        row = KpiReturn.objects.get(contract_kpi=None)
        assert copy.held[str(row.uuid)]["state"] == "queried"
        same = {name: getattr(row, name) for name in ("award_id", "framework_id", "lot_id", "provider_id")}
        KpiCheck.objects.create(
            **same, kpi_return=row, starts_on=row.starts_on, ends_before=row.ends_before, return_version=row.version,
            outcome="verified", checked_at=timezone.now(),
        )  # fmt: skip
    assert [told["state"] for told in copy.refresh()] == ["verified"]
    assert copy.is_exact()
