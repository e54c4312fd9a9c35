"""What the API shows: two frameworks with rates, one of them none of Southwark's, and a key for each authority."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from commissioning.kernel.models import ImportRun, ImportSheet
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.models import Extension, Framework, FrameworkEvent, Lot, Participation, PriceLine
from providers.models import Alias, Award, Establishment, Ownership, Premises, Provider, Rate
from quality.models import Inspection

BEGINS = date(2025, 4, 1)


def service():
    return acting_as(Viewer.of_service("tests"), by="service:tests")


def officer(authority):
    return acting_as(Viewer.of_authority(authority.pk), by="service:tests")


def bearer(authority, *scopes):
    """The header of a new key."""
    with officer(authority):
        _, presented = make_key(
            authority=authority, name="warehouse", scopes=scopes or ("*",), at=timezone.now(), by=None
        )
    return {"Authorization": f"Bearer {presented}"}


def framework(lead, members, reference):
    """A framework with one lot of two lines, taken part in by `members` for as long as it lasts."""
    with officer(lead):
        made = Framework.objects.create(
            reference=reference, name=f"Framework {reference}", kind="framework", lead_authority=lead, starts_on=BEGINS
        )
        for member in members:
            Participation.objects.create(framework=made, authority=member, starts_on=BEGINS)
        Extension.objects.create(framework=made, position=1, months=12)
        FrameworkEvent.objects.create(framework=made, kind="award", happens_on=BEGINS)
        lot = Lot.objects.create(framework=made, number="1", name="General fostering", service_type="fostering")
        lines = [
            PriceLine.objects.create(
                framework=made, lot=lot, position=n, code=f"L{n}", name=f"Core {n}", age_from=n, age_to=n + 4
            )
            for n in (1, 2)
        ]
    return SimpleNamespace(framework=made, lot=lot, lines=lines, lead=lead)


def award(place, provider, amounts=("712.5000", "845.2500"), starts_on=BEGINS, **rate):
    """The provider's place on the lot, and a rate for each line."""
    with officer(place.lead):
        made = Award.objects.create(
            framework=place.framework, lot=place.lot, provider=provider, tier=1, starts_on=starts_on
        )
        rates = [
            charge(place, made, line, amount, starts_on, **rate)
            for line, amount in zip(place.lines, amounts, strict=False)
        ]
    return made, rates


def charge(place, place_on_lot, line, amount, starts_on=BEGINS, **more):
    return Rate.objects.create(
        award=place_on_lot, price_line=line, framework=place.framework, lot=place.lot,
        provider_id=place_on_lot.provider_id, amount=amount, starts_on=starts_on, **more,
    )  # fmt: skip


@pytest.fixture
def market(southwark, lewisham, greenwich):
    """Southwark's framework for all three, Lewisham's with Greenwich; Alder and Birch on both."""
    ours = framework(southwark, (southwark, lewisham, greenwich), "SEL-1")
    theirs = framework(lewisham, (lewisham, greenwich), "LEW-1")
    with service():
        run = ImportRun.objects.create(source="ofsted", file_name="=cmd.csv", sha256="a" * 64, state="loaded")
        ImportSheet.objects.create(
            run=run, name="Providers", holds="providers", header_row=1,
            rows_read=0, rows_accepted=0, rows_corrected=0, rows_rejected=0,
        )  # fmt: skip
        alder = Provider.objects.create(
            name="=Alder Fostering", folded_name="alder", sector="private", source_import=run
        )
        birch = Provider.objects.create(name="Birch Homes", folded_name="birch", company_number="01234567")
        Alias.objects.create(provider=alder, name="Alder", folded_name="alder fostering ltd")
        Ownership.objects.create(provider=birch, owned=alder)
        agency = Establishment.objects.create(
            urn="SC000001", kind="fostering_agency", name="Alder", provider=alder, area=southwark, listed_at=BEGINS,
            source_import=run, source_sheet="Providers", source_row=2,
        )  # fmt: skip
        Premises.objects.create(establishment=agency, provider=alder, category=2, places=3, listed_at=BEGINS)
        Inspection.objects.create(
            establishment=agency, provider=alder, event_number="1", inspected_on=date(2025, 6, 1), scale="grades",
            overall="good", as_at=BEGINS + timedelta(days=365),
        )  # fmt: skip
    for place in (ours, theirs):
        for provider in (alder, birch):
            award(place, provider)
    return SimpleNamespace(ours=ours, theirs=theirs, alder=alder, birch=birch, agency=agency, run=run)
