"""Who sees and who writes a row of every model, in words: the table that declarations, policies and probes are held
against. A model that is not here fails test_catalogue; the probes read whose a row is from these words alone.
"""

from dataclasses import dataclass

from commissioning.kernel.tenancy.visibility import Own, Participants, Partnership, Sealed, Staged, System, Visibility

# Who sees it.
EVERYBODY = "members, services and every provider's contact"
MEMBERS_ONLY = "members and services"
MEMBERS_TAKING_PART = "members and services; where it names a framework, those who take part in it that day"
NOBODY = "nobody: the role release alone"
MEMBERS_AND_ITS_PROVIDER = "members and services; the provider whose it is"
TAKING_PART = "authorities taking part while it is in force; the provider whose it is"
ITS_AUTHORITY = "the authority whose it is"
ITS_AUTHORITY_OR_ALL = "the authority whose it is; members and services where it is nobody's"
ITS_AUTHORITY_AND_PROVIDER = "the authority and the provider whose it is"
BY_STATE = "its authority; its provider once told; members and services once published"
BY_STATE_AND_ANOTHER = "as by state, and the authority whose child it is about"
UNGUARDED = "whoever asks: pages decide"

# Who writes it.
SERVICES = "services"
MEMBERS = "members and services"
ITS_LEAD = "the lead authority of its framework"
ITS_AUTHORITY_OR_TOLD_PROVIDER = "the authority whose it is; its provider once told"
ITS_AUTHORITY_OR_PROVIDER = "the authority and the provider whose it is (write)"
MEMBERS_OR_ITS_PROVIDER = "members and services; the provider whose it is (write)"
ITS_LEAD_OR_PROVIDER = "the lead authority of its framework; the provider whose it is"


@dataclass(frozen=True)
class Line:
    kind: str
    sees: str
    writes: str
    history: bool = True
    kept: bool = False  # added and never changed or removed


_REFERENCE = Line("PARTNERSHIP", EVERYBODY, SERVICES)
_SHARED = Line("PARTNERSHIP", EVERYBODY, MEMBERS)
_OF_FRAMEWORK = Line("PARTNERSHIP", EVERYBODY, ITS_LEAD)
_OF_PROVIDER = Line("PARTNERSHIP", MEMBERS_AND_ITS_PROVIDER, MEMBERS)
_OWN = Line("AUTHORITY", ITS_AUTHORITY, ITS_AUTHORITY)
_STAGED = Line("BY STATE", BY_STATE, ITS_AUTHORITY)
_STAGED_FOR_ANOTHER = Line("BY STATE", BY_STATE_AND_ANOTHER, ITS_AUTHORITY)
_ANSWERED = Line("BY STATE", BY_STATE, ITS_AUTHORITY_OR_TOLD_PROVIDER)
_GROUP = Line("PARTNERSHIP", MEMBERS_ONLY, ITS_AUTHORITY)
_KEPT = Line("AUTHORITY", ITS_AUTHORITY, ITS_AUTHORITY, kept=True)
_PERSONAL = Line("SYSTEM", UNGUARDED, UNGUARDED)
_COUNTED = Line("SYSTEM", UNGUARDED, UNGUARDED, history=False)
_KEPT_A_DAY = Line("AUTHORITY", ITS_AUTHORITY, ITS_AUTHORITY, history=False)
_OF_IMPORT = Line("AUTHORITY", ITS_AUTHORITY_OR_ALL, ITS_AUTHORITY_OR_ALL, history=False)

