"""What every form of oversight, distance, meetings and own places does when it is sent."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from commissioning.partnership.actions.leading import ChangedMeanwhile
from commissioning.partnership.pages.stale import difference


def saved(
    request: HttpRequest, form: Any, save: Callable[[], Any], *, says: str, then: str, heading: str, crumb: str,
    crumbs: list[tuple[str, str]], after_stale: Callable[[ChangedMeanwhile], None] | None = None,
    template: str = "contracts/placement_form.html", **shown: Any,
) -> HttpResponse:  # fmt: skip
    """The form, or where it was saved a redirect to `then`. What was refused stands beside its field; what somebody
    else changed meanwhile is shown beside what was typed."""
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                save()
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = difference(form, refused)
            if after_stale is not None:
                after_stale(refused)
        else:
            messages.success(request, says)
            return redirect(then)
    return render(request, template, {
        "form": form, "heading": heading, "crumb": crumb, "crumbs": crumbs, "stale": stale, **shown,
    })  # fmt: skip
