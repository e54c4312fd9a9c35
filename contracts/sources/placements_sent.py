"""The words of a return beside the facts of that day, kept so that it goes back out as it came in.

A fact is told as text, here in SQL and in contracts/returns.py in Python: a test holds the two against each other.
"""

from commissioning.kernel.ingest.staging import Staging

# Between children and placements: `b` is what will be written, `p` what is recorded, `c` the child, `k` its status.
_PROVIDER = "coalesce(coalesce(b.provider_id, p.provider_id)::text, nullif(b.provider_name, ''), p.provider_name, '')"
_HOME = "coalesce(coalesce(b.establishment_id, p.establishment_id)::text, '')"
_HOST = "coalesce(coalesce(b.host_authority_id, p.host_authority_id)::text, nullif(b.host_area, ''), p.host_area, '')"
_ROUTE = "coalesce(p.route, b.route)"
_SEARCH = "coalesce(coalesce(b.referral_id, p.referral_id)::text, '')"
_ON_THE_DAY = "starts_on <= %(as_at)s AND (ends_before IS NULL OR ends_before > %(as_at)s)"
FACTS = {
    "looked_after": "coalesce(k.status, '')", "gender": "c.sex", "ethnicity": "c.ethnicity", "sourced": _ROUTE,
    "organisation": _PROVIDER, "provider_number": _PROVIDER, "company_number": _PROVIDER, "establishment": _HOME,
    "establishment_urn": _HOME, "host": _HOST, "provision": "b.service_type",
    "uasc": "coalesce(c.unaccompanied::text, '')", "ehcp": "coalesce(c.ehcp::text, '')",
    "registration": "coalesce(nullif(b.registration, ''), p.registration, 'unknown')",
    "distance": "coalesce(CASE WHEN b.distance_reason NOT IN ('', 'not_applicable') THEN b.distance_reason END,"
    " d.reason, '')",
    "solo": "coalesce(coalesce(b.solo, p.solo)::text, '')", "disability": "array_to_string(c.disabilities, ';')",
    "legal_status": "coalesce(k.legal_status, '')", "care_from": "coalesce(k.starts_on::text, '')",
    "ends_before": "coalesce(coalesce(b.ends_before, p.ends_before)::text, '')",
    "end_reason": "coalesce(nullif(b.end_reason, ''), p.end_reason, '')",
    "provider_type": f"CASE WHEN {_ROUTE} = 'in_house' THEN 'own' ELSE '' END",
    "framework": "coalesce(coalesce(p.lot_id, b.lot_id)::text, '')",
    # Of the Placements Data Standard.
    "needed_by": _SEARCH, "siblings": _SEARCH, "wanted_area": _SEARCH, "referral_entered": _SEARCH,
    "communication": "array_to_string(c.disabilities, ';')",
    "support": "coalesce((SELECT string_agg(DISTINCT l.service, ';' ORDER BY l.service) FROM contracts_costline l"
    f" WHERE l.placement_id = p.id AND l.category = 'additional' AND {_ON_THE_DAY}), '')",
    "deprived": "CASE WHEN EXISTS (SELECT FROM contracts_oversight o WHERE o.placement_id = p.id"
    f" AND o.kind = 'deprivation_of_liberty' AND {_ON_THE_DAY}) THEN 'true' ELSE '' END",
    "siblings_together": "coalesce(c.sibling_group_id::text, '')",
    "cost_entered": "coalesce(round(s.weekly)::text, '')",
}  # fmt: skip
_NUMBER = "coalesce(s.number_sent, '')"


def keep_words(staging: Staging, table: str) -> None:
    layout, as_at = staging.said[table]
    pairs = []
    for column in layout.columns:
        if not column.kept or column.key in ("age", "starts_on", "weekly", "total"):
            continue
        if column.kind == "money":
            if table == "census":
                continue
            word, fact = f"coalesce(s.{column.key}::text, '')", _part(column.key)
        else:
            word = _NUMBER if column.key == "company_number" else f"s.{column.key}"
            if column.kind == "date":
                word = f"to_char({word}, 'DD/MM/YYYY')"
            word, fact = f"coalesce({word}::text, '')", FACTS.get(column.key, "''")
        pairs.append(f"'{column.key}', jsonb_build_array({word}, {fact})")
    # A function takes a hundred arguments.
    words = " || ".join(f"jsonb_build_object({', '.join(pairs[n : n + 20])})" for n in range(0, len(pairs), 20))
    staging.execute(
        f"""UPDATE brought b SET sent = jsonb_build_object(%(layout)s::text, jsonb_build_object(
                'as_at', %(as_at)s::date, 'words', {words}))
            FROM staged_{table} s, brought x
            JOIN contracts_child c ON c.id = x.child_id
            LEFT JOIN contracts_placement p ON p.id = x.placement_id
            LEFT JOIN contracts_distanceapproval d ON d.placement_id = x.placement_id
            LEFT JOIN contracts_carestatus k ON k.child_id = x.child_id AND k.starts_on <= %(as_at)s
                AND (k.ends_before IS NULL OR k.ends_before > %(as_at)s)
            WHERE (s.sheet, s.row) = (b.sheet, b.row) AND (x.sheet, x.row) = (b.sheet, b.row)""",
        {"layout": layout.key, "as_at": as_at},
    )


def _part(key: str) -> str:
    """A contribution to a total, as contracts/returns.py counts it from who pays."""
    given = "coalesce(s.social_care, s.health, s.education) IS NOT NULL"
    if key == "social_care":
        return (
            f"CASE WHEN {given} THEN coalesce(s.social_care, s.total - coalesce(s.health, 0)"
            " - coalesce(s.education, 0))::text ELSE '0.00' END"
        )
    return f"coalesce(s.{key}, 0.00)::text"
