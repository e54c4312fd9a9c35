"""Figures through the API: those of the page to the figure, of one release, by closed dimensions, kept by deltas."""

import json
from datetime import date
from decimal import Decimal

import pytest

from api.benchmarks import BENCHMARKS
from commissioning.compare.actions.releases import publish_release, withdraw_release
from commissioning.compare.measures.benchmark import benchmark
from commissioning.compare.models import PeerGroup, PublishedFigure, Release
from commissioning.compare.pages.cells_asked import written
from commissioning.compare.rules.catalogue import CUTS, MEASURES
from commissioning.kernel.tenancy.viewer import acting_as
from commissioning.partnership.models import Participation
from tests.compare.figures import AT, figures, release_by, weekly

from .conftest import bearer, officer
from .test_at_once import digest
from .test_refusals import problem
from .test_shape import answers_match, files_match, schema  # noqa: F401
from .test_walks import Copy
from .walk import V1, pages, rows

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)
HERE = f"{V1}/benchmarks/"
COLUMNS = ("n", "mean", "median", "lower_quartile", "upper_quartile", "tenth", "ninetieth", "mode_from", "percent")


@pytest.fixture
def people(cast):
    return cast.person("commissioning_officer"), cast.person("commissioning_officer", stranger=True)


@pytest.fixture
def made(cast, people):
    """A release of every kind of figure: of lots, outside them, of a provider, of a price line, of a group."""
    release = release_by(*people)
    lot, pair = cast.world.lot(cast.world.shared), cast.world.lot(cast.world.pair)
    with officer(cast.authority):
        group = PeerGroup.objects.create(authority=cast.authority, name="Inner London")
        line = lot.price_lines.first()
    provider = next(iter(cast.world.providers.values()))
    share = {"measure": "spend_share", "cut": "service_route", "n": 60, "service_type": "residential"}
    figures(
        release, weekly("service", service_type="fostering"), weekly("market", lot_id=lot.pk),
        weekly("market", route="spot", service_type="residential", median=4200, mode_from=None),
        weekly("market_age_level", lot_id=lot.pk, age_band="5 to 10", level="standard"),
        weekly("market_age_level", lot_id=lot.pk, age_band="5 to 10", level=""),
        weekly("service_judgement", service_type="residential", judgement=""),
        weekly("service_judgement", service_type="residential", judgement="good"),
        weekly("provider_market", lot_id=lot.pk, provider_id=provider.pk, framework_id=cast.world.shared.pk),
        weekly("provider_market", lot_id=pair.pk, provider_id=provider.pk, framework_id=cast.world.pair.pk, mean=1111),
        weekly("service", service_type="residential", n=15, **dict.fromkeys(COLUMNS[1:8])),
        {**weekly("price_line", price_line_id=line.pk), "measure": "line_price"},
        {**share, "route": "spot", "percent": 52}, {**share, "route": "block", "sign": "k", "n": None},
        weekly("service", service_type="fostering", group_id=group.pk, median=795),
    )  # fmt: skip
    return release


@pytest.fixture
def key(made, cast):
    return bearer(cast.authority)


def test_answers_match_the_schema(client, key, schema):  # noqa: F811
    answers_match(client, key, schema, BENCHMARKS)


def test_csv_and_ndjson_say_the_same(client, key):
    files_match(client, key, BENCHMARKS)


def test_a_page_asks_a_fixed_number_of_queries(client, key, django_assert_num_queries):
    """Key, begin, who, newest release, participations, watermark, rows, commit: for one row and for a thousand."""
    client.get(HERE, headers=key)  # the key's last use is noted once a minute
    for limit in (1, 1000):
        with django_assert_num_queries(9):
            client.get(f"{HERE}?limit={limit}", headers=key)


class NoneOfOurs:
    """Nothing bought: what is left of a page's rows is the partnership's alone."""

    def of(self, measure, cut):
        return {}


