from .awards import Award, Rate
from .establishments import Establishment, EstablishmentRecord, Premises, WorkingName
from .organisations import Alias, ComplianceDocument, Ownership, Provider
from .suspensions import Suspension, SuspensionDecision

__all__ = [
    "Alias",
    "Award",
    "ComplianceDocument",
    "Establishment",
    "EstablishmentRecord",
    "Ownership",
    "Premises",
    "Provider",
    "Rate",
    "Suspension",
    "SuspensionDecision",
    "WorkingName",
]
