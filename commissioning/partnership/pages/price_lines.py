"""A lot's pricing schedule in one table form. Rows are added and removed by buttons that need no scripts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from commissioning.kernel.pages.allowed import allowed

from ..actions.leading import ChangedMeanwhile
from ..actions.set_price_lines import FIELDS, set_price_lines
from ..forms import PriceLineForm
from ..models import Lot, PriceLine
from .lots import led_lot, trail

MOST = 200
PREFIX = "lines"
Lines = formset_factory(PriceLineForm, extra=0, max_num=MOST, absolute_max=MOST, validate_max=True)


@allowed("price-lines", "change")
def price_lines(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = led_lot(request, uuid)
    stored = list(PriceLine.objects.filter(lot=lot).order_by("position", "pk"))
    problems, stale, status = [], None, 200
    if request.method != "POST":
        lines = Lines(prefix=PREFIX, initial=[_initial(line) for line in stored] or [_blank(1)])
        known = _known(stored)
    else:
        known = request.POST.get("known", "")
        lines = _typed(request.POST)
        if "save" in request.POST and lines.is_valid():
            try:
                set_price_lines(lot=lot, lines=_answers(lines), known=_parse(known), by=request.user)
            except ValidationError as refused:
                problems = [(f"#id_{PREFIX}-0-code", says) for says in refused.messages]
            except ChangedMeanwhile:
                # Read again in the same transaction: what is shown is what the next save is held against.
                stale, known = stored, _known(stored)
            else:
                messages.success(request, f"The price lines of {lot} are saved.")
                return redirect("framework", uuid=lot.framework.uuid)
    return render(request, "partnership/price_lines.html", _shown(lot, lines, known, problems, stale), status=status)


def _shown(lot: Lot, lines: BaseFormSet, known: str, problems: list, stale: list | None) -> dict[str, Any]:
    errors = [
        *problems,
        *((f"#id_{PREFIX}-0-code", says) for says in (lines.non_form_errors() if lines.is_bound else ())),
    ]
    if lines.is_bound and lines.total_error_count():
        for number, form in enumerate(lines, start=1):
            errors += [
                (f"#{form[name].auto_id}", f"Line {number}: {says}")
                for name, found in form.errors.items()
                for says in found
            ]
    return {
        "lot": lot, "framework": lot.framework, "lines": lines, "known": known, "errors": errors, "stale": stale,
        "crumbs": trail(lot.framework),
    }  # fmt: skip


def _typed(data: QueryDict) -> BaseFormSet:
    """What was typed, with a row added or taken away where a button asked for it: then nothing is checked yet."""
    rows = _rows(data)
    if "add" in data and len(rows) < MOST:
        rows.append({name: str(value) for name, value in _blank(len(rows) + 1).items()})
    elif data.get("remove", "").isdecimal():
        rows = [row for number, row in enumerate(rows) if number != int(data["remove"])]
    else:
        return Lines(data, prefix=PREFIX)
    return Lines(prefix=PREFIX, initial=rows)


def _rows(data: QueryDict) -> list[dict[str, str]]:
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "0")
    count = min(int(total) if total.isdecimal() else 0, MOST)
    names = ("uuid", *FIELDS)
    return [{name: data.get(f"{PREFIX}-{number}-{name}", "") for name in names} for number in range(count)]


def _blank(position: int) -> dict[str, Any]:
    return {"position": position, "unit": "week", "category": "core"}


def _initial(line: PriceLine) -> dict[str, Any]:
    return {"uuid": line.uuid} | {name: getattr(line, name) for name in FIELDS}


def _answers(lines: BaseFormSet) -> list[dict[str, Any]]:
    """In the order asked for; a line without a number stands where it was written."""
    rows = [form.cleaned_data for form in lines]
    ordered = sorted(enumerate(rows, start=1), key=lambda pair: (pair[1]["position"] or pair[0], pair[0]))
    return [row | {"position": place} for place, (_, row) in enumerate(ordered, start=1)]


def _known(stored: list[PriceLine]) -> str:
    return ",".join(f"{line.uuid}:{line.version}" for line in stored)


def _parse(known: str) -> dict[UUID, int]:
    pairs = (part.partition(":") for part in known.split(",") if part)
    try:
        return {UUID(uuid): int(version) for uuid, _, version in pairs}
    except ValueError:
        return {}
