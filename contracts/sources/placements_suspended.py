"""What a file says was bought while a suspension barred it: accepted as the fact that it is, and noted."""

from commissioning.kernel.ingest.staging import Staging

from .placements_rows import ROW

# As providers.rules.suspensions.bars: a framework's purchase until the authority decides not to follow, any other by
# the authority's own decision alone.
_COVERED = f"""{ROW} JOIN LATERAL (
    SELECT x.id FROM providers_suspension x
    LEFT JOIN providers_suspensiondecision d ON d.suspension_id = x.id AND d.authority_id = %(mine)s
    WHERE x.starts_on <= b.called_off_on AND (x.expires_on IS NULL OR x.expires_on > b.called_off_on)
      AND (x.lifted_on IS NULL OR x.lifted_on > b.called_off_on)
      AND ((x.establishment_id IS NULL AND x.award_id IS NULL AND x.provider_id = b.provider_id)
        OR x.establishment_id = b.establishment_id OR x.award_id = b.award_id)
      AND CASE WHEN b.award_id IS NOT NULL THEN coalesce(d.decision, '') <> 'not_follow'
          ELSE coalesce(d.decision, '') IN ('follow', 'case') END
    LIMIT 1) x ON true"""


def note_suspended(staging: Staging, family: str, column: str) -> None:
    """After the rows of a layout were brought: of new placements alone."""
    staging.note(
        family, "s.ok AND b.placement_id IS NULL AND b.route <> 'in_house'",
        "'this was suspended on the day of the purchase: taken as sent, and shown with the suspension'",
        column=column, joins=_COVERED, mine=staging.authority_id,
    )  # fmt: skip
