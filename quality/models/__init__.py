from .events import Concern, ConcernNote, Escalation, EventNotice, NotifiableEvent
from .evidence import Evidence
from .inspections import Inspection
from .kpis import AskedBy, ContractKpi, Expected, KpiCheck, KpiReturn, asked_by
from .meetings import ContractMeeting, MeetingItem, MeetingMinutes, MeetingPaper
from .reminders import ReminderSetting
from .surveys import (
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyQuestion,
    SurveyResponse,
    SurveyWords,
    YouSaid,
)
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
    "AskedBy",
    "Change",
    "ChangeDecision",
    "Concern",
    "ConcernNote",
    "ContractKpi",
    "ContractMeeting",
    "Escalation",
    "EventNotice",
    "Evidence",
    "Expected",
    "Finding",
    "FindingReply",
    "ImprovementAction",
    "Inspection",
    "KpiCheck",
    "KpiReturn",
    "MeetingItem",
    "MeetingMinutes",
    "MeetingPaper",
    "MonitoringRule",
    "Notice",
    "NotifiableEvent",
    "Reliance",
    "ReminderSetting",
    "Survey",
    "SurveyAnswer",
    "SurveyInvitation",
    "SurveyQuestion",
    "SurveyResponse",
    "SurveyWords",
    "TemplateQuestion",
    "Visit",
    "VisitReport",
    "VisitSync",
    "VisitTemplate",
    "YouSaid",
    "asked_by",
]
