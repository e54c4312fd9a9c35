"""Code lists of the partnership: what is bought, how, in which units. Labels are what pages say."""

# FIELD.md 3.1 to 3.4: what lots are let for. Regulation differs, so each names the Ofsted provision types it may use.
SERVICE_TYPES = {
    "fostering": "Independent fostering",
    "residential": "Residential children's home",
    "supported": "Semi-independent and supported accommodation",
    "family": "Residential family assessment",
    "school": "Residential school",
}

FRAMEWORK_KINDS = {
    "framework": "Framework agreement",
    "dynamic_market": "Dynamic market",
    "dps": "Dynamic purchasing system",
    "block": "Block contract",
    "register": "Approved register",
}

FRAMEWORK_EVENTS = {
    "specification": "Specification agreed",
    "award": "Contracts awarded",
    "reopening": "Reopened to providers",
    "transition": "Moving to its successor",
}

CALL_OFF_METHODS = {
    "ranked": "Providers are approached tier by tier, in rank order",
    "all": "Every provider on the lot is approached, and ability to meet need is scored",
    "gated": "Only providers judged Good or better are approached, then a scoring matrix",
    "direct": "Direct award to the provider that fits best",
    "mini_competition": "Further competition among the providers on the lot",
}

UNITS = {
    "week": "a week",
    "night": "a night",
    "hour": "an hour",
    "mile": "a mile",
    "one_off": "once",
    "per_cent": "per cent",
}

LEVELS = {
    "": "",
    "standard": "Standard",
    "enhanced": "Enhanced",
    "specialist": "Specialist",
    "low": "Low support",
    "medium": "Medium support",
    "high": "High support",
}

CATEGORIES = {"core": "Core", "additional": "Additional", "discount": "Discount"}

# Whom an authority names to be told at once (DESIGN.md decision 11).
NAMED_ROLES = {
    "safeguarding": "Safeguarding lead",
    "quality": "Quality lead",
}
# Whose people are told, by role and in this order, where an authority has named nobody.
TOLD_INSTEAD = ("quality_officer", "commissioning_officer", "placements_officer")

KPI_UNITS = {"percent": "per cent", "number": "number", "days": "days", "score": "score"}
KPI_GOOD = {"high": "high is good", "low": "low is good"}
KPI_PERIODS = {"quarter": "Every quarter", "half_year": "Every half year", "year": "Every year"}
# The words of the Procurement Act 2023, section 52. Frameworks and light-touch contracts are exempt: the scale is
# offered, and is no duty (FIELD.md 3.8).
KPI_RATINGS = {
    "good": "Good",
    "approaching": "Approaching target",
    "improvement": "Requires improvement",
    "inadequate": "Inadequate",
    "other": "Other",
}

# What the platform works out for a KPI from the viewer's own records (quality/measures/kpis.py).
KPI_FORMULAS = {
    "ended_by_provider": "Unplanned endings, ended by the provider",
    "ended_by_purchaser": "Unplanned endings, ended by the authority",
    "ended_by_young_person": "Unplanned endings, ended by the young person",
    "three_homes": "Three or more homes in the year (DfE)",
    "same_home": "In the same home for two years (DfE)",
    "over_20_miles": "Over 20 miles from home",
    "outside_boundary": "Outside the authority’s boundary",
    "over_20_miles_outside": "Over 20 miles from home and outside the boundary",
    "monitored": "Homes monitored in the interval",
    "answered_in_time": "Referrals answered in time",
    "agreements_made": "Agreements made",
}
