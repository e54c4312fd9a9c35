"""Children, their references, brothers and sisters, and care status: written from `brought`, before their homes."""

from commissioning.kernel.ingest.staging import Staging

from ..actions.numbers import lock
from ..models import Child, SiblingGroup


def _first(column: str, empty: str = "") -> str:
    """The first row's value that says something."""
    said = f"{column} IS NOT NULL" + (f" AND {column} <> ''" if empty else "")
    return f"(array_agg({column} ORDER BY row) FILTER (WHERE {said}))[1] AS {column}"


_PEOPLE = f"""
    CREATE TEMPORARY TABLE people ON COMMIT DROP AS
    SELECT who, min(scheme) AS scheme, min(sealed) AS sealed, min(child_id) AS child_id, min(sheet) AS sheet,
        min(row) AS row, NULL::int AS number, NULL::bigint AS group_id,
        {_first("born_on")}, {_first("age")}, {_first("age_on")}, {_first("sex", "''")}, {_first("ethnicity", "''")},
        {_first("disabilities", "''")}, {_first("ehcp")}, {_first("unaccompanied")}, {_first("sibling", "''")}
    FROM brought GROUP BY who"""
_SAID = {
    "born_on": "p.born_on", "age_recorded": "p.age", "age_recorded_on": "p.age_on", "sex": "p.sex",
    "ethnicity": "p.ethnicity", "disabilities": "string_to_array(p.disabilities, ';')", "ehcp": "p.ehcp",
    "unaccompanied": "p.unaccompanied", "sibling_group_id": "p.group_id",
}  # fmt: skip
_EMPTY = {"sex": "''", "ethnicity": "''", "disabilities": "'{}'::text[]"}
# A later count of years overrules an earlier one, and none overrules a birth.
_AGE_STANDS = "c.born_on IS NOT NULL OR p.age_on < c.age_recorded_on"


def write_children(staging: Staging) -> None:
    mine = {"mine": staging.authority_id, "run": staging.run_id}
    staging.execute("DROP TABLE IF EXISTS people")
    staging.execute(_PEOPLE)
    staging.execute("ANALYZE people")
    _groups(staging, mine)
    lock(Child, staging.authority_id)
    staging.execute(
        """UPDATE people p SET number = n.number FROM (
               SELECT who, row_number() OVER (ORDER BY sheet, row)
                   + (SELECT coalesce(max(number), 0) FROM contracts_child WHERE authority_id = %(mine)s) AS number
               FROM people WHERE child_id IS NULL) n WHERE n.who = p.who""",
        mine,
    )
    values = ", ".join(f"coalesce({said}, {_EMPTY[name]})" if name in _EMPTY else said for name, said in _SAID.items())
    staging.execute(
        f"""WITH made AS (
                INSERT INTO contracts_child (authority_id, number, {", ".join(_SAID)}, source_import_id, source_sheet,
                    source_row)
                SELECT %(mine)s, p.number, {values}, %(run)s, p.sheet, p.row FROM people p WHERE p.child_id IS NULL
                RETURNING id, number)
            UPDATE people p SET child_id = made.id FROM made WHERE made.number = p.number""",
        mine,
    )
    _change_known(staging, mine)
    staging.execute(
        """INSERT INTO contracts_childreference (authority_id, child_id, scheme, digest, sealed, source_import_id,
               source_sheet, source_row)
           SELECT %(mine)s, p.child_id, p.scheme, p.who, p.sealed, %(run)s, p.sheet, p.row
           FROM people p WHERE p.number IS NOT NULL OR NOT EXISTS (SELECT FROM contracts_childreference c
               WHERE c.authority_id = %(mine)s AND (c.scheme, c.digest) = (p.scheme, p.who))""",
        mine,
    )
    staging.execute("UPDATE brought b SET child_id = p.child_id FROM people p WHERE p.who = b.who")
    _care(staging, mine)


