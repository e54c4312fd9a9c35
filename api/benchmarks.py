"""Benchmarks: the figures of a published release, row by row as the pages show them (compare/measures/benchmark.py)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.functions import NullIf
from rest_framework.request import Request

from commissioning.compare.filters import DIMENSIONS_ASKED, NONE, BenchmarkSelection, cuts_by
from commissioning.compare.measures.benchmark import newest_release, shown
from commissioning.compare.models import PeerGroup, PublishedFigure, Release, ReleaseState
from commissioning.compare.rules.catalogue import CUTS, MEASURES, MOST_DIMENSIONS, Measure
from commissioning.compare.rules.disclosure import SIGNS, WITHHELD
from commissioning.partnership.models import Framework, Lot, PriceLine
from commissioning.partnership.rules.codes import LEVELS
from contracts.rules import codes
from providers.models import Provider
from quality.rules.scales import ALL_JUDGEMENTS, NOT_YET_INSPECTED

from .counts import CountView
from .deltas import FOREVER, called_otherwise, changed, frameworks_rejoined, full_walk, removed, withdrawn
from .fields import Field, choice, day, money, ref, text, whole
from .paging import Phase, Span
from .problems import BadRequest, Gone
from .resources import Resource, names, removal_json
from .views import OWN_PARAMETERS, ListView, given_once, selected

ANYTHING_ELSE = (
    "Figures are chosen by the dimensions that they are published by. They are not sorted, and not chosen by what they "
    "say: either would tell of those that are withheld."
)


def _word(name: str, column: str, words: Mapping[str, str], none: str = "") -> Field:
    """What a code is called; `none` where the cut goes by the dimension and there is no code."""
    known = [When(**{column: code}, then=Value(word)) for code, word in words.items() if code]
    empty = [When(**{column: ""}, cut__in=cuts_by(name), then=Value(none))] if none else []
    told = text(name)
    return Field(f"{name}_name", lambda: Case(*known, *empty, output_field=TextField()), told.schema)


def _or_none(name: str) -> Any:
    def code() -> Any:
        told = When(**{name: ""}, cut__in=cuts_by(name), then=Value(NONE))
        return Case(told, default=NullIf(F(name), Value("")), output_field=TextField())

    return code


def _kept(word: str) -> Any:
    """A word of the measure's definition, as the release keeps it."""
    return lambda: Func(
        F("release__definitions"), F("measure"), Value(word), function="jsonb_extract_path_text",
        output_field=TextField(),
    )  # fmt: skip


class Published(Resource):
    """Figures of releases that are published, of old ones too. A list is of one release."""

    def rows(self) -> QuerySet:
        return PublishedFigure.objects.filter(release__state=ReleaseState.PUBLISHED)


LEVELS_ASKED = {code: word for code, word in {**LEVELS, NONE: "No level"}.items() if code}
JUDGEMENTS_ASKED = {**ALL_JUDGEMENTS, NONE: NOT_YET_INSPECTED}
SIGNS_TOLD = {sign: words for sign, words in SIGNS.items() if sign != WITHHELD}

