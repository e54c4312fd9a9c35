"""Code lists of quality: how a place is monitored, what an answer may be, how a finding is marked, what is notified."""

# Never a regulation 44 visit: who commissions or finances a home may not be its independent person (regulation 43(3)).
VISIT_KINDS = {
    "site": "Site visit",
    "desktop": "Desktop review",
    "report": "Provider's monitoring report",
}

VISIT_STATES = {
    "planned": "Planned",
    "draft": "Draft",
    "with_provider": "With the provider",
    "published": "Published",
    "cancelled": "Cancelled",
}
DONE_STATES = ("draft", "with_provider", "published")  # it took place

# What each scale of answers offers: value -> (words, halves of the question's weight earned, None = does not count).
ANSWER_SCALES: dict[str, dict[str, tuple[str, int | None]]] = {
    "met": {
        "met": ("Met", 2), "partly": ("Partly met", 1), "not_met": ("Not met", 0),
        "not_seen": ("Could not tell", None), "na": ("Does not apply", None),
    },
    "yes_is_good": {
        "yes": ("Yes", 2), "sometimes": ("Sometimes", 1), "no": ("No", 0),
        "not_seen": ("Could not tell", None), "na": ("Does not apply", None),
    },
    "no_is_good": {
        "no": ("No", 2), "sometimes": ("Sometimes", 1), "yes": ("Yes", 0),
        "not_seen": ("Could not tell", None), "na": ("Does not apply", None),
    },
    "words": {},
    "number": {},
}  # fmt: skip
SCALE_NAMES = {
    "met": "Met, partly met, not met",
    "yes_is_good": "Yes, sometimes, no (yes is good)",
    "no_is_good": "No, sometimes, yes (no is good)",
    "words": "In words",
    "number": "A number",
}

# The partnership's own words: no grade or outcome of the regulator's.
RATINGS = {
    "meets": "Meets what is expected",
    "some": "Some improvement needed",
    "much": "Much improvement needed",
}

MARKINGS = {
    "shareable": "May be shared",
    "placing": "Our authority only",
    "safeguarding": "Safeguarding now",
}

REPLIES = {"accurate": "Accurate", "disputed": "Not accurate"}
DISPUTE_OUTCOMES = {"stands": "The finding stands", "changed": "The finding was changed", "removed": "Taken out"}

ACTION_STATES = {
    "proposed": "Proposed by the provider",
    "agreed": "Agreed",
    "sent_back": "Sent back",
    "done": "Done, to be checked",
    "verified": "Checked and closed",
}
OPEN_ACTION_STATES = ("proposed", "agreed", "sent_back", "done")

EVIDENCE_KINDS = {"photograph": "Photograph", "document": "Document", "signature": "Signature"}

# The Children's Homes (England) Regulations 2015, regulation 40; the Fostering Services (England) Regulations 2011,
# schedule 7; the Supported Accommodation (England) Regulations 2023, regulation 27.
EVENT_RULES = {
    "homes_40": "Children's home, regulation 40",
    "fostering_7": "Fostering agency, schedule 7",
    "supported_27": "Supported accommodation, regulation 27",
}
# Which registrations each regulation is for (providers/rules/codes.py ESTABLISHMENT_KINDS).
KINDS_FOR_RULE = {
    "homes_40": ("childrens_home", "secure_childrens_home", "school_as_home"),
    "fostering_7": ("fostering_agency",),
    "supported_27": ("supported_accommodation",),
}
EVENT_THEMES = {
    "death": "Death of a child or young person",
    "referral_35": "Referral of a person working there to the Disclosure and Barring Service",
    "exploitation": "Exploitation, or suspected exploitation",
    "police": "Serious incident to which the police were called",
    "allegation": "Allegation against the home or a person working there",
    "enquiry": "Child protection enquiry begun or ended",
    "restraint": "Restraint",
    "missing": "Missing",
    "health": "Serious accident or illness",
    "other": "Another serious event",
}

