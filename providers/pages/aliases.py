"""A name in a file that no provider has: the nearest are shown, and a person confirms which it is, or none."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from rapidfuzz import fuzz, process

from commissioning.kernel.pages.allowed import allowed

from ..actions.confirm_alias import confirm_alias
from ..forms import AliasForm, NameForm
from ..models import Alias, Provider
from ..rules.names import fold

SHOWN = 8
FAR = 60  # below this score of 100 two names have little in common


@allowed("providers", "change")
def confirm(request: HttpRequest) -> HttpResponse:
    """?name= is the name as the file has it; ?provider= offers that provider first."""
    name = " ".join((request.POST.get("name") or request.GET.get("name", "")).split())[:200]
    if not name:
        return _which_name(request)
    near = nearest(name, first=_asked_for(request))
    form = AliasForm(request.POST if request.method == "POST" else None, near=near, initial={"name": name})
    if request.method == "POST" and form.is_valid():
        provider = get_object_or_404(Provider, uuid=form.cleaned_data["provider"])
        try:
            confirm_alias(provider=provider, name=name, by=request.user)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            said = f"“{name}” now stands for {provider}. Send the rejected rows again and they are matched."
            messages.success(request, said)
            return redirect("provider", uuid=provider.uuid)
    return render(request, "providers/alias_confirm.html", {
        "form": form if near else None, "name": name, "near": near,
        "match": Provider.objects.filter(folded_name=fold(name)).first() or _standing_for(name),
    })  # fmt: skip


def _which_name(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.GET if "name" in request.GET else None)
    form.helper.form_method = "get"
    form.helper.form_action = reverse("alias-confirm")
    return render(request, "providers/form.html", {
        "form": form, "heading": "Which provider does a name stand for?", "crumb": "Another name",
        "answer": "Files spell names in their own ways. Confirm a name once, and later files under it are matched.",
        "crumbs": [("Providers", reverse("providers"))],
    })  # fmt: skip


def nearest(name: str, *, first: Provider | None = None) -> list[tuple[str, str, str]]:
    """(uuid, name, hint) of the providers whose name, or another name, comes nearest. Two queries."""
    called: dict[int, str] = {}
    names: dict[str, int] = {}
    providers = {row.pk: row for row in Provider.objects.only("pk", "uuid", "name", "folded_name", "company_number")}
    for pk, provider in providers.items():
        names[provider.folded_name] = pk
    for alias in Alias.objects.only("provider_id", "name", "folded_name"):
        names[alias.folded_name] = alias.provider_id
        called[alias.provider_id] = alias.name
    found = process.extract(fold(name), list(names), scorer=fuzz.token_set_ratio, limit=SHOWN * 2, score_cutoff=FAR)
    # Among equals the one that is nearest letter by letter.
    found.sort(key=lambda hit: (-hit[1], -fuzz.ratio(fold(name), hit[0])))
    order = [first.pk] if first else []
    order += [names[folded] for folded, _, _ in found]
    chosen = [providers[pk] for pk in dict.fromkeys(order) if pk in providers][:SHOWN]
    return [(str(each.uuid), each.name, _hint(each, called)) for each in chosen]


def _hint(provider: Provider, called: dict[int, str]) -> str:
    parts = [f"Company number {provider.company_number}"] if provider.company_number else []
    parts += [f"also {called[provider.pk]}"] if provider.pk in called else []
    return ", ".join(parts)


def _asked_for(request: HttpRequest) -> Provider | None:
    try:
        return Provider.objects.filter(uuid=UUID(request.GET.get("provider", ""))).first()
    except ValueError:
        return None


def _standing_for(name: str) -> Provider | None:
    alias = Alias.objects.filter(folded_name=fold(name)).select_related("provider").first()
    return alias.provider if alias else None
