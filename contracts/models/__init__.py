from .agreements import AgreementVersion, Benefit, CostLine, FundingSplit, Outcome, OutcomeReview
from .children import CareStatus, Child, ChildReference, SiblingGroup
from .placements import DistanceApproval, Oversight, PathwayPlace, Placement, PlacementMeeting
from .presence import Presence
from .referrals import Offer, Referral
from .returns import ReturnTaken

__all__ = [
    "AgreementVersion",
    "Benefit",
    "CareStatus",
    "Child",
    "ChildReference",
    "CostLine",
    "DistanceApproval",
    "FundingSplit",
    "Offer",
    "Outcome",
    "OutcomeReview",
    "Oversight",
    "PathwayPlace",
    "Placement",
    "PlacementMeeting",
    "Presence",
    "Referral",
    "ReturnTaken",
    "SiblingGroup",
]
