"""What a scorecard says, row by row and section by section: the same on the page, in files, and in what is kept for a
contract meeting. Nothing is added up across rows, and no row is a rank."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from commissioning.kernel import wording
from commissioning.partnership.rules.codes import KPI_RATINGS
from commissioning.partnership.rules.terms import last_day
from contracts.pages.referral_words import plural
from providers.measures.suspended import thing_of
from quality.measures.scorecard_kpis import KpiStanding, in_words
from quality.measures.scorecard_voice import Voice
from quality.measures.voice import FEW
from quality.models import asked_by
from quality.rules import codes, scales
from quality.rules.agenda import Facts, fell

from ..measures.scorecard import Priced, Reviewed, Scorecard
from ..rules.intervals import wilson

YEAR = "in twelve months"
TOO_FEW = "too few for a percentage"
FEW_SAY = "few answered: one young person more could change this much"


@dataclass(frozen=True)
class Row:
    """One figure with how many it is of, and the newest day it tells of. `before`: the trend, in words."""

    key: str
    label: str
    now: str
    n: int | None = None
    on: date | None = None
    before: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    rows: Sequence[Row]
    nothing: str = ""
    note: str = ""


def sections(card: Scorecard) -> list[Section]:
    """Those that the viewer has; a provider's contact has no price, no young person's answer, no concern."""
    found = [_regulator(card), _visits(card), _kpis(card)]
    if card.own:
        price = Section(
            "price", "Price", [_price(each) for each in card.prices],
            "No child of ours lives there today, so there is no price of ours to compare.",
            "Whole prices a week of our open homes, beside the narrowest figure of the newest release that may be "
            "shown. Short stays and homes of our own are left out.",
        )  # fmt: skip
        voice = Section(
            "voice", "What young people say", [_voice(each, card) for each in card.voice],
            "No young person of ours has answered in 24 months.",
            "Our own young people’s answers of 24 months: how many of them say that it is always or mostly so, and "
            "between which shares the truth likely lies.",
        )  # fmt: skip
        outcomes = Section(
            "outcomes", "Outcomes for young people", _outcomes(card.reviewed, card.reviewed_before),
            "No outcome of a young person of ours was reviewed in twelve months.",
        )  # fmt: skip
        found = [price, *found, voice, outcomes]
    found += [_events(card), _suspended(card)]
    return found


def _pounds(amount: Any) -> str:
    return wording.pounds(amount, whole=True)


def _price(each: Priced) -> Row:
    homes, figure = len(each.now), each.beside.figure
    if each.median is None:
        return Row("price", each.label, f"No price is recorded for {plural(each.unpriced, 'home', 'homes')}.", 0)
    said = f"{_pounds(each.median)} a week"
    said += f", the median of {homes} homes" if homes > 1 else ", one home"
    if figure is None:
        said += "; the partnership’s figure is withheld: look at the rate card"
    else:
        gap = each.difference or 0
        way = "as much" if gap == 0 else f"{_pounds(abs(gap))} {'above' if gap > 0 else 'below'}"
        said += f"; the partnership pays {_pounds(figure.median)} for {each.beside.words}: {way}"
    if each.unpriced:
        said += f" ({each.unpriced} without a price)"
    before = f"{_pounds(each.median_before)}, {plural(len(each.before), 'home', 'homes')}" if each.before else ""
    return Row("price", each.label, said, homes, figure.as_at if figure else None, before)


def _counts(counts: Counter[str], words: Callable[[str], str]) -> str:
    return ", ".join(
        f"{counts[key]} {words(key)}" for key in scales.WORST_FIRST if counts[key]
    )  # fmt: skip


def _judgement(key: str) -> str:
    return scales.ALL_JUDGEMENTS[key] if key else scales.NOT_YET_INSPECTED.lower()


def _regulator(card: Scorecard) -> Section:
    rows = []
    titles = {"grades": "Homes and agencies", "outcomes": "Supported accommodation"}
    for each in card.judged:
        harm = any(each.now[key] for key in ("inadequate", "serious_weaknesses"))
        rows.append(Row(
            f"judged-{each.scale}", titles[each.scale], _counts(each.now, _judgement), each.homes, each.newest_on,
            _counts(each.before, _judgement), "harm" if harm else "",
        ))  # fmt: skip
        for home, part, day in each.limiting:
            rows.append(Row("limiting", f"Limiting judgement: {home}", f"Inadequate for {part}", 1, day, tone="harm"))
        for home, then, now, day in each.changed:
            rows.append(Row(
                "changed", f"Changed: {home}", f"{_judgement(now)}".capitalize(), 1, day, _judgement(then)
            ))  # fmt: skip
    return Section(
        "regulator", "Regulator", rows, "Nothing on the regulator’s newest list.",
        "Each scale apart: the two are never added up, and nothing is averaged.",
    )  # fmt: skip


def _visits(card: Scorecard) -> Section:
    seen, acts = card.visited, card.actions
    kinds = [plural_of(codes.VISIT_KINDS[kind], seen.kinds[kind]) for kind in codes.VISIT_KINDS if seen.kinds[kind]]
    rows = [
        Row("visits", f"Visits, reviews and reports {YEAR}", ", ".join(kinds) or "None", seen.n, seen.newest_on,
            f"{seen.before}"),
    ]  # fmt: skip
    if seen.ratings or seen.ratings_before:
        rows.append(Row(
            "ratings", "What they came to", _rated(seen.ratings) or "No rating yet", sum(seen.ratings.values()),
            seen.newest_on, _rated(seen.ratings_before),
        ))  # fmt: skip
    opened, late = acts["opened"] or 0, acts["late"] or 0
    said = "None open" if not opened else f"{opened} open, {late} overdue, {acts['done']} done and to be checked"
    if acts["oldest"]:
        said += f"; the first was due by {wording.day(acts['oldest'])}" if late else (
            f"; the first is due by {wording.day(acts['oldest'])}"
        )  # fmt: skip
    rows.append(Row("actions", "Actions", said, opened, card.today, "", "harm" if late else ""))
    closed, before = acts["closed"] or 0, acts["closed_before"] or 0
    rows.append(Row(
        "closed", f"Actions checked and closed {YEAR}", f"{closed}", closed, acts["newest"], f"{before}"
    ))  # fmt: skip
    return Section("visits", "Visits and actions", rows)


def plural_of(words: str, count: int) -> str:
    return f"{count} {words[0].lower()}{words[1:]}{'' if count == 1 else 's'}"


def _rated(ratings: Counter[str]) -> str:
    return ", ".join(f"{ratings[key]}: {words.lower()}" for key, words in codes.RATINGS.items() if ratings[key])


def _kpis(card: Scorecard) -> Section:
    of_lot = card.scope.lot is not None
    if len(card.scope.providers) > 1:
        rows = _kpis_together(card.kpis, of_lot=of_lot)
    else:
        rows = [_kpi(each, of_lot=of_lot) for each in card.kpis]
    return Section(
        "kpis", "Contract KPIs", rows,
        "No lot on which it has a place expects a KPI, and none is agreed with its contract alone.",
        "The newest return of each, with what the framework’s lead says of it. A single poor figure is no breach.",
    )  # fmt: skip


def _kpis_together(standings: Sequence[KpiStanding], *, of_lot: bool) -> list[Row]:
    """Of several providers: how many stand at each rating. Values of different providers are never averaged."""
    by_kpi: dict[Any, list[KpiStanding]] = {}
    for each in standings:
        by_kpi.setdefault(asked_by(each.expected), []).append(each)
    rows = []
    for mine in by_kpi.values():
        kpi, late = mine[0].expected.kpi, sum(each.missing for each in mine)
        now = Counter(each.newest.rating for each in mine if each.newest)
        said = _rated_as(now) or "Nothing returned yet"
        if late:
            said += f"; {plural(late, 'return is', 'returns are')} late"
        days = [last_day(each.newest.ends_before) for each in mine if each.newest]
        tone = "harm" if late or now["inadequate"] else "needs" if now["improvement"] else ""
        rows.append(Row(
            f"kpi-{kpi.code}", _kpi_label(mine[0], of_lot=of_lot, several=True), said, sum(now.values()),
            max(days, default=None), _rated_as(Counter(each.before.rating for each in mine if each.before)), tone,
        ))  # fmt: skip
    return rows


def _rated_as(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[key]} {words}" for key, words in KPI_RATINGS.items() if counts[key])


def _kpi_label(each: KpiStanding, *, of_lot: bool, several: bool) -> str:
    """ "Activity (Lot 1; agreed with this contract alone)" """
    whose = f"agreed with {each.award.provider.name if several else 'this contract'} alone" if each.alone else ""
    more = "; ".join(filter(None, ("" if of_lot else str(each.award.lot), whose)))
    return f"{each.expected.kpi.name} ({more})" if more else each.expected.kpi.name


def _kpi(each: KpiStanding, *, of_lot: bool) -> Row:
    kpi, newest, then = each.expected.kpi, each.newest, each.before
    label = _kpi_label(each, of_lot=of_lot, several=False)
    late = "" if not each.missing or each.due_on is None else f"; the return due by {wording.day(each.due_on)} is late"
    target = in_words(each.held.target, kpi.unit)
    if newest is None:
        said = f"No return yet, target {target}{late}"
        return Row(f"kpi-{kpi.code}", label, said, None, None, "", "harm" if late else "")
    said = f"{in_words(newest.value, kpi.unit)}, target {target}: {KPI_RATINGS[newest.rating]}"
    if each.check:
        said += f", {codes.KPI_CHECKS[each.check].lower()}"
    before = f"{in_words(then.value, kpi.unit)}: {KPI_RATINGS[then.rating]}" if then else ""
    tone = "harm" if late or newest.rating == "inadequate" else "needs" if each.below else ""
    n = int(newest.denominator) if newest.denominator is not None else None
    return Row(f"kpi-{kpi.code}", label, said + late, n, last_day(newest.ends_before), before, tone)


def _share(pair: tuple[int, int]) -> str:
    agree, n = pair
    return f"{(200 * agree + n) // (2 * n)}% of {n}" if n else "nobody answered"


def voice_words(each: Voice) -> str:
    """ "71% agree (5 of 7), likely between 36% and 92%" """
    interval = wilson(each.percent, each.people)
    low, high = interval or (0, 100)
    return f"{each.percent}% agree ({each.agree} of {each.n}), likely between {low}% and {high}%"


def _voice(each: Voice, card: Scorecard) -> Row:
    said = voice_words(each) if each.tells else f"{each.agree} of {each.n} agree: {TOO_FEW}"
    if each.people < FEW:
        said += f"; {FEW_SAY}" if each.tells else ""
        if (pooled := card.owner_voice.get(each.statement.pk)) and card.owner and pooled.tells and pooled.n > each.n:
            said += f". In all homes of {card.owner.name}’s group: {voice_words(pooled)}"
    before = (
        f"{_share(each.before).capitalize()}; in the last twelve months {_share(each.last)}" if each.compares else ""
    )
    tone = "needs" if each.compares and fell(each.before, each.last) else ""
    return Row(
        f"statement-{each.statement.number}", f"{each.statement.number}. {each.statement.words}", said, each.n,
        each.newest_on, before, tone,
    )  # fmt: skip


def _outcomes(now: Reviewed, then: Reviewed) -> list[Row]:
    if not now.n and not then.n:
        return []
    return [Row("outcomes", f"Outcomes reviewed {YEAR}", _reviewed(now), now.n, now.newest_on, _reviewed(then))]


def _reviewed(each: Reviewed) -> str:
    if not each.n:
        return "None reviewed"
    return f"{each.further} further on than at the beginning, {each.same} where they were, {each.back} further away"


def _events(card: Scorecard) -> Section:
    told = card.events
    count, late = told["n"] or 0, told["n_late"] or 0
    themes = ", ".join(
        f"{n} {codes.EVENT_THEMES[theme].lower()}" for theme, n in told["themes"].most_common(3)
    )  # fmt: skip
    said = "None" if not count else f"{count}, {late} of them told late. Most often: {themes}"
    day = timezone.localtime(told["newest"]).date() if told["newest"] else None
    rows = [Row("events", f"Notifiable events {YEAR}", said, count, day, f"{told['before'] or 0}")]
    if card.concerns is not None:
        raised = card.concerns
        opened = raised["opened"] or 0
        rows.append(Row(
            "concerns", f"Concerns and complaints {YEAR}", f"{raised['n'] or 0} raised; {opened} open, whenever raised",
            raised["n"] or 0, raised["newest"], f"{raised['before'] or 0}", "needs" if opened else "",
        ))  # fmt: skip
    return Section(
        "events", "Events and concerns" if card.concerns is not None else "Events", rows,
        note="A home that tells of everything has more events than one that tells of nothing.",
    )  # fmt: skip


def _suspended(card: Scorecard) -> Section:
    rows = []
    for each in card.suspensions:
        stands = is_in_force(each, card.today)
        until = f" until {wording.day(each.expires_on)}" if each.expires_on else ""
        said = f"In force{until}: {each.get_reason_display()}" if stands else f"Over: {each.get_reason_display()}"
        rows.append(Row("suspension", f"Suspended: {thing_of(each)}", said, 1, each.starts_on, "", "harm" if stands
                        else ""))  # fmt: skip
    told = card.letters
    if told["n"] or told["before"]:
        said = f"{told['n']} sent, {told['opened']} open"
        rows.append(Row("letters", f"Letters and notices {YEAR}", said, told["n"], told["newest"], f"{told['before']}",
                        "needs" if told["opened"] else ""))  # fmt: skip
    return Section(
        "suspended", "Suspensions, letters and notices", rows, "Nothing is suspended, and no letter or notice was sent."
    )


def is_in_force(row: Any, today: date) -> bool:
    return (row.expires_on is None or row.expires_on > today) and (row.lifted_on is None or row.lifted_on > today)


def as_kept(found: Sequence[Section]) -> dict[str, Any]:
    """For a meeting's paper: plain words and numbers."""
    return {
        "sections": [
            {
                "key": section.key, "title": section.title,
                "rows": [
                    {"key": row.key, "label": row.label, "now": row.now, "n": row.n, "before": row.before,
                     "on": row.on.isoformat() if row.on else None}
                    for row in section.rows
                ],
            }
            for section in found
        ]
    }  # fmt: skip


