from .events import Concern, ConcernNote, Escalation, EventNotice, NotifiableEvent
from .evidence import Evidence
from .inspections import Inspection
from .templates import TemplateQuestion, VisitTemplate
from .visits import (
    Answer,
    Finding,
    FindingReply,
    ImprovementAction,
    MonitoringRule,
    Reliance,
    Visit,
    VisitReport,
    VisitSync,
)
from .watch import Alert, Change, ChangeDecision, Notice

__all__ = [
    "Alert",
    "Answer",
    "Change",
    "ChangeDecision",
    "Concern",
    "ConcernNote",
    "Escalation",
    "EventNotice",
    "Evidence",
    "Finding",
    "FindingReply",
    "ImprovementAction",
    "Inspection",
    "MonitoringRule",
    "NotifiableEvent",
    "Notice",
    "Reliance",
    "TemplateQuestion",
    "Visit",
    "VisitReport",
    "VisitSync",
    "VisitTemplate",
]