TABLE = {
    "partnership.Authority": _REFERENCE,
    "partnership.AuthorityCode": _REFERENCE,
    "partnership.AuthorityName": _REFERENCE,
    "partnership.AuthoritySuccession": _REFERENCE,
    "partnership.Framework": _OF_FRAMEWORK,
    "partnership.Extension": _OF_FRAMEWORK,
    "partnership.Participation": _OF_FRAMEWORK,
    "partnership.FrameworkEvent": _OF_FRAMEWORK,
    "partnership.Lot": _OF_FRAMEWORK,
    "partnership.PriceLine": _OF_FRAMEWORK,
    "partnership.User": _PERSONAL,
    "partnership.Invitation": _PERSONAL,
    "partnership.ApiKey": _PERSONAL,
    "partnership.Calls": _COUNTED,
    "partnership.KeptAnswer": _KEPT_A_DAY,
    "partnership.Webhook": _OWN,
    "partnership.WebhookEvent": _OF_IMPORT,
    "partnership.WebhookDelivery": Line("AUTHORITY", ITS_AUTHORITY, ITS_AUTHORITY, history=False),
    "partnership.SavedView": _OWN,
    "partnership.ScheduledExport": _OWN,
    "partnership.SentExport": _OWN,
    "partnership.SftpTarget": _OWN,
    "providers.Provider": _OF_PROVIDER,
    "providers.Alias": _OF_PROVIDER,
    "providers.Ownership": _OF_PROVIDER,
    "providers.ComplianceDocument": Line("PARTNERSHIP", MEMBERS_AND_ITS_PROVIDER, MEMBERS_OR_ITS_PROVIDER),
    "providers.Establishment": _OF_PROVIDER,
    "providers.EstablishmentRecord": _OF_PROVIDER,
    "providers.Premises": _OF_PROVIDER,
    "providers.WorkingName": Line("AUTHORITY", ITS_AUTHORITY, ITS_AUTHORITY),
    "providers.Award": Line("PARTNERSHIP", MEMBERS_AND_ITS_PROVIDER, ITS_LEAD),
    "providers.Rate": Line("PARTICIPANTS", TAKING_PART, ITS_LEAD),
    "partnership.StatementSet": _REFERENCE,
    "partnership.Statement": _REFERENCE,
    "partnership.LotStatement": _OF_FRAMEWORK,
    "partnership.Kpi": _SHARED,
    "partnership.LotKpi": _OF_FRAMEWORK,
    "contracts.SiblingGroup": _OWN,
    "contracts.Child": _OWN,
    "contracts.ChildReference": _OWN,
    "contracts.CareStatus": _OWN,
    "contracts.PathwayPlace": _OWN,
    "contracts.Referral": _OWN,
    "contracts.Offer": Line("AUTHORITY", ITS_AUTHORITY_AND_PROVIDER, ITS_AUTHORITY),
    "contracts.Placement": _OWN,
    "contracts.Oversight": _OWN,
    "contracts.DistanceApproval": _OWN,
    "contracts.PlacementMeeting": _OWN,
    "contracts.AgreementVersion": _KEPT,
    "contracts.CostLine": _OWN,
    "contracts.FundingSplit": _OWN,
    "contracts.Outcome": _OWN,
    "contracts.OutcomeReview": _OWN,
    "contracts.Benefit": _OWN,
    "contracts.ReturnTaken": _KEPT,
    "contracts.Presence": _GROUP,
    "partnership.NamedRole": _OWN,
    "providers.Suspension": Line("PARTNERSHIP", MEMBERS_AND_ITS_PROVIDER, ITS_AUTHORITY),
    "providers.SuspensionDecision": _GROUP,
    "quality.Inspection": _OF_PROVIDER,
    "quality.Notice": _OF_PROVIDER,
    "quality.Change": _OF_PROVIDER,
    "quality.ChangeDecision": _OWN,
    "quality.Alert": _OWN,
    "quality.VisitTemplate": _SHARED,
    "quality.TemplateQuestion": _SHARED,
    "quality.Visit": _STAGED,
    "quality.VisitReport": _STAGED,
    "quality.Answer": _STAGED,
    "quality.Finding": _STAGED_FOR_ANOTHER,
    "quality.FindingReply": _ANSWERED,
    "quality.ImprovementAction": _ANSWERED,
    "quality.Evidence": _ANSWERED,
    "quality.Reliance": _GROUP,
    "quality.VisitSync": _OWN,
    "quality.ReminderSetting": Line("SYSTEM", UNGUARDED, UNGUARDED, history=False),
    "quality.MonitoringRule": _OWN,
    "quality.NotifiableEvent": Line("PARTNERSHIP", MEMBERS_AND_ITS_PROVIDER, MEMBERS_OR_ITS_PROVIDER),
    "quality.EventNotice": Line("AUTHORITY", ITS_AUTHORITY_AND_PROVIDER, ITS_AUTHORITY_OR_PROVIDER),
    "quality.Concern": _STAGED_FOR_ANOTHER,
    "quality.ConcernNote": _OWN,
    "quality.Escalation": _STAGED,
    "quality.Survey": _REFERENCE,
    "quality.SurveyQuestion": _REFERENCE,
    "quality.SurveyInvitation": _OWN,
    "quality.SurveyResponse": _OWN,
    "quality.SurveyAnswer": _OWN,
    "quality.SurveyWords": _OWN,
    "quality.YouSaid": _STAGED,
    "quality.ContractKpi": Line("PARTNERSHIP", MEMBERS_AND_ITS_PROVIDER, ITS_LEAD),
    "quality.KpiReturn": Line("PARTICIPANTS", TAKING_PART, ITS_LEAD_OR_PROVIDER),
    "quality.KpiCheck": Line("PARTICIPANTS", TAKING_PART, ITS_LEAD),
    "quality.ContractMeeting": _STAGED,
    "quality.MeetingItem": _STAGED,
    "quality.MeetingMinutes": _STAGED,
    "quality.MeetingPaper": _OWN,
    "need.PlannedAction": _GROUP,
    "need.Milestone": _GROUP,
    "compare.PeerGroup": _GROUP,
    "compare.PeerMember": _GROUP,
    "compare.Release": Line("PARTNERSHIP", MEMBERS_ONLY, MEMBERS),
    "compare.PriceDecision": _OWN,
    "compare.PublishedFigure": Line("PARTNERSHIP", MEMBERS_TAKING_PART, NOBODY),
    "compare.Contribution": Line("SEALED", NOBODY, NOBODY, history=False),
    "compare.NationalMeasure": Line("PARTNERSHIP", MEMBERS_ONLY, MEMBERS),
    "compare.NationalFigure": Line("PARTNERSHIP", MEMBERS_ONLY, MEMBERS),
    "compare.StatisticalNeighbour": Line("PARTNERSHIP", MEMBERS_ONLY, MEMBERS),
    "kernel.CacheEntry": Line("SYSTEM", UNGUARDED, UNGUARDED, history=False),
    "kernel.ImportRun": Line("AUTHORITY", ITS_AUTHORITY_OR_ALL, ITS_AUTHORITY_OR_ALL),
    "kernel.ImportSheet": _OF_IMPORT,
    "kernel.ImportRemark": _OF_IMPORT,
    "kernel.ImportChange": _OF_IMPORT,
}

