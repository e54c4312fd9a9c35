"""The keys of an authority's own systems: made, shown once, replaced, revoked."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.kernel.wording import capital, day, instant

from ..actions.make_key import ADMINISTRATOR, make_key
from ..actions.revoke_key import revoke_key
from ..actions.rotate_key import rotate_key
from ..forms_people import SENDS, KeyForm, ReplaceKeyForm
from ..models import ApiKey, User
from ..rules.roles_in_words import thing
from .proof import with_proof


@allowed("keys")
def keys(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = list(_keys(request.user).select_related("made_by").order_by("-made_at"))
    table = Table(
        _columns(now),
        rows,
        f"Keys of {request.user.body_name}",
        noun=("key", "keys"),
        caption_hidden=True,
        empty=EmptyState(
            "No keys yet",
            "A key lets one of your authority's own systems, such as a data warehouse, Power BI or a case system, read "
            "what it is made for, or send it.",
            "Make a key",
            "/accounts/keys/make/",
        ),
    )
    opening = sum(state(key, now) == "Active" for key in rows)
    return render(request, "partnership/keys.html", {"table": table, "opening": opening, "any": bool(rows)})


@allowed("keys", "create")
@never_cache
def make(request: HttpRequest) -> HttpResponse:
    """The key is in this one answer and nowhere else: opened again, the page shows it no more."""
    now = timezone.now()
    active = _keys(request.user).filter(revoked_at=None, expires_at__gt=now)
    taken = set(active.values_list("name", flat=True))
    form = KeyForm(request.POST or None, by=request.user, taken=taken, initial={"days": "365"})
    form = with_proof(form, request)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        key, presented = make_key(
            authority=request.user.authority, name=asked["name"], scopes=asked["scopes"], networks=asked["networks"],
            days=int(asked["days"]), at=now, by=request.user,
        )  # fmt: skip
        return _shown_once(request, key, presented)
    system = request.user.role == ADMINISTRATOR
    return render(request, "partnership/key_form.html", {"form": form, "system": system})


@allowed("keys", "change")
@never_cache
def replace(request: HttpRequest, uuid: Any) -> HttpResponse:
    """A new key of the same rights, and for a time both. As when one is made, it is in this one answer alone."""
    key = get_object_or_404(_keys(request.user), uuid=uuid)
    form = with_proof(ReplaceKeyForm(request.POST or None, initial={"days": "365", "beside": "7"}), request)
    if request.method == "POST" and form.is_valid():
        days, beside = (int(form.cleaned_data[name]) for name in ("days", "beside"))
        try:
            made, presented = rotate_key(key=key, days=days, beside=beside, at=timezone.now(), by=request.user)
            return _shown_once(request, made, presented)
        except ValidationError as problem:
            form.add_error(None, problem)
    return render(request, "partnership/key_replace.html", {"form": form, "key": key, "rows": _rows(key)})


def _shown_once(request: HttpRequest, key: ApiKey, presented: str) -> HttpResponse:
    return render(request, "partnership/key_made.html", {"key": key, "presented": presented, "reads": reads(key)})


@allowed("keys", "change")
def revoke(request: HttpRequest, uuid: Any) -> HttpResponse:
    key = get_object_or_404(_keys(request.user), uuid=uuid)
    if request.method == "POST":
        try:
            revoke_key(key=key, at=timezone.now(), by=request.user)
            messages.success(request, f"The key {key.name} is revoked. Whoever uses it is refused from now on.")
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        return redirect("keys")
    return render(
        request, "partnership/key_revoke.html", {"key": key, "rows": _rows(key), "state": state(key, timezone.now())}
    )


def state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return "Revoked"
    return "Expired" if key.expires_at <= now else "Active"


def reads(key: ApiKey) -> str:
    """What the key may read, and what it may send or do for the person who made it."""
    scopes = key.scopes.split()
    read = ["everything the authority may see"] if "*" in scopes else [thing(s) for s in scopes if s not in SENDS]
    words = [f"read {', '.join(read)}"] if read else []
    return capital("; ".join([*words, *(SENDS[scope] for scope in scopes if scope in SENDS)]))


def _keys(user: User) -> QuerySet[ApiKey]:
    """An administrator's are all of the authority's; another person's are their own."""
    keys = ApiKey.objects.filter(authority_id=user.authority_id)
    return keys if user.role == ADMINISTRATOR else keys.filter(made_by=user)


def _rows(key: ApiKey) -> list[tuple[str, str]]:
    return [
        ("Begins with", key.prefix),
        ("May", reads(key)),
        ("Taken from", key.networks.replace(" ", ", ") or "anywhere"),
        ("Made", f"{day(timezone.localtime(key.made_at))}, by {key.made_by.email if key.made_by else 'a command'}"),
        ("Last used", instant(key.last_used_at) if key.last_used_at else "never"),
        ("Expires", instant(key.expires_at)),
        *([("Replaces", f"the key that begins with {key.replaces.prefix}")] if key.replaces else []),
        ("Revoked", instant(key.revoked_at) if key.revoked_at else "no"),
    ]


def _columns(now: datetime) -> tuple[Column, ...]:
    return (
        Column("name", "Key", link=lambda key: f"/accounts/keys/{key.uuid}/revoke/"),
        Column("prefix", "Begins with"),
        Column("scopes", "May", value=reads),
        Column("networks", "Taken from", value=lambda key: key.networks.replace(" ", ", "), missing="anywhere"),
        Column("made_by", "Made by", value=lambda key: key.made_by and key.made_by.email, missing="a command"),
        Column("made_at", "Made", kind="date"),
        Column("last_used_at", "Last used", kind="instant", missing="never"),
        Column("expires_at", "Expires", kind="date"),
        Column("state", "State", kind="tag", value=lambda key: state(key, now)),
    )
