"""The North West placements census: June 2019, and what each later collection changed, up to December 2025.

The lists are the collection's own. Beside each stands what its words mean here.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from .layouts import Column, Layout
from .layouts_hosts import HOSTS


def _plain(*words: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(words, ())


LOOKED_AFTER = {"Yes": ("Y", "1")}
LOOKED_AFTER_2025 = _plain("Looked after child (under 18)", "Post 18 (CSC placement)")
CARE_STATUS = {
    "Yes": "looked_after",
    "Looked after child (under 18)": "looked_after",
    "Post 18 (CSC placement)": "care_leaver",
}
PLACING = _plain(
    "Bolton", "Bury", "Manchester", "Oldham", "Rochdale", "Salford", "Stockport", "Tameside", "Trafford", "Wigan"
)
GENDERS = {
    "Male (including trans male)": ("M", "male"),
    "Female (including trans female)": ("F", "F1", "female", "Fenale"),
    "Non-binary": (),
    "Other": (),
}
SEX = {
    "Male (including trans male)": "M",
    "Female (including trans female)": "F",
    "Non-binary": "U",
    "Other": "U",
}

# How it was sourced: the kinds of framework among which an award is looked for; empty is no framework at all.
SOURCED = {
    "NW Contract - SaILS DPS or previous": ("dynamic_market", "dps", "framework", "register"),
    "NW Contract - Supported Accommodation DPS or previous": ("dynamic_market", "dps", "framework", "register"),
    "NW Contract - Residential FPS or previous": ("framework", "register", "dynamic_market", "dps"),
    "NW Contract - Fostering FPS or previous": ("framework", "register", "dynamic_market", "dps"),
    "NW Contract - SEND FPS": ("framework", "register", "dynamic_market", "dps"),
    "Sub Regional Contract - LCR PPA": ("framework", "register", "dynamic_market", "dps"),
    "Sub Regional Contract - Other": ("framework", "register", "dynamic_market", "dps"),
    "Local Contract or Framework": ("framework", "register", "dynamic_market", "dps"),
    "Block Contract - Local": ("block",),
    "Block Contract - Collaborative": ("block",),
    "GM RCC Flexi Block": ("block",),
    "Direct Award / Spot Purchase": (),
    "Direct Award / Off Framework": (),
    "Remand": (),
    "Secure Welfare Hub": (),
}
_IN_2019 = (
    "NW Contract - SaILS DPS or previous",
    "NW Contract - Residential FPS or previous",
    "NW Contract - Fostering FPS or previous",
    "NW Contract - SEND FPS",
    "Sub Regional Contract - LCR PPA",
    "Sub Regional Contract - Other",
    "Direct Award / Spot Purchase",
    "Local Contract or Framework",
    "Block Contract - Local",
    "Block Contract - Collaborative",
    "GM RCC Flexi Block",
)
_IN_2025 = (
    "NW Contract - Supported Accommodation DPS or previous",
    *_IN_2019[1:6],
    "Direct Award / Off Framework",
    *_IN_2019[7:],
    "Remand",
    "Secure Welfare Hub",
)
# What goes out where no word came in: the first of these that the collection's list has.
SOURCED_OF_ROUTE = {
    "framework": ("Local Contract or Framework",),
    "dynamic_market": ("Local Contract or Framework",),
    "block": ("Block Contract - Local",),
    "spot": ("Direct Award / Off Framework", "Direct Award / Spot Purchase"),
    "in_house": (),
}

# Type of provision: service (codes.SERVICE_TYPES), the authority's own, a short stay while another home goes on.
PROVISION = {
    "Fostering - Independent Foster Care (IFA)": ("fostering", False, False),
    "Fostering - Inter LA": ("fostering", False, False),
    "Fostering - Parent and Child": ("fostering", False, False),
    "Fostering - Staying Put": ("staying_put", False, False),
    "IFA - respite": ("fostering", False, True),
    "Student accommodation": ("other", False, False),
    "Youth Offending Institution": ("remand", False, False),
    "Other - Youth Offending Institution": ("remand", False, False),
    "Other - FFA": ("kinship", False, False),
    "Unregistered": ("other", False, False),
    "Other": ("other", False, False),
    "Outreach": ("other", False, False),
    "Other - Rent": ("other", False, False),
    "Other - Commissioned Support": ("other", False, False),
    "Other - CQC": ("health", False, False),
    "Residential - 52 week Residential School": ("school", False, False),
    "Residential - in House": ("residential", True, False),
    "Residential - Parent and Child": ("family", False, False),
    "Residential - Residential School": ("school", False, False),
    "Residential - Secure Welfare": ("secure", False, False),
    "Residential - External (Commissioned)": ("residential", False, False),
    "Residential - Short Breaks": ("residential", False, True),
    "Residential - With Education": ("residential", False, False),
    "SaILs": ("supported", False, False),
    "SaILs - Accommodation & Floating Support": ("supported", False, False),
    "SaILs - Accommodation & Floating Support - in house": ("supported", True, False),
    "SaILs - Floating Support Only": ("supported", False, False),
    "SaILs - Group Living": ("supported", False, False),
    "SaILs - Group Living - in house": ("supported", True, False),
    "SaILs - Supported Accommodation": ("supported", False, False),
    "Supported Lodgings": ("lodgings", False, False),
    "Supported Lodgings - Inter LA": ("lodgings", False, False),
    "Supported Lodgings - In House": ("lodgings", True, False),
    "Supported Accommodation": ("supported", False, False),
    "Supported Accommodation - Accommodation & Floating Support": ("supported", False, False),
    "Supported Accommodation - Floating Support Only": ("supported", False, False),
    "Supported Accommodation - Group Living": ("supported", False, False),
    "Supported Accommodation - Accommodation & Floating Support - in house": ("supported", True, False),
    "Supported Accommodation - Group Living - in house": ("supported", True, False),
    "Supported Accommodation - Category 1: Self contained solo accommodation": ("supported", False, False),
    "Supported Accommodation - Category 2: Shared or group living for LAC and care leavers": (
        "supported", False, False
    ),
    "Supported Accommodation - Category 3: Shared or group living not limited to LAC or care leavers": (
        "supported", False, False
    ),
    "Supported Accommodation - Category 4: Supported Lodgings": ("lodgings", False, False),
    "Fostering - Mainstream": ("fostering", False, False),
    "Fostering - Enhanced": ("fostering", False, False),
    "Fostering - Parent and child": ("fostering", False, False),
    "Fostering - Short breaks": ("fostering", False, True),
    "Residential - Mainstream": ("residential", False, False),
    "Residential - 38 week Residential School/College": ("school", False, False),
    "Residential - 52 week Residential School/College": ("school", False, False),
    "Secure Welfare": ("secure", False, False),
    "Unregistered (where it should be registered)": ("other", False, False),
    "Remand": ("remand", False, False),
    "CQC": ("health", False, False),
    # The list of 2025 spells this one with a space at the end.
    "Supported Accommodation - Category 1: Self contained solo accommodation ": ("supported", False, False),
}  # fmt: skip
_ALL = list(PROVISION)
_PROVISION_2019 = _plain(*_ALL[:39])
_PROVISION_2022 = _plain(*_ALL[:43])
_PROVISION_2025 = _plain(
    *_ALL[43:47], _ALL[47], "Residential - With Education", "Residential - Parent and Child", *_ALL[48:50],
    _ALL[-1], *_ALL[40:43], "Secure Welfare", "Student accommodation", "Unregistered (where it should be registered)",
    "Youth Offending Institution", "Remand", "CQC",
)  # fmt: skip
# The plain word for a service where none came in. Where a list parts what is not recorded (which kind of supported
# accommodation, how many weeks of school, staying put) it has no honest word, and the cell is left empty.
ENHANCED = "Fostering - Enhanced"
CATEGORY_WORDS = {  # by the category that Ofsted registers the premises in (providers/rules/codes.PREMISES_CATEGORIES)
    category: tuple(word for word in PROVISION if word.startswith(f"Supported Accommodation - Category {category}:"))
    for category in (1, 2, 3, 4)
}
PROVISION_OF = {
    ("fostering", False): ("Fostering - Mainstream", "Fostering - Independent Foster Care (IFA)"),
    ("fostering", True): ("Fostering - Short breaks", "IFA - respite"),
    ("kinship", False): ("Other - FFA",),
    ("staying_put", False): ("Fostering - Staying Put",),
    ("residential", False): ("Residential - Mainstream", "Residential - External (Commissioned)"),
    ("residential", True): ("Residential - Short Breaks", "Residential - Mainstream"),
    ("family", False): ("Residential - Parent and Child",),
    ("secure", False): ("Secure Welfare", "Residential - Secure Welfare"),
    ("school", False): ("Residential - Residential School",),
    ("supported", False): ("Supported Accommodation",),
    ("lodgings", False): ("Supported Accommodation - Category 4: Supported Lodgings", "Supported Lodgings"),
    ("remand", False): ("Remand", "Youth Offending Institution"),
    ("health", False): ("CQC", "Other - CQC"),
    ("other", False): ("Other",),
}  # fmt: skip
UASC = {"Yes": True, "No": False, "Not yet established": None, "Unknown": None}
# The census of 2021 (ONS groups) against the SSDA903 list.
ETHNICITY = {
    "Indian (Asian or Asian British)": "AIND",
    "Pakistani (Asian or Asian British)": "APKN",
    "Bangladeshi (Asian or Asian British)": "ABAN",
    "Chinese (Asian or Asian British)": "CHNE",
    "Any other Asian background (Asian or Asian British)": "AOTH",
    "Caribbean (Black, Black British, Caribbean or African)": "BCRB",
    "African (Black, Black British, Caribbean or African)": "BAFR",
    "Any other Black, Black British, African or Caribbean background (Black, Black British, Caribbean or African)": (
        "BOTH"
    ),
    "White and Black Caribbean (Mixed or multiple ethnic groups)": "MWBC",
    "White and Black African (Mixed or multiple ethnic groups)": "MWBA",
    "White and Asian (Mixed or multiple ethnic groups)": "MWAS",
    "Any other Mixed or multiple ethnic background (Mixed or multiple ethnic groups)": "MOTH",
    "English, Welsh, Scottish, Northern Irish or British (White)": "WBRI",
    "Irish (White)": "WIRI",
    "Gypsy or Irish Traveller (White)": "WIRT",
    "Roma (White)": "WROM",
    "Any other White background (White)": "WOTH",
    "Arab (Other ethnic group)": "OOTH",
    "Any other ethnic group (Other ethnic group)": "OOTH",
    "Unknown": "NOBT",
}
REGISTRATION = {
    "Ofsted": "registered",
    "CQC": "other_regulator",
    "CQC only": "other_regulator",
    "Unregistered": "unregistered",
    "Care Inspectorate Scotland": "other_regulator",
    "Care Inspectorate Wales": "other_regulator",
    "Unknown": "unknown",
}
REGISTRATION_OF = {
    "registered": ("Ofsted",),
    "other_regulator": ("CQC only", "CQC"),
    "applied": ("Unregistered",),
    "unregistered": ("Unregistered",),
    "unregulated": ("Unregistered",),
    "unknown": ("Unknown",),
    "not_required": (),
}
DISTANCE = {
    "CYP/Parental preference": "preference",
    "Safeguarding requirement": "safeguarding",
    "Provision within distance exists but is not available": "not_available",
    "Provision within distance does not exist": "does_not_exist",
    "Carer moving out of area": "carer_moved",
    "Legal reasons": "legal",
    "Not applicable": "not_applicable",
}
_NOT_AVAILABLE_2022 = (
    "Placement available locally but provider refused due to need",
    "Placement available locally but provider refused due to matching",
    "No placement available locally",
)
# Most reasons of 2022 have no like in the list of 2025: they stay words.
DISTANCE_2022 = dict.fromkeys(_NOT_AVAILABLE_2022, "not_available") | {"Not applicable": "not_applicable"}
_DISTANCE_2022 = _plain(
    *_NOT_AVAILABLE_2022,
    "Requirement for DOLS or LPS placement",
    "Requirement for specialist SEND provision",
    "Requirement for other specialist provision",
    "Requirement to place quickly",
    "Requirement to place at distance (eg CSE/CCE/Parental choice/move to near family or support)",
    "Other (please specify)",
    "Unknown",
    "Not applicable",
    "N/A",
)
YES_NO = _plain("Yes", "No")
DOLS = _plain("DoLS (current)", "DoLS (previous)", "No")
SOLO = {
    "Yes, and is in a solo placement": True,
    "Yes, but is not in a solo placement": False,
    "No, but is in a solo placement": True,
    "No, and is not in a solo placement": False,
}

_2019 = (
    Column("looked_after", "Looked after child?", LOOKED_AFTER, needed=True, like=".*looked after.*"),
    Column("placed_by", "Placing Authority", PLACING, needed=True, like=".*placing authority.*"),
    Column("identifier", "Identifier", needed=True, kept=False, like=".*identifier.*"),
    Column("age", "Age", kind="whole", like="age.*"),
    Column("gender", "Gender", GENDERS, needed=True, like=".*gender.*"),
    Column(
        "sourced", "How the placement was sourced", _plain(*_IN_2019), needed=True, like=".*placement was sourced.*"
    ),
    Column("organisation", "Organisation", needed=True, like=".*organisation.*"),
    Column("provider_number", "Provider ID", needed=True),
    Column("establishment", "Establishment", needed=True, like="establishment(?!.*urn)"),
    Column("host", "Host Authority", HOSTS, needed=True, like=".*host authority.*"),
    Column("provision", "Type of provision", _PROVISION_2019, needed=True, like=".*type of provision.*"),
    Column("uasc", "UASC", _plain(*UASC), like=".*uasc.*"),
    Column("weekly", "Total weekly cost", kind="money", needed=True, like=".*weekly cost.*"),
    Column(
        "social_care", "Contribution from Social Care", kind="money", needed=True, like="contribution.*social care.*"
    ),
    Column("education", "Contribution from Education", kind="money", needed=True, like=".*education.*"),
    Column("health", "Contribution from Health", kind="money", needed=True, like=".*health.*"),
)
_2020 = (
    *_2019,
    Column("ethnicity", "Ethnic Group", _plain(*ETHNICITY), needed=True, like=".*ethnic.*"),
    Column("starts_on", "Placement start date", kind="date", needed=True, like=".*placement start.*"),
    Column("send", "SEND", like=r"^send\b.*"),
)
_2021 = (
    *_2020,
    Column("send_category", "Primary SEND category", like=".*send category.*"),
    Column("send_need", "Primary SEND need", like=".*send need.*"),
)
_2022 = (
    *(replace(each, words=_PROVISION_2022) if each.key == "provision" else each for each in _2021),
    Column(
        "registration", "Registration type",
        _plain("Ofsted", "CQC", "Unregistered", "Care Inspectorate Scotland", "Care Inspectorate Wales", "Unknown"),
        needed=True,
    ),
    Column("establishment_urn", "Establishment registration URN", like=".*establishment.*urn.*"),
    Column(
        "distance", "Primary Placing at Distance Reason", _DISTANCE_2022, like=".*placing at distance reason.*"
    ),
)  # fmt: skip
_CHANGED_2025: dict[str, dict[str, Any]] = {
    "looked_after": {"words": LOOKED_AFTER_2025},
    "sourced": {"words": _plain(*_IN_2025)},
    "provision": {"words": _PROVISION_2025},
    "provider_number": {"heading": "Provider Ofsted (or equivalent) URN"},
    "establishment_urn": {"heading": "Establishment URN"},
}
_GONE_2025 = {"registration", "distance", "host", "send", "send_category", "send_need"}
_2025 = (
    *(replace(each, **_CHANGED_2025.get(each.key, {})) for each in _2022 if each.key not in _GONE_2025),
    Column(
        "registration", "Primary registration type",
        _plain("Ofsted", "CQC only", "Unregistered", "Care Inspectorate Scotland", "Care Inspectorate Wales"),
        needed=True, like=".*registration type.*",
    ),
    Column("distance", "Placing at Distance Reason", _plain(*DISTANCE), like=".*placing at distance reason.*"),
    Column("company_number", "Provider Company number", needed=True, like=".*provider company number.*"),
    Column(
        "packages", "Does this placement cost include additional packages?", YES_NO, needed=True,
        like=".*does this placement cost include additional packages.*",
    ),
    Column(
        "dols", "Deprivation of Liberty Safeguards in place?", DOLS, needed=True,
        like=".*deprivation of liberty safeguards in place.*",
    ),
    Column(
        "solo", "Does this CYP require a solo placement?", _plain(*SOLO), needed=True,
        like=".*does this cyp require a solo placement.*",
    ),
)  # fmt: skip

CENSUSES = (
    Layout("census_2019_jun", "Placements census, June 2019", "census", date(2019, 6, 1), _2019),
    Layout("census_2020_dec", "Placements census, December 2020", "census", date(2020, 12, 1), _2020),
    Layout("census_2021_mar", "Placements census, March 2021", "census", date(2021, 3, 1), _2021),
    Layout("census_2022_mar", "Placements census, March 2022", "census", date(2022, 3, 1), _2022),
    Layout("census_2025_dec", "Placements census, December 2025", "census", date(2025, 12, 1), _2025),
)
