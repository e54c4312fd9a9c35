"""Code lists of providers: kinds of establishment as Ofsted registers them, sectors, documents."""

REGULATORS = {
    "ofsted": "Ofsted",
    "cqc": "Care Quality Commission",
    "ciw": "Care Inspectorate Wales",
    "ci": "Care Inspectorate (Scotland)",
    "none": "No regulator",
}

# FORMATS.md 3.2: Ofsted's provision types, compared without regard to case.
ESTABLISHMENT_KINDS = {
    "childrens_home": "Children's home",
    "secure_childrens_home": "Secure children's home",
    "school_as_home": "Residential special school (registered as a children's home)",
    "fostering_agency": "Independent fostering agency",
    "supported_accommodation": "Supported accommodation",
    "family_centre": "Residential family centre",
    "special_school": "Residential special school",
    "boarding_school": "Boarding school",
    "college": "Further education college with residential accommodation",
    "adoption_agency": "Voluntary adoption agency",
    "adoption_support": "Adoption support agency",
    "holiday_scheme": "Residential holiday scheme for disabled children",
    "secure_training_centre": "Secure training centre",
    "cafcass": "Children and Family Court Advisory and Support Service",
}

# Which registrations can meet each of a lot's service types (partnership/rules/codes.py SERVICE_TYPES).
KINDS_FOR_SERVICE = {
    "fostering": ("fostering_agency",),
    "residential": ("childrens_home", "secure_childrens_home", "school_as_home"),
    "supported": ("supported_accommodation",),
    "family": ("family_centre",),
    "school": ("special_school", "school_as_home", "boarding_school"),
}

SECTORS = {
    "private": "Private",
    "voluntary": "Voluntary",
    "local_authority": "Local authority",
    "health": "Health authority",
    "academy": "Academy",
    "public": "Public sector",
}

PREMISES_CATEGORIES = {
    1: "Category 1: self-contained, one young person",
    2: "Category 2: shared, only for looked-after children and care leavers",
    3: "Category 3: shared, others may live there",
    4: "Category 4: supported lodgings",
}

DOCUMENT_KINDS = {
    "public_liability": "Public liability insurance",
    "employers_liability": "Employers' liability insurance",
    "professional_indemnity": "Professional indemnity insurance",
    "statement_of_purpose": "Statement of purpose",
    "safeguarding_policy": "Safeguarding policy",
    "dbs_assurance": "Assurance of DBS checks",
}

# FIELD.md 3.10: why frameworks suspend; ours, as no list is published.
SUSPENSION_REASONS = {
    "judgement": "The regulator's judgement",
    "restriction": "The regulator's restriction or notice",
    "visit": "What a visit found",
    "safeguarding": "Safeguarding",
    "default": "Default notices not put right",
    "financial": "Financial standing",
    "other": "Another reason",
}
SUSPENSION_DECISIONS = {
    "follow": "No new placements of ours",
    "case": "Case by case, with our own approval",
    "not_follow": "We do not suspend",
}
