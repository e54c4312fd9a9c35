"""Building a release, as the role `release`: contributions in, figures and the audit's report out.

Three transactions, so that progress shows and nothing is locked while figures are worked out: what contributes is read
and kept; the figures are worked out (rules/figures.py); they are written with the release's new state.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Authority, Lot, PriceLine
from contracts.rules.codes import BOUGHT_FROM_LOT
from providers.rules.codes import KINDS_FOR_SERVICE
from quality.measures.judgements import standings

from ..measures.contributions import contributions, records_of
from ..models import Contribution, PeerGroup, PeerMember, PublishedFigure, Release, ReleaseState
from ..rules.catalogue import CUTS, MEASURES
from ..rules.disclosure import Thresholds, thresholds
from ..rules.figures import SHOWN_BY, Base, Figure, Made, Place, admitted, make, rows_by_place
from ..rules.suppression import NotSafe

BY = "service:releases"
ALIAS = "release"
SERVICE = Viewer.of_service("releases")
BATCH = 2_000
FIGURE_COLUMNS = ("mean", "median", "lower_quartile", "upper_quartile", "tenth", "ninetieth", "mode_from")


def build_release(*, release_id: int, now: Callable[[], datetime]) -> None:
    """Builds a release that waits, and leaves it built, or failed with the reason. One that does not wait is left."""
    rules = thresholds(settings.DISCLOSURE)
    with acting_as(SERVICE, by=BY):
        frameworks = dict(Lot.objects.values_list("pk", "framework_id"))
        line_frameworks = dict(PriceLine.objects.values_list("pk", "framework_id"))
        members = list(Authority.objects.exclude(member_from=None).values_list("pk", flat=True))
    with _release() as _:
        release = Release.objects.select_for_update().get(pk=release_id)
        if release.state != ReleaseState.REQUESTED:
            return
        _save(release, state=ReleaseState.BUILDING, stage="Reading purchases")
    try:
        made = _make(release, rules, members)
    except NotSafe as problem:
        with _release():
            _save(release, state=ReleaseState.FAILED, message=f"Nothing was published: {problem}.")
        return
    except Exception:
        with _release():
            _save(release, state=ReleaseState.FAILED, message="It stopped before it was done. Build it again; if it "
                  "stops again, tell whoever keeps the platform.")  # fmt: skip
        raise
    with _release():
        old = {_key(each): each for each in _shown(_bases(release))}
        PublishedFigure.objects.bulk_create(
            (_row(release, figure, old, frameworks, line_frameworks) for figure in made.figures), batch_size=BATCH
        )
        _save(
            release, state=ReleaseState.BUILT, built_at=now(), stage="", done=0, total=0, report=made.report,
            rules={name: value for name, value in vars(rules).items()},
            definitions={key: measure.as_kept() for key, measure in MEASURES.items()},
        )  # fmt: skip
        _forget(release)


def _release() -> Any:
    return acting_as(Viewer.of_release(), by=BY, using=ALIAS)


def _save(release: Release, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(release, name, value)
    release.save(update_fields=list(changes), using=ALIAS)


def _make(release: Release, rules: Thresholds, members: Sequence[int]) -> Made:
    with _release():
        PublishedFigure.objects.filter(release=release).delete()
        Contribution.objects.filter(release=release).delete()
        rows = list(contributions(release.as_at))
        groups: dict[int, set[int]] = {pk: set() for pk in PeerGroup.objects.values_list("pk", flat=True)}
        for group, member in PeerMember.objects.values_list("group_id", "member_id"):
            groups[group].add(member)
    judged = _judged({(row.provider_id, row.service_type) for row in rows if row.provider_id})
    for row in rows:
        row.release = release
        row.judgement = judged.get((row.provider_id, row.service_type), "")
    with _release():
        Contribution.objects.bulk_create(rows, batch_size=BATCH)
        bases = [_base(each, release) for each in _bases(release)]
    populations = records_of(rows)
    contributing = {row.authority_id for row in rows}
    before = [group for base in bases for group in base.groups.values()]
    let_in = admitted(groups, contributing, rules, before)
    made = make(populations, rules, groups=let_in, bases=bases, tell=_Teller(release))
    made.report["members"] = len(members)
    made.report["contributing"] = len(contributing)
    made.report["groups"] = {str(pk): pk in let_in for pk in groups}
    made.report["told_apart"] = {str(pk): sorted(let_in[pk]) for pk in let_in}  # as they were: groups change
    made.report["held"] = sum(figure.held for figure in made.figures)
    return made


def _judged(pairs: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """(provider, kind of home) -> the judgement that limits, of the homes it would use for that; asked as a service."""
    wanted: dict[str, set[int]] = {}
    for provider, service in pairs:
        wanted.setdefault(service, set()).add(provider)
    found: dict[tuple[int, str], str] = {}
    with acting_as(SERVICE, by=BY):
        for service, providers in wanted.items():
            for provider, standing in standings(sorted(providers), _kinds_for(service)).items():
                found[provider, service] = standing.worst
    return found


def _kinds_for(service: str) -> tuple[str, ...]:
    """The kinds of registration that may provide a kind of home: those of the lots that may meet it."""
    return tuple(
        kind for lot, services in BOUGHT_FROM_LOT.items() if service in services for kind in KINDS_FOR_SERVICE[lot]
    )


class _Teller:
    """Progress, in a transaction of its own each time the stage changes."""

    def __init__(self, release: Release) -> None:
        self.release, self.stage = release, ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self.stage = stage
            with _release():
                _save(self.release, stage=stage, done=done, total=total)


# Earlier releases


def _bases(release: Release) -> list[Release]:
    """What a reader could subtract from: the newest published release, and the one that this corrects."""
    newest = Release.objects.published().exclude(pk=release.pk).first()
    found = {each.pk: each for each in (newest, release.corrects) if each is not None}
    return list(found.values())


def _base(base: Release, release: Release) -> Base:
    """Each cell as it was when its figure was worked out, which may be a release before the base itself."""
    shown = {_key(figure): figure for figure in PublishedFigure.objects.filter(release=base)}
    names: dict[int, set[tuple[str, Place]]] = {}
    for (measure, place), figure in shown.items():
        names.setdefault(figure.held_from_id or base.pk, set()).add((SHOWN_BY[measure], place))
    standing = {name for origin, mine in names.items() if origin != base.pk for name in mine}
    rows: dict[tuple[str, Place], Any] = {}
    for origin, wanted in names.items():
        rows |= {name: then for name, then in _rows(origin).items() if name in wanted}
    corrects = release.corrects_id == base.pk
    held = {name: then for name, then in _rows(base.pk).items() if name in standing} if corrects and standing else {}
    more = {key for key, figure in shown.items() if figure.mean is not None or figure.percent is not None}
    return Base(rows, frozenset(shown), corrects, frozenset(more), _told_apart(base), held)


def _rows(origin: int) -> dict[tuple[str, Place], Any]:
    kept = records_of(Contribution.objects.filter(release=origin).order_by("pk").iterator())
    return rows_by_place(kept, _told_apart(Release.objects.get(pk=origin)))


def _told_apart(release: Release) -> dict[int, frozenset[int]]:
    return {int(pk): frozenset(members) for pk, members in release.report.get("told_apart", {}).items()}


def _shown(bases: Iterable[Release]) -> list[PublishedFigure]:
    return [figure for base in bases for figure in PublishedFigure.objects.filter(release=base)]


def _forget(release: Release) -> None:
    """Contributions that no figure on show was worked out from, nor any of this release, are thrown away."""
    # The newest two that are published: should the newest be withdrawn, the next is compared with the one before.
    needed = {release.pk, *Release.objects.published().values_list("pk", flat=True)[:2]}
    needed |= set(
        PublishedFigure.objects.filter(release__in=needed).exclude(held_from=None).values_list("held_from", flat=True)
    )
    waiting = Release.objects.filter(state__in=(ReleaseState.BUILT, ReleaseState.APPROVED)).values_list("pk", flat=True)
    Contribution.objects.exclude(release__in=needed | set(waiting)).delete()


# Figures to rows

_COLUMNS = {
    "service": "service_type", "route": "route", "age": "age_band", "level": "level", "provider": "provider_id",
    "judgement": "judgement", "price_line": "price_line_id",
}  # fmt: skip


def _key(row: PublishedFigure) -> tuple[Any, ...]:
    """As Figure.key has it."""
    values = tuple(
        (("lot", row.lot_id, "") if row.lot_id else ("outside", row.route, row.service_type))
        if name == "market"
        else getattr(row, _COLUMNS[name])
        for name in CUTS[row.cut].dimensions
    )
    return row.measure, (row.cut, values, row.group_id)


def _row(
    release: Release, figure: Figure, old: dict[Any, PublishedFigure], frameworks: dict[int, int],
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
            setattr(row, _COLUMNS[name], value)
    if row.provider_id:
        row.framework_id = frameworks.get(row.lot_id) or line_frameworks.get(row.price_line_id)
    if figure.held and figure.key in old:
        stands = old[figure.key]
        for name in ("n", "percent", "sign", *FIGURE_COLUMNS):
            setattr(row, name, getattr(stands, name))
        row.held_from_id = stands.held_from_id or stands.release_id
    return row
