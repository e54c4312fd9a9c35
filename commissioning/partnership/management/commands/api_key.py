"""`manage.py api_key AUTHORITY --name NAME [--scope SCOPE ...] [--acts-for EMAIL]`: makes a key and prints it as the
last word."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as

from ...actions.make_key import LONGEST_DAYS, SCOPES, WRITE_SCOPES, make_key
from ...models import Authority, User

DOOR = "service:api_key command"


class Command(BaseCommand):
    help = "Makes an API key for an authority's own system. It is printed once, as the last word."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("authority", help="ONS code or short name: E09000028 or southwark")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            help=f"one of: {', '.join((*SCOPES, *WRITE_SCOPES))}; without: all to read",
        )
        parser.add_argument("--days", type=int, default=LONGEST_DAYS, help=f"how long it lasts, at most {LONGEST_DAYS}")
        parser.add_argument("--acts-for", default="", help=f"e-mail of the person whose key it is, for {_writes()}")

    def handle(self, *, authority: str, name: str, scope: list[str], days: int, acts_for: str, **_: Any) -> None:
        now = timezone.now()
        with acting_as(Viewer.of_service("api_key command"), by=DOOR):
            member = _member(authority, now.date())
        with acting_as(Viewer.of_authority(member.pk), by=DOOR):
            try:
                key, presented = make_key(
                    authority=member, name=name, scopes=scope or ["*"], days=days, at=now, by=_person(acts_for)
                )
            except ValidationError as problem:
                raise CommandError(" ".join(problem.messages)) from None
        may_read = key.scopes.replace(" ", ", ").replace("*", "everything the authority may see")
        self.stdout.write(f"{member.name}: key {key.name!r} reads {may_read} until {key.expires_at:%d %B %Y}.")
        self.stdout.write(f"Keep it safe, it is not shown again: {presented}")


def _writes() -> str:
    return ", ".join(WRITE_SCOPES)


def _person(email: str) -> User | None:
    """Nobody where none is named. A key of a person's own acts for them, so they must be there."""
    if not email:
        return None
    found = User.objects.select_related("authority").filter(email=email.lower(), is_active=True).first()
    if found is None:
        raise CommandError(f"{email} is nobody who may sign in.")
    return found


def _member(named: str, day: Any) -> Authority:
    members = Authority.objects.members_on(day)
    found = members.filter(slug=named.lower()).first() or members.filter(codes__ons_code=named.upper()).first()
    if found is None:
        known = ", ".join(members.order_by("name").values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"{named} is not a member of the partnership. Members: {known}.")
    return found