def test_every_figure_is_the_page_s(client, key, made, people):
    """Each cell, by the words of the page's own address for it; and nothing that the page does not have."""
    told = {(row["measure"], row["cut"], _cell(row)): row for row in rows(client, f"{HERE}?limit=3", key)}
    found = {}
    with acting_as(people[0].viewer, by=people[0]):
        for name, measure in MEASURES.items():
            for cut in measure.cuts:
                page = benchmark(name, cut, made, NoneOfOurs())
                for row in page.rows:
                    cell = written(cut, row.values, page.names)
                    found[name, cut, tuple(sorted(cell.items()))] = row.shared
    assert set(told) == set(found)
    assert len(found) == 12
    for cell, figure in found.items():
        for name in COLUMNS:
            value = getattr(figure, name)
            assert told[cell][name] == (f"{value:.2f}" if isinstance(value, Decimal) else value), (cell, name)
        assert told[cell]["sign"] == (figure.sign or None)
        assert told[cell]["unit"] == MEASURES[cell[0]].unit
        assert (told[cell]["release_number"], told[cell]["as_at"]) == (1, "2026-03-31")
        assert told[cell]["id"] == str(figure.uuid)


def _cell(row):
    """As the page's address has the cell of a row."""
    market = row["lot"] or f"{row['route']}:{row['service_type']}"
    named = {"service": row["service_type"], "market": market, "age": row["age"]}
    cut = CUTS[row["cut"]].dimensions
    return tuple(sorted((name, str(named[name] if name in named else row[name])) for name in cut))


def test_codes_have_their_words_beside_them(client, key, cast):
    (of_lot,) = rows(client, f"{HERE}?cut=market&lot={cast.world.lot(cast.world.shared).uuid}", key)
    assert (of_lot["lot_number"], of_lot["lot_framework_reference"], of_lot["service_type"]) == ("1", "IFA-TEST", None)
    assert (of_lot["measure_title"], of_lot["unit"]) == ("Weekly price", "£ a week")
    (outside,) = rows(client, f"{HERE}?cut=market&route=spot", key)
    assert (outside["route_name"], outside["service_type_name"]) == ("Spot", "Children's home")
    (no_level,) = rows(client, f"{HERE}?level=none", key)
    assert (no_level["cut"], no_level["level"], no_level["level_name"]) == ("market_age_level", "none", "No level")
    (not_yet,) = rows(client, f"{HERE}?judgement=none", key)
    assert not_yet["judgement_name"] == "Not yet inspected"
    (good,) = rows(client, f"{HERE}?judgement=good&service_type=residential", key)
    assert good["judgement_name"] == "Good"


def test_filters_choose(client, key, made, cast):
    def n(asked):
        return len(rows(client, f"{HERE}?{asked}", key))

    assert n("") == n("release=1") == n("release=") == 12
    assert (n("measure=weekly_price"), n("measure=spend_share"), n("cut=service")) == (9, 2, 2)
    assert (n("age=5 to 10"), n("age=5 to 10&level=standard"), n("service_type=fostering")) == (2, 1, 1)
    assert n(f"provider={next(iter(cast.world.providers.values())).uuid}") == 1
    with officer(cast.authority):
        group = PeerGroup.objects.get()
    (only,) = rows(client, f"{HERE}?group={group.uuid}", key)
    assert (only["group_name"], only["median"]) == ("Inner London", "795.00")
    assert n("group=00000000-0000-0000-0000-000000000000") == 0


@pytest.mark.parametrize(("asked", "words"), [
    ("sort=median", "not sorted"), ("order=n", "not sorted"), ("mean=805", "by what they say"),
    ("median_min=1", "by what they say"), ("n=40", "by what they say"), ("percent=52", "by what they say"),
    ("child=1", "What may be asked"), ("authority=1", "cannot be asked"), ("month=2026-01", "cannot be asked"),
    ("price_line=1", "cannot be asked"), ("postcode=SE1", "cannot be asked"),
    ("service_type=fostering&age=5 to 10&level=standard&judgement=good", "At most 3 dimensions"),
    ("age=5 to 10&judgement=good", "Nothing is published by age and judgement together"),
    ("cut=service&age=5 to 10", "Nothing by service is published by age together"),
    ("measure=weekly_price&cut=service&age=5 to 10", "weekly_price by service is not published by age"),
    ("measure=price", "Published are: weekly_price"),
    ("cut=borough", "Published are: provider_market"), ("measure=line_price&cut=service", "It is by: price_line"),
    ("measure=response_hours&age=5 to 10", "Ask by one of these: lot; kind of home; provider and lot"),
    ("release=2", "Published are: 1"), ("release=%D9%A1", "release"), ("release=0", "release"),
    ("release=-1", "release"),
    ("age=10 to 16", "age"), ("service_type=hotel", "service_type"), ("lot=1", "lot"), ("group=1", "group"),
    ("measure=weekly_price&measure=line_price", "measure"), ("provider=%00", "provider"), ("limit=0", "limit"),
    ("level=NaN", "level"), ("format=ods", "format"), ("cursor=abc", "cursor"), ("updated_since=yesterday", "updated"),
    ("%00=1", "cannot be asked"),
])  # fmt: skip
def test_dimensions_are_closed(client, key, asked, words):
    said = problem(client.get(f"{HERE}?{asked}", headers=key), 400)
    assert words in f"{said['detail']} {said['remedy']}"


