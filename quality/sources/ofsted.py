"""Source `ofsted`: the regulator's published list of providers, its inspections of the year and its premises.

Any order of years gives the same state, and a later file adds history. Names and addresses that the file withholds
stay withheld. A local authority whose name has no code is accepted and reported.
"""

from datetime import date, timedelta

from commissioning.kernel import wording
from commissioning.kernel.ingest.reading import UnreadableFile
from commissioning.kernel.ingest.source import Source, register
from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import AuthorityName
from commissioning.partnership.rules.names import fold_authority
from providers.actions.record_registrations import OBSERVED, record_registrations
from providers.models import Establishment, EstablishmentRecord, Premises, Provider

from ..actions.tell_changes import remember, tell_changes
from ..models import Change, Inspection
from ..models.inspections import UNNUMBERED
from ..rules.watch_words import word_of
from .ofsted_layouts import IN_YEAR, LEAVERS, PREMISES, PROVIDERS, day_described

_JUDGED = ("protection", "leadership", "outcomes", "quality_of_care", "education", "health")


@register
class Ofsted(Source):
    name = "ofsted"
    label = "Ofsted's published list of providers"
    says = (
        "The yearly file “Children's social care data in England: provider level”, as published, csv, Excel or "
        "OpenDocument. It belongs to the whole partnership."
    )
    may = ("ofsted", "import")
    of_authority = False
    tables = (PROVIDERS, IN_YEAR, PREMISES, LEAVERS)

    def writes(self):
        return [Provider, Establishment, EstablishmentRecord, Premises, Inspection, Change]

    def prepare(self, staging: Staging) -> None:
        book = staging.book
        preambles = [str(cell) for sheet in book.sheets for row in sheet.rows[:3] for cell in row[:1] if cell]
        day = day_described(staging.file_name, *[sheet.name for sheet in book.sheets], *preambles)
        if day is None:
            raise UnreadableFile(
                "The file does not say which day it describes. Keep the name that Ofsted gave it, for example "
                "“provider_level_at_31_march_2025”, and send it again."
            )
        staging.said["as_at"] = day

    def check(self, staging: Staging) -> None:
        if not staging.rows("SELECT 1 FROM staged_providers LIMIT 1"):
            raise UnreadableFile("The list of providers has headings and no rows. Nothing was loaded.")
        staging.reject(
            "providers",
            "EXISTS (SELECT FROM staged_providers e WHERE e.urn = s.urn AND (e.sheet, e.row) < (s.sheet, s.row))",
            "'the URN ' || s.urn || ' is already in an earlier row of this list: keep one of them'",
            column="URN",
        )
        self._check_areas(staging)
        for table in ("providers", "in_year"):
            if staging.has(table):
                self._check_inspections(staging, table)

    def _check_areas(self, staging: Staging) -> None:
        tables = [key for key in ("providers", "in_year", "premises", "leavers") if staging.has(key)]
        union = " UNION ".join(f"SELECT area_name FROM staged_{key}" for key in tables)
        # Once each: a csv is a single table, which UNION alone would leave as it is.
        names = [name for (name,) in staging.rows(f"SELECT DISTINCT area_name FROM ({union}) n WHERE area_name <> ''")]
        known = AuthorityName.objects.known_on(staging.said["as_at"])
        staging.execute("DROP TABLE IF EXISTS areas")
        staging.execute(
            "CREATE TEMPORARY TABLE areas ON COMMIT DROP AS "
            "SELECT * FROM unnest(%s::text[], %s::bigint[]) AS a (name, id)",
            (names, [known.get(fold_authority(name)) for name in names]),
        )
        for key in tables:
            staging.note(
                key,
                "a.id IS NULL",
                "'“' || s.area_name || '” is no English authority that is known: ' || "
                "'kept as it is written, without a code'",
                joins="JOIN areas a ON a.name = s.area_name",
                column="area_name",
            )

    def _check_inspections(self, staging: Staging, table: str) -> None:
        staging.reject(
            table,
            "s.inspected_on > %(last)s",
            "'an inspection on ' || to_char(s.inspected_on, 'DD/MM/YYYY') || "
            "' is later than the day this file describes'",
            column="Inspection date",
            last=staging.said["as_at"] + timedelta(days=31),  # outcomes published within a month are included
        )
        staging.reject(
            table,
            "s.inspected_on > %(today)s AND s.inspected_on <= %(last)s",
            "'an inspection on ' || to_char(s.inspected_on, 'DD/MM/YYYY') || ' has not taken place yet'",
            column="Inspection date",
            today=staging.today,
            last=staging.said["as_at"] + timedelta(days=31),
        )
        staging.note(
            table,
            "s.kind = 'supported_accommodation' AND coalesce(s.overall, '') <> '' "
            "OR s.kind <> 'supported_accommodation' AND coalesce(s.supported_outcome, '') <> ''",
            "'the judgement is of a scale on which this kind of registration is not judged: it was left out'",
            column="Provision type",
        )
        staging.reject(
            table,
            "s.inspected_on IS NULL AND (s.overall <> '' OR s.supported_outcome <> '')",
            "'there is a judgement and no inspection date: add the date'",
            column="Inspection date",
        )
        staging.note(
            table,
            "(s.protection = 'inadequate' AND s.overall NOT IN ('inadequate', '')) "
            "OR (s.leadership = 'inadequate' AND s.overall IN ('outstanding', 'good'))",
            "'the overall judgement is better than a limiting judgement allows: loaded as published'",
            column="Overall experiences and progress of children and young people",
        )

    def load(self, staging: Staging) -> None:
        as_at = staging.said["as_at"]
        remember(staging, as_at=as_at)
        for table in filter(staging.has, ("providers", "in_year", "leavers")):
            staging.execute(_SHORT_BREAKS.format(table=table))
        staging.execute("DROP TABLE IF EXISTS observed")
        staging.execute(f"CREATE TEMPORARY TABLE observed ({OBSERVED}) ON COMMIT DROP")
        staging.execute(_observe(staging))
        staging.execute("ANALYZE observed")
        record_registrations(staging, as_at=as_at)
        run = {"run": staging.run_id, "as_at": as_at}
        if staging.has("premises"):
            staging.execute("DROP TABLE IF EXISTS homes")
            staging.execute(_HOMES)
            staging.execute("ANALYZE homes")
            staging.execute(_PREMISES, run)
            staging.execute(_NO_LONGER_THERE, run)
        judging = [table for table in ("providers", "in_year") if staging.has(table)]
        staging.execute(_inspections(judging), run)
        for table in judging:
            staging.execute(_PUBLISHED.format(table=table))
        for model in (Premises, Inspection):
            staging.execute(_WHOSE.format(table=model._meta.db_table))
        tell_changes(staging, as_at=as_at)

    def title_of(self, model, row):
        if model is Inspection:
            return f"{row['event_number']} on {wording.day(date.fromisoformat(row['inspected_on']))}"
        if model is Change:
            before, after = (word_of(row["kind"], row[side]) or "nothing" for side in ("before", "after"))
            return f"{row['kind']} from {before} to {after}, {wording.day(date.fromisoformat(row['happened_on']))}"
        if model is EstablishmentRecord:
            as_at = wording.day(date.fromisoformat(row["as_at"]))
            return f"{row['name'] or 'name withheld'}, {row['area_name']}, as at {as_at}"
        if model is Premises:
            return f"{row['ordinal']} of {row['area_name']}, {row['constituency']}"
        return super().title_of(model, row)


