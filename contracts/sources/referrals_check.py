"""What a row of a referral log cannot say, set-wise, each with the sentence that goes back."""

from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import Participation

DAY = "FMDD FMMonth YYYY"
FUTURE = "'this day has not come: check the date'"
_TWICE = """EXISTS (SELECT FROM staged_{0} o WHERE o.ok AND o.reference = s.reference
            AND (o.sheet, o.row) < (s.sheet, s.row){1})"""


def day_of(moment: str) -> str:
    """The day on which a moment falls in London."""
    return f"({moment} AT TIME ZONE 'Europe/London')::date"


def check_referrals(staging: Staging) -> None:
    told = {"today": staging.today}
    staging.reject(
        "referrals", f"s.ok AND {_TWICE.format('referrals', '')}",
        "'another row has the same reference: keep one row for each search'", column="reference",
    )  # fmt: skip
    for column in ("opened_at", "closed_at"):
        staging.reject("referrals", f"s.ok AND {day_of(f's.{column}')} > %(today)s", FUTURE, column=column, **told)
    staging.reject(
        "referrals", "s.ok AND s.closed_at IS NOT NULL AND s.outcome = ''",
        "'the search is closed without an outcome: say how it ended'", column="outcome",
    )  # fmt: skip
    staging.reject(
        "referrals", "s.ok AND s.closed_at IS NULL AND s.outcome <> ''",
        "'the search has an outcome and is not closed: say when it was closed'", column="closed_at",
    )  # fmt: skip
    staging.reject(
        "referrals", "s.ok AND s.closed_at < s.opened_at",
        "'the search was closed before it was opened: check both'", column="closed_at",
    )  # fmt: skip
    staging.reject(
        "referrals", f"s.ok AND c.born_on > {day_of('s.opened_at')}",
        "'Child ' || c.number || ' was born after this search was opened: check the reference and the day'",
        joins="JOIN refs k ON k.reference = s.child JOIN contracts_child c ON c.id = k.child_id", column="child",
    )  # fmt: skip
    staging.reject(
        "referrals", "s.ok AND r.child_id IS DISTINCT FROM k.child_id",
        "'this search is recorded for Child ' || c.number || ', and this row names another: correct one of them'",
        joins="JOIN refs k ON k.reference = s.child JOIN contracts_referral r ON r.reference = s.reference "
        "AND r.authority_id = %(mine)s JOIN contracts_child c ON c.id = r.child_id",
        column="child", mine=staging.authority_id,
    )  # fmt: skip
    staging.note(
        "referrals", f"s.ok AND s.needed_by < {day_of('s.opened_at')}",
        f"'it was needed by ' || to_char(s.needed_by, '{DAY}') || ', before the search was opened: taken as sent'",
        column="needed_by",
    )  # fmt: skip


