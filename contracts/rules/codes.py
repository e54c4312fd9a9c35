"""Code lists of buying homes. Labels are what pages say; each list names the source of its codes."""

# What a child lives in. `lot` service types (partnership/rules/codes.py) are the part that frameworks are let for.
SERVICE_TYPES = {
    "fostering": "Fostering",
    "kinship": "Family and friends",
    "residential": "Children's home",
    "secure": "Secure children's home",
    "school": "Residential school",
    "family": "Residential family assessment",
    "supported": "Semi-independent and supported accommodation",
    "lodgings": "Supported lodgings",
    "staying_put": "Staying put",
    "remand": "Remand or custody",
    "health": "Health setting",
    "other": "Other",
}
# Which lots may meet which service (the key is the lot's service type).
BOUGHT_FROM_LOT = {
    "fostering": ("fostering", "kinship", "staying_put"),
    "residential": ("residential", "secure"),
    "supported": ("supported", "lodgings"),
    "family": ("family",),
    "school": ("school",),
}

# Always in this order, on every page and chart (PAGES.md).
ROUTES = {
    "framework": "Framework",
    "block": "Block contract",
    "dynamic_market": "Dynamic market",
    "spot": "Spot",
    "in_house": "In-house",
}
# Why a home was bought outside the frameworks (issue 3; FIELD.md rows 3 and 11).
SPOT_REASONS = {
    "not_asked": "Framework providers were not asked",
    "no_capacity": "Framework providers had no capacity",
    "no_suitable_offer": "No suitable offer from the framework",
    "emergency": "Emergency the same day",
    "court_order": "Court order",
    "siblings": "To keep brothers and sisters together",
    "continuity": "To stay with the same carers or home",
    "specialist": "Specialist need",
}
# What became of a framework purchase since call-off; the route itself never changes.
LATER_STATES = {
    "in_force": "Framework and place in force",
    "extension": "In an extension of the framework",
    "provider_left": "Provider has left the lot",
    "framework_ended": "Framework has ended",
}

REGISTRATIONS = {
    "registered": "Registered with Ofsted",
    "other_regulator": "Registered with another regulator",
    "not_required": "Registration not required",
    "applied": "Unregistered, provider has applied",
    "unregistered": "Unregistered",
    "unregulated": "Unregulated",
    "unknown": "Not recorded",
}
UNWATCHED = ("applied", "unregistered", "unregulated")
OVERSIGHT_KINDS = {
    "unregistered": "Unregistered placement",
    "unregulated": "Unregulated placement",
    "deprivation_of_liberty": "Deprivation of liberty order",
}

SEXES = {"": "", "M": "Male", "F": "Female", "U": "Not recorded as either"}
# FORMATS.md 1.4; labels as in the DfE's guide to the SSDA903.
ETHNICITIES = {
    "": "",
    "WBRI": "White British",
    "WIRI": "White Irish",
    "WOTH": "Any other White background",
    "WIRT": "Traveller of Irish heritage",
    "WROM": "Gypsy or Roma",
    "MWBC": "White and Black Caribbean",
    "MWBA": "White and Black African",
    "MWAS": "White and Asian",
    "MOTH": "Any other mixed background",
    "AIND": "Indian",
    "APKN": "Pakistani",
    "ABAN": "Bangladeshi",
    "AOTH": "Any other Asian background",
    "BCRB": "Caribbean",
    "BAFR": "African",
    "BOTH": "Any other Black background",
    "CHNE": "Chinese",
    "OOTH": "Any other ethnic group",
    "REFU": "Refused",
    "NOBT": "Information not yet obtained",
}
# The children in need census, as the LIIA layout has it.
DISABILITIES = {
    "": "",
    "NONE": "No disability",
    "MOB": "Mobility",
    "HAND": "Hand function",
    "PC": "Personal care",
    "INC": "Incontinence",
    "COMM": "Communication",
    "LD": "Learning",
    "HEAR": "Hearing",
    "VIS": "Vision",
    "BEH": "Behaviour",
    "CON": "Consciousness",
    "AUT": "Autism",
    "DDA": "Other",
}
REFERENCE_SCHEMES = {
    "case": "Case system",
    "ssda903": "SSDA903 return",
    "census": "Placements census",
    "provider": "Provider's own reference",
    "standard": "Placements Data Standard",
}
CARE_STATUSES = {
    "looked_after": "Looked after",
    "care_leaver": "Care leaver",
    "child_in_need": "Child in need",
    "nrpf": "No recourse to public funds",
}
# SSDA903 legal statuses (FORMATS.md 1.4).
LEGAL_STATUSES = {
    "": "",
    "C1": "Interim care order",
    "C2": "Full care order",
    "D1": "Freeing order",
    "E1": "Placement order",
    "V2": "Section 20, single period",
    "V3": "Short breaks, each recorded",
    "V4": "Short breaks, agreement recorded",
    "L1": "Police protection",
    "L2": "Emergency protection order",
    "L3": "Child assessment order",
    "J1": "Remand",
    "J2": "Police and Criminal Evidence Act",
    "J3": "Youth rehabilitation order with residence",
}

