"""When a card's rates begin and end, beside each other and beside what is on record.

An open rate ends where the next one begins, in the file or on record, or where the place on the lot ends. A rate with
a last day that interrupts another leaves the other to go on after it. Rows that contradict each other are all
refused: which of them counts is not for the order of rows to say. Ends are worked out again whenever a row is refused,
so that a refused row ends nobody.
"""

from commissioning.kernel.ingest.staging import Staging

_KEY = "award_id, line_id, coalesce(authority_id, 0)"
_ALIKE = "(q.award_id, q.line_id) = (p.award_id, p.line_id) AND q.authority_id IS NOT DISTINCT FROM p.authority_id"
_ROW = "JOIN priced p ON (p.sheet, p.row) = (s.sheet, s.row)"
_DAY = "FMDD FMMonth YYYY"


def settle_periods(staging: Staging) -> None:
    """From `priced` (one row for each accepted row with a rate; given_end from its last day, award_ends from its place)
    to its ends_before, and to `pieces`: what is left of the rates on record that they interrupt."""
    _drop_rejected(staging)
    _end_with_the_place(staging)
    _one_of_twins(staging)
    _refuse_contradictions(staging)
    staging.execute("DROP TABLE IF EXISTS on_record")
    staging.execute(
        """CREATE TEMPORARY TABLE on_record ON COMMIT DROP AS
           SELECT r.id, r.award_id, r.price_line_id AS line_id, r.authority_id, r.starts_on, r.ends_before, r.amount
           FROM providers_rate r WHERE EXISTS (
               SELECT FROM priced p WHERE (p.award_id, p.line_id) = (r.award_id, r.price_line_id))"""
    )
    staging.execute("ANALYZE on_record")
    while True:
        _work_out_ends(staging)
        if not _refuse_against_record(staging):
            break
        _drop_rejected(staging)
    _what_goes_on(staging)


def _drop_rejected(staging: Staging) -> None:
    staging.execute("DELETE FROM priced p USING staged_rates s WHERE (s.sheet, s.row) = (p.sheet, p.row) AND NOT s.ok")


def _end_with_the_place(staging: Staging) -> None:
    staging.correct(
        "rates",
        "p.given_end > p.award_ends",
        f"'the place on the lot ends with ' || to_char(p.award_ends - 1, '{_DAY}') || ': the rate ends with it'",
        joins=_ROW,
        column="Last day",
    )
    staging.execute("UPDATE priced SET given_end = award_ends WHERE given_end > award_ends")


def _one_of_twins(staging: Staging) -> None:
    staging.execute("DROP TABLE IF EXISTS twins")
    staging.execute(
        f"""CREATE TEMPORARY TABLE twins ON COMMIT DROP AS SELECT sheet, row, first FROM (
                SELECT sheet, row, first_value(sheet || ' row ' || row) OVER same AS first,
                    row_number() OVER same AS place
                FROM priced WINDOW same AS (PARTITION BY {_KEY}, starts_on, given_end, amount ORDER BY sheet, row)) t
            WHERE place > 1"""
    )
    staging.note("rates", "true", "'says the same as ' || t.first || ': loaded once'",
                 joins="JOIN twins t ON (t.sheet, t.row) = (s.sheet, s.row)")  # fmt: skip
    staging.execute("DELETE FROM priced p USING twins t WHERE (t.sheet, t.row) = (p.sheet, p.row)")


def _refuse_contradictions(staging: Staging) -> None:
    staging.execute("DROP TABLE IF EXISTS contradicting")
    staging.execute(
        f"""CREATE TEMPORARY TABLE contradicting ON COMMIT DROP AS
            SELECT DISTINCT award_id, line_id, authority_id FROM (
                SELECT *, lag(starts_on) OVER w = starts_on OR max(given_end) OVER (
                    w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > starts_on AS bad
                FROM priced WINDOW w AS (PARTITION BY {_KEY} ORDER BY starts_on, sheet, row)) t WHERE bad"""
    )
    staging.reject(
        "rates",
        f"""EXISTS (SELECT FROM priced q WHERE {_ALIKE} AND (q.sheet, q.row) <> (p.sheet, p.row)
            AND (q.starts_on = p.starts_on OR (q.starts_on < p.starts_on AND q.given_end > p.starts_on)
                 OR (p.starts_on < q.starts_on AND p.given_end > q.starts_on)))""",
        "'another row prices the same line for the same provider and days: keep the one that counts'",
        joins=f"{_ROW} JOIN contradicting q0 ON (q0.award_id, q0.line_id) = (p.award_id, p.line_id) "
        "AND q0.authority_id IS NOT DISTINCT FROM p.authority_id",
        column="From",
    )
    _drop_rejected(staging)


