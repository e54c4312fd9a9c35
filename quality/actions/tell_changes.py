"""What a file of the regulator changes in what is known: judgements, registrations, closures and owners, each once.

`remember` before the file is loaded, `tell_changes` after it, in the same transaction and set-wise. A change needs
something known before, so the first file tells none; nor does a file older than the newest one: what it says is
history. Whatever its age, it confirms what was heard of an inspection that it tells of.
"""

from datetime import date

from commissioning.kernel.ingest.staging import Staging

from ..models import Change
from ..models.inspections import UNNUMBERED
from ..rules.changes import WORSE
from ..rules.watch_words import ENDED, SUSPENDED, UNLISTED
from .announce_judgements import announce_judgements


def remember(staging: Staging, *, as_at: date) -> None:
    """Keeps what is known now of every registration and its latest judgement on each scale."""
    known_until = staging.rows("SELECT max(as_at) FROM providers_establishmentrecord")[0][0]
    staging.said["known_until"] = known_until
    if known_until is None or as_at < known_until:
        return
    for table in ("known_homes", "known_judgements"):
        staging.execute(f"DROP TABLE IF EXISTS {table}")
    staging.execute(_KNOWN_HOMES)
    staging.execute(_KNOWN_JUDGEMENTS)
    for table in ("known_homes", "known_judgements"):
        staging.execute(f"ANALYZE {table}")


def tell_changes(staging: Staging, *, as_at: date) -> None:
    """Writes what changed, and asks for those concerned to be told. `observed` and the staged rows are still there."""
    known_until = staging.said["known_until"]
    values = {
        "run": staging.run_id, "as_at": as_at, "now": staging.now, "known_until": known_until, "today": staging.today,
        "ended": list(ENDED), "suspended": SUSPENDED, "unlisted": UNLISTED,
    }  # fmt: skip
    staging.execute("DROP TABLE IF EXISTS steps_down")
    staging.execute(
        "CREATE TEMPORARY TABLE steps_down ON COMMIT DROP AS "
        "SELECT * FROM unnest(%s::text[], %s::text[]) AS w (before, after)",
        ([before for before, _ in WORSE], [after for _, after in WORSE]),
    )
    staging.execute("DROP TABLE IF EXISTS told_before")
    staging.execute(_TOLD_BEFORE)
    told = 0
    if known_until is not None and as_at >= known_until:
        told += staging.execute(_JUDGEMENTS, values)
        staging.execute("DROP TABLE IF EXISTS news")
        staging.execute(_NEWS, values)
        told += staging.execute(_CONFIRM_NEWS, values)
        staging.execute(_CONFIRMED_IS_NO_NEWS, values)
        told += staging.execute(_TELL_NEWS, values)
    told += staging.execute(_CONFIRM_JUDGEMENTS, values)
    if told:
        from ..jobs import tell_of_file_job

        tell_of_file_job.defer(run=staging.run_id)
        says_otherwise = [pk for (pk,) in staging.rows(_SAYS_OTHERWISE, values)]
        changed = Change.objects.filter(pk__in=says_otherwise).select_related("inspection").order_by("pk")
        announce_judgements(changed, now=staging.now)


_KNOWN_HOMES = """
    CREATE TEMPORARY TABLE known_homes ON COMMIT DROP AS
    SELECT e.id, e.urn, e.provider_id, p.name AS provider_name, e.status, e.closed_on, e.listed_at,
        e.closed_on IS NOT NULL OR lower(e.status) IN ('resigned', 'cancelled', 'closed') AS ended
    FROM providers_establishment e LEFT JOIN providers_provider p ON p.id = e.provider_id
    WHERE EXISTS (SELECT FROM providers_establishmentrecord r WHERE r.establishment_id = e.id)"""

