"""What to do about a column of a return that is not said: where the fact is recorded, or that it is not. Sentences for
officers, by the column's key, or by a layout's family and key where that differs."""

NOT_HERE = "Not recorded here. It goes out where a file brought it in."
_CHILD = "Record it on the child’s page."
_STATUS = "Record the care status on the child’s page."
_PLACEMENT = "Record it on the placement’s page."
_PROVIDER = "Choose the provider from the list when you record the placement."
_HOME = "Name the registration (URN) of the home on the placement’s page."
_PRICE = "Record what the placement costs: its cost lines."
_SEARCH = "Record the placement from its referral."
_LIST = "The list of this collection has no word for it, or what would tell the words apart is not recorded."

GAPS = {
    "identifier": "Add the child’s case reference on the child’s page.",
    "born_on": _CHILD, "age": "Record the date of birth on the child’s page.", "gender": _CHILD, "ethnicity": _CHILD,
    "disability": _CHILD, "communication": "Record the disabilities on the child’s page: communication or learning.",
    "ehcp": _CHILD, "uasc": _CHILD, "looked_after": _STATUS, "legal_status": _STATUS, "care_from": _STATUS,
    "placed_by": "The list has the ten authorities of Greater Manchester: any other has no word in it.",
    "starts_on": _PLACEMENT, "ends_before": "Empty while the child lives there.",
    "end_reason": "Empty while the child lives there. Else record why it ended.",
    "sourced": "In-house homes have no word. Else record how it was bought.",
    "organisation": _PROVIDER, "provider_number": _PROVIDER,
    "company_number": "Record the company number on the provider’s page.",
    "establishment": _HOME, "establishment_urn": _HOME,
    "provision": f"{_LIST} For supported accommodation, name the premises and their category.",
    "provider_type": "Name the registration of the home: Ofsted’s list says its sector.",
    "framework": "Only what was bought through a framework has one.",
    "registration": _PLACEMENT, "distance": "Record the reason under Far from home.",
    "host": "Bring the placement postcode in with a file of placements: the authority is worked out from it.",
    "weekly": _PRICE, "total": _PRICE, "packages": _PRICE,
    "social_care": "Record who pays, line by line.", "health": "Record who pays, line by line.",
    "education": "Record who pays, line by line.",
    "dols": "Record the order under Where nobody looks.", "deprived": "Record the order under Where nobody looks.",
    "solo": "Whether a solo placement is needed is not recorded here. It goes out where a file brought it in.",
    "support": "Record the additional service. Two kinds at once, and most kinds, have no word.",
    "needed_by": f"{_SEARCH} The list has no word for five days.",
    "siblings": _SEARCH, "wanted_area": f"{_SEARCH} Say in it where the home is wanted.",
    "siblings_together": "Record brothers and sisters on the child’s page, and the premises of each.",
    "referral_entered": _SEARCH, "placement_entered": "The platform keeps it by itself.", "cost_entered": _PRICE,
}  # fmt: skip


def what_to_do(key: str) -> str:
    return GAPS.get(key, NOT_HERE)
