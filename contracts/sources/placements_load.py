"""Homes and what belongs to them, written from `brought`: numbers, places of the authority's own, prices, funders."""

from commissioning.kernel.ingest.staging import Staging

from ..actions.numbers import lock
from ..models import Placement
from .placements_parts import NAMED

# Column of contracts_placement -> SQL over `b`. The first group is fixed when the placement is first recorded.
_FIXED = {
    "child_id": "b.child_id", "called_off_on": "b.called_off_on", "route": "b.route", "award_id": "b.award_id",
    "lot_id": "b.lot_id",
}  # fmt: skip
_TEXTS = (
    "level", "provider_name", "registration", "boundary", "host_area", "end_reason", "ended_by", "destination",
    "spot_reason",
)  # fmt: skip
_PLAIN = (
    "provider_id", "establishment_id", "premises_id", "ends_before", "planned_end_on", "solo", "notice_given_on",
    "ended_as_planned", "referral_id", "host_authority_id",
)  # fmt: skip
_SAID = (
    {"reference": "coalesce(b.reference, '')", "service_type": "b.service_type", "starts_on": "b.starts_on",
     "respite": "b.respite", "distance_miles": "b.miles", "pathway_place_id": "w.id"}
    | {name: f"coalesce(b.{name}, '')" for name in _TEXTS}
    | {name: f"b.{name}" for name in _PLAIN}
)  # fmt: skip
# A census or a return says less than the authority knows: what it does not say stays.
_KEPT = (*_PLAIN, "distance_miles", "pathway_place_id")


def write_placements(staging: Staging) -> None:
    mine = {"mine": staging.authority_id, "run": staging.run_id}
    _own_places(staging, mine)
    lock(Placement, staging.authority_id)
    staging.execute(
        """UPDATE brought b SET number = n.number FROM (
               SELECT sheet, row, row_number() OVER (ORDER BY sheet, row)
                   + (SELECT coalesce(max(number), 0) FROM contracts_placement WHERE authority_id = %(mine)s) AS number
               FROM brought WHERE placement_id IS NULL) n WHERE (n.sheet, n.row) = (b.sheet, b.row)""",
        mine,
    )
    place = "LEFT JOIN contracts_pathwayplace w ON w.authority_id = %(mine)s AND w.name = b.own_place"
    columns = {**_FIXED, **_SAID}
    _change_known(staging, mine, place)
    staging.execute(
        f"""WITH made AS (
                INSERT INTO contracts_placement (authority_id, number, sent, {", ".join(columns)}, source_import_id,
                    source_sheet, source_row)
                SELECT %(mine)s, b.number, coalesce(b.sent, '{{}}'), {", ".join(columns.values())}, %(run)s, b.sheet,
                    b.row
                FROM brought b {place} WHERE b.number IS NOT NULL ORDER BY b.number
                RETURNING id, number)
            UPDATE brought b SET placement_id = made.id FROM made WHERE made.number = b.number""",
        mine,
    )
    staging.execute("ANALYZE brought")
    _approvals(staging, mine)


def _own_places(staging: Staging, mine: dict[str, object]) -> None:
    staging.execute(
        """INSERT INTO contracts_pathwayplace (authority_id, name, service_type, starts_on)
           SELECT %(mine)s, b.own_place, min(b.service_type), min(b.starts_on) FROM brought b
           WHERE b.own_place <> '' AND NOT EXISTS (
               SELECT FROM contracts_pathwayplace w WHERE w.authority_id = %(mine)s AND w.name = b.own_place)
           GROUP BY b.own_place""",
        mine,
    )


def _change_known(staging: Staging, mine: dict[str, object], place: str) -> None:
    """A later file changes what it may: never the route, the award or the child."""
    given = {}
    for name, said in _SAID.items():
        less = f"coalesce({said}, p.{name})" if name in _KEPT else f"coalesce(nullif({said}, ''), p.{name})"
        whole = name not in ("reference", "service_type", "starts_on", "respite")
        given[name] = f"CASE WHEN b.family = 'placements' THEN {said} ELSE {less} END" if whole else said
    # Set by hand more often than by a file: it stays until a file names other premises, or another home.
    moved = f"({given['establishment_id']}) IS DISTINCT FROM p.establishment_id"
    given["premises_id"] = f"CASE WHEN {moved} THEN b.premises_id ELSE coalesce(b.premises_id, p.premises_id) END"
    given["reference"] = "coalesce(nullif(b.reference, ''), p.reference)"
    given["spot_reason"] = (
        "CASE WHEN p.route = 'spot' THEN coalesce(nullif(b.spot_reason, ''), p.spot_reason) ELSE '' END"
    )
    given["sent"] = "p.sent || coalesce(b.sent, '{}')"
    new, old = ", ".join(given.values()), ", ".join(f"p.{name}" for name in given)
    staging.execute(
        f"""UPDATE contracts_placement t SET ({", ".join(given)}, source_import_id, source_sheet, source_row)
                = ({", ".join(f"n.{name}" for name in given)}, %(run)s, n.sheet, n.row)
            FROM (SELECT p.id, b.sheet, b.row, {", ".join(f"{said} AS {name}" for name, said in given.items())}
                  FROM brought b JOIN contracts_placement p ON p.id = b.placement_id {place}
                  WHERE ({old}) IS DISTINCT FROM ({new})) n
            WHERE t.id = n.id""",
        mine,
    )