URGENCIES = {"planned": "Planned", "emergency": "Emergency"}
IN_HOUSE_TRIED = {
    "yes": "Yes, nobody could offer a home",
    "unsuitable": "Yes, what was offered did not suit",
    "not_available": "The authority has no such homes",
    "no": "No",
}
REFERRAL_OUTCOMES = {
    "": "",
    "placed": "A home was found",
    "in_house": "Placed with the authority's own carers or home",
    "withdrawn": "No longer needed",
    "not_found": "No home was found",
}
ANSWERS = {
    "": "Not answered",
    "offered": "Offered a home",
    "declined": "Declined",
    "withdrawn": "Offered, then withdrew",
}
DECLINE_REASONS = {
    "": "",
    "no_vacancy": "No vacancy",
    "matching": "Does not match the children already there",
    "needs": "Cannot meet these needs",
    "location": "Too far from where it was wanted",
    "timescale": "Cannot take the child in time",
    "information": "The referral said too little",
    "price": "The price could not be agreed",
    "other": "Other",
}
VISITED_FIRST = {
    "": "",
    "yes": "Yes, visited or met first",
    "virtual": "Only by pictures or a call",
    "no": "No",
    "refused": "Did not want to",
}

COST_CATEGORIES = {"core": "Core", "additional": "Additional service", "discount": "Discount"}
COST_UNITS = {
    "week": "a week",
    "night": "a night",
    "hour": "an hour",
    "mile": "a mile",
    "one_off": "once",
}
SERVICES = {
    "": "",
    "staffing": "One-to-one or two-to-one staffing",
    "night": "Waking night",
    "therapy": "Therapy",
    "education": "Education or tuition",
    "contact": "Supervised contact",
    "transport": "Transport",
    "interpreter": "Interpreter",
    "support": "Further support hours",
    "equipment": "Equipment or adaptation",
    "other": "Other",
}
FUNDERS = {
    "social_care": "Social care",
    "education": "Education",
    "health": "Health",
    "housing": "Housing benefit",
    "other": "Another funder",
}
# A yes or no for each, so that two prices can be told apart (FIELD.md 3.2).
INCLUDED = {
    "pocket_money": "Pocket money",
    "clothing": "Clothing",
    "savings": "Savings",
    "activities": "Activities and holidays",
    "birthdays": "Birthdays and festivals",
    "travel": "Travel to school and contact",
    "education": "Education",
    "health": "Health or therapy",
    "respite": "Respite for the carers",
    "rent": "Rent and service charge",
}
BENEFIT_KINDS = {"cashable": "Cashable", "avoided": "Avoided"}
REVIEW_KINDS = {"six_month": "Six-month review", "end": "At the end", "other": "Other review"}
PROGRESS = {1: "1: far from it", 2: "2: some way to go", 3: "3: half way", 4: "4: nearly there", 5: "5: there"}

# SSDA903 reasons for a placement change (FORMATS.md 1.4).
END_REASONS = {
    "": "",
    "CARPL": "Change to the care plan, or it was carried out",
    "CLOSE": "The carer resigned or the home closed",
    "ALLEG": "Allegation",
    "STAND": "Concern about standards of care",
    "APPRR": "Approval or registration was removed",
    "CREQB": "Carer asked for it to end: behaviour",
    "CREQO": "Carer asked for it to end: other",
    "CHILD": "The young person asked",
    "LAREQ": "An authority asked",
    "PLACE": "Only the status changed",
    "CUSTOD": "Custody",
    "OTHER": "Other",
}
ENDED_BY = {
    "": "",
    "plan": "As planned by everybody",
    "authority": "The authority",
    "provider": "The provider or carer",
    "young_person": "The young person",
    "court": "A court",
    "other": "Somebody else",
}
DESTINATIONS = {
    "": "",
    "another_home": "Another home in care",
    "family": "Parents or family",
    "special_guardian": "Special guardian or arranged order",
    "adoption": "Adoption",
    "staying_put": "Staying put with former carers",
    "supported": "Supported accommodation",
    "own_tenancy": "Own tenancy",
    "adult_services": "Adult services",
    "custody": "Custody",
    "elsewhere": "Elsewhere",
    "unknown": "Not known",
}
MEETING_KINDS = {
    "planning": "Placement planning meeting",
    "stability": "Stability meeting",
    "disruption": "Disruption meeting",
}
BOUNDARY = {"": "Not known", "in": "Inside the authority", "out": "Outside the authority"}
# The North West placements census of December 2025.
DISTANCE_REASONS = {
    "": "",
    "preference": "Young person's or parents' preference",
    "safeguarding": "Safeguarding requirement",
    "not_available": "Provision within distance exists but is not available",
    "does_not_exist": "Provision within distance does not exist",
    "carer_moved": "Carer moving out of area",
    "legal": "Legal reasons",
    "not_applicable": "Not applicable",
}

# What others may know of how many live at a home: counts of one to seven are never told (DESIGN.md decision 7).
PRESENCE_BANDS = {"few": "Fewer than 8", "many": "8 or more"}
