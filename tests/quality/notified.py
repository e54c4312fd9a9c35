"""What tests of events, concerns and alerts share: homes, children who live there, and forms as people send them."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.presence import tell_presence
from providers.models import Establishment
from tests.contracts.bought import BY, child_of, spot_placement
from tests.contracts.watching import day, own

NOON = timezone.make_aware(datetime(2026, 4, 20, 12, 0))
TODAY = date(2026, 4, 20)


def home(provider: Any, urn: str = "SC900101", kind: str = "childrens_home", name: str = "Elm House") -> Establishment:
    with acting_as(Viewer.of_service("tests"), by=BY):
        made, _ = Establishment.objects.get_or_create(
            urn=urn, defaults={"kind": kind, "name": name, "provider": provider, "area_name": "Lewisham"}
        )
        return made


def lives_there(authority: Any, at: Establishment) -> None:
    """A child of the authority lives at the home today, and members may know that some do."""
    with own(authority):
        spot_placement(child_of(authority), provider=at.provider, establishment=at)
        tell_presence(authority_id=authority.pk, today=TODAY)


def when(name: str, moment: datetime) -> dict[str, str]:
    """A day and its time as the form's four fields."""
    local = timezone.localtime(moment)
    return day(f"{name}_on", local.date()) | {f"{name}_time": f"{local:%H:%M}"}
