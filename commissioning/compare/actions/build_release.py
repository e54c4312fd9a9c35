"""Building a release, as the role `release`: contributions in, figures and the audit's report out.

Several transactions, so that progress shows and nothing is locked while figures are worked out: what contributes is
read and kept; the figures are worked out (rules/figures.py); they are written with the release's new state. Each
begins with the release's row as this process left it, so that two that build one release never mix.
"""

import logging
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.utils import OperationalError, ProgrammingError

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority, Lot, PriceLine

from ..measures.benchmark import COLUMNS, values_of
from ..measures.contributions import contributions, judge, own_groups, records_of
from ..models import Contribution, PeerGroup, PeerMember, PublishedFigure, Release, ReleaseState
from ..rules.catalogue import CUTS, MEASURES
from ..rules.disclosure import Thresholds, thresholds
from ..rules.figures import SHOWN_BY, Base, Figure, Key, Made, Place, Rows, admitted, make, rows_by_place
from ..rules.suppression import NotSafe
from .releases import bases_of, once_seen

BY = "service:releases"
ALIAS = "release"
SERVICE = Viewer.of_service("releases")
BATCH = 2_000
SHOWS_EVERY = 2  # seconds, of progress within a stage
NO_SIGN_IN = (
    "The worker that took this has no sign-in that may read what goes in. Whoever keeps the platform sets "
    "DATABASE_RELEASE_URL for the worker, and for nothing else, and starts the worker again. Then build it again."
)
CANNOT_SIGN_IN = (
    "The worker could not read what goes in. Whoever keeps the platform checks that DATABASE_RELEASE_URL signs in as "
    "the role release, and starts the worker again. Then build it again."
)
STOPPED = "It stopped before it was done. Build it again; if it stops again, tell whoever keeps the platform."
FIGURE_COLUMNS = ("mean", "median", "lower_quartile", "upper_quartile", "tenth", "ninetieth", "mode_from")
Kept = dict[int, dict[tuple[str, Place], Rows]]  # release -> its cells' rows, each read once
logger = logging.getLogger(__name__)


class CannotBuild(Exception):
    """Says what stands in the way, and who mends it."""


class Superseded(Exception):
    """Somebody else has changed the release since this process last did."""


def build_release(*, release_id: int, now: Callable[[], datetime]) -> None:
    """Builds a release that waits, and leaves it built, or failed with the reason. One that does not wait is left."""
    release = None
    try:
        if ALIAS not in settings.DATABASES:
            raise CannotBuild(NO_SIGN_IN)
        rules = _rules()
        release = _begin(release_id)
        if release is not None:
            _keep(release, _make(release, rules, now().date()), rules, now())
    except Superseded:
        return  # withdrawn, or begun again, while this went on: what it says now stands
    except CannotBuild as problem:
        _fail(release_id, release, str(problem))
    except NotSafe as problem:
        _fail(release_id, release, f"Nothing was published: {problem}.")
    except Exception:
        _fail(release_id, release, STOPPED)
        raise


def _rules() -> Thresholds:
    try:
        return thresholds(settings.DISCLOSURE)
    except ValueError as problem:
        raise CannotBuild(f"The settings do not allow it. {problem}") from None


def _begin(release_id: int) -> Release | None:
    """The release, marked as being built; None where it does not wait."""
    try:
        with _release():
            release = Release.objects.select_for_update().get(pk=release_id)
            if release.state != ReleaseState.REQUESTED:
                return None
            _save(release, state=ReleaseState.BUILDING, stage="Reading purchases")
            return release
    except (OperationalError, ProgrammingError):
        logger.exception("Release %s could not be begun", release_id)
        raise CannotBuild(CANNOT_SIGN_IN) from None


def _keep(release: Release, made: Made, rules: Thresholds, now: datetime) -> None:
    """Figures, report and the new state, in one transaction."""
    with acting_as(SERVICE, by=BY):
        frameworks = dict(Lot.objects.values_list("pk", "framework_id"))
        line_frameworks = dict(PriceLine.objects.values_list("pk", "framework_id"))
    with _release():
        _save(
            release, state=ReleaseState.BUILT, built_at=now, stage="", done=0, total=0, report=made.report,
            rules=dict(vars(rules)), definitions={key: measure.as_kept() for key, measure in MEASURES.items()},
        )  # fmt: skip
        old = _held(made)
        PublishedFigure.objects.bulk_create(
            (_row(release, figure, old, frameworks, line_frameworks) for figure in made.figures), batch_size=BATCH
        )
        _forget(release, now.date())


def _fail(release_id: int, release: Release | None, message: str) -> None:
    """As a service, on the ordinary connection: that of `release` may be what failed. Only what still waits, or is
    still being built by this very process, fails."""
    with acting_as(SERVICE, by=BY):
        found = Release.objects.select_for_update().get(pk=release_id)
        if release is None:
            ours = found.state == ReleaseState.REQUESTED
        else:  # one more than the row's where the last step was undone; begun again, it would be two more
            ours = found.state == ReleaseState.BUILDING and found.version <= release.version
        if ours:
            found.state, found.message, found.stage = ReleaseState.FAILED, message, ""
            found.save(update_fields=["state", "message", "stage"])


def _release() -> Any:
    return acting_as(Viewer.of_release(), by=BY, using=ALIAS)


def _save(release: Release, **changes: Any) -> None:
    """Superseded where somebody else has changed the row since: the database counts its versions."""
    if not Release.objects.filter(pk=release.pk, version=release.version).update(**changes):
        raise Superseded
    release.version += 1
    for name, value in changes.items():
        setattr(release, name, value)


