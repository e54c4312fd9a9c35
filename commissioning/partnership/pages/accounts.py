"""One's own account, and the way in for somebody invited."""

from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from commissioning.kernel.pages.allowed import allowed, open_to_all
from commissioning.kernel.wording import day

from ..actions.accept_invitation import InvitationOver, accept_invitation, open_invitation
from ..forms_people import AcceptForm
from ..rules.roles import ROLES
from .gate import has_second_factor

FACTORS = {"totp": "authenticator app", "webauthn": "passkey", "recovery_codes": "recovery codes"}


@allowed("overview")
def account(request: HttpRequest) -> HttpResponse:
    user = request.user
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    factors = list(dict.fromkeys(FACTORS[kind] for kind in kinds))
    rows = [
        ("Name", user.name),
        ("E-mail address", user.email),
        ("Works for", user.body_name),
        ("Role", f"{ROLES[user.role].label}. {ROLES[user.role].says}"),
        ("Password", "Set", "/accounts/password/change/"),
        ("Second factor", ", ".join(factors).capitalize() or "Not set up", "/accounts/2fa/", "Manage"),
        ("Joined", day(user.joined_at)),
    ]
    told = {"rows": rows, "protected": has_second_factor(user), "keys": user.may("read", "keys"),
            "views": user.may("read", "saved-views")}  # fmt: skip
    return render(request, "partnership/account.html", told)


@open_to_all
@never_cache
@sensitive_post_parameters()
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The link of an invitation. A used, withdrawn, expired or invented one gives the same answer."""
    if request.user.is_authenticated:
        return render(request, "partnership/invitation_signed_in.html")
    now = timezone.now()
    try:
        invited = open_invitation(secret, now)
        form = AcceptForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user = accept_invitation(
                secret=secret, name=form.cleaned_data["name"], password=form.cleaned_data["password"], at=now
            )
            return perform_login(
                request, user, redirect_url="/accounts/2fa/" if settings.SECOND_FACTOR_REQUIRED else "/"
            )
    except InvitationOver:
        return render(request, "partnership/invitation_over.html", status=410)
    except ValidationError as problem:
        for field, texts in problem.message_dict.items():
            form.add_error(field, texts)
    role = ROLES[invited.role]
    return render(request, "partnership/invitation.html", {"form": form, "invited": invited, "invited_role": role})