# The latest judgement of each home on each scale; an event without a number gives way to one of its day that has one.
_LATEST = f"""
    SELECT DISTINCT ON (i.establishment_id, i.scale) i.id, i.establishment_id, i.scale, i.overall, i.inspected_on,
        i.source_sheet, i.source_row
    FROM quality_inspection i
    WHERE i.overall <> '' AND NOT (starts_with(i.event_number, '{UNNUMBERED}') AND EXISTS (
        SELECT FROM quality_inspection n WHERE n.establishment_id = i.establishment_id
          AND n.inspected_on = i.inspected_on AND NOT starts_with(n.event_number, '{UNNUMBERED}')))
    ORDER BY i.establishment_id, i.scale, i.inspected_on DESC, i.event_number DESC"""
_KNOWN_JUDGEMENTS = f"CREATE TEMPORARY TABLE known_judgements ON COMMIT DROP AS {_LATEST}"

# A judgement that a file only confirms is no change: what was told of it before is kept, to tell the two apart. Of one
# withdrawn as heard in error, that it was withdrawn was told last.
_TOLD_BEFORE = """
    CREATE TEMPORARY TABLE told_before ON COMMIT DROP AS
    SELECT c.id, CASE WHEN c.confirmed_at IS NOT NULL OR i.withdrawn_at IS NULL THEN c.after END AS after
    FROM quality_change c LEFT JOIN quality_inspection i ON i.id = c.inspection_id WHERE c.kind = 'judgement'"""
_SAYS_OTHERWISE = """
    SELECT c.id FROM quality_change c LEFT JOIN told_before b ON b.id = c.id
    WHERE c.kind = 'judgement' AND c.source_import_id = %(run)s AND c.after IS DISTINCT FROM b.after"""

_COLUMNS = """establishment_id, provider_id, kind, key, happened_on, before, after, worse, known_at, inspection_id,
        confirmed_at, source_import_id, source_sheet, source_row"""
_DOWN = "EXISTS (SELECT FROM steps_down w WHERE w.before = {before} AND w.after = {after})"
_BY_FILE = """confirmed_at = coalesce(c.confirmed_at, %(now)s), source_import_id = %(run)s,
        source_sheet = {row}.source_sheet, source_row = {row}.source_row"""

# Told before of the same day, by hand or by an earlier list of it: this file's word stands, what was before stays.
_JUDGEMENTS = f"""
    INSERT INTO quality_change AS c ({_COLUMNS})
    SELECT a.establishment_id, e.provider_id, 'judgement', 'judgement:' || a.inspected_on, a.inspected_on,
        coalesce(k.overall, ''), a.overall, {_DOWN.format(before="coalesce(k.overall, '')", after="a.overall")},
        %(now)s, a.id, %(now)s, %(run)s, a.source_sheet, a.source_row
    FROM ({_LATEST}) a JOIN providers_establishment e ON e.id = a.establishment_id
    JOIN known_homes h ON h.id = a.establishment_id
    LEFT JOIN known_judgements k ON k.establishment_id = a.establishment_id AND k.scale = a.scale
    WHERE a.overall IS DISTINCT FROM k.overall
    ON CONFLICT (establishment_id, key) DO UPDATE SET
        after = excluded.after, worse = {_DOWN.format(before="c.before", after="excluded.after")},
        inspection_id = excluded.inspection_id, {_BY_FILE.format(row="excluded")}"""

_CONFIRM_JUDGEMENTS = f"""
    UPDATE quality_change c SET after = i.overall, worse = {_DOWN.format(before="c.before", after="i.overall")},
        inspection_id = i.id, {_BY_FILE.format(row="i")}
    FROM quality_inspection i
    WHERE c.kind = 'judgement' AND c.confirmed_at IS NULL AND i.establishment_id = c.establishment_id
      AND i.inspected_on = c.happened_on AND i.overall <> '' AND i.source_import_id = %(run)s"""

# The providers that members use: with a place on a lot, or with a child of some member at a home of theirs.
_USED = """
    SELECT provider_id FROM providers_award
    WHERE starts_on <= %(today)s AND (ends_before IS NULL OR ends_before > %(today)s)
    UNION
    SELECT e.provider_id FROM contracts_presence p JOIN providers_establishment e ON e.id = p.establishment_id"""