CONCERN_SOURCES = {
    "officer": "An officer",
    "reviewing_officer": "An independent reviewing officer",
    "advocate": "An advocate",
    "young_person": "A child or young person",
    "family": "Family",
    "provider": "The provider",
    "public": "A member of the public",
}
CONCERN_KINDS = {"concern": "Concern", "complaint": "Complaint"}
CONCERN_THEMES = {
    "safety": "Safety where they live and sleep",
    "care": "Quality of care",
    "staffing": "Staffing",
    "building": "The building and its surroundings",
    "education": "Education",
    "health": "Health",
    "family": "Family and friends",
    "rights": "Say in decisions",
    "money": "Money and charges",
    "other": "Something else",
}

# What the regulator or somebody else did to a registration, heard before its file comes.
NOTICE_KINDS = {
    "restriction": "Restriction of accommodation",
    "compliance": "Compliance notice",
    "conditions": "Conditions of registration changed",
    "suspension": "Registration suspended by the regulator",
    "cancellation": "Registration cancelled",
    "closure": "Closed or closing",
}
CHANGE_KINDS = {
    "judgement": "Judgement",
    "registration": "Registration",
    "closure": "Closure",
    "owner": "Owner",
    "notice": "Notice or restriction",
}
CHANGE_DECISIONS = {
    "stay": "Stay: the home is right for them",
    "watch": "Stay, with more visits",
    "review": "Call a review",
    "move": "Plan a move",
}

ESCALATION_STAGES = {
    "concern_letter": "Concern letter",
    "default_notice": "Default notice",
    "termination": "Termination considered",
}
ESCALATION_STATES = {"open": "Open", "met": "Put right", "missed": "Deadline missed", "withdrawn": "Withdrawn"}

ALERT_KINDS = {
    "safeguarding": "Safeguarding finding",
    "concern": "Safeguarding concern",
    "change": "Change at a home",
    "event": "Notifiable event",
    "answer": "Someone says that they are not safe",
}
# What these are about is read by the authority that raised them alone, and by the one whose child it concerns.
READ_BY_ITS_OWN = ("safeguarding", "concern", "answer")

# Five words and faces; a higher one says that the statement is true of their life more of the time.
SURVEY_SCALE = {5: "Always", 4: "Mostly", 3: "Sometimes", 2: "Not often", 1: "Never"}
NOT_SAFE = (1, 2)  # of the question whether they feel safe: these reach a person at once
AGREES_FROM = 4
SURVEY_KINDS = {"scale": "Five words and faces", "words": "In their own words"}
OCCASIONS = {
    "six_weeks": "Six weeks after moving in",
    "six_months": "Every six months",
    "leaving": "On leaving",
    "visit": "Young inspectors’ visit",
    "other": "At another time",
}
ANSWERED_BY = {
    "self": "The young person",
    "helped": "The young person, with help",
    "behalf": "Somebody for the young person",
}
# Who answered for a young person, or helped: a role, never a name.
HELPERS = {
    "carer": "A carer, or staff where they live",
    "social_worker": "Their social worker",
    "reviewing_officer": "Their independent reviewing officer",
    "advocate": "An advocate or independent visitor",
    "family": "Somebody of their family",
    "other": "Somebody else",
}
SURVEY_ENTRIES = {"link": "By a link", "officer": "Entered by an officer", "file": "From a file", "visit": "On a visit"}

# How a return stands: its newest check against the version that was checked. Worst first.
KPI_STATES = {
    "disputed": "Disputed",
    "queried": "Queried",
    "missing": "Missing",
    "answered": "Sent again, to be checked",
    "returned": "Returned, not checked yet",
    "due": "Due",
    "verified": "Verified",
    "not_yet": "Not due yet",
}
KPI_CHECKS = {"verified": "Verified", "queried": "Queried", "disputed": "Disputed"}

MEETING_STATES = {"planned": "Planned", "held": "Held", "minuted": "Minuted", "cancelled": "Cancelled"}
HELD_STATES = ("held", "minuted")
