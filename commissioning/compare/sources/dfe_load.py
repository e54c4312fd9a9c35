"""The source `dfe`, set-wise: staged rows to figures, and figures to facts."""

from .dfe_layouts import NEIGHBOURS

MAKE_FIGURES = """
    DROP TABLE IF EXISTS figures;
    CREATE TEMPORARY TABLE figures (
        key text, sheet text, row int, measure text, part text, unit text, period text, year int, authority_id bigint,
        region_code text, said text, edition int, repeated boolean NOT NULL DEFAULT false
    ) ON COMMIT DROP"""

MAKE_AREAS = """
    DROP TABLE IF EXISTS codes, numbers, names, bodies;
    CREATE TEMPORARY TABLE codes (code text, authority_id bigint) ON COMMIT DROP;
    CREATE TEMPORARY TABLE numbers (number text, authority_id bigint, region_code text) ON COMMIT DROP;
    CREATE TEMPORARY TABLE names (name text, authority_id bigint, region_code text) ON COMMIT DROP;
    CREATE TEMPORARY TABLE bodies (name text, authority_id bigint) ON COMMIT DROP"""
FILL_CODES = "INSERT INTO codes SELECT * FROM unnest(%s::text[], %s::bigint[])"
FILL_NUMBERS = "INSERT INTO numbers SELECT number, id, '' FROM unnest(%s::text[], %s::bigint[]) AS n (number, id)"
FILL_REGIONS = "INSERT INTO numbers SELECT number, NULL, code FROM unnest(%s::text[], %s::text[]) AS n (number, code)"
FILL_NAMES = "INSERT INTO names SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[])"
FILL_BODIES = "INSERT INTO bodies SELECT * FROM unnest(%s::text[], %s::bigint[])"

# The twelve months of "2024-25" end in 2025; those of "2024" are the ones to 31 March 2024.
_YEAR = "CASE WHEN s.period LIKE '%%-%%' THEN left(s.period, 4)::int + 1 ELSE s.period::int END"


def figures_of_lait() -> str:
    """A number decides whose a figure is; without one, the name does."""
    return f"""
        INSERT INTO figures (key, sheet, row, measure, part, unit, period, year, authority_id, region_code, said)
        SELECT 'lait', s.sheet, s.row, s.measure, '', '', s.period, {_YEAR.replace("%%", "%")},
            CASE WHEN s.number IS NULL THEN a.authority_id ELSE n.authority_id END,
            coalesce(CASE WHEN s.number IS NULL THEN CASE WHEN a.authority_id IS NULL THEN a.region_code END
                ELSE n.region_code END, ''), coalesce(s.value, '-')
        FROM staged_lait s LEFT JOIN numbers n ON n.number = s.number LEFT JOIN names a ON a.name = s.area
        WHERE s.ok"""


def figures_of_release(key: str, parts: list[str], column: str, ends: str) -> str:
    """The figures of one column; what tells rows apart becomes the part: "CLA on 31 March: Total children"."""
    part = ", ".join(f"s.{name}" for name in parts)
    return f"""
        INSERT INTO figures (key, sheet, row, measure, part, unit, period, year, authority_id, region_code, said)
        SELECT '{key}', s.sheet, s.row, '{key}_{ends}', concat_ws(': ', {part}), %(unit)s, s.period, {_YEAR},
            CASE WHEN lower(s.level) = 'local authority' THEN coalesce(c.authority_id, n.authority_id) END,
            CASE lower(s.level) WHEN 'national' THEN %(england)s WHEN 'regional' THEN s.region_code ELSE '' END,
            coalesce(s.{column}, '-')
        FROM staged_{key} s LEFT JOIN codes c ON c.code = upper(s.code) LEFT JOIN numbers n ON n.number = s.number
        WHERE s.ok"""


# The edition of a measure is the newest year that the file has of it, of whatever area.
FIND_REPEATED = """
    UPDATE figures f SET repeated = told.place > 1, edition = told.edition
    FROM (SELECT ctid, row_number() OVER (
              PARTITION BY measure, part, year, authority_id, region_code ORDER BY sheet, row
          ) AS place, max(year) OVER (PARTITION BY measure) AS edition
          FROM figures) told
    WHERE f.ctid = told.ctid"""
FILL_UNITS = """
    UPDATE figures f SET unit = u.unit FROM unnest(%s::text[], %s::text[]) AS u (measure, unit)
    WHERE u.measure = f.measure AND f.unit = ''"""