def _observe(staging: Staging) -> str:
    """One row for each URN: the list itself before the year's inspections before the leavers."""
    columns = (
        "s.urn, s.sheet, s.row, s.kind, s.status, s.name,"
        " concat_ws(', ', nullif(s.address_1, ''), nullif(s.address_2, ''), nullif(s.town, '')) AS address, s.postcode,"
        " s.area_name, s.region, s.constituency, s.sector, s.places, s.registered_on, s.short_breaks_only,"
        " s.education_urn, s.owner_name"
    )
    parts = [f"SELECT {columns}, true AS listed, 1 AS rank, NULL::date AS day FROM staged_providers s WHERE s.ok"]
    if staging.has("in_year"):
        parts.append(f"SELECT {columns}, false, 2, s.inspected_on FROM staged_in_year s WHERE s.ok")
    left = "SELECT NULL AS urn, NULL AS status, NULL::date AS closed_on"
    if staging.has("leavers"):
        parts.append(
            "SELECT s.urn, s.sheet, s.row, s.kind, NULL, s.name, '', '', s.area_name, s.region, s.constituency,"
            " s.sector, s.places, s.registered_on, s.short_breaks_only, '', '', false, 3, NULL FROM staged_leavers s"
            " WHERE s.ok AND s.leaver <> ''"
        )
        left = (
            "SELECT urn, max(coalesce(status, leaver)) AS status, max(coalesce(closed_on, cancelled_on, resigned_on))"
            " AS closed_on FROM staged_leavers WHERE ok AND leaver <> '' GROUP BY urn"
        )
    # One that has left stands as it did when it left, rather than as on the day of its last inspection.
    return f"""
        INSERT INTO observed (urn, sheet, row, listed, closed_on, kind, status, name, address, postcode, area_name,
            area_id, region, constituency, sector, places, registered_on, short_breaks_only, education_urn, owner_name)
        SELECT DISTINCT ON (o.urn) o.urn, o.sheet, o.row, o.listed, CASE WHEN NOT o.listed THEN l.closed_on END, o.kind,
            coalesce(CASE WHEN NOT o.listed THEN l.status END, o.status, ''), coalesce(o.name, ''), o.address,
            coalesce(o.postcode, ''), coalesce(o.area_name, ''), a.id, coalesce(o.region, ''),
            coalesce(o.constituency, ''), coalesce(o.sector, ''), o.places, o.registered_on, o.short_breaks_only,
            coalesce(o.education_urn, ''), coalesce(o.owner_name, '')
        FROM ({" UNION ALL ".join(parts)}) o LEFT JOIN areas a ON a.name = o.area_name
        LEFT JOIN ({left}) l ON l.urn = o.urn
        ORDER BY o.urn, o.rank, o.day DESC NULLS LAST, o.sheet, o.row"""