def _work_out_ends(staging: Staging) -> None:
    staging.execute(
        f"""UPDATE priced p SET ends_before = least(n.next, p.award_ends) FROM (
                SELECT sheet, row, lead(starts_on) OVER (PARTITION BY {_KEY} ORDER BY starts_on, row) AS next
                FROM priced) n
            WHERE (n.sheet, n.row) = (p.sheet, p.row) AND p.given_end IS NULL"""
    )
    staging.execute(
        f"""UPDATE priced p SET ends_before = least(p.ends_before, r.upto) FROM (
                SELECT p.sheet, p.row,
                    min(CASE WHEN q.starts_on = p.starts_on THEN q.ends_before ELSE q.starts_on END) AS upto
                FROM priced p JOIN on_record q ON {_ALIKE} AND q.starts_on >= p.starts_on
                WHERE p.given_end IS NULL GROUP BY p.sheet, p.row) r
            WHERE (r.sheet, r.row) = (p.sheet, p.row)"""
    )
    staging.execute("UPDATE priced SET ends_before = given_end WHERE given_end IS NOT NULL")


def _refuse_against_record(staging: Staging) -> int:
    return staging.reject(
        "rates",
        f"""s.ok AND EXISTS (SELECT FROM on_record q WHERE {_ALIKE} AND q.starts_on > p.starts_on
                AND q.starts_on < p.ends_before
                AND NOT EXISTS (SELECT FROM priced f WHERE (f.award_id, f.line_id) = (q.award_id, q.line_id)
                    AND f.authority_id IS NOT DISTINCT FROM q.authority_id AND f.starts_on = q.starts_on))""",
        "'a rate that begins within these days is on record already: give a last day before it'",
        joins=_ROW,
        column="Last day",
    )


def _what_goes_on(staging: Staging) -> None:
    """Every rate on record that a row interrupts, less the days of the rows."""
    staging.execute("DROP TABLE IF EXISTS pieces")
    staging.execute(
        f"""CREATE TEMPORARY TABLE pieces ON COMMIT DROP AS
            SELECT l.id, l.amount, l.starts_on AS of_start, lower(piece) AS starts_on, upper(piece) AS ends_before,
                   before.sheet AS before_sheet, before.row AS before_row,
                   after.sheet AS after_sheet, after.row AS after_row
            FROM (SELECT q.id, q.amount, q.award_id, q.line_id, q.authority_id, q.starts_on, unnest(
                      datemultirange(daterange(q.starts_on, q.ends_before))
                      - range_agg(daterange(p.starts_on, p.ends_before))) AS piece
                  FROM on_record q JOIN priced p ON {_ALIKE}
                      AND daterange(q.starts_on, q.ends_before) && daterange(p.starts_on, p.ends_before)
                  GROUP BY q.id, q.amount, q.award_id, q.line_id, q.authority_id, q.starts_on, q.ends_before) l
            LEFT JOIN priced before ON (before.award_id, before.line_id) = (l.award_id, l.line_id)
                AND before.authority_id IS NOT DISTINCT FROM l.authority_id AND before.ends_before = lower(piece)
            LEFT JOIN priced after ON (after.award_id, after.line_id) = (l.award_id, l.line_id)
                AND after.authority_id IS NOT DISTINCT FROM l.authority_id AND after.starts_on = upper(piece)"""
    )
    staging.correct(
        "rates",
        "g.starts_on <> g.of_start",
        f"""'the rate of £' || round(g.amount, 2) || ' that this one interrupts goes on from '
            || to_char(g.starts_on, '{_DAY}')""",
        joins="JOIN pieces g ON (g.before_sheet, g.before_row) = (s.sheet, s.row)",
        column="Last day",
    )


_LEAP = "0.25"  # of the rate before: uplifts are a few per cent, a slip of the keyboard is not


