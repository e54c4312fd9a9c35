"""Cost of care: the table that a council publishes, on a chosen day, beside the partnership's released figures."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.statistics import RULE
from commissioning.kernel.tables import EmptyState, Table

from ..forms_cost import DayForm
from ..measures.benchmark import newest_release, release_of
from ..measures.cost_of_care import cost_of_care
from ..rules.disclosure import SIGNS
from . import cost_tables as tables
from .benchmark_tables import quiet_line

NOUN = ("kind of home", "kinds of home")


@allowed("benchmarks")
def cost(request: HttpRequest) -> HttpResponse:
    today, whose = timezone.localdate(), request.user.body_name
    form = DayForm(request.GET if "on_2" in request.GET else None, today=today)
    day: date = form.cleaned_data["on"] if form.is_bound and form.is_valid() else today
    found = cost_of_care(day, release_of(day))
    title = f"Cost of care on {wording.day(day)}"
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], tables.file_columns(), found.rows, title=title)
    empty = EmptyState(
        "No home with a price", f"No home that {whose} paid for on {wording.day(day)} has a price recorded.",
        *(("Load placements", "/imports/") if request.user.may("import", "placements") else ()),
    )  # fmt: skip
    return render(request, "compare/cost.html", {
        "form": form, "day": day, "today": today, "whose": whose, "title": title, "rule": RULE,
        "answer": tables.answer(found, whose), "chart": tables.dumbbell(found, whose),
        "ours": Table(
            tables.on_page(found), found.rows if found.n else [], "What we pay", per_page=None, noun=NOUN, cards=False,
            downloads=downloads(request) if found.n else (), empty=empty,
        ),
        "beside": Table(tables.beside(), found.rows, "Beside the partnership", per_page=None, noun=NOUN, cards=False)
        if found.release and found.n else None,
        "release": found.release, "newest": found.release or newest_release(), "quiet": quiet_line(found.release),
        "signs": SIGNS,
    })  # fmt: skip