# What a provider's contact fills in a row that it adds, and what it may change later; it removes nothing.
_ITS_VISIT = {"authority_id", "provider_id", "to_provider", "visit_id", "finding_id"}
_RETURNED = {"numerator", "denominator", "value", "rating", "narrative", "sent_at", "sent_by_id"}
PROVIDER_SETS: dict[str, tuple[set[str], set[str]]] = {
    "providers.ComplianceDocument": ({"provider_id", "kind", "reference", "issued_on", "expires_on"}, set()),
    "quality.FindingReply": (
        _ITS_VISIT | {"says", "words", "replied_by_id", "replied_at"}, {"says", "words", "replied_by_id", "replied_at"},
    ),
    "quality.ImprovementAction": (
        _ITS_VISIT | {"words", "owner", "due_on"},
        {"words", "owner", "due_on", "state", "evidence_words", "done_on", "sent_back_why"},
    ),
    "quality.Evidence": (
        _ITS_VISIT | {
            "action_id", "kind", "name", "content_type", "size", "digest", "stored_as", "caption", "consent",
            "redacted", "sent_by_id", "sent_at",
        },
        set(),
    ),
    "quality.NotifiableEvent": (
        {
            "provider_id", "establishment_id", "premises_id", "reference", "rule", "theme", "happened_at",
            "received_at", "regulator_told_at",
        },
        set(),
    ),
    "quality.KpiReturn": (
        _RETURNED | {
            "award_id", "framework_id", "lot_id", "provider_id", "starts_on", "ends_before", "lot_kpi_id",
            "contract_kpi_id", "establishment_id",
        },
        (_RETURNED - {"sent_at"}) | {"source_import_id", "source_sheet", "source_row"},  # late stays late
    ),
    "quality.EventNotice": (
        {"authority_id", "provider_id", "event_id", "words", "told_at"},
        {"words", "acknowledged_by_id", "acknowledged_at"},
    ),
}  # fmt: skip

