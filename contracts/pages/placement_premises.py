"""Placements whose premises are not recorded: said for many at once, since a visit is to premises."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.actions.leading import ChangedMeanwhile
from providers.models import Establishment, Premises

from ..actions.change_placement import set_premises
from ..measures.addresses import several, without_premises
from ..models import Placement
from .links import OF_PLACEMENTS, links

TITLE = "Placements whose premises are not recorded"
AT_ONCE = 50


@allowed("placements")
def placements_without_premises(request: HttpRequest) -> HttpResponse:
    """The first of them, by home: each with its home's premises to choose from. Saving shows the next."""
    today = timezone.localdate()
    missing = without_premises(today)
    may_change = request.user.may("change", "placements")
    rows = missing.select_related("child", "provider", "establishment").order_by(
        "establishment__name", "establishment__urn", "number"
    )
    total, shown = missing.count(), list(rows[:AT_ONCE])
    choices = several({row.establishment_id for row in shown}, today)
    problem = ""
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied("Your role reads placements and does not change them.")
        try:
            saved = set_premises(chosen=_chosen(request, shown, choices), by=request.user, today=today)
        except (ChangedMeanwhile, ValidationError) as refused:
            problem = _why(refused)
        else:
            told = "Nothing was chosen, so nothing is saved."
            if saved:
                told = f"The premises of {saved} placement{'' if saved == 1 else 's'} are recorded."
            messages.success(request, told)
            return redirect("placements-premises")
    return render(request, "contracts/placement_premises.html", {
        "title": TITLE, "answer": _answer(total, len(shown)), "total": total, "problem": problem,
        "groups": _groups(shown, choices, request.POST if problem else {}), "may_change": may_change,
        "links": links(request.user, OF_PLACEMENTS, request.path),
    })  # fmt: skip


def _chosen(
    request: HttpRequest, shown: list[Placement], choices: dict[int, list[Premises]]
) -> list[tuple[Placement, int, Premises]]:
    """What was picked for the placements that the page shows, with the version that its reader saw. What was filled
    in meanwhile by somebody else is no longer shown, and stays as they have it."""
    chosen = []
    for row in shown:
        named = request.POST.get(f"premises-{row.uuid}", "")
        there = next((each for each in choices[row.establishment_id] if str(each.uuid) == named), None)
        version = request.POST.get(f"version-{row.uuid}", "")
        if there is not None and version.isdecimal():
            chosen.append((row, int(version), there))
    return chosen


def _why(refused: ChangedMeanwhile | ValidationError) -> str:
    if isinstance(refused, ChangedMeanwhile):
        return (
            f"Somebody else changed {refused.now} while you were choosing. Nothing of yours was saved: look at what "
            "you chose below, and save again."
        )
    return " ".join(refused.messages)


def _groups(
    shown: list[Placement], choices: dict[int, list[Premises]], typed: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """By home: its placements, and its premises in words."""
    groups: dict[int, dict[str, Any]] = {}
    for row in shown:
        home = row.establishment
        group = groups.setdefault(home.pk, {
            "home": home, "rows": [],
            "premises": [(str(each.uuid), words_of(each)) for each in choices[home.pk]],
        })  # fmt: skip
        group["rows"].append({"placement": row, "chosen": typed.get(f"premises-{row.uuid}", "")})
    return list(groups.values())


def words_of(premises: Premises) -> str:
    """Its name, and its address where one is recorded."""
    return f"{premises.shown_name}, {premises.address}" if premises.address else premises.shown_name


def addresses_of(homes: QuerySet, found: Placement, today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """The premises of those homes that have several, and those at which the placement stands: (home, [(id, words)])."""
    many = several(homes, today)
    if found.premises_id and found.premises not in many.get(found.establishment_id or 0, []):
        many.setdefault(found.establishment_id or 0, []).append(found.premises)
    names = {each.pk: each for each in Establishment.objects.filter(pk__in=many)}
    return [
        (names[home].shown_name, [(str(each.uuid), words_of(each)) for each in rows]) for home, rows in many.items()
    ]


def _answer(total: int, shown: int) -> str:
    if not total:
        return ""
    noun = "placement is" if total == 1 else "placements are"
    first = "" if shown == total else f" These are the first {shown}: saving shows the next."
    return (
        f"{wording.number(total)} {noun} at a registration with several addresses, and at which one is not recorded. "
        f"Until it is, nobody can say that the child’s home was visited.{first}"
    )