def note_leaps(staging: Staging) -> None:
    """After settle_periods: rates that are nothing, or that are far from the one before them, on record or in the file.
    A rate that stands on record just so is not spoken of again."""
    staging.execute("DROP TABLE IF EXISTS leaps")
    staging.execute(
        f"""CREATE TEMPORARY TABLE leaps ON COMMIT DROP AS
            SELECT p.sheet, p.row, p.amount, b.amount AS before, b.known, l.unit
            FROM priced p JOIN partnership_priceline l ON l.id = p.line_id
            LEFT JOIN LATERAL (
                SELECT q.amount, q.starts_on, false AS in_file,
                    CASE WHEN q.starts_on = p.starts_on THEN 'on record for that day'
                         ELSE 'on record until then' END AS known
                FROM on_record q WHERE {_ALIKE} AND q.starts_on <= p.starts_on
                UNION ALL
                SELECT q.amount, q.starts_on, true, 'before it in this file'
                FROM priced q WHERE {_ALIKE} AND q.starts_on < p.starts_on
                ORDER BY starts_on DESC, in_file DESC LIMIT 1) b ON true
            WHERE p.amount IS DISTINCT FROM b.amount
                AND (p.amount = 0 OR abs(p.amount - b.amount) > b.amount * {_LEAP})"""
    )
    joins = "JOIN leaps p ON (p.sheet, p.row) = (s.sheet, s.row)"
    staging.note(
        "rates",
        "p.amount = 0",
        f"""{_charged("p.amount")} || ' is no charge at all'
            || coalesce(', and ' || {_charged("p.before")} || ' was ' || p.known, '') || ': check it before loading'""",
        joins=joins,
        column="Rate",
    )
    staging.note(
        "rates",
        "p.amount > 0",
        f"""{_charged("p.amount")} || CASE WHEN p.before = 0 THEN ' where ' || {_charged("p.before")} || ' was '
                ELSE ' is ' || trim(to_char(abs(p.amount - p.before) / p.before * 100, '999,999,999,999,990')) || '%% '
                    || CASE WHEN p.amount > p.before THEN 'more' ELSE 'less' END
                    || ' than the ' || {_charged("p.before")} || ' ' END
            || p.known || ': check it before loading'""",
        joins=joins,
        column="Rate",
    )


def _charged(amount: str) -> str:
    """SQL for an amount in pounds, or in per cent where its line is priced so."""
    return f"""CASE WHEN p.unit = 'per_cent' THEN trim_scale({amount}) || '%%'
        ELSE '£' || to_char({amount}, CASE WHEN {amount} = round({amount}, 2) THEN 'FM99,999,990.00'
            ELSE 'FM99,999,990.0099' END) END"""


_SAME = (
    "(r.award_id, r.price_line_id) = (p.award_id, p.line_id) AND r.authority_id IS NOT DISTINCT FROM p.authority_id"
    " AND r.starts_on = p.starts_on"
)
_COLUMNS = """award_id, price_line_id, authority_id, framework_id, lot_id, provider_id, amount, starts_on, ends_before,
        source_import_id, source_sheet, source_row"""
# In this order: days are given up before they are taken.
WRITES = (
    """UPDATE providers_rate r SET ends_before = g.ends_before,
           source_import_id = %(run)s, source_sheet = g.after_sheet, source_row = g.after_row
       FROM pieces g WHERE g.id = r.id AND g.starts_on = g.of_start AND r.ends_before IS DISTINCT FROM g.ends_before""",
    f"""UPDATE providers_rate r SET amount = p.amount, ends_before = p.ends_before,
            source_import_id = %(run)s, source_sheet = p.sheet, source_row = p.row
        FROM priced p WHERE {_SAME} AND (r.amount, r.ends_before) IS DISTINCT FROM (p.amount, p.ends_before)""",
    f"""INSERT INTO providers_rate ({_COLUMNS})
        SELECT p.award_id, p.line_id, p.authority_id, p.framework_id, p.lot_id, p.provider_id, p.amount, p.starts_on,
            p.ends_before, %(run)s, p.sheet, p.row
        FROM priced p WHERE NOT EXISTS (SELECT FROM providers_rate r WHERE {_SAME})""",
    f"""INSERT INTO providers_rate ({_COLUMNS})
        SELECT r.award_id, r.price_line_id, r.authority_id, r.framework_id, r.lot_id, r.provider_id, g.amount,
            g.starts_on, g.ends_before, %(run)s, g.before_sheet, g.before_row
        FROM pieces g JOIN providers_rate r ON r.id = g.id WHERE g.starts_on <> g.of_start""",
)