def check_offers(staging: Staging) -> None:
    """After match_providers."""
    mine = {"mine": staging.authority_id}
    _match_lots(staging)
    staging.execute("DROP TABLE IF EXISTS searches")
    staging.execute(
        """CREATE TEMPORARY TABLE searches ON COMMIT DROP AS
           SELECT coalesce(s.reference, r.reference) AS reference, r.id,
               coalesce(s.opened_at, r.opened_at) AS opened_at,
               s.ok IS NOT FALSE AND coalesce(nullif(s.outcome, ''), r.outcome, '') IN ('', 'placed') AS may_choose,
               s.reference IS NOT NULL AND r.id IS NULL AND NOT s.ok AS refused
           FROM (SELECT DISTINCT ON (reference) * FROM staged_referrals ORDER BY reference, ok DESC) s
           FULL JOIN (SELECT * FROM contracts_referral WHERE authority_id = %(mine)s AND reference <> '') r
               ON r.reference = s.reference""",
        mine,
    )
    search = "JOIN searches f ON f.reference = s.reference"
    staging.reject(
        "offers", "s.ok AND NOT EXISTS (SELECT FROM searches f WHERE f.reference = s.reference)",
        "'no referral has this reference, in this file or on record'", column="reference",
    )  # fmt: skip
    staging.reject(
        "offers", "s.ok AND f.refused", "'its referral was rejected: correct that row and send both again'",
        joins=search, column="reference",
    )  # fmt: skip
    staging.reject(
        "offers", f"s.ok AND {_TWICE.format('offers', _SAME)}",
        "'another row asks the same provider on the same lot in this search: keep one'", column="provider",
    )  # fmt: skip
    for column in ("asked_at", "answered_at"):
        staging.reject(
            "offers", f"s.ok AND {day_of(f's.{column}')} > %(today)s", FUTURE, column=column, today=staging.today
        )
    staging.reject(
        "offers", "s.ok AND s.answered_at < s.asked_at", "'it was answered before it was asked: check both'",
        column="answered_at",
    )  # fmt: skip
    staging.reject(
        "offers",
        "s.ok AND s.answer <> '' AND s.answered_at IS NULL",
        "'say when it was answered'",
        column="answered_at",
    )
    staging.reject(
        "offers", "s.ok AND s.answer = '' AND s.answered_at IS NOT NULL", "'say what the provider answered'",
        column="answer",
    )  # fmt: skip
    staging.reject(
        "offers", "s.ok AND s.answer <> 'declined' AND s.decline_reason <> ''",
        "'a reason for declining is given, and the answer is not that it declined: correct one of them'",
        column="decline_reason",
    )  # fmt: skip
    staging.reject(
        "offers", "s.ok AND s.chosen AND s.answer <> 'offered'",
        "'it is chosen, and no offer of it stands: correct the answer or the choice'", column="chosen",
    )  # fmt: skip
    staging.reject(
        "offers", "s.ok AND s.chosen AND NOT f.may_choose",
        "'it is chosen, and its search did not end with a home found: correct one of them'", joins=search,
        column="chosen",
    )  # fmt: skip
    staging.reject(
        "offers",
        """s.ok AND s.chosen AND EXISTS (SELECT FROM staged_offers o WHERE o.ok AND o.chosen
           AND o.reference = s.reference AND (o.sheet, o.row) <> (s.sheet, s.row))""",
        "'two rows of this search are chosen: one home is'", column="chosen",
    )  # fmt: skip
    staging.reject(
        "offers",
        """s.ok AND s.chosen AND EXISTS (SELECT FROM contracts_offer w WHERE w.referral_id = f.id AND w.chosen
           AND (w.provider_id, w.lot_id) IS DISTINCT FROM (s.provider_id, s.lot_id)
           AND NOT EXISTS (SELECT FROM staged_offers o WHERE o.ok AND o.reference = s.reference AND o.chosen IS FALSE
               AND (o.provider_id, o.lot_id) IS NOT DISTINCT FROM (w.provider_id, w.lot_id)))""",
        "'another offer of this search is chosen on record: say No in its row'", joins=search, column="chosen",
    )  # fmt: skip
    staging.note(
        "offers", "s.ok AND s.asked_at < f.opened_at", "'it was asked before the search was opened: taken as sent'",
        joins=search, column="asked_at",
    )  # fmt: skip
    staging.note(
        "offers",
        f"""s.ok AND s.lot_id IS NOT NULL AND NOT EXISTS (SELECT FROM providers_award w WHERE w.lot_id = s.lot_id
            AND w.provider_id = s.provider_id AND w.starts_on <= {day_of("s.asked_at")}
            AND (w.ends_before IS NULL OR w.ends_before > {day_of("s.asked_at")}))""",
        "'the provider had no place on lot ' || s.lot || ' that day: taken as sent'", column="lot",
    )  # fmt: skip


_SAME = "\n            AND (o.provider_id, o.lot_id) IS NOT DISTINCT FROM (s.provider_id, s.lot_id)"


def _match_lots(staging: Staging) -> None:
    """Adds `lot_id`; empty where the provider was asked outside the frameworks."""
    staging.execute("ALTER TABLE staged_offers ADD COLUMN lot_id bigint")
    staging.reject(
        "offers", "s.ok AND (s.framework <> '') <> (s.lot <> '')",
        "'give the framework and the lot, or neither'", column="lot",
    )  # fmt: skip
    staging.reject(
        "offers",
        "s.ok AND s.framework <> '' AND NOT EXISTS "
        "(SELECT FROM partnership_framework f WHERE lower(f.reference) = s.framework)",
        "'no framework has the reference ' || upper(s.framework)", column="framework",
    )  # fmt: skip
    staging.reject(
        "offers",
        """s.ok AND s.framework <> '' AND NOT EXISTS (SELECT FROM partnership_framework f
           JOIN partnership_lot l ON l.framework_id = f.id
           WHERE lower(f.reference) = s.framework AND lower(l.number) = s.lot)""",
        "'the framework has no lot ' || s.lot", column="lot",
    )  # fmt: skip
    taken_part = list(Participation.objects.filter(authority=staging.authority_id).values_list("framework", flat=True))
    staging.reject(
        "offers", "s.ok AND s.framework <> '' AND NOT f.id = ANY (%(taken_part)s::bigint[])",
        "'your authority never took part in this framework'",
        joins="JOIN partnership_framework f ON lower(f.reference) = s.framework", column="framework",
        taken_part=taken_part,
    )  # fmt: skip
    staging.execute(
        """UPDATE staged_offers s SET lot_id = l.id FROM partnership_lot l
           JOIN partnership_framework f ON f.id = l.framework_id
           WHERE lower(f.reference) = s.framework AND lower(l.number) = s.lot"""
    )
