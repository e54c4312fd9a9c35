"""A suspension made from the page of what is suspended, extended, lifted, and decided on."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.rules.terms import last_day

from ..actions.suspend import decide, extend, lift, suspend
from ..forms_suspensions import DecideForm, ExtendForm, LiftForm, SuspendForm
from ..measures.suspended import thing_of
from ..models import Award, Establishment, Provider, Suspension, SuspensionDecision
from ..rules import codes
from .saving import saved
from .suspensions import DISTINCT, found_suspension

MODELS: dict[str, Any] = {"provider": Provider, "home": Establishment, "award": Award}


@allowed("suspensions", "create")
def suspension_new(request: HttpRequest) -> HttpResponse:
    """Of what the address names: ?provider=, ?home= or ?award=. Without one, the way there is shown."""
    wanted = next((name for name in MODELS if request.GET.get(name)), "")
    if not wanted:
        return _ask_what(request)
    what = _named(wanted, request.GET[wanted])
    provider = what if wanted == "provider" else what.provider
    if provider is None:
        raise Http404("nobody is recorded as running that home")
    thing = _thing(wanted, what)
    form = SuspendForm(request.POST or None, initial={"starts_on": timezone.localdate()})

    def save() -> tuple[str, str]:
        made = suspend(
            authority_id=request.user.authority_id, provider=provider, by=request.user, now=timezone.now(),
            establishment=what if wanted == "home" else None, award=what if wanted == "award" else None,
            **form.cleaned_data,
        )  # fmt: skip
        return f"{thing} is suspended. Every member is shown it.", reverse("suspension", args=[made.uuid])

    return saved(
        request, form, save, heading=f"Suspend {thing}", crumb="Suspend",
        crumbs=[("Providers", reverse("providers")), (provider.name, reverse("provider", args=[provider.uuid]))],
        answer=f"No member makes new placements there through a framework while it stands. {DISTINCT}",
    )  # fmt: skip


def _ask_what(request: HttpRequest) -> HttpResponse:
    return render(request, "providers/suspension_what.html")


def _named(name: str, uuid: str) -> Any:
    try:
        key = UUID(uuid)
    except ValueError:
        raise Http404("no such thing") from None
    related = {"provider": (), "home": ("provider",), "award": ("provider", "lot", "framework")}[name]
    return get_object_or_404(MODELS[name].objects.select_related(*related), uuid=key)


def _thing(name: str, what: Any) -> str:
    if name == "provider":
        return what.name
    row = Suspension(provider=what.provider, **({"establishment": what} if name == "home" else {"award": what}))
    thing = thing_of(row)
    return thing[0].lower() + thing[1:] if name == "award" else thing


@allowed("suspensions", "change")
def suspension_extend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = ExtendForm(request.POST or None, initial={"expires_on": row.expires_on, "version": row.version})

    def save() -> tuple[str, str]:
        extend(suspension=row, by=request.user, now=timezone.now(), **form.cleaned_data)
        until = f"until {wording.day(last_day(row.expires_on))}" if row.expires_on else "until it is lifted"
        return f"{thing_of(row)} is suspended {until}.", reverse("suspension", args=[row.uuid])

    return saved(request, form, save, heading=f"{thing_of(row)}: another last day", crumb="Last day",
                 crumbs=_crumbs(row))  # fmt: skip


@allowed("suspensions", "change")
def suspension_lift(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = LiftForm(request.POST or None, initial={"version": row.version})

    def save() -> tuple[str, str]:
        lift(suspension=row, by=request.user, now=timezone.now(), **form.cleaned_data)
        return f"The suspension of {thing_of(row)} is lifted.", reverse("suspension", args=[row.uuid])

    return saved(
        request, form, save, heading=f"{thing_of(row)}: lift the suspension", crumb="Lift", crumbs=_crumbs(row),
        answer=f"What has to be seen: {row.lifts_when}",
    )  # fmt: skip


@allowed("suspensions", "change")
def suspension_decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, mine = found_suspension(uuid), request.user.authority_id
    before = SuspensionDecision.objects.filter(suspension=row, authority=mine).first()
    initial = {"decision": before.decision, "words": before.words} if before else {}
    form = DecideForm(request.POST or None, initial=initial)

    def save() -> tuple[str, str]:
        made = decide(
            suspension=row, authority_id=mine, by=request.user, now=timezone.now(), **form.cleaned_data
        )  # fmt: skip
        says = f"{request.user.body_name}: {codes.SUSPENSION_DECISIONS[made.decision].lower()}."
        return says, reverse("suspension", args=[row.uuid])

    return saved(
        request, form, save, heading=f"{thing_of(row)}: what does {request.user.body_name} do?", crumb="Our decision",
        crumbs=_crumbs(row),
        answer="Until your authority decides, it follows the suspension for what is bought through a framework. Case "
        "by case asks for a reason with each new placement, which is kept.",
    )  # fmt: skip


def _own(request: HttpRequest, uuid: UUID) -> Suspension:
    row = found_suspension(uuid)
    if row.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority that suspended it extends or lifts it.")
    return row


def _crumbs(row: Suspension) -> list[tuple[str, str]]:
    return [("Suspensions", reverse("suspensions")), (thing_of(row), reverse("suspension", args=[row.uuid]))]
