"""Rows of every layout in one form: the temporary table `brought`, one row for each placement a file speaks of."""

from commissioning.kernel.ingest.staging import Staging

from .placements_match import DAY

# Column -> SQL type. Where nothing is said of a column, it is empty.
COLUMNS = {
    "family": "text", "sheet": "text", "row": "int", "who": "text", "scheme": "text", "sealed": "text",
    "child_id": "bigint", "placement_id": "bigint", "number": "int", "reference": "text", "born_on": "date",
    "age": "int", "age_on": "date", "sex": "text", "ethnicity": "text", "disabilities": "text", "ehcp": "boolean",
    "unaccompanied": "boolean", "sibling": "text", "care_status": "text", "legal_status": "text", "care_from": "date",
    "service_type": "text", "level": "text", "provider_id": "bigint", "provider_name": "text",
    "establishment_id": "bigint", "premises_id": "bigint", "own_place": "text", "starts_on": "date",
    "ends_before": "date", "planned_end_on": "date", "respite": "boolean", "solo": "boolean",
    "called_off_on": "date", "in_house": "boolean", "route": "text", "award_id": "bigint", "lot_id": "bigint",
    "spot_reason": "text", "registration": "text", "miles": "numeric(6, 1)", "boundary": "text", "host_area": "text",
    "host_authority_id": "bigint",
    "distance_reason": "text", "distance_approved_by": "text", "distance_approved_on": "date", "host_told_on": "date",
    "notice_given_on": "date", "end_reason": "text", "ended_by": "text", "ended_as_planned": "boolean",
    "destination": "text", "referral_id": "bigint", "weekly": "numeric(12, 4)", "line_from": "date",
    "social_care": "numeric(12, 4)", "education": "numeric(12, 4)", "health": "numeric(12, 4)",
    "housing": "numeric(12, 4)", "other": "numeric(12, 4)", "sent": "jsonb",
}  # fmt: skip
ROW = "JOIN brought b ON (b.sheet, b.row) = (s.sheet, s.row)"


def begin(staging: Staging) -> None:
    staging.execute("DROP TABLE IF EXISTS brought")
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    staging.execute(f"CREATE TEMPORARY TABLE brought ({columns}) ON COMMIT DROP")


def bring(staging: Staging, table: str, told: dict[str, str], joins: str, parameters: dict[str, object]) -> None:
    """Puts the accepted rows `s` of a staged table into `brought`; `told` gives SQL for some columns."""
    assert told.keys() <= COLUMNS.keys(), told.keys() - COLUMNS.keys()
    told = {"family": f"'{table}'", "sheet": "s.sheet", "row": "s.row"} | told
    staging.execute(
        f"INSERT INTO brought ({', '.join(told)}) SELECT {', '.join(told.values())} "
        f"FROM staged_{table} s {joins} WHERE s.ok",
        parameters,
    )
    staging.execute("ANALYZE brought")


def judge(staging: Staging, table: str, columns: dict[str, str]) -> None:
    """What every layout refuses. `columns` names the heading for the start, the end and the birth."""
    staging.reject(
        table, "s.ok AND b.born_on > %(today)s",
        "'this child is not born yet: check the year of birth'",
        column=columns["born_on"], joins=ROW, today=staging.today,
    )  # fmt: skip
    staging.reject(
        table, "s.ok AND b.born_on > b.starts_on",
        "'the placement starts before the child was born: check both dates'",
        column=columns["starts_on"], joins=ROW,
    )  # fmt: skip
    staging.reject(
        table, "s.ok AND b.ends_before <= b.starts_on",
        "'the placement ends before it starts: check both dates'", column=columns["ends_before"], joins=ROW,
    )  # fmt: skip
    staging.reject(
        table,
        "s.ok AND coalesce(b.education, 0) + coalesce(b.health, 0) + coalesce(b.housing, 0) + coalesce(b.other, 0)"
        " > coalesce(b.weekly, 0)",
        "'what others pay comes to more than the weekly cost: correct the parts, or the whole'",
        column=columns["weekly"], joins=ROW,
    )  # fmt: skip
    _overlaps(staging, table, columns["starts_on"])


_SHARE = (
    "(o.ends_before IS NULL OR o.ends_before > b.starts_on) AND (b.ends_before IS NULL OR b.ends_before > o.starts_on)"
)
_STAYS = f"to_char(o.starts_on, '{DAY}') || coalesce(' to ' || to_char(o.ends_before - 1, '{DAY}'), ', still open')"


def _overlaps(staging: Staging, table: str, column: str) -> None:
    """One child lives in one home, but for short stays. A row that is refused takes no days from the next: so the
    rows are judged in rounds, those first that only an undisputed row stands against."""
    keep_accepted(staging, [table])
    staging.execute("DROP TABLE IF EXISTS clashes")
    staging.execute(
        f"""CREATE TEMPORARY TABLE clashes ON COMMIT DROP AS
            SELECT b.sheet, b.row, o.sheet AS other_sheet, o.row AS other_row, {_STAYS} AS stays
            FROM brought b JOIN brought o ON o.who = b.who AND (o.sheet, o.row) < (b.sheet, b.row) AND {_SHARE}
            WHERE b.family = '{table}' AND NOT b.respite AND NOT o.respite"""
    )
    while staging.reject(
        table,
        "s.ok AND NOT EXISTS (SELECT FROM clashes x WHERE (x.sheet, x.row) = (c.other_sheet, c.other_row))",
        f"'the child has another home on these days in row ' || c.other_row || ', from ' || c.stays || {_REMEDY}",
        joins="JOIN clashes c ON (c.sheet, c.row) = (s.sheet, s.row)",
        column=column,
    ):
        staging.execute(
            f"""DELETE FROM clashes c USING staged_{table} s WHERE NOT s.ok
                AND (s.sheet, s.row) IN ((c.sheet, c.row), (c.other_sheet, c.other_row))"""
        )
    keep_accepted(staging, [table])
    # A recorded home that this file changes has its new days, which are judged above.
    while staging.reject(
        table,
        "s.ok AND NOT b.respite AND o.id IS DISTINCT FROM b.placement_id",
        f"'the child has placement ' || o.number || ' on these days, from ' || {_STAYS} || {_REMEDY}",
        joins=f"{ROW} JOIN contracts_placement o ON o.child_id = b.child_id AND NOT o.respite AND {_SHARE}"
        " AND NOT EXISTS (SELECT FROM brought x WHERE x.placement_id = o.id)",
        column=column,
    ):
        keep_accepted(staging, [table])


_REMEDY = "': end that one first, or mark a short stay as respite'"


def keep_accepted(staging: Staging, tables: list[str]) -> None:
    """Rows that were refused since they were brought go."""
    for table in tables:
        staging.execute(
            f"DELETE FROM brought b USING staged_{table} s WHERE (s.sheet, s.row) = (b.sheet, b.row) AND NOT s.ok"
        )
    staging.execute("ANALYZE brought")
