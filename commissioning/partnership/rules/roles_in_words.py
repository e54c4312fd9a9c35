"""What each role may do, in sentences made from the one permission table (roles.py)."""

from dataclasses import dataclass

from .roles import AUTHORITY_ROLES, GRANTS, OWN, PARTICIPANT, PARTNERSHIP, PROVIDER_ROLES, ROLES, Role

# resource -> what a reader calls it
THINGS = {
    "overview": "the overview",
    "authorities": "authorities",
    "frameworks": "frameworks",
    "lots": "lots",
    "price-lines": "price lines",
    "providers": "providers",
    "establishments": "establishments",
    "premises": "premises",
    "documents": "compliance documents",
    "working-names": "working names of homes",
    "awards": "awards",
    "rates": "rates",
    "inspections": "inspections",
    "changes": "changes at homes, notices and restrictions",
    "change-decisions": "what was decided for children after a change",
    "visits": "visits",
    "visit-templates": "what is asked on visits",
    "actions": "improvement actions",
    "evidence": "photographs and papers",
    "monitoring": "the rota and what has been monitored",
    "notifiable-events": "notifiable events",
    "concerns": "concerns and complaints",
    "escalations": "letters and notices to providers",
    "suspensions": "suspensions",
    "alerts": "alerts",
    "scorecards": "scorecards of providers and lots",
    "contract-meetings": "contract meetings",
    "plans": "action plans of sufficiency strategies",
    "named-roles": "who is told at once",
    "kpis": "KPIs",
    "lot-kpis": "what lots expect of KPIs",
    "kpi-returns": "KPI returns",
    "surveys": "what young people say of their homes",
    "survey-words": "what young people write in their own words",
    "unsafe-answers": "answers of not being safe",
    "ofsted": "Ofsted's published files",
    "dfe": "DfE's published figures",
    "children": "children, by number",
    "referrals": "referrals",
    "offers": "what providers answered",
    "placements": "placements",
    "agreements": "agreements",
    "cost-lines": "what placements cost",
    "funding-splits": "who pays",
    "outcomes": "outcomes for children",
    "you-said": "what young people said and what was done",
    "oversight": "homes that no regulator watches",
    "benefits": "the benefits register",
    "spend": "spend",
    "data-quality": "how good its own records are",
    "ocds": "contracting processes to publish",
    "benchmarks": "shared figures",
    "releases": "releases of shared figures",
    "peer-groups": "peer groups",
    "price-decisions": "what was decided about prices",
    "returns": "statutory returns",
    "foi": "answers to freedom of information requests",
    "imports": "files received",
    "audit": "the history of changes",
    "people": "people",
    "keys": "API keys",
    "webhooks": "webhooks",
    "saved-views": "saved views and their exports",
    "sftp": "servers that exports are sent to",
    "roles": "the list of roles",
    "glossary": "the glossary",
}
VERBS = {
    "read": "Sees", "create": "Adds", "change": "Changes", "approve": "Approves", "import": "Loads from files",
    "reply": "Replies to", "compare": "Compares", "plan": "Sees which are due of", "check": "Checks",
}  # fmt: skip
# What a framework's lead authority alone may write.
LED = ("frameworks", "lots", "price-lines", "awards", "rates", "lot-kpis", "kpi-returns")


@dataclass(frozen=True)
class Permission:
    """One line: "Sees", ("rates",), "in frameworks that the authority takes part in"."""

    does: str
    things: tuple[str, ...]
    whose: str

    @property
    def listed(self) -> str:
        return ", ".join(self.things[:-1]) + (" and " if len(self.things) > 1 else "") + self.things[-1]


@dataclass(frozen=True)
class InWords:
    key: str
    role: Role
    belongs_to: str
    permissions: tuple[Permission, ...]


def roles_in_words() -> list[InWords]:
    """Every role, in the table's order, with its permissions grouped by verb and by whose rows."""
    return [InWords(key, role, _belongs_to(key), _permissions(key)) for key, role in ROLES.items()]


def thing(resource: str) -> str:
    return THINGS.get(resource, resource.replace("-", " "))


def _belongs_to(role: str) -> str:
    if role in AUTHORITY_ROLES:
        return "For people of an authority"
    return "For people of a provider" if role in PROVIDER_ROLES else "For the partnership's own team"


def _permissions(role: str) -> tuple[Permission, ...]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for resource, verb, roles, rows in GRANTS:
        if role in roles:
            grouped.setdefault((verb, _whose(role, resource, verb, rows)), []).append(thing(resource))
    order = list(VERBS)
    return tuple(
        Permission(VERBS[verb], tuple(things), whose)
        for (verb, whose), things in sorted(grouped.items(), key=lambda item: order.index(item[0][0]))
    )


def _whose(role: str, resource: str, verb: str, rows: str) -> str:
    if rows == PARTNERSHIP:
        return "across the partnership"
    if rows == PARTICIPANT:
        return "in frameworks that the authority takes part in"
    assert rows == OWN
    if role in PROVIDER_ROLES:
        return "of its own provider"
    if role not in AUTHORITY_ROLES:
        return "of every authority and provider"
    if verb != "read" and resource in LED:
        return "in frameworks that the authority leads"
    return "of its own authority"
