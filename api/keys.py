"""Who is calling: an authority's system with a key, or a signed-in person trying the API out. A key that was made for
steps takes them for the person who made it; everything else only reads."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from commissioning.kernel.addresses import client_address
from commissioning.kernel.tenancy.viewer import Viewer
from commissioning.partnership.actions.count_call import count_call
from commissioning.partnership.actions.make_key import KEY_ROLE
from commissioning.partnership.actions.use_key import find_key
from commissioning.partnership.models import ApiKey, User
from commissioning.partnership.rules.networks import is_within
from commissioning.partnership.rules.roles import may

LONGEST_KEY = 200  # characters; ours have about 56


@dataclass(frozen=True)
class Caller:
    """`viewer` decides which rows, `role` and `scopes` which resources; `by` is whose name the door is opened in;
    `today` and `now`: when it was asked. `key`: the key, of which a step needs the person who made it."""

    viewer: Viewer
    by: Any
    role: str
    scopes: frozenset[str]
    key: ApiKey | None = None
    is_authenticated: bool = True
    today: date = field(default_factory=timezone.localdate)
    now: datetime = field(default_factory=timezone.now)

    def in_scope(self, resource: str) -> bool:
        return "*" in self.scopes or resource in self.scopes


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY`. A header that is there and wrong is refused, whatever else came with it. Each call
    of a key counts, of what its minute holds."""

    def authenticate(self, request: Request) -> tuple[Caller, Caller] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, presented = header.partition(" ")
        presented = presented.strip()
        if scheme.lower() != "bearer" or not presented:
            raise AuthenticationFailed("The Authorization header must read: Bearer KEY.")
        key = None
        if presented.isascii() and presented.isprintable() and len(presented) <= LONGEST_KEY:
            key = find_key(presented, timezone.now())
        if key is None:
            raise AuthenticationFailed("This key is not known, or no longer valid.")
        if not is_within(client_address(request._request), key.networks):
            raise PermissionDenied("This key is not taken from the network that the call came from.")
        count_call(key)
        role = role_of(key)
        caller = Caller(
            viewer=Viewer.of_authority(key.authority_id, with_cases=may(role, "read", "children")),
            by=f"key:{key.uuid}",
            role=role,
            scopes=frozenset(key.scopes.split()),
            key=key,
        )
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def role_of(key: ApiKey) -> str:
    """What a key may read at most. One that somebody made as an administrator, or a command, is a system's: it goes on
    whatever they become. Any other is that person's own: it reads what their role does, for as long as they are here.
    """
    maker = key.made_by
    if maker is None or not key.own:
        return KEY_ROLE
    return maker.role if maker.is_active and maker.authority_id == key.authority_id else ""


class SignedInAuthentication(BaseAuthentication):
    """The session of a person who is signed in. It only reads, so no form token is asked for."""

    def authenticate(self, request: Request) -> tuple[Caller, Caller] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        caller = Caller(viewer=user.viewer, by=user, role=user.role, scopes=frozenset("*"))
        return caller, caller


class MayRead(BasePermission):
    """The role may read the view's `resource`, and the key was made for it. A view without one is refused."""

    def has_permission(self, request: Request, view: Any) -> bool:
        caller, resource = request.auth, getattr(view, "resource", None)
        if caller is None or resource is None:
            return False
        if not caller.in_scope(resource):
            raise PermissionDenied(f"This key was not made for {resource}.")
        if not may(caller.role, "read", resource):
            raise PermissionDenied(f"Your role may not read {resource}.")
        return True


class MayAct(BasePermission):
    """The key was made for the view's `scope`, by a person who may still do what its `grant` says, (verb, resource)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        caller = request.auth
        if request.method.lower() not in view.http_method_names:
            return True  # nothing is done: the answer says which method it takes
        if caller is None:
            return False
        if caller.key is None:
            raise PermissionDenied("A step is taken with a key. In a browser, take it on its page.")
        if view.scope not in caller.scopes:
            raise PermissionDenied(f"This key was not made for {view.scope}.")
        person = acts_for(caller)
        if person is None:
            raise PermissionDenied("Whoever made this key is not here any more, and it takes steps for nobody else.")
        verb, resource = view.grant
        if not person.may(verb, resource):
            raise PermissionDenied(f"This key acts for {person}, whose role may not {verb} {resource}.")
        return True


def acts_for(caller: Caller) -> User | None:
    """The person who made the key, where they may still sign in for the key's authority."""
    person = caller.key.made_by if caller.key else None
    if person is None or not person.is_active or caller.key is None or person.authority_id != caller.key.authority_id:
        return None
    return person
