"""A form that an action answers: saved and back to where it came from, or shown again with what was refused."""

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
    request: HttpRequest, form: Any, save: Callable[[], str], *, heading: str, crumbs: list[tuple[str, str]], back: str,
    answer: str = "", meanwhile: Callable[[Any], list[tuple[str, str, str]]] | None = None,
    template: str = "quality/visit_form.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    """`save` gives the sentence that is said afterwards, at `back`. What somebody else changed meanwhile stands beside
    what was typed; `meanwhile` adds what has no field here."""
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                says = save()
        except ValidationError as refused:
            getattr(form, "add_refusals", form.add_problems)(refused)
        except ChangedMeanwhile as refused:
            stale = difference(form, refused) + (meanwhile(refused.now) if meanwhile else [])
        else:
            messages.success(request, says)
            return redirect(back)
    return render(request, template, {
        "form": form, "heading": heading, "crumb": heading, "crumbs": crumbs, "answer": answer, "stale": stale, **more,
    })  # fmt: skip


def state_meanwhile(now: Any) -> list[tuple[str, str, str]]:
    return [("How it stands", now.get_state_display(), "as below")]
