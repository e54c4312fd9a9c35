"""The LIIA layout of placement costs (section 251, 2023): its columns, and what their codes mean here."""

from datetime import date

from .codes import DISABILITIES, END_REASONS, ETHNICITIES, LEGAL_STATUSES
from .layouts import Column, Layout

GENDERS = {"1": ("Male",), "2": ("Female",)}
SEX = {"1": "M", "2": "F"}
ETHNIC_NAMES = {"WROM": "Gypsy/Roma", "MOTH": "Any other Mixed background"}  # where the layout's name is its own
# Factors found at the end of an assessment, as the children in need census codes them.
_NEED = """
1A: Alcohol misuse: concerns about alcohol misuse by the child
1B: Alcohol misuse: concerns about alcohol misuse by the parent(s)/carer(s)
1C: Alcohol misuse: concerns about alcohol misuse by another person living in the household
2A: Drug misuse: concerns about drug misuse by the child
2B: Drug misuse: concerns about drug misuse by the parent(s)/carer(s)
2C: Drug misuse: concerns about drug misuse by another person living in the household
3A: Domestic violence: concerns about the child being the subject of domestic violence
3B: Domestic violence: concerns about the child’s parent(s)/carer(s) being the subject of domestic violence
3C: Domestic violence: concerns about another person living in the household being the subject of domestic violence
4A: Mental health: concerns about the mental health of the child
4B: Mental health: concerns about the mental health of the parent(s)/carer(s)
4C: Mental health: concerns about the mental health of another person in the family/household
5A: Learning disability: concerns about the child’s learning disability
5B: Learning disability: concerns about the parent(s)/carer(s) learning disability
5C: Learning disability: concerns about another person in the family/household’s learning disability
6A: Physical disability or illness: concerns about a physical disability or illness of the child
6B: Physical disability or illness: concerns about a physical disability or illness of the parent(s)/carer(s)
6C: Physical disability or illness: concerns about a physical disability or illness of another person in the
  family/household
7A: Young carer: concerns that services may be required or the child’s health or development may be impaired due to
  their caring responsibilities
8B: Privately fostered: concerns that services may be required or the child may be at risk as a privately fostered
  child - overseas children who intend to return
8C: Privately fostered: concerns that services may be required or the child may be at risk as a privately fostered
  child - overseas children who intend to stay
8D: Privately fostered: concerns that services may be required or the child may be at risk as a privately fostered
  child - UK children in educational placements
8E: Privately fostered: concerns that services may be required or the child may be at risk as a privately fostered
  child - UK children making alternative family arrangements
8F: Privately fostered: concerns that services may be required or the child may be at risk as a privately fostered
  child - other
9A: UASC: concerns that services may be required or the child may be at risk of harm as an unaccompanied
  asylum-seeking child
10A: Missing: concerns that services may be required or the child may be at risk of harm due to going/being missing
11A: Child sexual exploitation: concerns that services may be required or the child may be at risk of harm due to
  child sexual exploitation
12A: Trafficking: concerns that services may be required or the child may be at risk of harm due to trafficking
13A: Gangs: concerns that services may be required or the child may be at risk of harm because of involvement
  in/with gangs
14A: Socially unacceptable behaviour: concerns that services may be required or the child may be at risk due to
  their socially unacceptable behaviour
15A: Self-harm: concerns that services may be required or due to suspected/actual self-harming child may be at risk
  of harm
16A: Abuse or neglect – ‘NEGLECT’: concerns that services may be required or the child may be suffering or likely to
  suffer significant harm due to abuse or neglect
17A: Abuse or neglect – ‘EMOTIONAL ABUSE’: concerns that services may be required or the child may be suffering or
  likely to suffer significant harm due to abuse or neglect
18B: Abuse or neglect – ‘PHYSICAL ABUSE’ (child on child): concerns that services may be required or the child may
  be suffering or likely to suffer significant harm due to abuse or neglect by another child
18C: Abuse or neglect – ‘PHYSICAL ABUSE’ (adult on child): concerns that services may be required or the child may
  be suffering or likely to suffer significant harm due to abuse or neglect by an adult
19B: Abuse or neglect – ‘SEXUAL ABUSE’ (child on child): concerns that services may be required or the child may be
  suffering or likely to suffer significant harm due to abuse or neglect by another child
19C: Abuse or neglect – ‘SEXUAL ABUSE’ (adult on child): concerns that services may be required or the child may be
  suffering or likely to suffer significant harm due to abuse or neglect by an adult
20: Other
21: No factors identified - only use this if there is no evidence of any of the factors above and no further action
  is being taken
22A: Female genital mutilation (FGM) - concerns that services may be required or the child may be at risk due to
  female genital mutilation
23A: Abuse linked to faith or belief - concerns that services may be required or the child may be at risk due to
  abuse linked to faith or belief
24A: Child criminal exploitation: concerns that services may be required or the child may be at risk of harm due to
  child criminal exploitation
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    pairs = (line.partition(": ") for line in text.replace("\n  ", " ").strip().splitlines())
    return {code: (name,) for code, _, name in pairs}


def _coded(*codes: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(codes, ())


NEED = _read(_NEED)
ETHNIC = {code: (ETHNIC_NAMES.get(code, name),) for code, name in ETHNICITIES.items() if code}
DISABILITY = {code: (name,) for code, name in DISABILITIES.items() if code}
YES_NO = _coded("Yes", "No")
# SSDA903 placement types: service (codes.SERVICE_TYPES), and a registration that the type itself tells.
PLACEMENT_TYPES = {
    "A3": ("other", ""),  # placed for adoption with former foster carers, with consent
    "A4": ("other", ""),
    "A5": ("other", ""),
    "A6": ("other", ""),
    "H5": ("supported", ""),  # semi-independent living not registered as a children's home
    "K1": ("secure", "registered"),
    "K2": ("residential", "registered"),
    "P1": ("other", "not_required"),  # with own parents
    "P2": ("supported", ""),  # independent living
    "P3": ("other", ""),  # residential employment
    "R1": ("other", ""),  # residential care home
    "R2": ("health", ""),
    "R3": ("family", ""),
    "R5": ("remand", ""),
    "S1": ("school", ""),
    "T0": ("other", ""),  # temporary moves
    "T1": ("health", ""),
    "T2": ("other", ""),
    "T3": ("other", ""),
    "T4": ("other", ""),
    "U1": ("kinship", ""),
    "U2": ("kinship", ""),
    "U3": ("kinship", ""),
    "U4": ("fostering", ""),
    "U5": ("fostering", ""),
    "U6": ("fostering", ""),
    "Z1": ("other", ""),
}
TYPE_OF = {
    "fostering": "U6",
    "kinship": "U3",
    "residential": "K2",
    "secure": "K1",
    "school": "S1",
    "family": "R3",
    "supported": "H5",
    "lodgings": "H5",
    "staying_put": "U6",
    "remand": "R5",
    "health": "R2",
    "other": "Z1",
}


def services_of(word: str) -> list[str]:
    """The services that go out under a placement type, and the one that it means when it comes in."""
    return list(dict.fromkeys([PLACEMENT_TYPES[word][0], *(each for each, code in TYPE_OF.items() if code == word)]))


# PR0 parents, PR1 the authority itself, PR2 another authority, PR3 another public body, PR4 private, PR5 voluntary.
PROVIDER_TYPES = ("PR0", "PR1", "PR2", "PR3", "PR4", "PR5")
OWN_PROVISION = ("PR0", "PR1")
# By the sector that Ofsted registers (providers/rules/codes.SECTORS).
PROVIDER_OF = {
    "private": "PR4", "voluntary": "PR5", "local_authority": "PR2", "health": "PR3", "public": "PR3", "academy": "PR3",
}  # fmt: skip
PLATFORMS = {"Framework": ("framework", "register", "dynamic_market", "dps"), "Spot": (), "Block": ("block",)}
PLATFORM_OF = {"framework": "Framework", "dynamic_market": "Framework", "block": "Block", "spot": "Spot"}

_COLUMNS = (
    Column("identifier", "Child ID", needed=True, kept=False),
    Column("born_on", "Date of birth", kind="date", needed=True, kept=False),
    Column("gender", "Gender", GENDERS, needed=True),
    Column("ethnicity", "Ethnicity", ETHNIC, needed=True),
    Column("disability", "Disability", DISABILITY),
    Column("need", "Category of need", NEED),
    Column("assessed_on", "Date of last assessment", kind="date"),
    Column("ehcp", "Does the child have an EHCP", YES_NO),
    Column("uasc", "Is the child UASC", YES_NO),
    Column("missing", "Number of missing episodes in current period of care", kind="whole"),
    Column("legal_status", "Legal status", _coded(*[code for code in LEGAL_STATUSES if code]), needed=True),
    Column("starts_on", "Placement start date", kind="date", needed=True),
    Column("ends_before", "Placement end date", kind="date"),
    Column("care_from", "Date of start of current care period", kind="date"),
    Column("end_reason", "Reason for placement change", _coded(*[code for code in END_REASONS if code])),
    Column("moves_year", "Number of placements in last 12 months", kind="whole"),
    Column("moves_care", "Number of placements in current care period", kind="whole"),
    Column("provision", "Placement type", _coded(*PLACEMENT_TYPES), needed=True),
    Column("provider_type", "Provider type", _coded(*PROVIDER_TYPES), needed=True),
    Column("sourced", "Procurement platform", _coded(*PLATFORMS)),
    Column("framework", "Procurement framework"),
    Column("establishment_urn", "Ofsted URN"),
    Column("home_postcode", "Home postcode", kept=False),
    Column("postcode", "Placement postcode", kept=False),
    Column("host", "LA of placement"),
    Column("total", "Total committed cost accrued in FY to date", kind="money", needed=True),
    Column("social_care", "Contribution from social care provider/s", kind="money"),
    Column("health", "Contribution from health provider/s", kind="money"),
    Column("education", "Contribution from education provider/s", kind="money"),
)
LIIA = Layout("liia_2023", "LIIA placement costs (section 251), 2023", "liia", date(2023, 4, 1), _COLUMNS)
# The authority's own homes, home by home: no child is named there, so that nothing of it is a placement.
INTERNAL = ("Asset name", "Ofsted URN", "Start date", "End date", "Total committed cost accrued in FY to date")
