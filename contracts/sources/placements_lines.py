"""What is paid for the placements of a file, and who pays: its cost lines, or its one weekly cost as a line."""

from commissioning.kernel.ingest.staging import Staging

from .placements_parts import NAMED

_COLUMNS = """sheet text, row int, placement_id bigint, line_id bigint, category text, service text, description text,
    price_line_id bigint, amount numeric(12, 4), unit text, quantity numeric(10, 2), weekly numeric(12, 4),
    once numeric(12, 2), starts_on date, ends_before date, approved_by text, approved_on date, review_on date,
    social_care numeric(12, 4), education numeric(12, 4), health numeric(12, 4), housing numeric(12, 4),
    other numeric(12, 4)"""
_PARTS = "education, health, housing, other"
# A line of the template is the same where its words and its first day are; the one weekly cost is the only core line.
_SAME_LINE = "(l.category, l.service, l.description, l.starts_on) = (n.category, n.service, n.description, n.starts_on)"


def write_lines(staging: Staging) -> None:
    mine = {"mine": staging.authority_id, "run": staging.run_id}
    staging.execute("DROP TABLE IF EXISTS new_lines")
    staging.execute(f"CREATE TEMPORARY TABLE new_lines ({_COLUMNS}) ON COMMIT DROP")
    if staging.has("cost_lines"):
        _itemised(staging)
    _weekly(staging)
    staging.execute("ANALYZE new_lines")
    said = {
        "amount": "n.amount", "unit": "n.unit", "quantity": "n.quantity", "weekly_amount": "n.weekly",
        "once_amount": "n.once", "ends_before": "n.ends_before", "price_line_id": "n.price_line_id",
        "starts_on": "n.starts_on",
    }  # fmt: skip
    _stop_before(staging, mine)
    staging.execute(
        f"""UPDATE contracts_costline l SET ({", ".join(said)}, source_import_id, source_sheet, source_row)
                = ({", ".join(said.values())}, %(run)s, n.sheet, n.row)
            FROM new_lines n WHERE l.id = n.line_id
              AND ({", ".join(f"l.{name}" for name in said)}) IS DISTINCT FROM ({", ".join(said.values())})""",
        mine,
    )
    _stay_within(staging, mine)
    staging.execute(
        f"""WITH made AS (
                INSERT INTO contracts_costline (authority_id, placement_id, category, service, description,
                    {", ".join(said)}, approved_by, approved_on, review_on, review_note, source_import_id,
                    source_sheet, source_row)
                SELECT %(mine)s, n.placement_id, n.category, n.service, n.description, {", ".join(said.values())},
                    n.approved_by, n.approved_on, n.review_on, '', %(run)s, n.sheet, n.row
                FROM new_lines n WHERE n.line_id IS NULL
                RETURNING id, source_sheet, source_row)
            UPDATE new_lines n SET line_id = made.id FROM made
            WHERE (made.source_sheet, made.source_row) = (n.sheet, n.row)""",
        mine,
    )
    _funders(staging, mine)


def _itemised(staging: Staging) -> None:
    staging.execute(
        f"""INSERT INTO new_lines
            SELECT s.sheet, s.row, coalesce(n.placement_id, b.placement_id), NULL, s.category, s.service,
                s.description, k.id, s.signed, s.unit, coalesce(s.quantity, 1),
                CASE WHEN s.unit = 'one_off' THEN 0 ELSE s.cost END,
                CASE WHEN s.unit = 'one_off' THEN s.cost ELSE 0 END,
                s.starts_on, coalesce(s.last_day + 1, n.ends_before), s.approved_by, s.approved_on, s.review_on, NULL,
                s.education, s.health, s.housing, s.other
            FROM staged_cost_lines s {NAMED}
            LEFT JOIN brought b ON b.reference = s.reference AND b.family = 'placements'
            LEFT JOIN partnership_priceline k ON k.lot_id = n.lot_id AND lower(k.code) = s.price_line
            WHERE s.ok"""
    )
    staging.execute("ANALYZE new_lines")
    staging.execute(
        f"""UPDATE new_lines n SET line_id = f.id FROM (
                SELECT n.sheet, n.row, min(l.id) AS id FROM new_lines n
                JOIN contracts_costline l ON l.placement_id = n.placement_id AND {_SAME_LINE} GROUP BY 1, 2) f
            WHERE (f.sheet, f.row) = (n.sheet, n.row)"""
    )


