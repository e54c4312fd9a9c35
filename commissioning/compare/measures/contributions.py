"""What goes into a release: read as the role `release`, of every member, on the day that the release tells of.

Homes that were lived in during the twelve months, each with its price a week on its last night in them; running core
price lines; and providers that were asked. Prices and nights are those of the spend page (contracts/measures/spend.py).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Coalesce, Least

from commissioning.kernel.money import ZERO
from commissioning.partnership.models import Statement
from commissioning.partnership.rules.terms import add_months
from contracts.measures.spend import spend_rows
from contracts.models import CostLine, Offer, Placement
from contracts.rules.ages import age_on
from contracts.rules.codes import BOUGHT_FROM_LOT
from providers.rules.codes import KINDS_FOR_SERVICE
from quality.measures.exposure import tops
from quality.measures.judgements import standings
from quality.models import SurveyAnswer, SurveyQuestion
from quality.rules.codes import AGREES_FROM

from ..models import Contribution
from ..rules.catalogue import VOICE_MONTHS, priced_age
from ..rules.cells import NOWHERE, PARTS, Records

DAY = timedelta(days=1)
OFFERED = ("offered", "withdrawn")


@dataclass(frozen=True)
class Window:
    """Twelve months, or as many as are said, half-open."""

    first: date
    until: date

    @classmethod
    def to(cls, as_at: date, months: int = 12) -> "Window":
        return cls(add_months(as_at + DAY, -months), as_at + DAY)


def contributions(as_at: date) -> Iterator[Contribution]:
    """Every row, unsaved, without its release, its judgement and its owner. Acting as the release; about thirteen
    queries."""
    yield from purchases(as_at)
    yield from voices(as_at)


def purchases(as_at: date) -> Iterator[Contribution]:
    """Homes, price lines and searches. About ten queries."""
    window = Window.to(as_at)
    yield from homes(window)
    yield from _lines(as_at)
    yield from _searches(window)


def homes(window: Window) -> Iterator[Contribution]:
    there = Placement.objects.filter(respite=False, starts_on__lt=window.until).exclude(ends_before__lte=window.first)
    prices = last_prices(window)
    bought = {row.key[0]: row for row in spend_rows(
        first=window.first, until=window.until, by=("placement",), placements=there
    )}  # fmt: skip
    for (
        placement, authority, child, provider, provider_name, lot, service, route, level, ends_before, born_on, age,
        age_on_day,
    ) in there.values_list(
        "pk", "authority_id", "child_id", "provider_id", "provider_name", "lot_id", "service_type", "route", "level",
        "ends_before", "child__born_on", "child__age_recorded", "child__age_recorded_on",
    ).iterator():  # fmt: skip
        if placement not in prices:
            continue  # no price is recorded, which is not a price of nought
        weekly, additional = prices[placement]
        last_night = min(ends_before or window.until, window.until) - DAY
        spent = bought.get(placement)
        yield Contribution(
            population="homes", row_key=_digest("placement", placement), child_key=_digest("child", child),
            authority_id=authority, provider_id=provider,
            provider_key="" if provider else _digest("provider", authority, provider_name), lot_id=lot,
            service_type=service, route=route, level=level,
            age_band=priced_age(service, age_on(last_night, born_on, age, age_on_day)),
            amount=weekly,
            parts={
                "weekly": _parts(weekly), "additional": _parts(additional), "nights": spent.nights if spent else 0,
                "gross": _parts(spent.gross if spent else ZERO),
            },
        )  # fmt: skip


def last_prices(window: Window) -> dict[int, tuple[Decimal, Decimal]]:
    """Placement -> (pounds a week in all, of additional services) on its last night in the window."""
    end = Least(Coalesce("placement__ends_before", Value(window.until)), Value(window.until))
    running = (
        CostLine.objects.filter(placement__starts_on__lt=window.until)
        .annotate(end=end)
        .filter(Q(ends_before=None) | Q(ends_before__gte=F("end")), starts_on__lt=F("end"))
    )
    sums = running.order_by().values("placement_id").annotate(
        weekly=Sum("weekly_amount"), additional=Sum("weekly_amount", filter=Q(category="additional"))
    )  # fmt: skip
    return {row["placement_id"]: (row["weekly"], row["additional"] or ZERO) for row in sums.iterator()}


def _lines(as_at: date) -> Iterator[Contribution]:
    running = CostLine.objects.filter(
        Q(ends_before=None) | Q(ends_before__gt=as_at), category="core", price_line__isnull=False, starts_on__lte=as_at,
        placement__respite=False,
    )  # fmt: skip
    for line, authority, price_line, amount, child, provider, service in running.values_list(
        "pk", "authority_id", "price_line_id", "weekly_amount", "placement__child_id", "placement__provider_id",
        "placement__service_type",
    ).iterator():  # fmt: skip
        yield Contribution(
            population="lines", row_key=_digest("line", line), child_key=_digest("child", child),
            authority_id=authority, provider_id=provider, price_line_id=price_line, service_type=service,
            amount=amount, parts={},
        )  # fmt: skip


def _searches(window: Window) -> Iterator[Contribution]:
    asked = Offer.objects.filter(asked_at__date__gte=window.first, asked_at__date__lt=window.until)
    for offer, authority, child, provider, lot, service, asked_at, answered_at, answer, chosen in asked.values_list(
        "pk", "authority_id", "referral__child_id", "provider_id", "lot_id", "service_type", "asked_at", "answered_at",
        "answer", "chosen",
    ).iterator():  # fmt: skip
        hours = None if answered_at is None else Decimal((answered_at - asked_at) // timedelta(minutes=1)) / 60
        yield Contribution(
            population="searches", row_key=_digest("offer", offer), child_key=_digest("child", child),
            authority_id=authority, provider_id=provider, lot_id=lot, service_type=service,
            route="" if lot else "spot", amount=None if hours is None else round(hours, 4),
            parts={
                "asked": 1, "answered": int(answered_at is not None), "offered": int(answer in OFFERED),
                "chosen": int(chosen),
            },
        )  # fmt: skip


def voices(as_at: date) -> Iterator[Contribution]:
    """Of VOICE_MONTHS to the day: one for each statement that an answer on the scale is about. An answer of no known
    home is left out: whether one child gave several such, nobody could tell."""
    numbers = {(of, number): pk for pk, of, number in Statement.objects.values_list("pk", "statement_set_id", "number")}
    served = {
        question: [pk for number in statements if (pk := numbers.get((of, number)))]
        for question, of, statements in SurveyQuestion.objects.filter(kind="scale").values_list(
            "pk", "survey__statement_set_id", "statements"
        )
    }
    window = Window.to(as_at, VOICE_MONTHS)
    said = SurveyAnswer.objects.filter(
        value__isnull=False, response__placement__isnull=False, response__answered_on__gte=window.first,
        response__answered_on__lt=window.until,
    )  # fmt: skip
    for answer, authority, question, value, child, provider, lot, service, route in said.values_list(
        "pk", "authority_id", "question_id", "value", "response__placement__child_id", "response__provider_id",
        "response__lot_id", "response__service_type", "response__placement__route",
    ).iterator():  # fmt: skip
        for statement in served.get(question, ()):
            yield Contribution(
                population="voices", row_key=_digest("answer", answer, statement), child_key=_digest("child", child),
                authority_id=authority, provider_id=provider,
                provider_key="" if provider else _digest("provider", authority, ""), lot_id=lot, service_type=service,
                route="" if lot else route, statement_id=statement, amount=Decimal(1),
                parts={"said": 1, "agrees": int(value >= AGREES_FROM), "others": int(value < AGREES_FROM)},
            )  # fmt: skip


def own_groups(rows: Iterable[Contribution], day: date) -> None:
    """Says of each answer who stood at the top of its provider's group on the day, where somebody owned it. For whoever
    may read owners: not the role release."""
    found = tops(day)
    for row in rows:
        if row.population == "voices" and row.provider_id:
            row.owner_id = found.get(row.provider_id)


def judge(rows: Iterable[Contribution]) -> None:
    """Says of each home which judgement limits the provider, of the registrations that it would use for that kind of
    home. For whoever may read judgements: not the role release."""
    wanted: dict[str, set[int]] = {}
    homes = [row for row in rows if row.population == "homes" and row.provider_id]
    for row in homes:
        wanted.setdefault(row.service_type, set()).add(row.provider_id)
    found: dict[tuple[int, str], str] = {}
    for service, providers in wanted.items():
        for provider, standing in standings(sorted(providers), _kinds_for(service)).items():
            found[provider, service] = standing.worst
    for row in homes:
        row.judgement = found.get((row.provider_id, row.service_type), "")


def _kinds_for(service: str) -> tuple[str, ...]:
    """The kinds of registration that may provide a kind of home: those of the lots that may meet it."""
    lots = (lot for lot, services in BOUGHT_FROM_LOT.items() if service in services)
    return tuple(kind for lot in lots for kind in KINDS_FOR_SERVICE[lot])


def _digest(*words: object) -> str:
    """The same from release to release, and nothing that leads back without the installation's key."""
    told = "\x1f".join(map(str, words)).encode()
    return hashlib.blake2b(told, key=settings.REFERENCE_KEY.encode()[:64], digest_size=12).hexdigest()


