from .authorities import Authority, AuthorityCode, AuthorityName, AuthoritySuccession
from .frameworks import Extension, Framework, FrameworkEvent, Lot, Participation, PriceLine
from .keys import ApiKey, Calls, KeptAnswer
from .kpis import Kpi, LotKpi
from .named_roles import NamedRole
from .people import Invitation, User
from .saved_views import SavedView, ScheduledExport, SentExport, SftpTarget
from .statements import LotStatement, Statement, StatementSet
from .webhooks import Webhook, WebhookDelivery, WebhookEvent

__all__ = [
    "ApiKey",
    "Authority",
    "AuthorityCode",
    "AuthorityName",
    "AuthoritySuccession",
    "Calls",
    "Extension",
    "Framework",
    "FrameworkEvent",
    "Invitation",
    "KeptAnswer",
    "Kpi",
    "Lot",
    "LotKpi",
    "LotStatement",
    "NamedRole",
    "Participation",
    "PriceLine",
    "SavedView",
    "ScheduledExport",
    "SentExport",
    "SftpTarget",
    "Statement",
    "StatementSet",
    "User",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
]
