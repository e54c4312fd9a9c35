"""Same provider, same service, different price: what we pay beside the partnership, what it could save, what was
decided."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask, by_words
from commissioning.kernel.tables import EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Authority
from providers.models import Provider

from ..actions.price_decisions import decide_price
from ..forms_prices import DecisionForm
from ..measures.benchmark import Names, newest_release
from ..measures.own import own_figures
from ..measures.price_decisions import amendments, cashable, homes_of
from ..measures.price_gaps import Gap, OpenHome, PriceGaps, price_gaps
from ..models import PriceOutcome
from . import price_tables as tables
from .benchmark_tables import quiet_line
from .cells_asked import NoSuchCell, read

WAYS = {"above": "where we pay more", "below": "where we pay less"}
COUNTS = {"realistic": "count as realistic", "left_out": "are left out"}
UNDECIDED = "none"


@allowed("benchmarks")
def prices(request: HttpRequest) -> HttpResponse:
    """By provider and lot; home by home for who may read placements."""
    today, whose, release = timezone.localdate(), request.user.body_name, newest_release()
    found = price_gaps(release, own_figures(today), today)
    may_homes, may_decisions = request.user.may("read", "placements"), request.user.may("read", "price-decisions")
    asked = ask(request.GET, _questions(found, homes=may_homes, decided=may_decisions), found.gaps)
    way, home_by_home = asked.answers["way"], asked.answers.get("part") == "homes"
    if home_by_home:
        rows = [tables.Shown(gap, home) for gap in asked.rows for home in gap.homes if _lies(home, way)]
        counts = asked.answers["counts"]
        rows = [row for row in rows if not counts or _counts(row.home) == counts]
        total, noun, caption, first = len(found.homes), ("home", "homes"), "Home by home", "-possible"
        columns = tables.home_columns()
    else:
        rows, total, noun, caption, first = asked.rows, len(found.gaps), tables.NOUN, "By provider and lot", "-possible"
        columns = tables.gap_columns(
            homes=may_homes, decided=may_decisions, may_decide=request.user.may("create", "price-decisions"),
        )  # fmt: skip
    rows = sort_rows(rows, columns, ordering(columns, request.GET.get("sort", ""), first))
    sentence = FilterSentence(asked.filters, len(rows), total, noun, request.path)
    if request.GET.get("format") in FORMATS:
        columns = [*columns, *(tables.more_home_columns() if home_by_home else tables.more_columns())]
        return file_response(
            request, request.GET["format"], columns, rows, title=f"Price gaps {caption.lower()}", sentence=sentence
        )
    return render(request, "compare/prices.html", {
        "whose": whose, "answer": tables.answer(found, whose), "sentence": sentence, "fields": asked.fields,
        "any": bool(found.gaps), "totals": tables.totals(found) if found.gaps else None,
        "chart": None if home_by_home else tables.chart(rows, whose),
        "table": Table.for_request(
            request, columns, rows, caption, default_sort=first, noun=noun,
            downloads=downloads(request) if rows else (), empty=_empty(request, found),
        ),
        "left_out": tables.left_out(found) if found.savings.left_out else None, "savings": found.savings,
        "rules": tables.RULES, "misleads": tables.MISLEADS, "quiet": quiet_line(release), "today": today,
        "decisions": tables.decisions(found.all_decisions, homes=may_homes) if may_decisions else None,
        "came_of_it": tables.came_of_it(cashable(found.all_decisions, today)) if may_decisions else "",
        "unsaid": tables.unsaid(found),
    })  # fmt: skip


def _questions(found: PriceGaps, *, homes: bool, decided: bool) -> list[Question]:
    questions = [
        Question("way", "Show", WAYS, lambda gap, value: any(_lies(home, value) for home in gap.homes)),
        Question("provider", "Provider", by_words({str(gap.provider_uuid): gap.provider for gap in found.gaps}),
                 lambda gap, value: str(gap.provider_uuid) == value),
        Question("where", "Lot, or bought outside", by_words({gap.market_in_address: gap.where for gap in found.gaps}),
                 lambda gap, value: gap.market_in_address == value),
    ]  # fmt: skip
    if decided:
        questions.append(Question("decision", "Decision", {**dict(PriceOutcome.choices), UNDECIDED: "none yet"},
                                  lambda gap, value: _decided(gap) == value))  # fmt: skip
    if homes:
        questions += [
            Question("counts", "Homes that", COUNTS, lambda gap, value: any(
                _counts(home) == value for home in gap.homes)),
            Question("part", "Listed", {"gaps": "by provider and lot", "homes": "home by home"}, default="gaps",
                     always=True),
        ]  # fmt: skip
    return questions


def _decided(gap: Gap) -> str:
    return gap.standing.outcome if gap.standing else UNDECIDED


def _lies(home: OpenHome, way: str) -> bool:
    difference = home.difference
    if not way:
        return True
    return difference is not None and (difference > 0 if way == "above" else difference < 0)


def _counts(home: OpenHome) -> str:
    if home.counted is None or not home.counted.possible:
        return ""
    return "left_out" if home.counted.why else "realistic"


def _empty(request: HttpRequest, found: PriceGaps) -> EmptyState:
    if found.release is None:
        why = "What the partnership pays is shown from releases, built each quarter and approved by two people."
        if request.user.may("create", "releases"):
            return EmptyState("No release yet", why, "Ask for a release", reverse("release-new"))
        return EmptyState("No release yet", why)
    if found.gaps:
        return EmptyState("Nothing like that", "No row matches everything that you chose.", "Show all", request.path)
    if found.elsewhere:
        return EmptyState(
            "No provider’s price can be compared yet",
            f"{found.elsewhere} of our open homes are bought from others, and {found.release} shows no median for "
            "their providers: too few authorities and children stand behind each. A wider figure may be shown.",
            "Compare by lot, age and level", f"{reverse('benchmarks-measure', args=['weekly_price'])}?cut=market",
        )  # fmt: skip
    return EmptyState("Nothing to compare", "Homes bought from others stand here while they are open.")


@allowed("price-decisions", "create")
def decide(request: HttpRequest, provider: UUID, market: str) -> HttpResponse:
    """What was decided about one provider's prices. Not found where the authority never had a home with it there."""
    who = get_object_or_404(Provider, uuid=provider)
    try:
        (place,) = read("market", {"market": market})
    except NoSuchCell:
        raise Http404 from None
    if not homes_of(who.pk, place).exists():
        raise Http404
    today = timezone.localdate()
    found = price_gaps(newest_release(), own_figures(today), today)
    gap = next((each for each in found.gaps if (each.provider_id, each.market) == (who.pk, place)), None)
    where = gap.where if gap else Names([(who.pk, place)], "provider_market").each((who.pk, place))[1]
    choices = {str(each.uuid): each for each in amendments(who.pk, place)}
    form = DecisionForm(request.POST or None, amendments=list(choices.values()))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            decide_price(
                authority=Authority.objects.get(pk=request.user.authority_id), provider=who, market=place,
                outcome=told["outcome"], reason=told["reason"], by=request.user, today=today,
                agreement=choices.get(told.get("agreement", "")), release=found.release if gap else None,
                own_median=gap.median if gap else None, partnership_median=gap.figure.median if gap else None,
            )  # fmt: skip
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"What was decided about {who.name} is recorded.")
            return redirect("benchmarks-prices")
    mine = [each for each in found.all_decisions if (each.provider_id, each.market) == (who.pk, place)]
    shows = request.user.may("read", "placements")
    return render(request, "compare/price_decision.html", {
        "form": form, "provider": who, "answer": f"{where}. {tables.gap_in_words(gap, request.user.body_name)}",
        "homes": tables.to_amend(gap) if gap and shows else None,
        "decisions": tables.decisions(mine, homes=shows) if mine else None,
        "heading": f"{who.name}: what was decided about the price",
    })  # fmt: skip
