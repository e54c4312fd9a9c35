"""The Placements Data Standard, version 2 (draft of 18 July 2025; SocialCareData/placements-standard, placements.json):
its sections, fields and lists, and what its words mean here.

A field is headed as the record nests it: `Risks.riskMissing`. What no record of the platform stands for is left out,
and counted as not said.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from .layouts import Column, Layout

POUND = Decimal(1)  # totalWeeklyCost is an integer: whole pounds, halves up
TITLE, VERSION = "Placements Data Standard", "v2"


def _plain(*words: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(words, ())


YES_NO = _plain("true", "false")  # of JSON: no words, but its two values
SUITABLE = _plain("Preferred", "Suitable but not preferred", "Unsuitable", "Not specified")
RISK = _plain("No known risk", "Risk Present")
NEEDED_BY = ("Today", "in less than 5 days", "in more than 5 days")
# Words by which the standard itself says that nothing is known: sent on as they came, and counted as not said.
UNSAID = ("Not Specified", "Not specified", "Not Known")

# placementType -> the services (codes.SERVICE_TYPES) that it stands for, the plainest first. Secure homes, residential
# schools and family centres are residential care; supported lodgings are supported accommodation (regulations of 2023).
# Staying put, custody, health settings and others have no word.
PLACEMENT_TYPES = {
    "Residential": ("residential", "secure", "school", "family"),
    "Foster": ("fostering", "kinship"),
    "Supported Accommodation": ("supported", "lodgings"),
}
TYPE_OF = {service: word for word, services in PLACEMENT_TYPES.items() for service in services}
# additionalSupport: an additional service that is paid for on the day (codes.SERVICES). Two kinds at once, and kinds
# that the list does not have, are left out.
SUPPORT_OF = {"staffing": "additional supervision", "night": "additional supervision", "therapy": "therapeutic support"}


def needed_by(days: int) -> str:
    """The word for the days between opening a search and when the home is needed. The list has none for five."""
    if days <= 0:
        return NEEDED_BY[0]
    return "" if days == 5 else NEEDED_BY[1 if days < 5 else 2]


# Section -> its fields: name, our key, list or kind, and whether every record should have it (1..1, 1..*).
_SECTIONS: dict[str, tuple[tuple, ...]] = {
    "PlacementAvailability": (
        ("childId", "identifier", "text", True),
        ("neededBy", "needed_by", _plain(*NEEDED_BY), False),
        ("siblingCount", "siblings", "whole", False),
        ("preferredLocation", "wanted_area", "text", False),
    ),
    "PlacementRequirements": (
        ("communicationNeeds", "communication", _plain("Y", "N", "Not Specified"), True),
        (
            "specificCommunicationRequirements", "communication_requirements",
            _plain("ESOL", "BSL", "Makaton", "Other", "None"), True,
        ),
        ("homeAdaptation", "adaptation", YES_NO, True),
        ("culturalNeeds", "cultural_needs", _plain("Required", "Not required", "Not Known", "Other"), True),
        (
            "livingCompanions", "companions",
            _plain(
                "Solo placement recommended", "With other children recommended", "Only with other older children",
                "Only with other younger children", "No preference",
            ), True,
        ),
        ("pets", "pets", _plain("Yes - must", "Yes - can", "No", "Not Known"), True),
        (
            "additionalSupport", "support",
            _plain(
                "additional supervision", "therapeutic support", "a worker for respite", "taxis to school", "NA",
                "other (please specify)",
            ), False,
        ),
        ("deprivationOfLiberty", "deprived", YES_NO, False),
    ),
    "PlacementRecommendation": (
        ("fosterCareSuitability", "suits_foster", SUITABLE, True),
        ("residentialCareSuitability", "suits_residential", SUITABLE, True),
        ("supportedAccommodationSuitability", "suits_supported", SUITABLE, True),
    ),
    "Risks": (
        ("riskSelfHarm", "risk_self_harm", RISK, True),
        ("riskSexualExploitation", "risk_sexual", RISK, True),
        ("riskCriminalExploitation", "risk_criminal", RISK, True),
        ("riskDrugAlcohol", "risk_drugs", RISK, True),
        ("riskEatingDisorder", "risk_eating", RISK, True),
        ("riskMissing", "risk_missing", RISK, True),
        ("riskOther", "risk_other", "text", False),
        ("riskToOthersPhysical", "others_physical", RISK, True),
        ("riskToOthersSexual", "others_sexual", RISK, True),
        ("riskToOthersFire", "others_fire", RISK, True),
        ("riskToOthersAnimals", "others_animals", RISK, True),
        ("riskToOthersCriminal", "others_criminal", RISK, True),
        ("riskToOthersOther", "others_other", "text", False),
    ),
    "ActualPlacement": (
        ("totalWeeklyCost", "weekly", "money", True),
        ("placementLocation", "host", "text", True),
        ("preferabilityLocation", "preferred_location", YES_NO, True),
        ("educationContinuity", "education_goes_on", YES_NO, True),
        ("providerURN", "establishment_urn", "text", True),
        ("siblingsPlacedTogether", "siblings_together", "whole", True),
        ("placementType", "provision", _plain(*PLACEMENT_TYPES), True),
    ),
    "QualityAssurance": (
        ("referralOfficerName", "referral_officer", "text", False),
        ("referralDate", "referral_entered", "date", True),
        ("placementOfficerName", "placement_officer", "text", True),
        ("placementDate", "placement_entered", "date", True),
        ("costOfficerName", "cost_officer", "text", False),
        ("costDate", "cost_entered", "date", True),
    ),
}  # fmt: skip
SEVERAL = ("communication_requirements",)  # 1..*: a list in the record
# Of the integers and the yes or no, which are written in JSON as such.
INTEGERS = ("identifier", "siblings", "weekly", "siblings_together")


def _columns() -> Iterator[Column]:
    for section, fields in _SECTIONS.items():
        for name, key, of, needed in fields:
            words = of if isinstance(of, dict) else None
            yield Column(
                key, f"{section}.{name}", words, kind="text" if words else of, needed=needed, kept=key != "identifier",
                several=key in SEVERAL,
            )  # fmt: skip


STANDARD = Layout(
    "standard_v2", "Placements Data Standard v2 (draft)", "standard", date(2025, 7, 18), tuple(_columns())
)
