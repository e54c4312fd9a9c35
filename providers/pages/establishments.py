"""One establishment: what the newest file says of it, what each file said before, its premises, our name for it."""

from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, Table

from ..models import Establishment, EstablishmentRecord, WorkingName
from ..rules import codes
from .beside import rooms
from .standing import is_listed, newest_list, state_of, tone_of

WITHHELD = "withheld by the regulator"
SAID = (
    ("owner_name", "Owner"), ("status", "Status"), ("kind", "Kind"), ("name", "Name"), ("address", "Address"),
    ("postcode", "Postcode"), ("area_name", "Area"), ("region", "Region"), ("constituency", "Constituency"),
    ("sector", "Sector"), ("places", "Places"), ("short_breaks_only", "Short breaks only"),
    ("education_urn", "Education URN"), ("registered_on", "Registered on"),
)  # fmt: skip
HIDDEN = ("name", "address", "postcode")  # empty where the file withholds them


@allowed("establishments")
def establishment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home = get_object_or_404(Establishment.objects.select_related("provider", "predecessor"), uuid=uuid)
    newest = newest_list()
    records = list(home.records.order_by("-as_at"))
    beside = [room.of_establishment(home) for room in rooms()]
    ours = None
    if request.user.may("read", "working-names") and request.user.authority_id:
        ours = WorkingName.objects.filter(establishment=home).first()
    return render(request, "providers/establishment.html", {
        "home": home, "state": state_of(home, newest), "tone": tone_of(home, newest), "ours": ours,
        "may_name": request.user.may("change", "working-names") and not home.name,
        "answer": _answer(home, newest), "notes": [said for said, _ in beside if said], "facts": _facts(home),
        "links": [link for room in rooms() for link in room.links_of_establishment(home, request.user)],
        "tables": [table for _, tables in beside for table in tables], "premises": _premises(request, home),
        "records": Table(
            _record_columns(), _told(records), "What each file said", per_page=None, cards=False,
            noun=("file", "files"),
        ),
    })  # fmt: skip


def _answer(home: Establishment, newest: Any) -> str:
    kind = home.get_kind_display()
    run = f"{kind} run by {home.provider}" if home.provider else f"{kind}, whose owner no file has named"
    room = f", {home.places} place{'' if home.places == 1 else 's'}" if home.places is not None else ""
    if is_listed(home, newest):
        return f"{run}{room}. On the list of {wording.day(newest)}: {(home.status or 'listed').lower()}."
    return f"{run}{room}. {state_of(home, newest)}."


def _facts(home: Establishment) -> list[tuple[str, Any]]:
    hidden = None if home.name else WITHHELD
    address = ", ".join(part for part in (home.address, home.postcode) if part)
    facts = [
        ("URN", home.urn),
        ("Published name", home.name or hidden),
        ("Address", address or hidden),
        ("Area", home.area_name),
        ("Region", home.region),
        ("Parliamentary constituency", home.constituency),
        ("Sector", home.get_sector_display() if home.sector else None),
        ("Registered on", home.registered_on and wording.day(home.registered_on)),
        ("Short breaks only", None if home.short_breaks_only is None else "Yes" if home.short_breaks_only else "No"),
    ]
    if home.education_urn:
        facts.append(("URN as a school", home.education_urn))
    if home.predecessor:
        facts.append(("Registered before as", f"{home.predecessor.shown_name} (URN {home.predecessor.urn})"))
    return facts


def _told(records: list[EstablishmentRecord]) -> list[dict[str, Any]]:
    """Each record with what changed since the one before it, newest first."""
    rows = []
    for place, record in enumerate(records):
        before = records[place + 1] if place + 1 < len(records) else None
        rows.append({"record": record, "changes": _changes(before, record) if before else "First file that names it"})
    return rows


def _changes(before: EstablishmentRecord, after: EstablishmentRecord) -> str:
    """What both files say and say differently; a column that one of the years does not have is no change."""
    said = []
    for name, label in SAID:
        old, new = getattr(before, name), getattr(after, name)
        unsaid = name not in HIDDEN and (old in ("", None) or new in ("", None))
        if old != new and not unsaid:
            said.append(f"{label} from {_word(name, old)} to {_word(name, new)}")
    if after.closed_on and not before.closed_on:
        said.append(f"Closed on {wording.day(after.closed_on)}")
    if before.listed and not after.listed:
        said.append("No longer on the list at that day")
    return "; ".join(said) or "No change"


def _word(name: str, value: Any) -> str:
    if name in HIDDEN and not value:
        return "withheld"
    if name == "kind":
        return codes.ESTABLISHMENT_KINDS[value]
    if name == "sector":
        return codes.SECTORS.get(value, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return wording.day(value) if hasattr(value, "year") else str(value)


def _record_columns() -> list[Column]:
    return [
        Column("as_at", "File of", value=lambda row: row["record"].as_at, kind="date"),
        Column("owner", "Owner", value=lambda row: row["record"].owner_name, missing="not in that file"),
        Column("status", "Status", value=lambda row: row["record"].status),
        Column("places", "Places", value=lambda row: row["record"].places, kind="number"),
        Column("changes", "What changed since the file before", value=lambda row: row["changes"]),
        Column(
            "row", "Where", value=lambda row: f"{row['record'].source_sheet}, row {row['record'].source_row}"
            if row["record"].source_row else None,
        ),
    ]  # fmt: skip


def _premises(request: HttpRequest, home: Establishment) -> Table | None:
    rows = list(
        home.premises.order_by(F("listed_at").desc(nulls_last=True), "area_name", "category", "places", "ordinal")
    )
    if not rows:
        return None
    last = rows[0].listed_at
    columns = [
        Column("area", "Area", value=lambda row: row.area_name),
        Column("category", "Category", value=lambda row: row.get_category_display() if row.category else None),
        Column("places", "Places", kind="number"),
        Column("constituency", "Parliamentary constituency"),
        Column("listed_at", "Last listed", kind="date"),
    ]
    listed = sum(row.listed_at == last for row in rows)
    caption = f"Premises: {listed} on the list of {wording.day(last)}" if last else "Premises on no list yet"
    return Table.for_request(request, columns, rows, caption, noun=("premises", "premises"))
