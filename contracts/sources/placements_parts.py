"""The template's other sheets: cost lines, oversight and meetings, each of a placement in the file or on record."""

from commissioning.kernel.ingest.staging import Staging

from .placements_match import DAY

# The placement that a row names: the file's own row where it has one, with its new days; else what is recorded.
_NAMED = """
    CREATE TEMPORARY TABLE named ON COMMIT DROP AS
    SELECT b.reference, b.starts_on, b.ends_before, b.sheet, b.row, b.placement_id, b.lot_id
    FROM brought b WHERE b.family = 'placements'
    UNION ALL
    SELECT p.reference, p.starts_on, p.ends_before, NULL, NULL, p.id, p.lot_id FROM contracts_placement p
    WHERE p.authority_id = %(mine)s AND p.reference <> ''
      AND NOT EXISTS (SELECT FROM staged_placements s WHERE s.reference = p.reference)"""
NAMED = "JOIN named n ON n.reference = s.reference"


def check_parts(staging: Staging) -> None:
    """After the placements are judged, and those refused are out of `brought`."""
    staging.execute("DROP TABLE IF EXISTS named")
    staging.execute(_NAMED, {"mine": staging.authority_id})
    staging.execute("ANALYZE named")
    for table in ("cost_lines", "oversight", "meetings"):
        if staging.has(table):
            _of_a_placement(staging, table)
    for table in ("cost_lines", "oversight"):
        if staging.has(table):
            _dates(staging, table)
    if staging.has("cost_lines"):
        _lines(staging)


def _of_a_placement(staging: Staging, table: str) -> None:
    staging.reject(
        table,
        "s.ok AND NOT EXISTS (SELECT FROM named n WHERE n.reference = s.reference)",
        "CASE WHEN EXISTS (SELECT FROM staged_placements p WHERE p.reference = s.reference)"
        " THEN 'the row of placement ' || s.reference || ' was refused: put that right, and send both again'"
        " ELSE 'no placement has the reference ' || s.reference END",
        column="reference",
    )


def _dates(staging: Staging, table: str) -> None:
    staging.reject(
        table, "s.ok AND s.last_day < s.starts_on",
        "'the last day is before the first: check both dates'", column="last_day",
    )  # fmt: skip
    if table == "oversight":
        return
    staging.reject(
        table, "s.ok AND s.starts_on < n.starts_on",
        f"'the placement starts on ' || to_char(n.starts_on, '{DAY}') || ': a line of it cannot start before'",
        column="starts_on", joins=NAMED,
    )  # fmt: skip
    staging.reject(
        table, "s.ok AND (s.starts_on >= n.ends_before OR s.last_day >= n.ends_before)",
        f"'the child left on ' || to_char(n.ends_before, '{DAY}') || ': a line cannot go on after that'",
        column="last_day", joins=NAMED,
    )  # fmt: skip


def _lines(staging: Staging) -> None:
    table = "cost_lines"
    staging.reject(table, "s.ok AND s.quantity <= 0", "'enter how many: more than nought'", column="quantity")
    staging.reject(
        table, "s.ok AND s.amount < 0 AND s.category <> 'discount'",
        "'a price cannot be less than nought: write a discount as a line of its own'", column="amount",
    )  # fmt: skip
    staging.reject(
        table,
        "s.ok AND s.category = 'additional' AND (s.approved_by = '' OR s.approved_on IS NULL OR s.review_on IS NULL"
        " OR coalesce(s.last_day, n.ends_before - 1) IS NULL)",
        "'an additional service needs who approved it, when, its last day and its review date'",
        column="approved_by", joins=NAMED,
    )  # fmt: skip
    staging.execute(f"ALTER TABLE staged_{table} ADD COLUMN signed numeric(12, 4), ADD COLUMN cost numeric(12, 4)")
    staging.execute(
        f"""UPDATE staged_{table} SET signed = CASE WHEN category = 'discount' THEN -abs(amount) ELSE amount END,
                cost = round(CASE WHEN category = 'discount' THEN -abs(amount) ELSE amount END * coalesce(quantity, 1),
                    CASE WHEN unit = 'one_off' THEN 2 ELSE 4 END) WHERE ok"""
    )
    staging.reject(
        table,
        "s.ok AND coalesce(s.education, 0) + coalesce(s.health, 0) + coalesce(s.housing, 0) + coalesce(s.other, 0)"
        " > greatest(s.cost, 0)",
        "'what others pay comes to more than this line: correct the parts, or the line'", column="amount",
    )  # fmt: skip
    staging.reject(
        table,
        "s.ok AND s.price_line <> '' AND NOT EXISTS (SELECT FROM partnership_priceline k WHERE k.lot_id = n.lot_id"
        " AND lower(k.code) = s.price_line)",
        "'the placement’s lot has no price line ' || upper(s.price_line)", column="price_line", joins=NAMED,
    )  # fmt: skip
    staging.reject(
        table,
        f"s.ok AND EXISTS (SELECT FROM staged_{table} e WHERE e.ok AND e.reference = s.reference"
        " AND (e.category, e.service, e.description, e.starts_on) = (s.category, s.service, s.description, s.starts_on)"
        " AND (e.sheet, e.row) < (s.sheet, s.row))",
        "'the same line from the same day stands in an earlier row: describe them apart, or keep one'",
        column="category",
    )  # fmt: skip
    staging.note(
        table,
        "s.ok AND s.category = 'core' AND n.row IS NOT NULL AND w.weekly <> w.core",
        "'the placement’s weekly cost is £' || trim_scale(w.weekly) || ' and its core lines of the first day come to £'"
        " || trim_scale(w.core) || ': the lines count'",
        column="amount",
        joins=f"""{NAMED} JOIN (
            SELECT b.reference, b.weekly, sum(l.cost) AS core FROM brought b
            JOIN staged_{table} l ON l.reference = b.reference AND l.category = 'core' AND l.starts_on = b.starts_on
            WHERE l.ok AND b.weekly IS NOT NULL AND l.unit <> 'one_off' GROUP BY 1, 2) w
            ON w.reference = s.reference""",
    )
