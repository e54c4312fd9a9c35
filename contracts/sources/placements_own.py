"""Rows of the own template: judged, and brought into the common form."""

from commissioning.kernel.ingest.staging import Staging
from providers.sources.matching import match_providers

from .placements_match import (
    APART,
    DAY,
    ROUTE_SQL,
    find_awards,
    find_children,
    find_places,
    find_premises,
    placed,
    running,
    serves,
    takes_part,
)
from .placements_rows import ROW, bring, judge

COLUMNS = {"born_on": "born_on", "starts_on": "starts_on", "ends_before": "ends_before", "weekly": "weekly"}
_CLAIMED = "s.ok AND s.framework <> '' AND NOT coalesce(s.in_house, false)"
_CALLED_OFF = "coalesce(s.called_off_on, s.starts_on)"


def check_placements(staging: Staging) -> None:
    """The first sheet: every row is refused with a reason, or stands in `brought`."""
    staging.reject(
        "placements",
        "EXISTS (SELECT FROM staged_placements e WHERE e.reference = s.reference"
        " AND (e.sheet, e.row) < (s.sheet, s.row))",
        "'placement reference ' || s.reference || ' stands in an earlier row: keep one of them'",
        column="reference",
    )
    staging.reject(
        "placements", f"s.ok AND {_CALLED_OFF} > %(today)s",
        "'it cannot have been called off after today: check the date'", column="called_off_on", today=staging.today,
    )  # fmt: skip
    staging.execute("UPDATE staged_placements SET lot = trim(replace(lot, 'lot', '')) WHERE lot LIKE 'lot%%'", {})
    match_providers(
        staging, "placements",
        unmatched="NOT coalesce(s.in_house, false) AND NOT (s.provider = '' AND s.own_place <> '')",
    )  # fmt: skip
    find_children(staging, "placements", "child", "case")
    find_awards(staging)
    find_places(staging, "placements")
    find_premises(staging)
    _claimed_awards(staging)
    bring(staging, "placements", _TOLD, _JOINS, {"mine": staging.authority_id})
    _route_stands(staging)
    staging.reject(
        "placements", "s.ok AND b.route = 'spot' AND b.spot_reason = '' AND b.placement_id IS NULL",
        "'say why it was bought outside the frameworks, or name the framework and the lot'",
        column="spot_reason", joins=ROW,
    )  # fmt: skip
    staging.note(
        "placements", "s.ok AND s.referral <> '' AND b.referral_id IS NULL",
        "'no referral has the reference ' || s.referral || ': the placement stands without one'",
        column="referral", joins=ROW,
    )  # fmt: skip
    staging.note(
        "placements", "s.ok AND s.urn <> '' AND b.establishment_id IS NULL",
        "'no establishment has the URN ' || s.urn || ': the placement stands without one'", column="urn", joins=ROW,
    )  # fmt: skip
    staging.note(
        "placements", "s.ok AND s.premises <> '' AND b.premises_id IS NULL",
        "CASE WHEN b.establishment_id IS NULL THEN 'give the URN of the registration whose premises they are'"
        " WHEN coalesce(d.several, false) THEN 'several premises of URN ' || s.urn || ' are called that: give each a"
        " name of its own' ELSE 'no premises of URN ' || s.urn || ' are called that: record them on its page' END"
        " || '. The placement stands without its premises'",
        column="premises", joins=f"{ROW} LEFT JOIN addresses d ON (d.urn, d.words) = (s.urn, s.premises)",
    )  # fmt: skip
    judge(staging, "placements", COLUMNS)


def _claimed_awards(staging: Staging) -> None:
    """Framework, lot and provider name one award, which was in force on the day: else the row says why not."""
    staging.reject(
        "placements", f"{_CLAIMED} AND NOT EXISTS (SELECT FROM lots f WHERE f.framework = s.framework)",
        "'no framework has the reference ' || upper(s.framework)", column="framework",
    )  # fmt: skip
    staging.reject(
        "placements",
        f"{_CLAIMED} AND NOT EXISTS (SELECT FROM lots f WHERE (f.framework, f.lot) = (s.framework, s.lot))",
        "CASE WHEN s.lot = '' THEN 'say which lot of the framework' ELSE 'the framework has no lot ' || s.lot END",
        column="lot",
    )
    in_force = placed(_CALLED_OFF, "w")
    staging.execute("DROP TABLE IF EXISTS claimed")
    staging.execute(
        f"""CREATE TEMPORARY TABLE claimed ON COMMIT DROP AS
            SELECT DISTINCT ON (s.sheet, s.row) s.sheet, s.row, w.award_id, f.lot_id, {ROUTE_SQL} AS route,
                {running(_CALLED_OFF)} AS running, {in_force} IS TRUE AS placed,
                {takes_part(_CALLED_OFF)} AS takes_part,
                {serves("s.service_type")} AS serves
            FROM staged_placements s JOIN lots f ON (f.framework, f.lot) = (s.framework, s.lot)
            LEFT JOIN awards w ON w.lot_id = f.lot_id AND w.provider_id = s.provider_id
            WHERE {_CLAIMED}
            ORDER BY s.sheet, s.row, {in_force} IS TRUE DESC"""
    )
    staging.execute("ANALYZE claimed")
    staging.reject(
        "placements",
        f"{_CLAIMED} AND NOT (c.running AND c.placed AND c.takes_part AND c.serves)",
        f"""'this cannot be a framework purchase on ' || to_char({_CALLED_OFF}, '{DAY}') || ': ' || CASE
            WHEN NOT c.running THEN 'the framework was not running that day'
            WHEN NOT c.placed THEN 'the provider had no place on the lot that day'
            WHEN NOT c.takes_part THEN 'the authority did not take part in the framework that day'
            ELSE 'the lot is let for another service' END
            || '. Correct the framework, the lot or the date, or give a spot reason instead'""",
        column="framework",
        joins="JOIN claimed c ON (c.sheet, c.row) = (s.sheet, s.row)",
    )