def _groups(staging: Staging, mine: dict[str, object]) -> None:
    """The group that one of them has already, or a new one."""
    staging.execute("DROP TABLE IF EXISTS groups")
    staging.execute(
        """CREATE TEMPORARY TABLE groups ON COMMIT DROP AS
           SELECT p.sibling, min(c.sibling_group_id) AS group_id, NULL::int AS number
           FROM people p LEFT JOIN contracts_child c ON c.id = p.child_id WHERE p.sibling <> '' GROUP BY p.sibling"""
    )
    lock(SiblingGroup, staging.authority_id)
    staging.execute(
        """UPDATE groups g SET number = n.number FROM (
               SELECT sibling, row_number() OVER (ORDER BY sibling)
                   + (SELECT coalesce(max(number), 0) FROM contracts_siblinggroup WHERE authority_id = %(mine)s)
                   AS number FROM groups WHERE group_id IS NULL) n WHERE n.sibling = g.sibling""",
        mine,
    )
    staging.execute(
        """WITH made AS (
               INSERT INTO contracts_siblinggroup (authority_id, number)
               SELECT %(mine)s, number FROM groups WHERE number IS NOT NULL RETURNING id, number)
           UPDATE groups g SET group_id = made.id FROM made WHERE made.number = g.number""",
        mine,
    )
    staging.execute("UPDATE people p SET group_id = g.group_id FROM groups g WHERE g.sibling = p.sibling")


def _change_known(staging: Staging, mine: dict[str, object]) -> None:
    """What the file says of a known child stands; where it says nothing, what was known."""
    given = {name: f"coalesce({said}, c.{name})" for name, said in _SAID.items()}
    for name in ("age_recorded", "age_recorded_on"):
        given[name] = f"CASE WHEN {_AGE_STANDS} THEN c.{name} ELSE {given[name]} END"
    new, old = ", ".join(given.values()), ", ".join(f"c.{name}" for name in given)
    staging.execute(
        f"""UPDATE contracts_child c SET ({", ".join(given)}, source_import_id, source_sheet, source_row)
                = ({new}, %(run)s, p.sheet, p.row)
            FROM people p WHERE c.id = p.child_id AND p.number IS NULL AND ({old}) IS DISTINCT FROM ({new})""",
        mine,
    )


def _care(staging: Staging, mine: dict[str, object]) -> None:
    """One status at a time: a new one ends the one that runs, and ends where a recorded one begins."""
    staging.execute("DROP TABLE IF EXISTS statuses")
    staging.execute(
        """CREATE TEMPORARY TABLE statuses ON COMMIT DROP AS
           SELECT n.child_id, n.care_from AS starts_on, n.care_status, n.legal_status, n.sheet, n.row,
               (SELECT min(k.starts_on) FROM contracts_carestatus k
                WHERE k.child_id = n.child_id AND k.starts_on > n.care_from) AS next_known
           FROM (
               SELECT DISTINCT ON (child_id, care_from) child_id, care_from, care_status,
                   coalesce(legal_status, '') AS legal_status, sheet, row
               FROM brought WHERE care_status <> '' AND care_from IS NOT NULL ORDER BY child_id, care_from, row) n
           WHERE NOT EXISTS (
               SELECT FROM contracts_carestatus k WHERE k.child_id = n.child_id AND (k.starts_on = n.care_from
                   OR k.starts_on <= n.care_from AND (k.ends_before IS NULL OR k.ends_before > n.care_from)
                   AND k.status = n.care_status AND n.legal_status IN ('', k.legal_status)))"""
    )
    # The same words again, from a later day, go on with the status before.
    staging.execute(
        """DELETE FROM statuses d USING (
               SELECT child_id, starts_on, lag(care_status) OVER w = care_status
                   AND legal_status IN ('', lag(legal_status) OVER w) AS again
               FROM statuses WINDOW w AS (PARTITION BY child_id ORDER BY starts_on)) t
           WHERE t.again AND (t.child_id, t.starts_on) = (d.child_id, d.starts_on)"""
    )
    staging.execute(
        """UPDATE contracts_carestatus k SET ends_before = t.first, source_import_id = %(run)s,
               source_sheet = t.sheet, source_row = t.row
           FROM (SELECT k.id, min(t.starts_on) AS first, min(t.sheet) AS sheet, min(t.row) AS row FROM statuses t
                 JOIN contracts_carestatus k ON k.child_id = t.child_id AND k.starts_on < t.starts_on
                   AND (k.ends_before IS NULL OR k.ends_before > t.starts_on) GROUP BY k.id) t
           WHERE k.id = t.id""",
        mine,
    )
    staging.execute(
        """INSERT INTO contracts_carestatus (authority_id, child_id, status, legal_status, starts_on, ends_before,
               source_import_id, source_sheet, source_row)
           SELECT %(mine)s, child_id, care_status, legal_status, starts_on,
               least(lead(starts_on) OVER (PARTITION BY child_id ORDER BY starts_on), next_known), %(run)s, sheet, row
           FROM statuses""",
        mine,
    )