def agenda_facts(card: Scorecard) -> Facts:
    """What the scorecard gives a contract meeting to talk about."""
    changed = [each for one in card.judged for each in one.changed]
    fallen = [each for each in card.voice if each.compares and fell(each.before, each.last)]
    return Facts(
        late_kpis=[_named(each) for each in card.kpis if each.missing],
        poor_kpis=[
            f"{_named(each)}: {in_words(each.newest.value, each.expected.kpi.unit)}, "
            f"{KPI_RATINGS[each.newest.rating].lower()}"
            for each in card.kpis if each.below and each.newest
        ],
        open_actions=card.actions["opened"] or 0, overdue_actions=card.actions["late"] or 0,
        oldest_due_on=card.actions["oldest"],
        judgements=[f"{home}: {_judgement(then)} became {_judgement(now)} on {wording.day(day)}"
                    for home, then, now, day in changed],
        fallen=[f"{each.statement.number}. {each.statement.words}: {_share(each.last)}, it was {_share(each.before)}"
                for each in fallen],
        open_concerns=(card.concerns or {}).get("opened") or 0,
        suspended=[f"{thing_of(each)}: {each.get_reason_display().lower()}" for each in card.suspensions
                   if is_in_force(each, card.today)],
    )  # fmt: skip


def _named(each: KpiStanding) -> str:
    return f"{each.expected.kpi.name} ({each.award.lot})"
