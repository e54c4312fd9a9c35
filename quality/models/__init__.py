from .events import Concern, ConcernNote, Escalation, EventNotice, NotifiableEvent
from .evidence import Evidence
from .inspections import Inspection
from .reminders import ReminderSetting
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
    "ReminderSetting",
    "TemplateQuestion",
    "Visit",
    "VisitReport",
    "VisitSync",
    "VisitTemplate",
]
