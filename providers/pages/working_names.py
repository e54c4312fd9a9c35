"""What the viewer's authority calls a home whose published name is withheld."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from commissioning.kernel.pages.allowed import allowed

from ..actions.name_home import name_home
from ..forms import WorkingNameForm
from ..models import Establishment, WorkingName


@allowed("working-names", "change")
def working_name(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home = get_object_or_404(Establishment, uuid=uuid)
    given = WorkingName.objects.filter(establishment=home).first()
    form = WorkingNameForm(
        request.POST if request.method == "POST" else None, initial={"name": given.name if given else ""}
    )
    if request.method == "POST" and form.is_valid():
        try:
            kept = name_home(establishment=home, name=form.cleaned_data["name"], by=request.user)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            said = f"Your authority calls it {kept.name}." if kept else "Your authority has no name of its own for it."
            messages.success(request, said)
            return redirect("establishment", uuid=home.uuid)
    return render(request, "providers/form.html", {
        "form": form, "heading": f"{home.shown_name}: working name", "crumb": "Working name",
        "answer": "The regulator withholds the names and addresses of children’s homes. Do not write an address here."
        if not home.name else f"Its published name is {home.name}.",
        "crumbs": [("Providers", reverse("providers")), (home.shown_name, reverse("establishment", args=[home.uuid]))],
    })  # fmt: skip