# Some years have no such column: there it is not recorded, rather than no.
_SHORT_BREAKS = """
    UPDATE staged_{table} SET short_breaks_only = NULL
    WHERE NOT EXISTS (SELECT FROM staged_{table} WHERE short_breaks_only)"""

_HOMES = """
    CREATE TEMPORARY TABLE homes ON COMMIT DROP AS
    SELECT e.id AS establishment_id, e.provider_id, s.category, s.places, coalesce(s.area_name, '') AS area_name,
        a.id AS area_id, coalesce(s.region, '') AS region, coalesce(s.constituency, '') AS constituency,
        row_number() OVER (
            PARTITION BY e.id, s.category, s.places, s.area_name, s.constituency ORDER BY s.sheet, s.row
        ) AS ordinal,
        s.sheet, s.row
    FROM staged_premises s JOIN providers_establishment e ON e.urn = s.urn LEFT JOIN areas a ON a.name = s.area_name
    WHERE s.ok"""

# A list of the same day is a corrected one: what it says of that day stands.
_PREMISES = """
    INSERT INTO providers_premises AS p (establishment_id, provider_id, category, places, area_name, area_id, region,
        constituency, ordinal, listed_at, source_import_id, source_sheet, source_row)
    SELECT establishment_id, provider_id, category, places, area_name, area_id, region, constituency, ordinal,
        %(as_at)s, %(run)s, sheet, row
    FROM homes
    ON CONFLICT (establishment_id, category, places, area_name, constituency, ordinal) DO UPDATE SET
        (area_id, region, listed_at, source_import_id, source_sheet, source_row)
        = (excluded.area_id, excluded.region, excluded.listed_at, excluded.source_import_id, excluded.source_sheet,
           excluded.source_row)
    WHERE excluded.listed_at >= coalesce(p.listed_at, excluded.listed_at)
      AND (p.area_id, p.region, p.listed_at) IS DISTINCT FROM (excluded.area_id, excluded.region, excluded.listed_at)"""

