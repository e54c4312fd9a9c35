"""D9: what young people say in shared figures. Few respondents, all and nobody are never told, and not to be worked
out; and a release as the role that builds it makes one."""

import random
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissioning.compare.measures.benchmark import Figures, comparator, known
from commissioning.compare.measures.own import own_of
from commissioning.compare.models import Contribution, PublishedFigure
from commissioning.compare.rules.catalogue import MEASURES
from commissioning.compare.rules.cells import PARTS
from commissioning.compare.rules.disclosure import OF_PROVIDER, USUAL
from commissioning.compare.rules.figures import Base, make, rows_by_place
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.make_key import make_key
from contracts.models import Placement
from providers.actions.award_place import award_place
from providers.models import Ownership, Provider
from quality.models import SurveyWords
from tests.compare.attacker import against, wanted
from tests.compare.market import AS_AT, BEGINS, BY
from tests.compare.oracle_figures import unfit
from tests.compare.partnership_rows import Row, columns, voices
from tests.compare.releasing import NOW, build, publish
from tests.contracts.watching import rows_of, signed_in
from tests.quality.voices import answer, make_survey
from tests.reading import text

VIEWERS = ((), (0,), (0, 1), (2, 4))


def said(agree, other, *, children=None, provider=0, authorities=6, first=0):
    """Answers to one statement, spread over authorities; by so many `children` where fewer gave them."""
    rows = []
    for number in range(agree + other):
        child = first + (number % children if children else number)
        dims = {"service": "one", "market": ("lot", 1, ""), "provider": provider, "statement": 1, "owner": None,
                "route": ""}  # fmt: skip
        values = {"said": 1, "agrees": int(number < agree), "others": int(number >= agree)}
        place = child % 7 if provider is None else provider
        dims["provider"] = place
        rows.append(Row(child % authorities, child, place, PARTS, dims, values, key=f"{first}-{number}"))
    return rows


def shown(rows):
    figures = make({"voices": columns(rows)}, USUAL, groups={}).figures
    return {(each.cut, each.values): (each.n, each.percent) for each in figures}


def test_few_respondents_all_and_nobody_are_never_told():
    spread = {"provider": None}
    whole = ("statement", (1,))
    assert shown(said(60, 40, **spread))[whole] == (100, 60)
    assert whole not in shown(said(40, 20, children=7, **spread)), "sixty answers of seven are seven"
    assert shown(said(40, 30, children=35, **spread))[whole] == (70, 57)
    assert shown(said(100, 0, **spread)) == {}, "that all agree is what each of them said"
    assert shown(said(0, 100, **spread)) == {}, "and so is that nobody does"
    assert whole not in shown(said(93, 7, **spread)), "nor what seven said"
    assert shown(said(80, 20, authorities=4, **spread)) == {}, "three authorities besides any two"


def test_one_young_person_more_changes_no_figure_however_often_they_answered():
    """Two releases side by side: the difference would be what one of them said."""
    before = said(60, 40, provider=None)
    release = make({"voices": columns(before)}, USUAL, groups={})
    told = frozenset(each.key for each in release.figures)
    base = Base(rows_by_place({"voices": columns(before)}, {}), told, False, told, {})
    assert release.figures
    for many in (1, 12):
        later = before + [
            replace(row, child=999, authority=1, key=f"new {n}") for n, row in enumerate(before[:many])
        ]  # fmt: skip
        found = {each.key: each for each in make({"voices": columns(later)}, USUAL, groups={}, bases=[base]).figures}
        for figure in release.figures:
            after = found.get(figure.key)
            assert after is None or after.held or (after.n, after.percent) == (figure.n, figure.percent), many
        assert any(each.held for each in found.values())