BENCHMARKS = Published(
    name="benchmarks",
    component="Benchmark",
    says="The partnership's figures as a release shows them: the rows of the benchmark pages. A list is of the newest "
    "published release, or of the one whose number you name, and of the whole partnership unless you name a peer "
    "group. Counts are to the nearest five and money to the nearest five pounds. What is withheld is not there: a cell "
    "without a row, or a figure that is null. At most three dimensions stand together, in the combinations that cut "
    "lists; nothing is sorted or chosen by what a figure says. A delta takes away the figures of a release that was "
    "withdrawn, or that is not the newest any more.",
    model=PublishedFigure,
    own_fields=(
        ref("release", required=True),
        whole("release_number", "release__number", required=True),
        day("as_at", "the last of the twelve months that the release tells of", required=True),
        choice("measure", {key: each.title for key, each in MEASURES.items()}, required=True),
        text("measure_title", _kept("title"), "as the release keeps it", required=True),
        text("unit", _kept("unit"), required=True),
        choice("cut", {key: each.title for key, each in CUTS.items()}, "by which dimensions", required=True),
        ref("group", says="the peer group that it is of; null: the whole partnership"),
        text("group_name", "group__name"),
        choice("service_type", codes.SERVICE_TYPES, "null: the cut does not go by it, or the lot says it"),
        _word("service_type", "service_type", codes.SERVICE_TYPES),
        ref("lot"),
        text("lot_number", "lot__number"),
        text("lot_name", "lot__name"),
        text("lot_framework_reference", "lot__framework__reference"),
        ref("price_line"),
        text("price_line_code", "price_line__code"),
        text("price_line_name", "price_line__name"),
        choice("route", codes.ROUTES, "how it was bought"),
        _word("route", "route", codes.ROUTES),
        text("age", "age_band", "as homes of the kind are priced"),
        choice("level", LEVELS_ASKED, "none: no level is told", source=_or_none("level")),
        _word("level", "level", LEVELS, "No level"),
        choice("judgement", JUDGEMENTS_ASKED, "none: not yet inspected", source=_or_none("judgement")),
        _word("judgement", "judgement", ALL_JUDGEMENTS, NOT_YET_INSPECTED),
        ref("provider"),
        text("provider_name", "provider__name"),
        ref("statement", says="of what young people say: which I statement; null: another measure"),
        whole("statement_number", "statement__number"),
        text("statement_words", "statement__words"),
        ref("owner", says="the provider that owns a group of others"),
        text("owner_name", "owner__name"),
        ref("framework", says="of a figure that names a provider: those who take part in it read the figure"),
        whole("n", says="homes, price lines, providers asked or answers, to the nearest five"),
        *(
            money(name, says, places=2, null=True)
            for name, says in (
                ("mean", ""), ("median", ""), ("lower_quartile", ""), ("upper_quartile", ""),
                ("tenth", "10th percentile"), ("ninetieth", "90th percentile"),
            )
        ),
        whole("mode_from", says="where the most usual band begins, in pounds; its width is in the release's rules"),
        whole("percent", says="a share, in whole per cent"),
        choice("sign", SIGNS_TOLD, "; ".join(f"{sign}: {words}" for sign, words in SIGNS_TOLD.items())),
        ref("held_from", says="too little has changed since this release to be told, so its figure stands"),
        whole("held_from_number", "held_from__number"),
    ),
    selection=BenchmarkSelection,
    parts=(
        names(PeerGroup, "group_id", "name"),
        names(Lot, "lot_id", "number", "name"),
        names(Framework, "lot__framework_id", "reference"),
        names(PriceLine, "price_line_id", "code", "name"),
        names(Provider, "provider_id", "name"),
        names(Provider, "owner_id", "name"),
    ),
)  # fmt: skip


class BenchmarksView(ListView):
    """A list of one release's figures: the newest, unless its number is given. Its pages go on with the release that
    they began with."""

    refusals = ("gone",)

    def given(self, request: Request) -> dict[str, str]:
        given = _given(request, OWN_PARAMETERS)
        self.newest = newest_release() if not given.get("release") else None
        if self.newest is not None and "updated_since" not in given:
            given["release"] = str(self.newest.number)
        return given

    def phases(self, given: dict[str, str], span: Span, filters: dict[str, str]) -> list[Phase]:
        since = "updated_since" in given
        release = self.newest or _numbered(given.get("release", ""), since=since)
        rows = _figures(release, filters)
        if not since:
            return full_walk(self.declared, rows)
        return _delta(self.declared, release, rows, span, alone=bool(given.get("release")))


class BenchmarksCount(CountView):
    """Of the figures that the list has: one release's, of the whole partnership or of one group."""

    refusals = ("gone",)

    def chosen(self, request: Request) -> QuerySet:
        filters = {name: value for name, value in _given(request, ()).items() if value != ""}
        release = _numbered(filters["release"], since=False) if "release" in filters else newest_release()
        return _figures(release, filters)

    def unsettled(self, until: int) -> int:
        """A figure never changes: a release does, and all of it with it."""
        moved = Release.objects.filter(
            changed_xid__gte=until, state__in=(ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)
        )  # fmt: skip
        rejoined = frameworks_rejoined(Span(FOREVER, since=until))
        return super().unsettled(until) + moved.count() + len(rejoined)


def _given(request: Request, own: tuple[str, ...]) -> dict[str, str]:
    known = (*own, *BenchmarkSelection.base_filters)
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        asked = ", ".join(BenchmarkSelection.base_filters)
        raise BadRequest(f"{unknown[0]!r} cannot be asked. {ANYTHING_ELSE}", f"What may be asked: {asked}.")
    given = given_once(request, BENCHMARKS, own)
    closed({name: value for name, value in given.items() if value})
    return given