def _make(release: Release, rules: Thresholds, today: date) -> Made:
    with acting_as(SERVICE, by=BY):
        members = Authority.objects.exclude(member_from=None).count()
    with _release():
        rows = list(contributions(release.as_at))
        named = dict(PeerGroup.objects.order_by("pk").values_list("pk", "uuid"))
        groups: dict[int, set[int]] = {pk: set() for pk in named}
        for group, member in PeerMember.objects.values_list("group_id", "member_id"):
            groups[group].add(member)
    with acting_as(SERVICE, by=BY):
        judge(rows)
        own_groups(rows, release.as_at)
    for row in rows:
        row.release = release
    with _release():
        _save(release, stage="Keeping what goes in")
        PublishedFigure.objects.filter(release=release).delete()
        Contribution.objects.filter(release=release).delete()
        Contribution.objects.bulk_create(rows, batch_size=BATCH)
        against = bases_of(release, today)
        kept: Kept = {}
        bases = [_base(each, release, kept) for each in against]
    populations = records_of(rows)
    contributing = {row.authority_id for row in rows}
    before = [group for base in bases for group in base.groups.values()]
    let_in = admitted(groups, contributing, rules, before)
    made = make(populations, rules, groups=let_in, bases=bases, tell=_Teller(release))
    made.report["members"] = members
    made.report["contributing"] = len(contributing)
    made.report["groups"] = {str(named[pk]): pk in let_in for pk in groups}
    made.report["told_apart"] = {str(pk): sorted(let_in[pk]) for pk in let_in}  # as they were: groups change
    made.report["held"] = sum(figure.held for figure in made.figures)
    made.report["against"] = [each.number for each in against]
    return made


class _Teller:
    """Progress, in a transaction of its own when the stage changes and every few seconds within one: a release that
    has not moved for long counts as stalled."""

    def __init__(self, release: Release) -> None:
        self.release, self.stage, self.told_at = release, "", time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage or time.monotonic() - self.told_at >= SHOWS_EVERY:
            self.stage, self.told_at = stage, time.monotonic()
            with _release():
                _save(self.release, stage=stage, done=done, total=total)


# Earlier releases


def _base(base: Release, release: Release, kept: Kept) -> Base:
    """With the rows of each figure as they were when it was worked out, which may be a release before the base."""
    shown = {_key(figure): figure for figure in PublishedFigure.objects.filter(release=base)}
    since = {
        key: _rows(figure.held_from_id, kept).get((SHOWN_BY[key[0]], key[1]))
        for key, figure in shown.items()
        if figure.held_from_id
    }
    more = {key for key, figure in shown.items() if figure.mean is not None or figure.percent is not None}
    return Base(
        _rows(base.pk, kept), frozenset(shown), release.as_at == base.as_at, frozenset(more), _told_apart(base), since,
        base.state == ReleaseState.WITHDRAWN,
    )  # fmt: skip


def _rows(origin: int, kept: Kept) -> dict[tuple[str, Place], Rows]:
    if origin not in kept:
        read = records_of(Contribution.objects.filter(release=origin).order_by("pk").iterator())
        kept[origin] = rows_by_place(read, _told_apart(Release.objects.get(pk=origin)))
    return kept[origin]


def _told_apart(release: Release) -> dict[int, frozenset[int]]:
    return {int(pk): frozenset(members) for pk, members in release.report.get("told_apart", {}).items()}


def _held(made: Made) -> dict[tuple[int, Any], PublishedFigure]:
    """(place among what it was held against, key) -> the figure that stands."""
    wanted = {figure.held_by for figure in made.figures if figure.held_by is not None}
    pairs = [(place, number) for place, number in enumerate(made.report["against"]) if place in wanted]
    return {
        (place, _key(row)): row
        for place, number in pairs
        for row in PublishedFigure.objects.filter(release__number=number)
    }


def _forget(release: Release, today: date) -> None:
    """Throws away contributions that no later release will be held against. Kept: this one's and those on their way,
    of whatever was once seen and may still be compared, and those from which their figures are held."""
    on_the_way = (ReleaseState.BUILDING, ReleaseState.BUILT, ReleaseState.APPROVED)
    needed = {release.pk, *Release.objects.filter(state__in=on_the_way).values_list("pk", flat=True)}
    needed |= {each.pk for each in once_seen(today)}
    taken = PublishedFigure.objects.filter(release__in=needed).exclude(held_from=None)
    needed |= set(taken.values_list("held_from", flat=True).distinct())
    Contribution.objects.exclude(release__in=needed).delete()


# Figures to rows


def _key(row: PublishedFigure) -> Key:
    """As Figure.key has it."""
    return row.measure, (row.cut, values_of(row), row.group_id)


def _row(
    release: Release, figure: Figure, old: dict[tuple[int, Any], PublishedFigure], frameworks: dict[int, int],
    line_frameworks: dict[int, int],
) -> PublishedFigure:  # fmt: skip
    row = PublishedFigure(
        release=release, measure=figure.measure, cut=figure.cut, as_at=release.as_at, group_id=figure.group,
        n=figure.n, percent=figure.percent, sign=figure.sign,
        **{name: getattr(figure.figures, name) for name in FIGURE_COLUMNS},
    )  # fmt: skip
    for name, value in zip(CUTS[figure.cut].dimensions, figure.values, strict=True):
        if name == "market":
            kind, what, service = value
            if kind == "lot":
                row.lot_id = what
            else:
                row.route, row.service_type = what, service
        else:
            setattr(row, COLUMNS[name], value)
    if row.provider_id:
        row.framework_id = frameworks.get(row.lot_id) or line_frameworks.get(row.price_line_id)
    if figure.held_by is not None:
        stands = old[figure.held_by, figure.key]
        for name in ("n", "percent", "sign", *FIGURE_COLUMNS):
            setattr(row, name, getattr(stands, name))
        row.held_from_id = stands.held_from_id or stands.release_id
    return row