def _parts(pounds: Decimal) -> int:
    return int(pounds * PARTS)


# Rows to columns


def market_of(row: Contribution) -> tuple[str, Any, str]:
    """A lot; or what was bought outside the lots, told apart by how and by kind of home."""
    return ("lot", row.lot_id, "") if row.lot_id else ("outside", row.route, row.service_type)


_DIMENSIONS: Mapping[str, Callable[[Contribution], Any]] = {
    "service": lambda row: row.service_type,
    "market": market_of,
    "route": lambda row: row.route,
    "age": lambda row: row.age_band or None,
    "level": lambda row: row.level,
    "provider": lambda row: row.provider_id,
    "judgement": lambda row: row.judgement,
    "price_line": lambda row: row.price_line_id,
    "statement": lambda row: row.statement_id,
    "owner": lambda row: row.owner_id,
}


def records_of(rows: Iterable[Contribution]) -> dict[str, Records]:
    """Population -> its records, in columns."""
    found: dict[str, list[Contribution]] = {}
    for row in rows:
        found.setdefault(row.population, []).append(row)
    return {name: _records(mine) for name, mine in found.items()}


def _records(rows: Sequence[Contribution]) -> Records:
    coded = {name: _coded([value(row) for row in rows]) for name, value in _DIMENSIONS.items()}
    names = sorted(rows[0].parts)
    return Records(
        authority=np.array([row.authority_id for row in rows]),
        child=np.array([int(row.child_key, 16) % 2**62 for row in rows]),
        provider=np.array([_number(row.provider_id or row.provider_key) for row in rows]),
        row=[row.row_key for row in rows],
        amount=np.array([0 if row.amount is None else _parts(row.amount) for row in rows], dtype=np.int64),
        known=np.array([row.amount is not None for row in rows]),
        dims={name: codes for name, (codes, _) in coded.items()},
        labels={name: labels for name, (_, labels) in coded.items()},
        values={name: np.array([row.parts[name] for row in rows], dtype=np.int64) for name in names},
    )


def _number(word: object) -> int:
    """The same in every release, so that what changed between two can be added up by it."""
    return int.from_bytes(hashlib.blake2b(str(word).encode(), digest_size=7).digest())


def _coded(values: Sequence[Any]) -> tuple[np.ndarray, list[Any]]:
    """A number for each value, in the order of their words; NOWHERE for none."""
    labels = sorted({value for value in values if value is not None}, key=str)
    place = {value: code for code, value in enumerate(labels)}
    return np.array([NOWHERE if value is None else place[value] for value in values]), labels
