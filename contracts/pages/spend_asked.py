"""What the pages of spend may be asked: when, which purchases, and split by what; and where a figure leads."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Min, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from commissioning.kernel.pages.questions import Question, ask, by_words
from commissioning.kernel.periods import FinancialYear, Period, financial_year, parse_financial_year
from commissioning.kernel.tables import ActiveFilter
from commissioning.partnership.models import Lot
from providers.models import Provider

from ..filters import LEVEL_CHOICES, NOT_RECORDED
from ..models import Placement
from ..rules import codes
from ..rules.spans import Span, chosen, usual_year

NONE = "none"
SPLITS = {"service": "kind of home", "lot": "lot", "provider": "provider", "level": "level"}
NO_LOT = "Bought from no lot"
NO_PROVIDER = "No provider recorded"
NARROWING = ("route", "service", "lot", "provider", "level", "state")


@dataclass(frozen=True)
class AskedSpend:
    """`span` are the days told of, `placements` the purchases, `state` the later state where one is asked for, `by`
    the dimension of the table. `names` has each dimension's words: value in the database -> (words, value asked)."""

    span: Span
    placements: QuerySet
    state: str
    by: str
    answers: dict[str, str]
    filters: list[ActiveFilter]
    fields: list[dict[str, Any]]
    names: dict[str, dict[Any, tuple[str, str]]]
    begins: date

    @property
    def narrowed(self) -> bool:
        return any(self.answers[name] for name in NARROWING)

    def called(self, dimension: str, value: Any) -> str:
        return self.names[dimension].get(value, (str(value), ""))[0]

    def address(self, page: str, /, **more: str) -> str:
        """A page of spend with what is asked here, and `more` of it."""
        asked = QueryDict(mutable=True)
        kept = {name: value for name, value in self.answers.items() if value and name != "by"} | more
        asked.update({name: value for name, value in kept.items() if value})
        return f"{reverse(page)}?{asked.urlencode()}"

    def of_month(self, page: str, first: date, /, **more: str) -> str:
        month = f"{first:%Y-%m}"
        return self.address(page, **{"from": month, "to": month}, **more)

    def of(self, dimension: str, value: Any) -> dict[str, str]:
        """The question that picks one value of a dimension: {"lot": "<uuid>"}."""
        return {dimension: self.names[dimension].get(value, ("", NONE))[1]}


def begins() -> date | None:
    """The first night of the authority's first placement; None where it has none."""
    return Placement.objects.aggregate(day=Min("starts_on"))["day"]


def asked_of(request: HttpRequest, today: date, since: date, *, split: bool = False) -> AskedSpend:
    """Reads the query string. `since`: the first night there is; `split`: the page has a table to choose."""
    names = _names()
    asked = ask(request.GET, [*_when(today, since), *_which(names), *([_by()] if split else [])], [])
    answers = asked.answers
    span = chosen(parse_financial_year(answers["year"]), _day(answers["from"]), _day(answers["to"]), today)
    return AskedSpend(
        span, _narrowed(answers), answers["state"], answers.get("by", "service"), answers, asked.filters, asked.fields,
        names, since,
    )  # fmt: skip


def _when(today: date, since: date) -> list[Question]:
    since = min(since, today)
    usual = max(usual_year(today), financial_year(since))
    years = [FinancialYear(start) for start in range(financial_year(today).start, financial_year(since).start - 1, -1)]
    months = Period(since.replace(day=1), _tomorrow(today)).split_by_months()
    choices = {f"{each.starts_on:%Y-%m}": f"{each.starts_on:%B %Y}" for each in reversed(months)}
    return [
        Question(
            "year", "Financial year", {year.label: year.label for year in years}, default=usual.label, always=True
        ),
        Question("from", "From month", choices),
        Question("to", "To month", choices),
    ]


def _which(names: dict[str, dict[Any, tuple[str, str]]]) -> list[Question]:
    def choices(dimension: str) -> dict[str, str]:
        return by_words({asked: words for words, asked in names[dimension].values()})

    return [
        Question("route", "Bought by", codes.ROUTES),
        Question("service", "Kind of home", codes.SERVICE_TYPES),
        Question("lot", "Lot", choices("lot")),
        Question("provider", "Provider", choices("provider")),
        Question("level", "Level", LEVEL_CHOICES),
        Question("state", "Since call-off", codes.LATER_STATES),
    ]


def _by() -> Question:
    return Question("by", "Table by", SPLITS, default="service", always=True)


def _names() -> dict[str, dict[Any, tuple[str, str]]]:
    lots = Lot.objects.filter(pk__in=Placement.objects.values("lot")).select_related("framework")
    providers = Provider.objects.filter(pk__in=Placement.objects.values("provider"))
    levels = {("" if key == NOT_RECORDED else key): (words, key) for key, words in LEVEL_CHOICES.items()}
    return {
        "route": {key: (words, key) for key, words in codes.ROUTES.items()},
        "service": {key: (words, key) for key, words in codes.SERVICE_TYPES.items()},
        "lot": {None: (NO_LOT, NONE)} | {lot.pk: (f"{lot.framework.name}: {lot.name}", str(lot.uuid)) for lot in lots},
        "provider": {None: (NO_PROVIDER, NONE)} | {each.pk: (each.name, str(each.uuid)) for each in providers},
        "level": levels,
    }


def _narrowed(answers: dict[str, str]) -> QuerySet:
    rows = Placement.objects.all()
    if answers["route"]:
        rows = rows.filter(route=answers["route"])
    if answers["service"]:
        rows = rows.filter(service_type=answers["service"])
    if answers["level"]:
        rows = rows.filter(level="" if answers["level"] == NOT_RECORDED else answers["level"])
    for name in ("lot", "provider"):
        if answers[name] == NONE:
            rows = rows.filter(**{name: None})
        elif answers[name]:
            rows = rows.filter(**{f"{name}__uuid": UUID(answers[name])})
    return rows


def _day(month: str) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None


def _tomorrow(today: date) -> date:
    return date.fromordinal(today.toordinal() + 1)
