from .authorities import Authority, AuthorityCode, AuthorityName, AuthoritySuccession
from .frameworks import Extension, Framework, FrameworkEvent, Lot, Participation, PriceLine
from .named_roles import NamedRole
from .people import ApiKey, Invitation, User
from .statements import Statement, StatementSet

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
    "Lot",
    "NamedRole",
    "Participation",
    "PriceLine",
    "Statement",
    "StatementSet",
    "User",
]
