"""What a form does when it is sent: saved, refused beside its fields, or changed meanwhile by somebody else."""

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
    request: HttpRequest, form: Any, save: Callable[[], tuple[str, str]], *, heading: str, crumb: str,
    crumbs: list[tuple[str, str]], template: str = "providers/form.html", **shown: Any,
) -> HttpResponse:  # fmt: skip
    """The form, or a redirect: `save` gives (what is said, where to). Nothing typed is lost."""
    stale = None
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                says, then = save()
        except ValidationError as refused:
            form.add_problems(refused)
        except ChangedMeanwhile as refused:
            stale = difference(form, refused)
        else:
            messages.success(request, says)
            return redirect(then)
    return render(request, template, {
        "form": form, "heading": heading, "crumb": crumb, "crumbs": crumbs, "stale": stale, **shown,
    })  # fmt: skip
