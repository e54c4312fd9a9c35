from .authorities import Authority, AuthorityCode, AuthorityName, AuthoritySuccession
from .frameworks import Extension, Framework, FrameworkEvent, Lot, Participation, PriceLine
from .kpis import Kpi, LotKpi
from .named_roles import NamedRole
from .people import ApiKey, Invitation, User
from .statements import LotStatement, Statement, StatementSet
from .webhooks import Webhook, WebhookDelivery, WebhookEvent

__all__ = [
    "ApiKey",
    "Authority",
    "AuthorityCode",
    "AuthorityName",
    "AuthoritySuccession",
    "Extension",
    "Framework",
    "FrameworkEvent",
    "Invitation",
    "Kpi",
    "Lot",
    "LotKpi",
    "LotStatement",
    "NamedRole",
    "Participation",
    "PriceLine",
    "Statement",
    "StatementSet",
    "User",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
]
