"""Searches and questions written from the rows that are accepted: new ones first counted, known ones changed."""

from commissioning.kernel.ingest.staging import Staging

from ..actions.numbers import lock
from ..models import Child, Referral

# What a later file may change of a search, and of a question; silence leaves what stands.
_SEARCH = {
    "opened_at": "s.opened_at", "needed_by": "s.needed_by", "urgency": "s.urgency",
    "in_house_tried": "s.in_house_tried", "service_type": "s.service_type",
    "level": "coalesce(nullif(s.level, ''), r.level, '')",
    "wanted_area": "coalesce(nullif(s.wanted_area, ''), r.wanted_area, '')",
    "siblings": "coalesce(s.siblings, r.siblings, 0)",
    "child_view": "coalesce(nullif(s.child_view, ''), r.child_view, '')",
    "visited_first": "coalesce(nullif(s.visited_first, ''), r.visited_first, '')",
    "outcome": "coalesce(nullif(s.outcome, ''), r.outcome, '')",
    "closed_at": "coalesce(s.closed_at, r.closed_at)",
    "chosen_why": "coalesce(nullif(s.chosen_why, ''), r.chosen_why, '')",
}  # fmt: skip
_QUESTION = {
    "service_type": "r.service_type", "urgency": "r.urgency", "needed_by": "r.needed_by", "asked_at": "s.asked_at",
    "answered_at": "coalesce(s.answered_at, w.answered_at)",
    "answer": "coalesce(nullif(s.answer, ''), w.answer, '')",
    "decline_reason": "CASE WHEN s.answer = '' THEN coalesce(w.decline_reason, '') ELSE coalesce(nullif("
    "s.decline_reason, ''), CASE WHEN s.answer = 'declined' THEN w.decline_reason END, '') END",
    "weekly_amount": "coalesce(s.weekly_amount, w.weekly_amount)",
    "available_on": "coalesce(s.available_on, w.available_on)",
    "establishment_id": "coalesce(e.id, w.establishment_id)",
    "suitable": "coalesce(s.suitable, w.suitable)",
    "chosen": "coalesce(s.chosen, w.chosen, false)",
}  # fmt: skip


def write_children(staging: Staging) -> None:
    """A reference that nobody has yet is a new child's."""
    mine = {"mine": staging.authority_id, "run": staging.run_id}
    lock(Child, staging.authority_id)
    staging.execute("DROP TABLE IF EXISTS newcomers")
    staging.execute(
        """CREATE TEMPORARY TABLE newcomers ON COMMIT DROP AS
           SELECT n.*, row_number() OVER (ORDER BY sheet, row)
               + (SELECT coalesce(max(number), 0) FROM contracts_child WHERE authority_id = %(mine)s) AS number
           FROM (SELECT DISTINCT ON (k.digest) k.digest, k.sealed, s.sheet, s.row FROM refs k
                 JOIN staged_referrals s ON s.ok AND s.child = k.reference WHERE k.child_id IS NULL
                 ORDER BY k.digest, s.sheet, s.row) n""",
        mine,
    )
    staging.execute(
        """INSERT INTO contracts_child (authority_id, number, sex, ethnicity, disabilities, source_import_id,
               source_sheet, source_row)
           SELECT %(mine)s, number, '', '', '{}', %(run)s, sheet, row FROM newcomers""",
        mine,
    )
    staging.execute(
        """INSERT INTO contracts_childreference (authority_id, child_id, scheme, digest, sealed, source_import_id,
               source_sheet, source_row)
           SELECT %(mine)s, c.id, 'case', n.digest, n.sealed, %(run)s, n.sheet, n.row FROM newcomers n
           JOIN contracts_child c ON c.authority_id = %(mine)s AND c.number = n.number""",
        mine,
    )
    staging.execute(
        """UPDATE refs k SET child_id = c.id FROM newcomers n
           JOIN contracts_child c ON c.authority_id = %(mine)s AND c.number = n.number WHERE n.digest = k.digest""",
        mine,
    )


def write_referrals(staging: Staging) -> None:
    mine = {"mine": staging.authority_id, "run": staging.run_id}
    new, old = ", ".join(_SEARCH.values()), ", ".join(f"r.{name}" for name in _SEARCH)
    staging.execute(
        f"""UPDATE contracts_referral r SET ({", ".join(_SEARCH)}, source_import_id, source_sheet, source_row)
                = ({new}, %(run)s, s.sheet, s.row)
            FROM staged_referrals s WHERE s.ok AND r.authority_id = %(mine)s AND r.reference = s.reference
                AND ({old}) IS DISTINCT FROM ({new})""",
        mine,
    )
    lock(Referral, staging.authority_id)
    staging.execute(
        f"""INSERT INTO contracts_referral (authority_id, number, reference, child_id, needs, {", ".join(_SEARCH)},
                source_import_id, source_sheet, source_row)
            SELECT %(mine)s, row_number() OVER (ORDER BY s.sheet, s.row)
                + (SELECT coalesce(max(number), 0) FROM contracts_referral WHERE authority_id = %(mine)s),
                s.reference, k.child_id, '', {new}, %(run)s, s.sheet, s.row
            FROM staged_referrals s JOIN refs k ON k.reference = s.child
            LEFT JOIN contracts_referral r ON r.authority_id = %(mine)s AND r.reference = s.reference
            WHERE s.ok AND r.id IS NULL""",
        mine,
    )


def write_offers(staging: Staging) -> None:
    """What was chosen and no longer is goes first: a search has one choice at any moment."""
    mine = {"mine": staging.authority_id, "run": staging.run_id}
    found = """JOIN contracts_referral r ON r.authority_id = %(mine)s AND r.reference = s.reference
            LEFT JOIN providers_establishment e ON e.urn = s.urn AND e.provider_id = s.provider_id"""
    same = "(w.provider_id, w.lot_id) IS NOT DISTINCT FROM (s.provider_id, s.lot_id)"
    new, old = ", ".join(_QUESTION.values()), ", ".join(f"w.{name}" for name in _QUESTION)
    for chosen in ("s.chosen IS NOT TRUE", "s.chosen IS TRUE"):
        staging.execute(
            f"""UPDATE contracts_offer w SET ({", ".join(_QUESTION)}, source_import_id, source_sheet, source_row)
                    = ({new}, %(run)s, s.sheet, s.row)
                FROM staged_offers s {found}
                WHERE s.ok AND {chosen} AND w.referral_id = r.id AND {same} AND ({old}) IS DISTINCT FROM ({new})""",
            mine,
        )
    staging.execute(
        f"""INSERT INTO contracts_offer (authority_id, referral_id, provider_id, lot_id, {", ".join(_QUESTION)},
                source_import_id, source_sheet, source_row)
            SELECT %(mine)s, r.id, s.provider_id, s.lot_id, {new}, %(run)s, s.sheet, s.row
            FROM staged_offers s {found} LEFT JOIN contracts_offer w ON w.referral_id = r.id AND {same}
            WHERE s.ok AND w.id IS NULL""",
        mine,
    )
    # A search that is needed by another day, or otherwise, tells so to everybody who was asked in it.
    staging.execute(
        """UPDATE contracts_offer w SET service_type = r.service_type, urgency = r.urgency, needed_by = r.needed_by
           FROM contracts_referral r, staged_referrals s
           WHERE s.ok AND r.authority_id = %(mine)s AND r.reference = s.reference AND w.referral_id = r.id
             AND (w.service_type, w.urgency, w.needed_by) IS DISTINCT FROM (r.service_type, r.urgency, r.needed_by)""",
        mine,
    )