# Taken off the list and not away: a visit or somebody's placement may be there, which whoever sends the file need not
# see. Where a row about the home was refused, it is not known what the file says of it: its premises are left alone.
_NO_LONGER_THERE = """
    UPDATE providers_premises p SET listed_at = NULL
    WHERE p.listed_at = %(as_at)s
      AND p.establishment_id IN (SELECT establishment_id FROM homes)
      AND NOT EXISTS (
        SELECT FROM homes h WHERE h.establishment_id = p.establishment_id AND h.area_name = p.area_name
          AND h.constituency = p.constituency AND h.ordinal = p.ordinal
          AND (h.category, h.places) IS NOT DISTINCT FROM (p.category, p.places))
      AND NOT EXISTS (
        SELECT FROM staged_premises s JOIN providers_establishment e ON e.urn = s.urn
        WHERE e.id = p.establishment_id AND NOT s.ok)"""

_FIELDS = ", ".join(_JUDGED)
_NUMBER = f"coalesce(nullif(s.event_number, ''), '{UNNUMBERED}' || s.inspected_on)"
_SAID = f"""
    SELECT {{rank}} AS rank, e.id, e.provider_id, {_NUMBER} AS number,
        upper(left(s.event_type, 1)) || lower(substr(s.event_type, 2)) AS event_type, s.inspected_on, s.published_on,
        CASE WHEN s.kind = 'supported_accommodation' THEN 'outcomes' ELSE 'grades' END AS scale,
        coalesce(CASE WHEN s.kind = 'supported_accommodation' THEN s.supported_outcome ELSE s.overall END, '')
            AS overall,
        {", ".join(f"coalesce(s.{name}, '') AS {name}" for name in _JUDGED)}, s.sheet, s.row
    FROM staged_{{table}} s JOIN providers_establishment e ON e.urn = s.urn
    WHERE s.ok AND s.inspected_on IS NOT NULL"""
_WORDS = ("event_type", "inspected_on", "scale", "overall", *_JUDGED, "as_at")


def _inspections(tables: list[str]) -> str:
    """Each event once: where the list and the year's inspections both tell of it, the list's words. A file of the
    same day is a corrected one and overrules; the same words again change nothing."""
    said = " UNION ALL ".join(_SAID.format(table=table, rank=rank) for rank, table in enumerate(tables))
    return f"""
    INSERT INTO quality_inspection AS i (establishment_id, provider_id, event_number, event_type, inspected_on,
        published_on, scale, overall, {_FIELDS}, as_at, source_import_id, source_sheet, source_row)
    SELECT DISTINCT ON (id, number) id, provider_id, number, event_type, inspected_on, published_on, scale, overall,
        {_FIELDS}, %(as_at)s::date, %(run)s, sheet, row
    FROM ({said}) said
    ORDER BY id, number, rank, sheet, row
    ON CONFLICT (establishment_id, event_number) DO UPDATE SET
        ({", ".join(_WORDS)}, source_import_id, source_sheet, source_row)
        = ({", ".join(f"excluded.{name}" for name in _WORDS)},
           excluded.source_import_id, excluded.source_sheet, excluded.source_row)
    WHERE excluded.as_at >= i.as_at
      AND ({", ".join(f"i.{name}" for name in _WORDS)})
          IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _WORDS)})"""


# Older layouts do not say when a report was published. Where files differ the last day counts, whichever came first.
_PUBLISHED = f"""
    UPDATE quality_inspection i SET published_on = said.last
    FROM (
        SELECT e.id, {_NUMBER} AS number, max(s.published_on) AS last
        FROM staged_{{table}} s JOIN providers_establishment e ON e.urn = s.urn
        WHERE s.ok AND s.published_on IS NOT NULL GROUP BY 1, 2
    ) said
    WHERE i.establishment_id = said.id AND i.event_number = said.number
      AND (i.published_on IS NULL OR i.published_on < said.last)"""

# Who runs the establishment now may read its judgements and its premises.
_WHOSE = """
    UPDATE {table} i SET provider_id = e.provider_id
    FROM providers_establishment e JOIN observed o ON o.urn = e.urn
    WHERE e.id = i.establishment_id AND i.provider_id IS DISTINCT FROM e.provider_id"""
