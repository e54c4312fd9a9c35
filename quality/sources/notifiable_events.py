"""Source `notifiable-events`: events that came by post or e-mail, in the partnership's own template.

An event is known by its provider and reference. A later file changes what it says otherwise; what it leaves empty
stays. What concerns a child goes to the authority that loads the file, and into no event.
"""

from datetime import datetime, time, timedelta

from django.utils import timezone

from commissioning.kernel.ingest.cells import as_company_number, as_urn, as_yes_no
from commissioning.kernel.ingest.source import DATE, Field, NextStep, Source, Table, register
from commissioning.kernel.ingest.staging import Staging
from contracts.sources.placements_template import coded, long_words, words
from contracts.sources.referrals_template import as_moment
from providers.sources.matching import UNKNOWN, match_providers, next_step_for_unknown

from ..models import EventNotice, NotifiableEvent
from ..rules import codes
from ..rules.lateness import TOLD_AT_ONCE, WITHIN

FRESH = timedelta(days=7)  # what came earlier is history, and tells nobody
EVENTS = Table(
    "events",
    "events",
    (
        Field("reference", "Event reference", needed=True, filled=True),
        Field("provider", "Provider", ("Provider name",), read=words),
        Field("company_number", "Company number", ("Provider company number",), read=as_company_number),
        Field("urn", "URN", ("Establishment URN", "Home URN"), read=as_urn, needed=True, filled=True),
        Field("theme", "Theme", ("What happened",), read=coded(codes.EVENT_THEMES, "theme", empty=None), needed=True,
              filled=True),
        Field("happened_at", "Happened at", read=as_moment, column="timestamptz", needed=True, filled=True),
        Field("received_at", "Received at", read=as_moment, column="timestamptz", needed=True, filled=True),
        Field("regulator_told_at", "Regulator told at", read=as_moment, column="timestamptz"),
        Field("closed_on", "Closed on", read=DATE, column="date"),
        Field("told", "Sent to us", read=as_yes_no, column="boolean"),
        Field("words", "About our child", read=long_words, passing=True),
    ),
)  # fmt: skip
_RULE = "CASE {} END".format(
    " ".join(
        f"WHEN e.kind IN ({', '.join(repr(kind) for kind in kinds)}) THEN '{rule}'"
        for rule, kinds in codes.KINDS_FOR_RULE.items()
    )
)
_HOME = "JOIN providers_establishment e ON e.urn = s.urn"
_KNOWN = f"""{_HOME} JOIN quality_notifiableevent n ON n.provider_id = e.provider_id AND n.reference = s.reference"""


@register
class NotifiableEvents(Source):
    name = "notifiable-events"
    label = "Notifiable events"
    says = (
        "Serious events at homes that providers told you of by post or e-mail, in the partnership’s template: one row "
        "for each event, and nothing about a child but in the column “About our child”."
    )
    may = ("notifiable-events", "create")
    tables = (EVENTS,)

    def writes(self):
        return [NotifiableEvent, EventNotice]

    def check(self, staging: Staging) -> None:
        match_providers(staging, "events", unmatched="s.provider <> ''")
        _check_home(staging)
        _check_times(staging)

    def load(self, staging: Staging) -> None:
        _change(staging)
        _add(staging)
        _tell_us(staging)

    def title_of(self, model, row):
        if model is NotifiableEvent:
            return f"Event {row['reference']}" if row["reference"] else f"An event, number {row['id']}"
        return "what our authority was told"

    def next_step(self, says: str, sent) -> NextStep | None:
        return next_step_for_unknown(sent) if says.startswith(UNKNOWN) and sent else None


def _check_home(staging: Staging) -> None:
    staging.reject(
        "events", "s.ok AND NOT EXISTS (SELECT FROM providers_establishment e WHERE e.urn = s.urn)",
        "'no home or agency has the URN ' || s.urn", column="urn",
    )  # fmt: skip
    staging.reject(
        "events", "s.ok AND e.provider_id IS NULL",
        "'nobody is recorded as running this home: record its provider first'", joins=_HOME, column="urn",
    )  # fmt: skip
    staging.reject(
        "events", f"s.ok AND {_RULE} IS NULL",
        "'no regulation of ours asks for notices from this kind of registration'", joins=_HOME, column="urn",
    )  # fmt: skip
    staging.reject(
        "events",
        """s.ok AND EXISTS (SELECT FROM staged_events o JOIN providers_establishment w ON w.urn = o.urn
           WHERE o.ok AND o.reference = s.reference AND w.provider_id = e.provider_id
             AND (o.sheet, o.row) < (s.sheet, s.row))""",
        "'another row has the same reference: keep one row for each event'", joins=_HOME, column="reference",
    )  # fmt: skip
    staging.reject(
        "events", "s.ok AND n.establishment_id <> e.id",
        "'this reference is another home’s event already: correct the reference or the URN'", joins=_KNOWN,
        column="reference",
    )  # fmt: skip


