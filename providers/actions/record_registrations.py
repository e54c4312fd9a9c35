"""What a regulator's file says of registrations becomes records; establishments and providers follow from them.

Everything shown is a function of the records alone, so files may come in any order and give the same state:
an establishment says what its newest record says; who runs it and since when it is registered, what the newest
record that knows. A name that the newest record withholds stays withheld, whatever an older file published.
"""

from datetime import date

from commissioning.kernel.ingest.staging import Staging

from ..rules.names import fold

# The columns that `observed` must have (a temporary table made by the source), one row for each URN.
OBSERVED = (
    "urn text, sheet text, row int, listed boolean, closed_on date, kind text, status text, name text, address text, "
    "postcode text, area_name text, area_id bigint, region text, constituency text, sector text, places int, "
    "registered_on date, short_breaks_only boolean, education_urn text, owner_name text, provider_id bigint"
)
_COPIED = (
    "kind", "status", "name", "address", "postcode", "area_name", "area_id", "region", "constituency", "sector",
    "places", "short_breaks_only", "education_urn",
)  # fmt: skip


def record_registrations(staging: Staging, *, as_at: date) -> None:
    """From `observed` (OBSERVED) to providers, establishments and their records at the date. Set-wise."""
    _make_providers(staging)
    run = {"run": staging.run_id, "as_at": as_at}
    staging.execute(_NEW_ESTABLISHMENTS, run)
    staging.execute(_RECORDS, run)
    staging.execute(_CURRENT)
    staging.execute(_PROVIDER_WORDS)


def _make_providers(staging: Staging) -> None:
    names = [name for (name,) in staging.rows("SELECT DISTINCT owner_name FROM observed WHERE owner_name <> ''")]
    folded = [fold(name) or name.lower() for name in names]
    staging.execute("DROP TABLE IF EXISTS owners")
    staging.execute(
        "CREATE TEMPORARY TABLE owners ON COMMIT DROP AS "
        "SELECT name, folded FROM unnest(%s::text[], %s::text[]) AS o (name, folded)",
        (names, folded),
    )
    staging.execute(
        """INSERT INTO providers_provider (name, folded_name, company_number, charity_number, sector,
                                           source_import_id, source_sheet, source_row)
           SELECT DISTINCT ON (w.folded) o.owner_name, w.folded, '', '', coalesce(o.sector, ''), %s, o.sheet, o.row
           FROM observed o JOIN owners w ON w.name = o.owner_name
           WHERE NOT EXISTS (SELECT FROM providers_provider p WHERE p.folded_name = w.folded)
             AND NOT EXISTS (SELECT FROM providers_alias a WHERE a.folded_name = w.folded)
           ORDER BY w.folded, o.owner_name""",
        (staging.run_id,),
    )
    staging.execute(
        """UPDATE observed o SET provider_id = coalesce(p.id, a.provider_id)
           FROM owners w
           LEFT JOIN providers_provider p ON p.folded_name = w.folded
           LEFT JOIN providers_alias a ON a.folded_name = w.folded
           WHERE w.name = o.owner_name"""
    )


_NEW_ESTABLISHMENTS = f"""
    INSERT INTO providers_establishment (urn, regulator, {", ".join(_COPIED)}, registered_on, provider_id, closed_on,
        listed_at, source_import_id, source_sheet, source_row)
    SELECT o.urn, 'ofsted', {", ".join(f"o.{name}" for name in _COPIED)}, o.registered_on, o.provider_id, o.closed_on,
        CASE WHEN o.listed THEN %(as_at)s::date END, %(run)s, o.sheet, o.row
    FROM observed o WHERE NOT EXISTS (SELECT FROM providers_establishment e WHERE e.urn = o.urn)"""

_VALUES = [*_COPIED, "registered_on", "provider_id", "owner_name", "listed", "closed_on"]
_RECORDS = f"""
    INSERT INTO providers_establishmentrecord AS r (establishment_id, as_at, {", ".join(_VALUES)},
        source_import_id, source_sheet, source_row)
    SELECT e.id, %(as_at)s, {", ".join(f"o.{name}" for name in _VALUES)}, %(run)s, o.sheet, o.row
    FROM observed o JOIN providers_establishment e ON e.urn = o.urn
    ON CONFLICT (establishment_id, as_at) DO UPDATE SET
        ({", ".join(_VALUES)}, source_import_id, source_sheet, source_row)
        = ({", ".join(f"excluded.{name}" for name in _VALUES)}, excluded.source_import_id, excluded.source_sheet,
           excluded.source_row)
    WHERE (excluded.listed OR NOT r.listed)
      AND ({", ".join(f"r.{name}" for name in _VALUES)})
          IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _VALUES)})"""

_SHOWN = [*_COPIED, "registered_on", "provider_id", "listed_at", "closed_on"]
_CURRENT = f"""
    WITH newest AS (
        SELECT DISTINCT ON (r.establishment_id) r.* FROM providers_establishmentrecord r
        JOIN providers_establishment e ON e.id = r.establishment_id JOIN observed o ON o.urn = e.urn
        ORDER BY r.establishment_id, r.as_at DESC
    ), known AS (
        SELECT r.establishment_id,
            (array_agg(r.registered_on ORDER BY r.as_at DESC) FILTER (WHERE r.registered_on IS NOT NULL))[1]
                AS registered_on,
            (array_agg(r.provider_id ORDER BY r.as_at DESC) FILTER (WHERE r.provider_id IS NOT NULL))[1] AS provider_id,
            max(r.as_at) FILTER (WHERE r.listed) AS listed_at
        FROM providers_establishmentrecord r JOIN newest n USING (establishment_id) GROUP BY 1
    ), shown AS (
        SELECT n.establishment_id, {", ".join(f"n.{name}" for name in _COPIED)},
            k.registered_on, k.provider_id, k.listed_at, n.closed_on, n.source_import_id, n.source_sheet, n.source_row
        FROM newest n JOIN known k USING (establishment_id)
    )
    UPDATE providers_establishment e SET
        ({", ".join(_SHOWN)}, source_import_id, source_sheet, source_row)
        = ({", ".join(f"s.{name}" for name in _SHOWN)}, s.source_import_id, s.source_sheet, s.source_row)
    FROM shown s WHERE s.establishment_id = e.id
      AND ({", ".join(f"e.{name}" for name in _SHOWN)})
          IS DISTINCT FROM ({", ".join(f"s.{name}" for name in _SHOWN)})"""

# A provider's name and sector are the newest file's words, unless a person gave it a name no file has.
_PROVIDER_WORDS = """
    WITH said AS (
        SELECT DISTINCT ON (r.provider_id) r.provider_id, r.owner_name, r.sector
        FROM providers_establishmentrecord r
        WHERE r.provider_id IN (SELECT provider_id FROM observed) AND r.owner_name <> ''
        ORDER BY r.provider_id, r.as_at DESC, r.owner_name, r.sector
    )
    UPDATE providers_provider p SET name = s.owner_name, sector = s.sector
    FROM said s WHERE s.provider_id = p.id AND (p.name, p.sector) IS DISTINCT FROM (s.owner_name, s.sector)
      AND EXISTS (SELECT FROM providers_establishmentrecord r WHERE r.provider_id = p.id AND r.owner_name = p.name)"""