def test_a_provider_s_figure_is_for_who_takes_part(client, key, made, cast):
    """Southwark has no part in the pair's framework: not in a row, a file, a delta or at the figure's own address."""
    with officer(cast.other):
        foreign = PublishedFigure.objects.get(framework=cast.world.pair)
    for how in ("", "?format=csv", "?format=ndjson", "?updated_since=1", "?release=1&updated_since=1"):
        answer = client.get(f"{HERE}{how}", headers=key)
        told = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert str(foreign.uuid).encode() not in told
        assert b"1111" not in told
    problem(client.get(f"{HERE}{foreign.uuid}/", headers=key), 404)
    theirs = bearer(cast.other)
    assert str(foreign.uuid) in {row["id"] for row in rows(client, HERE, theirs)}


def test_only_what_is_published_is_there(client, key, made, people):
    for number, state in ((2, "built"), (3, "approved"), (4, "withdrawn")):
        hidden = release_by(*people, number=number, as_at=date(2026, 6, 30), state=state)
        (figure,) = figures(hidden, weekly("service", service_type="fostering", median=999))
        problem(client.get(f"{HERE}{figure.uuid}/", headers=key), 404)
        problem(client.get(f"{HERE}?release={number}", headers=key), 410 if state == "withdrawn" else 400)
    assert {row["release_number"] for row in rows(client, HERE, key)} == {1}
    said = problem(client.get(f"{HERE}?release=4", headers=key), 410)
    assert "One file was sent twice" in said["detail"]


def test_a_list_is_counted_as_it_is_told(client, key, made, people):
    """Of one release, of the whole partnership or of one group; and what is no list has no count."""
    newer = release_by(*people, number=2, as_at=date(2026, 6, 30))
    figures(newer, weekly("service", service_type="fostering"))
    with acting_as(people[0].viewer, by=people[0]):
        group = PeerGroup.objects.get().uuid
    asked = ("", "release=1", f"release=1&group={group}", "release=1&measure=weekly_price&cut=service", "group=")
    assert [len(counted(client, key, each)) for each in asked] == [1, 12, 1, 2, 1]
    for wrong, status in (("release=3", 400), ("sort=n", 400), ("release=1&lot=1&provider=1&level=standard", 400)):
        problem(client.get(f"{HERE}count/?{wrong}", headers=key), status)
    with acting_as(people[0].viewer, by=people[0]):
        withdraw_release(release=newer, by=people[0], now=AT, why="A mistake")
    assert len(counted(client, key, "")) == 12
    problem(client.get(f"{HERE}count/?release=2", headers=key), 410)


def counted(client, key, asked):
    """The rows of the list, which its count must agree with."""
    told = rows(client, f"{HERE}?{asked}", key)
    count = json.loads(client.get(f"{HERE}count/?{asked}", headers=key).content)
    assert (count["rows"], count["unsettled"], count["digest"]) == (len(told), 0, digest(told)), asked
    return told


def test_without_a_release_the_list_is_empty(client, cast):
    key = bearer(cast.authority)
    assert counted(client, key, "") == []
    assert all(row["deleted"] for row in rows(client, f"{HERE}?updated_since=1", key))
    problem(client.get(f"{HERE}?release=1", headers=key), 400)