_NEWS = f"""
    CREATE TEMPORARY TABLE news ON COMMIT DROP AS
    WITH now AS (
        SELECT e.id, e.urn, e.provider_id, p.name AS provider_name, e.status, e.closed_on, e.registered_on, o.listed,
            e.closed_on IS NOT NULL OR lower(e.status) = ANY (%(ended)s) AS ended, o.sheet, o.row
        FROM observed o JOIN providers_establishment e ON e.urn = o.urn
        LEFT JOIN providers_provider p ON p.id = e.provider_id
    )
    SELECT n.id, n.provider_id, 'closure' AS kind, 'closure:' || coalesce(n.closed_on, %(as_at)s::date) AS key,
        coalesce(n.closed_on, %(as_at)s::date) AS happened_on, h.status AS before, n.status AS after, true AS worse,
        n.sheet AS source_sheet, n.row AS source_row
    FROM now n JOIN known_homes h ON h.id = n.id WHERE n.ended AND NOT h.ended
    UNION ALL
    SELECT n.id, n.provider_id, 'registration', 'status:' || lower(n.status) || ':' || %(as_at)s::date, %(as_at)s,
        h.status, n.status, lower(n.status) = lower(%(suspended)s), n.sheet, n.row
    FROM now n JOIN known_homes h ON h.id = n.id
    WHERE NOT n.ended AND n.status <> '' AND h.status <> '' AND lower(n.status) <> lower(h.status)
    UNION ALL
    SELECT n.id, n.provider_id, 'owner', 'owner:' || h.provider_id || ':' || n.provider_id || ':' || %(as_at)s::date,
        %(as_at)s, h.provider_name, n.provider_name, false, n.sheet, n.row
    FROM now n JOIN known_homes h ON h.id = n.id WHERE n.provider_id <> h.provider_id
    UNION ALL
    SELECT n.id, n.provider_id, 'registration', 'registered:' || coalesce(n.registered_on, %(as_at)s::date),
        coalesce(n.registered_on, %(as_at)s), '', coalesce(nullif(n.status, ''), 'Registered'), false, n.sheet, n.row
    FROM now n WHERE n.listed AND NOT n.ended AND n.provider_id IN ({_USED})
      AND NOT EXISTS (SELECT FROM known_homes h WHERE h.id = n.id)
    UNION ALL
    SELECT h.id, h.provider_id, 'registration', 'unlisted:' || %(as_at)s::date, %(as_at)s, h.status, %(unlisted)s,
        true, '', NULL
    FROM known_homes h
    WHERE h.listed_at = %(known_until)s AND %(as_at)s > %(known_until)s AND NOT h.ended
      AND NOT EXISTS (SELECT FROM now n WHERE n.id = h.id AND (n.listed OR n.ended))
      AND NOT EXISTS (SELECT FROM staged_providers s WHERE s.urn = h.urn)"""

# What was heard may give another day than the file: it is the same closure, or the same suspension.
_SAME = """
    c.establishment_id = n.id AND c.notice_id IS NOT NULL AND c.kind = n.kind
    AND (n.kind = 'closure' OR (n.kind = 'registration' AND lower(n.after) = lower(%(suspended)s)))"""
_CONFIRM_NEWS = f"""
    UPDATE quality_change c SET happened_on = n.happened_on, after = n.after, worse = true, {_BY_FILE.format(row="n")}
    FROM news n WHERE {_SAME} AND c.confirmed_at IS NULL"""
_CONFIRMED_IS_NO_NEWS = f"""
    DELETE FROM news n USING quality_change c WHERE {_SAME} AND c.source_import_id = %(run)s"""
_TELL_NEWS = f"""
    INSERT INTO quality_change ({_COLUMNS})
    SELECT id, provider_id, kind, key, happened_on, coalesce(before, ''), coalesce(after, ''), worse, %(now)s, NULL,
        %(now)s, %(run)s, source_sheet, source_row
    FROM news ON CONFLICT (establishment_id, key) DO NOTHING"""