LOAD_FIGURES = """
    INSERT INTO compare_nationalfigure AS t (measure, part, unit, period, year, authority_id, region_code, value, sign,
        edition, source_import_id, source_sheet, source_row)
    SELECT f.measure, f.part, f.unit, f.period, f.year, f.authority_id, f.region_code,
        CASE WHEN f.said ~ '[0-9]' THEN f.said::numeric END, CASE WHEN f.said ~ '[0-9]' THEN '' ELSE f.said END,
        f.edition, %(run)s, f.sheet, f.row
    FROM figures f JOIN staged_{table} s ON (s.sheet, s.row) = (f.sheet, f.row)
    WHERE f.key = %(key)s AND s.ok AND NOT f.repeated
    ON CONFLICT (measure, part, year, authority_id, region_code) DO UPDATE SET
        (unit, period, value, sign, edition, source_import_id, source_sheet, source_row)
        = (excluded.unit, excluded.period, excluded.value, excluded.sign, excluded.edition, excluded.source_import_id,
           excluded.source_sheet, excluded.source_row)
    WHERE excluded.edition >= t.edition AND (t.unit, t.period, t.value, t.sign, t.edition)
        IS DISTINCT FROM (excluded.unit, excluded.period, excluded.value, excluded.sign, excluded.edition)"""

_TOLD = ("title", "good", "axis", "definition", "methodology", "as_at")
LOAD_MEASURES = f"""
    INSERT INTO compare_nationalmeasure AS t (code, topic, title, good, axis, definition, methodology, as_at,
        source_import_id, source_sheet, source_row)
    SELECT s.measure, s.topic, s.title, s.good, coalesce(s.axis, ''), s.definition, coalesce(s.methodology, ''),
        %(as_at)s::date, %(run)s, s.sheet, s.row
    FROM staged_dictionary s WHERE s.ok
    ON CONFLICT (code, topic) DO UPDATE SET
        ({", ".join(_TOLD)}, source_import_id, source_sheet, source_row)
        = ({", ".join(f"excluded.{name}" for name in _TOLD)},
           excluded.source_import_id, excluded.source_sheet, excluded.source_row)
    WHERE excluded.as_at >= t.as_at AND ({", ".join(f"t.{name}" for name in _TOLD)})
        IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _TOLD)})"""

_EACH = ", ".join(f"({place}, s.n_{place}, s.c_{place})" for place in range(1, NEIGHBOURS + 1))
MAKE_CLOSE = f"""
    DROP TABLE IF EXISTS close_to;
    CREATE TEMPORARY TABLE close_to ON COMMIT DROP AS
    SELECT a.authority_id, b.authority_id AS neighbour_id, each.rank, coalesce(each.closeness, '') AS closeness,
        s.sheet, s.row
    FROM staged_neighbours s CROSS JOIN LATERAL (VALUES {_EACH}) AS each (rank, number, closeness)
    JOIN numbers a ON a.number = s.number JOIN numbers b ON b.number = each.number
    WHERE s.ok"""
# An authority's ten stand together: a newer list of it replaces them all, an older one none.
NO_LONGER_CLOSE = """
    DELETE FROM compare_statisticalneighbour t
    WHERE t.authority_id IN (SELECT authority_id FROM close_to) AND t.edition <= %(edition)s
      AND NOT EXISTS (SELECT FROM close_to c WHERE (c.authority_id, c.rank) = (t.authority_id, t.rank))"""
LOAD_CLOSE = """
    INSERT INTO compare_statisticalneighbour AS t (authority_id, neighbour_id, rank, closeness, edition,
        source_import_id, source_sheet, source_row)
    SELECT authority_id, neighbour_id, rank, closeness, %(edition)s, %(run)s, sheet, row FROM close_to
    ON CONFLICT (authority_id, rank) DO UPDATE SET
        (neighbour_id, closeness, edition, source_import_id, source_sheet, source_row)
        = (excluded.neighbour_id, excluded.closeness, excluded.edition, excluded.source_import_id,
           excluded.source_sheet, excluded.source_row)
    WHERE excluded.edition >= t.edition AND (t.neighbour_id, t.closeness, t.edition)
        IS DISTINCT FROM (excluded.neighbour_id, excluded.closeness, excluded.edition)"""