def test_that_all_agree_does_not_come_back_by_subtracting():
    """Of four providers as large, one where all two hundred agree: the whole less the other three would tell it."""
    rows = [
        *said(120, 80, provider=1), *said(124, 76, provider=2, first=1200), *said(118, 82, provider=4, first=3600),
        *said(200, 0, provider=3, first=2400),
    ]  # fmt: skip
    figures = make({"voices": columns(rows)}, USUAL, groups={}).figures
    attacker, every, seen = against(rows, figures, "voices")
    alike = ("statement_provider_market", (1, 3, ("lot", 1, "")), None, "agrees")
    assert len(every[alike]) == 200
    assert alike not in seen
    for viewers in VIEWERS:
        attacker.looks(viewers)
        least, most = attacker.count(alike)
        assert most - least >= wanted(attacker.value(alike)), viewers
    assert figures, "something is told all the same"


@pytest.mark.parametrize("seed", [31])
def test_nothing_withheld_follows_from_everything_shown_together(seed):
    """Counts of answers, of those who agree and of those who do not, from everything shown, by an outsider, a member
    and pairs of members; cells where all say the same among them."""
    rows = voices(seed, authorities=6, n=260, statements=1)
    figures = make({"voices": columns(rows)}, USUAL, groups={}).figures
    assert figures, "a pattern that shows nothing is safe, and of no use"
    attacker, every, seen = against(rows, figures, "voices")
    alike = {
        name for name, members in every.items()
        if name[-1] and len(members) == len(every[(*name[:-1], "")])
    }  # fmt: skip
    assert alike
    assert not alike & seen
    targets = [
        name for name, members in every.items()
        if name not in seen and (name in alike or unfit(rows, members, of_provider=name[0] in OF_PROVIDER))
    ]  # fmt: skip
    tried = 0
    for viewers in VIEWERS:
        attacker.looks(viewers)
        for target in random.Random(seed).sample(sorted(targets, key=str), min(25, len(targets))):
            if value := attacker.value(target):
                least, most = attacker.count(target)
                tried += 1
                assert most - least >= wanted(value), (viewers, target, value)
    assert tried > 40


DAY = date(2026, 1, 14)


@pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)
def test_a_release_tells_what_young_people_say_and_pools_before_it_withholds(wide):
    """Seven members; each has two homes with each of four providers, two of which have one owner. Who wrote what stays
    where it is."""
    asks, second = wide.person("southwark"), wide.person("lewisham")
    with acting_as(Viewer.of_service("tests"), by=BY):
        survey = make_survey()
        top = Provider.objects.create(name="Top Holdings", folded_name="top holdings")
        for name in ("Provider 1", "Provider 2"):
            Ownership.objects.create(provider=top, owned=wide.providers[name])
    for place, authority in enumerate(wide.authorities):
        with wide.acting(authority):
            homes = Placement.objects.filter(authority=wide.authorities[authority]).order_by("pk")
            for number, home in enumerate(homes):
                for back in (0, 300, 800):  # the last is of more than two years ago
                    value = 2 if (number + place) % 4 == 0 else 5
                    made = answer(wide.authorities[authority], survey, DAY - timedelta(days=back),
                                  {1: value, 2: 5, 3: None}, placement=home)  # fmt: skip
            SurveyWords.objects.create(
                authority=wide.authorities[authority], response=made, words="SECRET",
                question=survey.questions.get(number=20),
            )  # fmt: skip
            answer(wide.authorities[authority], survey, DAY, {1: 1})  # of no known home: left out
    release = publish(build(by=asks), second)
    with acting_as(asks.viewer, by=asks):
        told = {
            (each.cut, each.statement.number, each.provider and each.provider.name): each
            for each in PublishedFigure.objects.filter(release_id=release.pk, measure="agree_share")
            .select_related("statement", "provider", "lot")
        }  # fmt: skip
        whole = told["statement", 1, None]
        # 7 authorities, 8 homes each, 2 answers in the time: of every fourth home the young person does not agree.
        n = 7 * 8 * 2
        assert whole.n == (2 * n + 5) // 10 * 5
        agree = sum(2 for place in range(7) for number in range(8) if (number + place) % 4)
        rounded = (2 * agree + 5) // 10 * 5
        assert whole.percent == (200 * rounded + whole.n) // (2 * whole.n)
        assert ("statement", 2, None) not in told, "everybody always says so"
        assert not any(number == 3 for _, number, _ in told), "nobody wanted to say"
        services = {wide.lots["1"].pk: "fostering"}
        figures = Figures(release, "agree_share")
        cell = {"statement": whole.statement_id, "provider": wide.providers["Provider 3"].pk,
                "market": ("lot", wide.lots["1"].pk, "")}  # fmt: skip
        owners = {wide.providers["Provider 1"].pk: top.pk}
        one = known(cell | {"provider": wide.providers["Provider 1"].pk}, services, owners)
        found = comparator(figures, one, below="statement_provider_market")
        assert found.rung in ("statement_owner", "statement_market")
        nothing = comparator(figures, known(cell | {"statement": -1}, services))
        assert nothing.words == "our own young people alone"
        ours = own_of(MEASURES["agree_share"], AS_AT).of(MEASURES["agree_share"], "statement")
        mine = [(number % 4) for number in range(8)]
        assert ours[whole.statement_id,].n == 16
        assert float(ours[whole.statement_id,].percent) == round(100 * sum(map(bool, mine)) / 8, 1)
    with acting_as(Viewer.of_release(), by="service:releases", using="release"):
        rows = Contribution.objects.filter(release_id=release.pk, population="voices")
        assert rows.count() == 2 * n, "two statements of two questions; don't want to say and old ones are none"
        assert not rows.exclude(parts__said=1).exists()
        assert rows.filter(owner=top.pk).count() == n
        assert "SECRET" not in str(list(rows.values()))
    with time_machine.travel(NOW, tick=False):
        _pages(wide, asks, whole, top)