# What the role `release` may read, column by column; of the other tables, nothing but those that it writes.
WHOLE = ("*",)
CONTRIBUTES = {
    "partnership.Framework": WHOLE,
    "partnership.Extension": WHOLE,
    "providers.Award": WHOLE,
    "contracts.Child": ("id", "authority_id", "born_on", "age_recorded", "age_recorded_on"),
    "contracts.Referral": ("id", "authority_id", "child_id"),
    "contracts.Offer": (
        "id", "authority_id", "referral_id", "provider_id", "lot_id", "service_type", "asked_at", "answered_at",
        "answer", "chosen",
    ),
    "contracts.Placement": (
        "id", "authority_id", "child_id", "service_type", "level", "provider_id", "provider_name", "starts_on",
        "ends_before", "respite", "route", "award_id", "lot_id", "spot_reason",
    ),
    "contracts.CostLine": (
        "id", "authority_id", "placement_id", "category", "price_line_id", "weekly_amount", "once_amount", "starts_on",
        "ends_before",
    ),
    "contracts.FundingSplit": (
        "id", "authority_id", "placement_id", "cost_line_id", "funder", "weekly_amount", "once_amount",
    ),
    "partnership.StatementSet": WHOLE,
    "partnership.Statement": WHOLE,
    "quality.Survey": WHOLE,
    "quality.SurveyQuestion": WHOLE,
    "quality.SurveyResponse": (
        "id", "authority_id", "survey_id", "placement_id", "provider_id", "lot_id", "service_type", "answered_on",
        "answered_by",
    ),
    "quality.SurveyAnswer": ("id", "authority_id", "response_id", "question_id", "value"),
    "compare.PeerGroup": WHOLE,
    "compare.PeerMember": WHOLE,
}  # fmt: skip
OF_RELEASE = {"compare.Release", "compare.PublishedFigure", "compare.Contribution"}

# Other people's models: sessions, second factors, jobs. SYSTEM without history.
OTHERS = {
    "account.EmailAddress", "account.EmailConfirmation", "auth.Group", "auth.Group_permissions", "auth.Permission",
    "contenttypes.ContentType", "mfa.Authenticator", "sessions.Session",
}  # fmt: skip
# Tables that no managed model stands behind.
BARE = {
    "django_migrations", "procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers",
    "procrastinate_workers",
}  # fmt: skip


def declared(visibility: Visibility, *, history: bool, kept: bool = False) -> Line:
    """What a declaration comes to, in the words of the table."""
    match visibility:
        case Participants():
            writes = ITS_LEAD_OR_PROVIDER if visibility.provider_writes else ITS_LEAD
            return Line("PARTICIPANTS", TAKING_PART, writes, history)
        case Own():
            who = ITS_AUTHORITY_OR_ALL if visibility.shared_when_empty else ITS_AUTHORITY
            sees = ITS_AUTHORITY_AND_PROVIDER if visibility.provider else who
            writes = ITS_AUTHORITY_OR_PROVIDER if visibility.provider_writes else who
            return Line("AUTHORITY", sees, writes, history, kept)
        case Staged():
            sees = BY_STATE_AND_ANOTHER if visibility.also else BY_STATE
            writes = ITS_AUTHORITY_OR_TOLD_PROVIDER if visibility.provider_writes else ITS_AUTHORITY
            return Line("BY STATE", sees, writes, history)
        case System():
            return Line("SYSTEM", UNGUARDED, UNGUARDED, history)
        case Sealed():
            return Line("SEALED", NOBODY, NOBODY, history)
        case Partnership():
            sees = {"all": EVERYBODY, "none": MEMBERS_ONLY}.get(visibility.providers, MEMBERS_AND_ITS_PROVIDER)
            if visibility.shown_on:
                sees = MEMBERS_TAKING_PART
            writes = {
                "service": SERVICES, "members": MEMBERS, "lead": ITS_LEAD, "nobody": NOBODY,
                "owner": ITS_LEAD if visibility.owner == "lead_authority_id" else ITS_AUTHORITY,
            }[visibility.writer]  # fmt: skip
            if visibility.provider_writes:
                assert writes == MEMBERS
                writes = MEMBERS_OR_ITS_PROVIDER
            return Line("PARTNERSHIP", sees, writes, history)
    raise AssertionError(f"{visibility} is of no class this table knows")
