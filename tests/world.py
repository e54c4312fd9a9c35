"""A small partnership for tests: two frameworks, invented providers, rates that come in by the production road."""

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from commissioning.kernel.ingest.road import bring_in, receive
from commissioning.kernel.ingest.source import source_named
from commissioning.kernel.models import ImportRun
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Framework, Lot, Participation, PriceLine
from providers.actions.award_place import award_place
from providers.models import Provider
from providers.rules.names import fold

BY = "service:tests"
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
HEADINGS = [
    "Framework",
    "Lot",
    "Price line",
    "Provider",
    "URN",
    "Company number",
    "Authority",
    "Rate",
    "From",
    "Last day",
]


@dataclass
class World:
    """`shared`: Southwark leads, Lewisham and Greenwich take part. `pair`: Lewisham leads, Greenwich takes part."""

    southwark: Any
    lewisham: Any
    greenwich: Any
    shared: Framework = None
    pair: Framework = None
    providers: dict[str, Provider] = field(default_factory=dict)

    def lot(self, framework: Framework) -> Lot:
        with acting_as(Viewer.of_authority(framework.lead_authority_id), by=BY):
            return Lot.objects.get(framework=framework, number="1")


def build_world(southwark: Any, lewisham: Any, greenwich: Any, *, providers: int = 3) -> World:
    world = World(southwark, lewisham, greenwich)
    with acting_as(Viewer.of_service("tests"), by=BY):
        for number in range(1, providers + 1):
            name = f"Invented Provider {number} Ltd"
            world.providers[name] = Provider.objects.create(
                name=name, folded_name=fold(name), company_number=f"{90000000 + number:08d}"
            )
    world.shared = _framework(
        "IFA-TEST", "Fostering framework for tests", southwark, [southwark, lewisham, greenwich], world
    )
    world.pair = _framework("SEMI-TEST", "Semi-independent framework for tests", lewisham, [lewisham, greenwich], world)
    return world


def _framework(reference: str, name: str, lead: Any, members: list[Any], world: World) -> Framework:
    with acting_as(Viewer.of_authority(lead.pk), by=BY):
        framework = Framework.objects.create(
            reference=reference, name=name, kind="framework", lead_authority=lead, starts_on=date(2024, 4, 1),
            ends_before=date(2027, 4, 1),
        )  # fmt: skip
        for member in members:
            Participation.objects.create(framework=framework, authority=member, starts_on=framework.starts_on)
        lot = Lot.objects.create(framework=framework, number="1", name="General", service_type="fostering")
        for position, (code, low, high) in enumerate(
            [("CORE-0-4", 0, 4), ("CORE-5-10", 5, 10), ("CORE-11-15", 11, 15)]
        ):
            PriceLine.objects.create(
                framework=framework, lot=lot, position=position, code=code, name=f"Core {low}-{high}", level="standard",
                age_from=low, age_to=high,
            )  # fmt: skip
        for provider in world.providers.values():
            award_place(lot=lot, provider=provider, starts_on=framework.starts_on, by=BY, tier=1)
    return framework


def card(*rows: dict[str, Any]) -> bytes:
    """A filled rate card as csv; each row by heading."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADINGS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(
    framework: Framework, provider: str, amount: Any, starts: str = "01/04/2026", line: str = "CORE-5-10", **more: Any
):
    return {
        "Framework": framework.reference, "Lot": "1", "Price line": line, "Provider": provider, "Rate": amount,
        "From": starts, **more,
    }  # fmt: skip


def send(source: str, content: bytes, authority: Any, *, name: str = "card.csv", load: bool = True) -> ImportRun:
    """By the road that page and command use."""
    viewer = Viewer.of_authority(authority.pk)
    with acting_as(viewer, by=BY):
        run = receive(source=source_named(source), file=io.BytesIO(content), file_name=name, authority=authority, by=BY)
    return bring_in(run, viewer=viewer, by=BY, now=NOW, load=load)


def standard_rates(world: World) -> None:
    """Two years of rates on both frameworks, each amount its own to the penny."""
    for offset, framework in ((0, world.shared), (1000, world.pair)):
        rows = []
        for number, provider in enumerate(world.providers):
            for place, line in enumerate(("CORE-0-4", "CORE-5-10", "CORE-11-15")):
                amount = Decimal(700 + offset + number * 10 + place) + Decimal("0.37")
                rows.append(row(framework, provider, amount, "01/04/2025", line))
                rows.append(row(framework, provider, amount + 15, "01/04/2026", line))
        lead = world.southwark if framework is world.shared else world.lewisham
        assert send("rates", card(*rows), lead).rows_rejected == 0


def shared_data() -> Path | None:
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None
