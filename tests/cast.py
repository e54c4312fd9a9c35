"""Who is tried on every page: one person of each role, in two authorities and two providers."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import User
from commissioning.partnership.rules.roles import AUTHORITY_ROLES, PROVIDER_ROLES, ROLES
from providers.models import Provider
from tests.world import World, build_world


@dataclass
class Cast:
    """One person of each role at Southwark and at Lewisham; contacts of two providers; the partnership's team."""

    authority: Any
    other: Any
    provider: Any
    rival: Any
    world: World
    now: Any = field(default_factory=timezone.now)

    def person(self, role: str, *, stranger: bool = False) -> User:
        body = (
            "partnership" if role == "partnership_administrator" else "alder" if role in PROVIDER_ROLES else "southwark"
        )
        if stranger:
            body = {"alder": "birch", "southwark": "lewisham"}.get(body, body)
        return User.objects.get(email=f"{role}@{body}.test")

    @contextmanager
    def acting(self, role: str, *, stranger: bool = False):
        """The person, with the door open as them; give the row and leave."""
        user = self.person(role, stranger=stranger)
        with acting_as(user.viewer, by=user):
            yield user


def build_cast(southwark: Any, lewisham: Any, greenwich: Any) -> Cast:
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        alder, birch = (
            Provider.objects.create(name=f"{name} Fostering", folded_name=f"{name.lower()} fostering")
            for name in ("Alder", "Birch")
        )
        for role in ROLES:
            if role in AUTHORITY_ROLES:
                whose = [("southwark", {"authority": southwark}), ("lewisham", {"authority": lewisham})]
            elif role in PROVIDER_ROLES:
                whose = [("alder", {"provider": alder}), ("birch", {"provider": birch})]
            else:
                whose = [("partnership", {})]
            for body, belongs in whose:
                User.objects.create_user(f"{role}@{body}.test", name=f"{role} {body}", role=role, **belongs)
    return Cast(southwark, lewisham, alder, birch, build_world(southwark, lewisham, greenwich))
