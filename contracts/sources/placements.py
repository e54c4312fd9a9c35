"""Source `placements`: the own template, the North West placements census of five collections, the LIIA layout of
placement costs, and the Placements Data Standard. Each has its own tables; a file is known by its headings."""

from commissioning.kernel.ingest.headers import describe_missing
from commissioning.kernel.ingest.reading import UnreadableFile
from commissioning.kernel.ingest.source import NextStep, Source, register
from commissioning.kernel.ingest.staging import Staging
from providers.sources.matching import UNKNOWN, next_step_for_unknown

from ..actions.presence import tell_presence
from ..models import (
    CareStatus,
    Child,
    ChildReference,
    CostLine,
    DistanceApproval,
    FundingSplit,
    Oversight,
    PathwayPlace,
    Placement,
    PlacementMeeting,
    SiblingGroup,
)
from .placements_census import check_census, check_liia
from .placements_children import write_children
from .placements_held import put_back
from .placements_layouts import CENSUS, COSTS, OWN_HOMES, RECORDS, refuse_own_homes
from .placements_lines import write_lines
from .placements_load import write_oversight_and_meetings, write_placements
from .placements_own import check_placements
from .placements_parts import check_parts
from .placements_rows import begin, keep_accepted
from .placements_sent import keep_words
from .placements_standard import check_standard
from .placements_suspended import note_suspended
from .placements_template import COST_LINES, MEETINGS, OVERSIGHT, PLACEMENTS

# The template's other sheets may come alone: they are of placements on record.
PARTS = ("cost_lines", "oversight", "meetings")
FAMILIES = ("placements", "census", "liia", "standard")
RETURNS = {"census": check_census, "liia": check_liia, "standard": check_standard}


@register
class Placements(Source):
    name = "placements"
    label = "Placements and what they cost"
    says = (
        "Your authority’s placements: our own template, the North West placements census, the LIIA placement costs, or "
        "a JSON file of the Placements Data Standard. The day that a census or a return describes stands in its file "
        "name."
    )
    takes_json = True
    may = ("placements", "import")
    tables = (PLACEMENTS, COST_LINES, OVERSIGHT, MEETINGS, CENSUS, COSTS, RECORDS, OWN_HOMES)

    def writes(self):
        return [
            SiblingGroup, Child, ChildReference, CareStatus, PathwayPlace, Placement, DistanceApproval, CostLine,
            FundingSplit, Oversight, PlacementMeeting,
        ]  # fmt: skip

    def check(self, staging: Staging) -> None:
        parts = any(map(staging.has, PARTS))
        if not parts and not any(map(staging.has, (*FAMILIES, "own_homes"))):
            nearest = max((PLACEMENTS, CENSUS, COSTS, RECORDS), key=lambda table: _answers(staging, table))
            wanted = {field.key: field.headings for field in nearest.fields}
            raise UnreadableFile(
                describe_missing(staging.book, wanted, {field.key for field in nearest.fields if field.needed})
            )
        begin(staging)
        for family, check in {"placements": check_placements, **RETURNS}.items():
            if staging.has(family):
                check(staging)
                keep_accepted(staging, [family])
                note_suspended(staging, family, "provider")
            if family in RETURNS and staging.has(family):
                put_back(staging, family)
        if parts:
            staging.stand_in(PLACEMENTS)
            check_parts(staging)
        if staging.has("own_homes"):
            refuse_own_homes(staging)

    def load(self, staging: Staging) -> None:
        write_children(staging)
        for family in RETURNS:
            if staging.has(family):
                keep_words(staging, family)
        write_placements(staging)
        write_lines(staging)
        if any(map(staging.has, PARTS)):
            write_oversight_and_meetings(staging)
        tell_presence(authority_id=staging.authority_id, today=staging.today)

    def taken_back(self, authority_id, today):
        tell_presence(authority_id=authority_id, today=today)

    def title_of(self, model, row):
        if model in (Child, Placement, SiblingGroup):
            return f"{_TITLES[model]} {row['number']}"
        if model is PathwayPlace:
            return row["name"]
        return _TITLES[model]

    def detail_of(self, model, before, after):
        if model is Placement and before.get("sent") != after.get("sent"):
            return "the words of the return" if _but_sent(before) == _but_sent(after) else "as the file says"
        return None

    def next_step(self, says, sent) -> NextStep | None:
        return next_step_for_unknown(sent) if sent and says.startswith(UNKNOWN) else None


_TITLES = {
    Child: "Child", Placement: "Placement", SiblingGroup: "Sibling group", ChildReference: "A reference of a child",
    CareStatus: "A care status", DistanceApproval: "An approval of distance", CostLine: "A cost line",
    FundingSplit: "Who pays a line", Oversight: "An oversight record", PlacementMeeting: "A meeting",
}  # fmt: skip


def _but_sent(row):
    return {key: value for key, value in row.items() if key not in ("sent", "version", "changed_at", "changed_xid",
            "source_import_id", "source_sheet", "source_row")}  # fmt: skip


def _answers(staging: Staging, table) -> int:
    """How many of the table's headings stand in any of the first rows."""
    names = {heading.casefold() for field in table.fields for heading in field.headings}
    return max(
        (
            sum(1 for cell in row if str(cell).strip().casefold() in names)
            for sheet in staging.book.sheets
            for row in sheet.rows[:30]
        ),
        default=0,
    )
