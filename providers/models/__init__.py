from .awards import Award, Rate
from .establishments import Establishment, EstablishmentRecord, Premises, WorkingName
from .organisations import Alias, ComplianceDocument, Ownership, Provider

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
    "WorkingName",
]