def _approvals(staging: Staging, mine: dict[str, object]) -> None:
    staging.execute(
        """INSERT INTO contracts_distanceapproval AS d (authority_id, placement_id, reason, note, approved_by,
               approved_on, host_told_on)
           SELECT %(mine)s, b.placement_id, coalesce(b.distance_reason, ''), '', coalesce(b.distance_approved_by, ''),
               b.distance_approved_on, b.host_told_on
           FROM brought b
           WHERE b.distance_reason NOT IN ('', 'not_applicable') OR b.distance_approved_by <> ''
               OR b.distance_approved_on IS NOT NULL OR b.host_told_on IS NOT NULL
           ON CONFLICT (authority_id, placement_id) DO UPDATE SET (reason, approved_by, approved_on, host_told_on)
               = (coalesce(nullif(excluded.reason, ''), d.reason),
                  coalesce(nullif(excluded.approved_by, ''), d.approved_by),
                  coalesce(excluded.approved_on, d.approved_on), coalesce(excluded.host_told_on, d.host_told_on))
           WHERE (d.reason, d.approved_by, d.approved_on, d.host_told_on) IS DISTINCT FROM
                 (coalesce(nullif(excluded.reason, ''), d.reason),
                  coalesce(nullif(excluded.approved_by, ''), d.approved_by),
                  coalesce(excluded.approved_on, d.approved_on), coalesce(excluded.host_told_on, d.host_told_on))""",
        mine,
    )


def write_oversight_and_meetings(staging: Staging) -> None:
    """The template's last two sheets. A row of the same kind and day is the same, put right."""
    mine = {"mine": staging.authority_id, "run": staging.run_id}
    where = f"{NAMED} LEFT JOIN brought b ON b.reference = s.reference AND b.family = 'placements'"
    home = "coalesce(n.placement_id, b.placement_id)"
    if staging.has("oversight"):
        said = {
            "ends_before": "least(s.last_day + 1, n.ends_before)", "why": "s.why", "approved_by": "s.approved_by",
            "approved_on": "s.approved_on", "court_reference": "s.court_reference", "checks": "s.checks",
            "visit_every_days": "s.visit_every_days", "last_visited_on": "s.last_visited_on",
            "regulator_told_on": "s.regulator_told_on", "exit_plan": "s.exit_plan", "exit_by": "s.exit_by",
        }  # fmt: skip
        _put(
            staging, "oversight", "contracts_oversight", ("kind", "starts_on"), said, where, home, mine, from_file=True
        )
    if staging.has("meetings"):
        said = {"held_on": "s.held_on"}
        _put(staging, "meetings", "contracts_placementmeeting", ("kind", "due_on"), said, where, home, mine)


def _put(
    staging: Staging, table: str, into: str, same: tuple[str, ...], said: dict[str, str], joins: str, home: str,
    mine: dict[str, object], *, from_file: bool = False,
) -> None:  # fmt: skip
    keys = " AND ".join(f"t.{name} = s.{name}" for name in same)
    whence = {"source_import_id": "%(run)s", "source_sheet": "s.sheet", "source_row": "s.row"} if from_file else {}
    texts = {} if from_file else {"note": "''"}
    told = said | whence
    staging.execute(
        f"""UPDATE {into} t SET ({", ".join(told)}) = ROW({", ".join(told.values())})
            FROM staged_{table} s {joins} WHERE s.ok AND t.placement_id = {home} AND {keys}
              AND ROW({", ".join(f"t.{name}" for name in said)}) IS DISTINCT FROM ROW({", ".join(said.values())})""",
        mine,
    )
    columns = {
        "authority_id": "%(mine)s",
        "placement_id": home,
        **{name: f"s.{name}" for name in same},
        **told,
        **texts,
    }
    staging.execute(
        f"""INSERT INTO {into} ({", ".join(columns)}) SELECT DISTINCT ON ({home}, s.kind, s.{same[1]})
                {", ".join(columns.values())} FROM staged_{table} s {joins}
            WHERE s.ok AND NOT EXISTS (SELECT FROM {into} t WHERE t.placement_id = {home} AND {keys})
            ORDER BY {home}, s.kind, s.{same[1]}, s.row""",
        mine,
    )