def test_a_walk_goes_on_with_the_release_it_began_with(client, key, made, people):
    walked = pages(client, f"{HERE}?limit=5", key)
    told = next(walked)["results"]
    newer = release_by(*people, number=2, as_at=date(2026, 6, 30))
    figures(newer, weekly("service", service_type="fostering"))
    told += [row for page in walked for row in page["results"]]
    assert [row["release_number"] for row in told] == [1] * 12
    assert {row["release_number"] for row in rows(client, HERE, key)} == {2}
    walked = pages(client, f"{HERE}?release=1&limit=5", key)
    following = next(walked)["next"]
    with acting_as(people[0].viewer, by=people[0]):
        withdraw_release(release=made, by=people[0], now=AT, why="A mistake")
    problem(client.get(following, headers=key), 410)


def test_a_copy_is_exact_through_publishing_correcting_and_withdrawing(client, key, made, cast, people):
    first, second = people
    newest, alone = Copy(client, key, HERE), Copy(client, key, f"{HERE}?release=1")
    narrowed = Copy(client, key, f"{HERE}?measure=weekly_price&cut=service")
    copies = (newest, alone, narrowed)
    assert len(newest.held) == len(alone.held) == 12

    later = release_by(first, second, number=2, as_at=date(2026, 6, 30), state="approved")
    figures(later, weekly("service", service_type="fostering"), weekly("route", route="spot"))
    for copy in copies:
        copy.refresh(limit=2)
        assert copy.is_exact()
    assert {row["release_number"] for row in newest.held.values()} == {1}, "approved is not published"
    with acting_as(second.viewer, by=second):
        publish_release(release=later, by=second, now=AT)
    for copy in copies:
        copy.refresh(limit=2)
        assert copy.is_exact()
    assert {row["release_number"] for row in newest.held.values()} == {2}
    assert len(alone.held) == 12

    # A correction of the first is published: the newest stays, the first is gone.
    correction = release_by(first, second, number=3, state="approved", corrects=made, note="One file was sent twice")
    figures(correction, weekly("service", service_type="fostering"))
    with acting_as(second.viewer, by=second):
        publish_release(release=correction, by=second, now=AT)
    newest.refresh(limit=1)
    narrowed.refresh()
    alone.refresh(limit=1)
    assert newest.is_exact()
    assert narrowed.is_exact()
    assert alone.held == {}
    with acting_as(second.viewer, by=second):
        withdraw_release(release=later, by=second, now=AT, why="Wrong too")
    newest.refresh(limit=1)
    narrowed.refresh()
    assert newest.is_exact()
    assert narrowed.is_exact()
    assert {row["release_number"] for row in newest.held.values()} == {3}
    with acting_as(second.viewer, by=second):
        withdraw_release(release=correction, by=second, now=AT, why="Wrong as well")
        assert not Release.objects.published().exists()
    newest.refresh()
    assert newest.held == {}


def test_a_copy_is_exact_when_a_part_in_a_framework_moves(client, key, made, cast):
    copy = Copy(client, key, HERE)
    with officer(cast.other):
        part = Participation.objects.create(
            framework=cast.world.pair, authority=cast.authority, starts_on=date(2026, 1, 1)
        )
    copy.refresh()
    assert copy.is_exact()
    assert len(copy.held) == 13
    with officer(cast.other):
        part.starts_on = date(2026, 4, 1)
        part.save()
    copy.refresh()
    assert copy.is_exact()
    assert len(copy.held) == 12


def test_a_cursor_is_for_one_caller_and_one_question(client, key, cast):
    following = json.loads(client.get(f"{HERE}?limit=1", headers=key).content)["next"]
    assert "release=1" in following
    problem(client.get(following, headers=bearer(cast.other)), 400)
    problem(client.get(following + "&measure=weekly_price", headers=key), 400)
    problem(client.get(following.replace("/benchmarks/", "/releases/").replace("release=1&", ""), headers=key), 400)


def test_who_sees_no_figure(client, made, cast):
    for role in ("provider_contact", "partnership_administrator"):
        client.force_login(cast.person(role))
        problem(client.get(HERE), 403)
    problem(client.get(HERE, headers=bearer(cast.authority, "releases")), 403)
    assert client.get(HERE, headers=bearer(cast.authority, "benchmarks")).status_code == 200