def _weekly(staging: Staging) -> None:
    """A weekly cost without core lines is one core line. The template's runs over the whole placement, and is put
    right by a later file; a census's or a return's runs from its first day until a later one says another."""
    staging.execute("DROP TABLE IF EXISTS known_lines")
    staging.execute(
        """CREATE TEMPORARY TABLE known_lines ON COMMIT DROP AS
           SELECT b.placement_id, count(l.id) AS lines, max(l.id) AS line_id, max(l.starts_on) AS starts_on,
               sum(l.weekly_amount) FILTER (WHERE l.ends_before IS NULL OR l.ends_before >= b.ends_before) AS weekly,
               bool_and(l.category = 'core' AND l.description = '' AND l.service = '') AS plain
           FROM brought b JOIN contracts_costline l ON l.placement_id = b.placement_id
               AND (b.family = 'placements' AND l.category = 'core'
                    OR b.family <> 'placements' AND (l.ends_before IS NULL
                       OR l.ends_before > coalesce(b.line_from, b.starts_on) AND l.ends_before >= b.ends_before))
           WHERE b.weekly IS NOT NULL GROUP BY b.placement_id"""
    )
    staging.execute(
        f"""INSERT INTO new_lines
            SELECT b.sheet, b.row, b.placement_id,
                CASE WHEN b.family = 'placements' OR k.starts_on >= b.line_from OR k.weekly = b.weekly
                    THEN k.line_id END,
                'core', '', '', NULL, b.weekly, 'week', 1, b.weekly, 0,
                CASE WHEN b.family = 'placements' THEN b.starts_on WHEN k.weekly = b.weekly THEN k.starts_on
                    ELSE greatest(b.line_from, k.starts_on) END,
                b.ends_before, '', NULL, NULL, b.social_care, {", ".join("b." + part for part in _PARTS.split(", "))}
            FROM brought b LEFT JOIN known_lines k ON k.placement_id = b.placement_id
            WHERE b.weekly IS NOT NULL AND (k.lines IS NULL OR k.lines = 1 AND k.plain)
              AND NOT EXISTS (SELECT FROM new_lines n WHERE n.placement_id = b.placement_id AND n.category = 'core')"""
    )


def _stop_before(staging: Staging, mine: dict[str, object]) -> None:
    """A new price of a census or a return ends the line before it."""
    staging.execute(
        """UPDATE contracts_costline l SET ends_before = n.starts_on, source_import_id = %(run)s,
               source_sheet = n.sheet, source_row = n.row
           FROM new_lines n JOIN brought b ON (b.sheet, b.row) = (n.sheet, n.row) AND b.family <> 'placements'
           WHERE l.placement_id = n.placement_id AND n.line_id IS NULL AND l.category = 'core'
             AND l.starts_on < n.starts_on AND (l.ends_before IS NULL OR l.ends_before > n.starts_on)""",
        mine,
    )


def _stay_within(staging: Staging, mine: dict[str, object]) -> None:
    """Lines and oversight end with their placement."""
    for table in ("contracts_costline", "contracts_oversight"):
        staging.execute(
            f"""UPDATE {table} l SET ends_before = b.ends_before, source_import_id = %(run)s, source_sheet = b.sheet,
                    source_row = b.row
                FROM brought b WHERE l.placement_id = b.placement_id AND b.number IS NULL
                  AND l.starts_on < b.ends_before AND (l.ends_before IS NULL OR l.ends_before > b.ends_before)""",
            mine,
        )


def _funders(staging: Staging, mine: dict[str, object]) -> None:
    """Where a row says what others pay, social care pays the rest; where it says nothing, nothing is known."""
    staging.execute("DROP TABLE IF EXISTS parts")
    staging.execute(
        """CREATE TEMPORARY TABLE parts ON COMMIT DROP AS
           SELECT n.line_id, n.placement_id, n.sheet, n.row, p.funder,
               CASE WHEN n.unit = 'one_off' THEN 0 ELSE p.amount END AS weekly,
               CASE WHEN n.unit = 'one_off' THEN p.amount ELSE 0 END AS once
           FROM new_lines n CROSS JOIN LATERAL (VALUES
               ('social_care', n.weekly + n.once - coalesce(n.education, 0) - coalesce(n.health, 0)
                   - coalesce(n.housing, 0) - coalesce(n.other, 0)),
               ('education', n.education), ('health', n.health), ('housing', n.housing), ('other', n.other)
           ) p (funder, amount)
           WHERE coalesce(n.social_care, n.education, n.health, n.housing, n.other) IS NOT NULL AND p.amount <> 0"""
    )
    staging.execute(
        """DELETE FROM contracts_fundingsplit f USING (SELECT DISTINCT line_id FROM parts) t
           WHERE f.cost_line_id = t.line_id
             AND NOT EXISTS (SELECT FROM parts p WHERE (p.line_id, p.funder) = (f.cost_line_id, f.funder))"""
    )
    staging.execute(
        """INSERT INTO contracts_fundingsplit AS f (authority_id, placement_id, cost_line_id, funder, weekly_amount,
               once_amount, source_import_id, source_sheet, source_row)
           SELECT %(mine)s, placement_id, line_id, funder, weekly, once, %(run)s, sheet, row FROM parts
           ON CONFLICT (authority_id, cost_line_id, funder) DO UPDATE SET
               (weekly_amount, once_amount, source_import_id, source_sheet, source_row) = (excluded.weekly_amount,
               excluded.once_amount, excluded.source_import_id, excluded.source_sheet, excluded.source_row)
           WHERE (f.weekly_amount, f.once_amount) IS DISTINCT FROM (excluded.weekly_amount, excluded.once_amount)""",
        mine,
    )