def _figures(release: Release | None, filters: dict[str, str]) -> QuerySet:
    """The figures of a release that answer the filters: none of one that is not published."""
    published = release is not None and release.state == ReleaseState.PUBLISHED
    rows = _of_group(release, filters.get("group", "")) if release and published else PublishedFigure.objects.none()
    return selected(BENCHMARKS, rows, filters)


def _numbered(number: str, *, since: bool) -> Release | None:
    """The release of a number; None for none. A release that is not to be seen is refused, with those that are."""
    if not number:
        return None
    if number.isascii() and number.isdigit() and len(number) < 10:
        found = Release.objects.filter(number=int(number)).exclude(published_at=None).first()
        if found is not None and found.state == ReleaseState.WITHDRAWN and not since:
            raise Gone(f"{found} was withdrawn: {found.withdrawn_why}")
        if found is not None:
            return found
    there = ", ".join(str(n) for n in Release.objects.published().values_list("number", flat=True)) or "none yet"
    raise BadRequest(f"release {number!r} is no published release.", f"Published are: {there}.")


def _of_group(release: Release, group: str) -> QuerySet:
    """Ids of groups are validated with the other filters; an unknown one has no figures."""
    if not group:
        return shown(release)
    try:
        found = PeerGroup.objects.filter(uuid=UUID(group)).values_list("pk", flat=True).first()
    except ValueError:
        found = None
    return PublishedFigure.objects.none() if found is None else shown(release, group=found)


def _delta(resource: Resource, release: Release | None, rows: QuerySet, span: Span, *, alone: bool) -> list[Phase]:
    """Figures never change; what is told changes when a release is published or withdrawn, or when this authority's
    part in a framework does. `alone`: the list is of this release whatever is newest."""
    moved = set(
        Release.objects.filter(
            span.of("changed_xid", "changed_at"), state__in=(ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)
        ).values_list("pk", flat=True)
    )
    current = release.pk if release else None
    left = set(moved) - {current}
    if alone:
        left = {current} & moved if release and release.state == ReleaseState.WITHDRAWN else set()
        moved &= {current}
    elif moved:  # what was the newest before, where nothing has happened to it itself
        before = Release.objects.published().exclude(pk__in={*moved, current} - {None})
        left |= set(before.values_list("pk", flat=True)[:1])
    rejoined = frameworks_rejoined(span)
    gone = PublishedFigure.objects.filter(release__in=left)
    again = rows if moved else rows.filter(Q(framework__in=rejoined) | called_otherwise(resource, span))
    return [
        withdrawn(rejoined), removed(resource, span),
        Phase(gone, ("id",), removal_json("uuid", F("release__changed_at"))),
        changed(resource, rows, span, filtered=False),
        Phase(again.exclude(span.of("changed_xid", "changed_at")), ("id",), resource.json()),
    ]  # fmt: skip


# What is closed


def closed(given: Mapping[str, str]) -> None:
    """BadRequest where what is asked together is not published together; it names what is."""
    measure, cut = given.get("measure", ""), given.get("cut", "")
    for name, value, known in (("measure", measure, MEASURES), ("cut", cut, CUTS)):
        if value and value not in known:
            raise BadRequest(f"{name} {value!r} is not published.", f"Published are: {', '.join(known)}.")
    asked = MEASURES.get(measure)
    if asked is not None and cut and cut not in asked.cuts:
        raise BadRequest(f"{measure} is not published by {cut}.", f"It is by: {', '.join(asked.cuts)}.")
    dimensions = [name for name in DIMENSIONS_ASKED if name in given]
    if len(dimensions) > MOST_DIMENSIONS:
        raise BadRequest(
            f"At most {MOST_DIMENSIONS} dimensions stand together; these are {len(dimensions)}: "
            f"{', '.join(dimensions)}.",
            _offered(asked),
        )
    cuts = [cut] if cut else list(asked.cuts if asked else CUTS)
    if not any(_within(dimensions, name) for name in cuts):
        by = f"{measure or 'Nothing'}{' by ' + cut if cut else ''}"
        is_ = "is not published" if measure else "is published"
        raise BadRequest(f"{by} {is_} by {' and '.join(dimensions)} together.", _offered(asked))


def _within(asked: list[str], cut: str) -> bool:
    return all(set(DIMENSIONS_ASKED[name]) & set(CUTS[cut].dimensions) for name in asked)


def _offered(measure: Measure | None) -> str:
    cuts = measure.cuts if measure else tuple(CUTS)
    return f"Ask by one of these: {'; '.join(CUTS[name].title for name in cuts)}."
