"""Rows on which the providers room's routes with arguments are tried (tests/permissions.py)."""

from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from providers.actions.suspend import suspend
from providers.models import Award, Establishment, Premises, Suspension
from tests.permissions import Sample


def _provider(cast):
    return {"uuid": cast.provider.uuid}


def home_of(provider) -> Establishment:
    """A listed children's home whose name the regulator withholds."""
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        made, _ = Establishment.objects.get_or_create(
            urn="SC900001", defaults={"kind": "childrens_home", "area_name": "Lewisham", "provider": provider}
        )
        return made


def _home(cast):
    return {"uuid": home_of(cast.provider).uuid}


def _lot(cast):
    return {"uuid": cast.world.lot(cast.world.shared).uuid}


def _place(cast):
    lot = _lot(cast)
    with cast.acting("commissioning_officer"):
        return lot | {"award": Award.objects.filter(framework=cast.world.shared).first().uuid}


def _premises(cast):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        home, _ = Establishment.objects.get_or_create(
            urn="2500001", defaults={"kind": "supported_accommodation", "name": "Supported", "provider": cast.provider}
        )
        made, _ = Premises.objects.get_or_create(establishment=home, defaults={"provider": cast.provider})
        return {"uuid": home.uuid, "premises": made.uuid}


def _suspension(cast):
    """Alder suspended by Southwark, made once."""
    with cast.acting("quality_officer") as user:
        made = Suspension.objects.first() or suspend(
            authority_id=cast.authority.pk, provider=cast.provider, reason="safeguarding", words="Alarms were off",
            lifts_when="A visit finds them on", starts_on=timezone.localdate(), by=user, now=timezone.now(),
        )  # fmt: skip
        return {"uuid": made.uuid}


SAMPLES = {
    "premises-new": Sample(_home, why="every member may record premises for all of them"),
    "premises-change": Sample(_premises, why="every member may record premises for all of them"),
    "suspension": Sample(_suspension, hidden_from="rival"),
    "suspension-extend": Sample(_suspension, refused_to="stranger"),
    "suspension-lift": Sample(_suspension, refused_to="stranger"),
    "suspension-decide": Sample(_suspension, why="every member decides for itself"),
    "places": Sample(_lot, refused_to="stranger"),
    "place-new": Sample(_lot, refused_to="stranger"),
    "place-end": Sample(_place, refused_to="stranger"),
    "provider": Sample(_provider, hidden_from="rival"),
    "provider-awards": Sample(_provider, hidden_from="rival"),
    "provider-documents": Sample(_provider, hidden_from="rival"),
    "provider-document-new": Sample(_provider, hidden_from="rival"),
    "provider-history": Sample(_provider, hidden_from="rival"),
    "establishment": Sample(_home, hidden_from="rival"),
    "working-name": Sample(_home, why="every member reads establishments; the name itself is the authority's own"),
}