def _check_times(staging: Staging) -> None:
    ends = timezone.make_aware(datetime.combine(staging.today + timedelta(days=1), time.min))
    for column in ("happened_at", "received_at", "regulator_told_at"):
        staging.reject(
            "events", f"s.ok AND s.{column} >= %(ends)s", "'this day has not come: check the date'", column=column,
            ends=ends,
        )  # fmt: skip
    staging.reject(
        "events", "s.ok AND s.received_at < s.happened_at", "'it was received before it happened: check both'",
        column="received_at",
    )  # fmt: skip
    staging.reject(
        "events", "s.ok AND s.regulator_told_at < s.happened_at",
        "'the regulator was told before it happened: check both'", column="regulator_told_at",
    )  # fmt: skip
    staging.reject(
        "events", "s.ok AND s.closed_on > %(today)s", "'this day has not come: check the date'", column="closed_on",
        today=staging.today,
    )  # fmt: skip
    staging.note(
        "events", "s.ok AND s.received_at - s.happened_at > %(within)s AND s.theme <> ALL (%(at_once)s)",
        "'it was told late, more than 24 hours after it happened: taken as sent'", column="received_at",
        within=WITHIN, at_once=list(TOLD_AT_ONCE),
    )  # fmt: skip


def _change(staging: Staging) -> None:
    """What a later file may change of an event; silence leaves what stands."""
    staging.execute(
        f"""UPDATE quality_notifiableevent t SET (theme, happened_at, received_at, regulator_told_at, closed_on)
                = (x.theme, x.happened_at, x.received_at, x.regulator_told_at, x.closed_on)
            FROM (SELECT n.id, s.theme, s.happened_at, s.received_at,
                      coalesce(s.regulator_told_at, n.regulator_told_at) AS regulator_told_at,
                      coalesce(s.closed_on, n.closed_on) AS closed_on
                  FROM staged_events s {_KNOWN} WHERE s.ok) x
            WHERE t.id = x.id AND (t.theme, t.happened_at, t.received_at, t.regulator_told_at, t.closed_on)
                IS DISTINCT FROM (x.theme, x.happened_at, x.received_at, x.regulator_told_at, x.closed_on)"""
    )


def _add(staging: Staging) -> None:
    """New events; of those that came lately every authority with children there is told once the file is loaded."""
    from ..jobs import tell_of_event_job

    made = staging.rows(
        f"""INSERT INTO quality_notifiableevent (provider_id, establishment_id, reference, rule, theme, happened_at,
                received_at, regulator_told_at, closed_on)
            SELECT e.provider_id, e.id, s.reference, {_RULE}, s.theme, s.happened_at, s.received_at,
                s.regulator_told_at, s.closed_on
            FROM staged_events s {_HOME}
            LEFT JOIN quality_notifiableevent n ON n.provider_id = e.provider_id AND n.reference = s.reference
            WHERE s.ok AND n.id IS NULL ORDER BY s.sheet, s.row
            RETURNING uuid, received_at, closed_on"""
    )
    since = timezone.make_aware(datetime.combine(staging.today - FRESH, time.min))
    for uuid, received_at, closed_on in made:
        if received_at >= since and closed_on is None:
            tell_of_event_job.defer(event=str(uuid), named=[])


def _tell_us(staging: Staging) -> None:
    """The notice of the authority whose file it is, with what it says of its child."""
    mine = {"mine": staging.authority_id}
    asked = "s.ok AND (s.told IS TRUE OR s.words <> '')"
    staging.execute(
        f"""UPDATE quality_eventnotice t SET words = x.words
            FROM (SELECT w.id, s.words FROM staged_events s {_KNOWN}
                  JOIN quality_eventnotice w ON w.event_id = n.id AND w.authority_id = %(mine)s
                  WHERE s.ok AND s.words <> '') x
            WHERE t.id = x.id AND t.words <> x.words""",
        mine,
    )
    staging.execute(
        f"""INSERT INTO quality_eventnotice (authority_id, provider_id, event_id, words, told_at, acknowledged_words)
            SELECT %(mine)s, n.provider_id, n.id, s.words, s.received_at, '' FROM staged_events s {_KNOWN}
            WHERE {asked} AND NOT EXISTS (
                SELECT FROM quality_eventnotice w WHERE w.event_id = n.id AND w.authority_id = %(mine)s)""",
        mine,
    )