_JOINS = f"""
    JOIN refs r ON r.reference = s.child
    LEFT JOIN contracts_placement p ON p.authority_id = %(mine)s AND p.reference = s.reference
    LEFT JOIN claimed c ON (c.sheet, c.row) = (s.sheet, s.row)
    LEFT JOIN apart a ON {APART}
    LEFT JOIN providers_establishment e ON e.urn = s.urn
    LEFT JOIN addresses d ON (d.urn, d.words) = (s.urn, s.premises)
    LEFT JOIN (
        SELECT reference, min(id) AS id FROM contracts_referral
        WHERE authority_id = %(mine)s AND reference <> '' GROUP BY reference
    ) q ON q.reference = s.referral"""
_SAME = (
    "sex", "ethnicity", "disabilities", "ehcp", "unaccompanied", "sibling", "legal_status", "service_type", "level",
    "own_place", "starts_on", "ends_before", "planned_end_on", "solo", "registration", "distance_reason",
    "distance_approved_by", "distance_approved_on", "host_told_on", "notice_given_on", "end_reason", "ended_by",
    "ended_as_planned", "destination", "weekly", "education", "health", "housing", "other", "reference", "born_on",
    "care_status",
)  # fmt: skip
_TOLD = {name: f"s.{name}" for name in _SAME} | {
    "who": "r.digest", "scheme": "'case'", "sealed": "r.sealed", "child_id": "r.child_id", "placement_id": "p.id",
    "care_from": "coalesce(s.care_from, s.starts_on)", "provider_id": "s.provider_id",
    "provider_name": "CASE WHEN s.provider_id IS NULL THEN s.provider ELSE '' END", "establishment_id": "e.id",
    "premises_id": "d.premises_id",
    "respite": "coalesce(s.respite, false)", "called_off_on": _CALLED_OFF,
    "in_house": "coalesce(s.in_house, false)",
    "route": "CASE WHEN s.in_house THEN 'in_house' ELSE coalesce(c.route, 'spot') END",
    "award_id": "CASE WHEN NOT coalesce(s.in_house, false) THEN c.award_id END",
    "lot_id": "CASE WHEN NOT coalesce(s.in_house, false) THEN c.lot_id END",
    "spot_reason": "CASE WHEN s.in_house OR c.route IS NOT NULL THEN '' ELSE s.spot_reason END",
    "miles": "a.miles", "boundary": "coalesce(a.boundary, '')", "host_area": "coalesce(a.host_area, '')",
    "host_authority_id": "a.host_authority_id", "referral_id": "q.id", "line_from": "s.starts_on",
}  # fmt: skip


def _route_stands(staging: Staging) -> None:
    """The route was fixed at call-off: a later file that says otherwise is refused with what stands."""
    joins = f"{ROW} JOIN contracts_placement p ON p.id = b.placement_id LEFT JOIN awards f ON f.award_id = p.award_id"
    staging.reject(
        "placements",
        "s.ok AND p.child_id IS DISTINCT FROM b.child_id",
        "'placement ' || s.reference || ' is recorded for another child: correct the reference'",
        joins=joins,
        column="child",
    )
    staging.reject(
        "placements",
        "s.ok AND (p.route <> b.route OR p.award_id IS DISTINCT FROM b.award_id)",
        "'this placement is recorded as ' || CASE p.route WHEN 'in_house' THEN 'in-house'"
        " ELSE replace(p.route, '_', ' ') END || coalesce(', from ' || upper(f.framework) || ' lot ' || f.lot, '') || "
        "': how it was bought was fixed at call-off and does not change'",
        joins=joins,
        column="framework",
    )
