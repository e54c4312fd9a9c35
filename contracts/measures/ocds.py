"""The partnership's frameworks and the viewer's own call-offs as OCDS releases, and the package that holds them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from commissioning.kernel.tenancy.viewer import current_viewer
from commissioning.partnership.models import Authority, Framework, Lot
from commissioning.partnership.rules.terms import add_months
from providers.measures.ocds import (
    Told,
    authority_party,
    reference_to,
    releases_of,
    supplier_party,
    with_codes,
    with_parts,
)
from providers.models import Award, Provider
from providers.rules import ocds

from ..models import Placement
from ..rules import call_offs

ROUTES = ("framework", "dynamic_market", "block")
PROCESSES = {"framework": "a framework", "call_off": "a call-off from one"}
Row = tuple[str, UUID, Told]  # what the process is, the framework's public id, the release


def ocds_releases(*, today: date, frameworks: QuerySet | None = None, process: str = "") -> list[Row]:
    """Every release, oldest first: of the frameworks that the viewer sees, and of an authority's own call-offs from
    them. `process` leaves one of PROCESSES."""
    prefix = settings.OCDS_PREFIX
    found = list(with_parts(Framework.objects.all() if frameworks is None else frameworks))
    rows: list[Row] = []
    if process != "call_off":
        rows = [
            ("framework", each.uuid, told) for each in found for told in releases_of(each, prefix=prefix, today=today)
        ]
    if process != "framework":
        rows += _call_offs([each.pk for each in found], prefix, today)
    return sorted(rows, key=lambda row: (row[2]["date"], row[2]["id"]))


def package_of(releases: Sequence[Told], *, at: datetime) -> Told:
    """The viewer's own file, to publish under its own name."""
    party = authority_party(_viewer())
    return ocds.package(
        list(releases), uri=f"{settings.SITE_URL}/api/v1/ocds/?format=json", published_at=at.isoformat(),
        publisher={"name": party["name"], "scheme": ocds.AUTHORITIES, "uid": party["identifier"]["id"]},
    )  # fmt: skip


def _viewer() -> Authority:
    return with_codes().get(pk=current_viewer().authority_id)


def _call_offs(frameworks: list[int], prefix: str, today: date) -> list[Row]:
    if current_viewer().kind != "authority":
        return []
    buyer = _viewer()
    cells = _cells(frameworks, today)
    lots = Lot.objects.select_related("framework").in_bulk({lot for lot, _ in cells})
    places = _places(lots.keys())
    providers: dict[int, Provider] = Provider.objects.in_bulk({each for cell in cells.values() for each, _ in cell})
    rows: list[Row] = []
    for (lot_id, quarter), cell in sorted(cells.items()):
        lot = lots[lot_id]
        for provider, count in call_offs.told(cell, _on_lot(places.get(lot_id, []), quarter)).items():
            rows += [
                ("call_off", lot.framework.uuid, _call_off(buyer, lot, quarter, providers.get(provider), place, prefix))
                for place in range(1, count + 1)
            ]
    return rows


def _cells(frameworks: list[int], today: date) -> dict[tuple[int, date], list[tuple[int, tuple[str, int]]]]:
    """(lot, quarter) -> (provider, family) of each call-off. Placements are the viewer's own, by their manager."""
    rows = Placement.objects.filter(
        route__in=ROUTES, lot__framework__in=frameworks, called_off_on__lt=call_offs.settled_before(today)
    ).values_list("lot_id", "called_off_on", "award__provider_id", "child_id", "child__sibling_group_id")
    cells: dict[tuple[int, date], list[tuple[int, tuple[str, int]]]] = {}
    for lot, day, provider, child, siblings in rows:
        family = ("siblings", siblings) if siblings else ("child", child)
        cells.setdefault((lot, call_offs.quarter_of(day)), []).append((provider, family))
    return cells


def _places(lots: Any) -> dict[int, list[tuple[int, date, date | None]]]:
    found: dict[int, list[tuple[int, date, date | None]]] = {}
    for lot, *place in Award.objects.filter(lot__in=lots).values_list(
        "lot_id", "provider_id", "starts_on", "ends_before"
    ):
        found.setdefault(lot, []).append(tuple(place))
    return found


def _on_lot(places: list[tuple[int, date, date | None]], quarter: date) -> int:
    until = add_months(quarter, 3)
    return len({who for who, begins, end in places if begins < until and (end is None or end > quarter)})


def _call_off(buyer: Authority, lot: Lot, quarter: date, provider: Provider | None, place: int, prefix: str) -> Told:
    of = (buyer.uuid, lot.uuid, quarter, provider.uuid if provider else "")
    identity = call_offs.process_id(settings.REFERENCE_KEY, *of, place=place)
    ocid = f"{prefix}-{identity}"
    party = authority_party(buyer)
    last = add_months(quarter, 3) - timedelta(days=1)
    title = f"Call-off from lot {lot.number}: {lot.name}, {quarter:%B} to {last:%B %Y}"
    tender = {
        "id": identity, "title": title, "status": "complete", "procuringEntity": reference_to(party),
        "mainProcurementCategory": "services", "competitive": ocds.REOPENS[lot.call_off_method],
        "awardPeriod": ocds.period(quarter, add_months(quarter, 3)),
    }  # fmt: skip
    award: Told = {"id": f"{identity}-award", "title": title, "status": "active"}
    parties = [party | {"roles": ["buyer", "procuringEntity"]}]
    if provider is not None:
        supplier = supplier_party(provider)
        award["suppliers"] = [reference_to(supplier)]
        parties.append(supplier)
    return ocds.release(
        ocid, "call-off", call_offs.told_from(quarter), ["tender", "award"], parties=parties,
        buyer=reference_to(party), tender=tender, awards=[award],
        relatedProcesses=[{
            "id": "1", "relationship": ["framework"], "title": lot.framework.name, "scheme": "ocid",
            "identifier": ocds.process_id(prefix, lot.framework.uuid), "relatedLots": [lot.number],
        }],
    )  # fmt: skip