def _pages(wide, asks, whole, top):
    """The same figures as readers meet them: side by side on the lot's page, by every cut, and through the API."""
    client, lot = signed_in(asks), wide.lots["1"]
    address = f"/benchmarks/lots/{lot.uuid}/together/"
    page = text(client.get(address))
    assert "never one score" in page
    assert "first the lot, with the provider, then its owner, then wider" in page
    rows = {row["provider"]: row for row in rows_of(client.get(address, {"format": "csv"}))}
    assert len(rows) == 4
    assert "2 of 4" in page, "of two young people: how many of how many"
    assert "50%" not in page
    for number, row in enumerate(rows.values()):
        # Southwark is the first: of its homes, those of every fourth do not agree; two homes with each provider.
        assert (row["own"], row["own_n"], row["homes"]) == (("50", "100")[number % 2], "4", "2"), number
        assert row["price"], number
        assert row["said"] == "c", "two homes of seven members with each: hidden, and the lot stands in"
    for cut in MEASURES["agree_share"].cuts:
        by = client.get("/benchmarks/measures/agree_share/", {"cut": cut})
        assert by.status_code == 200
        link = re.search(r'href="(/benchmarks/measures/agree_share/[^"]+/\?[^"]+)"', by.content.decode())
        if link:
            assert client.get(link[1].replace("&amp;", "&")).status_code == 200, cut
    found = text(client.get("/benchmarks/measures/agree_share/"))
    assert f"{whole.percent}%" in found
    with acting_as(Viewer.of_authority(asks.authority_id), by=BY):
        _, presented = make_key(authority=asks.authority, name="warehouse", scopes=("*",), at=NOW, by=None)
    key = {"Authorization": f"Bearer {presented}"}
    given = client.get("/api/v1/benchmarks/", {"statement": whole.statement.uuid, "cut": "statement"}, headers=key)
    (row,) = given.json()["results"]
    assert (row["n"], row["percent"], row["statement_number"]) == (whole.n, whole.percent, 1)
    assert client.get("/api/v1/benchmarks/", {"owner": top.uuid}, headers=key).status_code == 200
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    with acting_as(Viewer.of_service("tests"), by=BY):
        more = [Provider.objects.create(name=f"More {n}", folded_name=f"more {n}") for n in range(20)]
    with wide.acting("southwark"):
        for provider in more:
            award_place(lot=lot, provider=provider, starts_on=BEGINS, by=BY, tier=1)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
