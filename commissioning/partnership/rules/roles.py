"""The roles of the platform, and what each may do: one table, from which pages, API and tests take their answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    label: str
    says: str

    @property
    def with_article(self) -> str:
        """ "an analyst", "a finance officer" """
        return f"{'an' if self.label[0] in 'AEIOU' else 'a'} {self.label.lower()}"


ROLES = {
    "commissioning_officer": Role("Commissioning officer", "Runs frameworks and lots, loads rates, benchmarks prices."),
    "quality_officer": Role(
        "Quality officer", "Plans and records visits, follows judgements, events and concerns, and chases actions."
    ),
    "analyst": Role(
        "Analyst", "Reads everything the authority may see, on pages and through the API; loads DfE's figures."
    ),
    "placements_officer": Role("Placements officer", "Looks for homes, agrees them, and follows them to their end."),
    "finance_officer": Role(
        "Finance officer", "Checks prices and who pays: reads placements, lots, providers and rates."
    ),
    "steering_member": Role(
        "Steering group member", "Reads frameworks, lots, their rates and its authority's spend. Sees no child."
    ),
    "auditor": Role("Auditor", "Reads everything of one authority, its history too, and changes nothing."),
    "authority_administrator": Role(
        "Authority administrator", "Invites and removes the authority's people, keys and webhooks."
    ),
    "partnership_administrator": Role(
        "Partnership administrator", "Invites people of every authority and provider. Sees no rate and no child."
    ),
    "provider_contact": Role(
        "Provider's contact",
        "Sees the provider's own record, awards, rates and visits, replies, and notifies events. Sees no rival's.",
    ),
}

PROVIDER_ROLES = ("provider_contact",)
PARTNERSHIP_ROLES = ("partnership_administrator",)
AUTHORITY_ROLES = tuple(role for role in ROLES if role not in PROVIDER_ROLES + PARTNERSHIP_ROLES)

# Whose rows a grant reaches. Visibility narrows it again, in the query and in the database.
OWN, PARTICIPANT, PARTNERSHIP = "own", "participant", "partnership"

_EVERYONE = tuple(ROLES)
_OFFICERS = AUTHORITY_ROLES
_BUYERS = ("commissioning_officer",)
_QUALITY = ("commissioning_officer", "quality_officer")
_ADMINISTRATORS = ("authority_administrator", "partnership_administrator")
# Rows of children: nobody whose work is not with them.
_CHILDREN = (
    "commissioning_officer", "quality_officer", "analyst", "placements_officer", "finance_officer", "auditor",
)  # fmt: skip
_PLACERS = ("commissioning_officer", "placements_officer")
_PAYERS = (*_PLACERS, "finance_officer")
# Who makes keys: the administrator, for systems that read; and for systems that send, whoever may send a file.
_FEEDERS = ("authority_administrator", "commissioning_officer", "placements_officer", "quality_officer")
_LOADERS = ("commissioning_officer", "quality_officer", "analyst", "placements_officer", "authority_administrator")

# Who keeps views and has them sent: everybody of an authority but the auditor, who changes nothing.
_KEEPERS = tuple(role for role in AUTHORITY_ROLES if role != "auditor")

# What a young person said of their home: whoever looks after children and the quality of homes.
_VOICE = ("commissioning_officer", "quality_officer", "analyst", "placements_officer", "auditor")

# (resource, verb, roles, whose rows). A pair that is not here is refused to everybody.
GRANTS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("overview", "read", _EVERYONE, OWN),
    ("authorities", "read", _EVERYONE, PARTNERSHIP),
    ("frameworks", "read", _EVERYONE, PARTNERSHIP),
    ("frameworks", "create", _BUYERS, OWN),
    ("frameworks", "change", _BUYERS, OWN),
    ("lots", "read", _EVERYONE, PARTNERSHIP),
    ("lots", "create", _BUYERS, OWN),
    ("lots", "change", _BUYERS, OWN),
    ("price-lines", "read", _EVERYONE, PARTNERSHIP),
    ("price-lines", "create", _BUYERS, OWN),
    ("price-lines", "change", _BUYERS, OWN),
    ("providers", "read", (*_OFFICERS, *PARTNERSHIP_ROLES), PARTNERSHIP),
    ("providers", "read", PROVIDER_ROLES, OWN),
    ("providers", "change", _QUALITY, PARTNERSHIP),
    ("establishments", "read", (*_OFFICERS, *PARTNERSHIP_ROLES), PARTNERSHIP),
    ("establishments", "read", PROVIDER_ROLES, OWN),
    ("premises", "read", (*_OFFICERS, *PARTNERSHIP_ROLES), PARTNERSHIP),
    ("premises", "read", PROVIDER_ROLES, OWN),
    ("documents", "read", _OFFICERS, PARTNERSHIP),
    ("documents", "read", PROVIDER_ROLES, OWN),
    ("documents", "create", _QUALITY, PARTNERSHIP),
    ("documents", "create", PROVIDER_ROLES, OWN),
    ("working-names", "read", _OFFICERS, OWN),
    ("working-names", "change", _QUALITY, OWN),
    ("awards", "read", (*_OFFICERS, *PARTNERSHIP_ROLES), PARTNERSHIP),
    ("awards", "read", PROVIDER_ROLES, OWN),
    ("awards", "create", _BUYERS, OWN),
    ("awards", "change", _BUYERS, OWN),
    ("rates", "read", _OFFICERS, PARTICIPANT),
    ("rates", "read", PROVIDER_ROLES, OWN),
    ("rates", "import", _BUYERS, OWN),
    ("inspections", "read", (*_OFFICERS, *PARTNERSHIP_ROLES), PARTNERSHIP),
    ("inspections", "read", PROVIDER_ROLES, OWN),
    ("changes", "read", _OFFICERS, PARTNERSHIP),
    ("changes", "create", _QUALITY, PARTNERSHIP),
    ("change-decisions", "read", _CHILDREN, OWN),
    ("change-decisions", "create", (*_PLACERS, "quality_officer"), OWN),
    ("visits", "read", _OFFICERS, PARTNERSHIP),
    ("visits", "read", PROVIDER_ROLES, OWN),
    ("visits", "create", _QUALITY, OWN),
    ("visits", "change", _QUALITY, OWN),
    ("visits", "reply", PROVIDER_ROLES, OWN),
    ("visit-templates", "read", _EVERYONE, PARTNERSHIP),
    ("visit-templates", "create", _QUALITY, PARTNERSHIP),
    ("visit-templates", "change", _QUALITY, PARTNERSHIP),
    ("actions", "read", _OFFICERS, PARTNERSHIP),
    ("actions", "read", PROVIDER_ROLES, OWN),
    ("actions", "create", PROVIDER_ROLES, OWN),
    ("actions", "change", (*_QUALITY, *PROVIDER_ROLES), OWN),
    ("evidence", "read", _OFFICERS, PARTNERSHIP),
    ("evidence", "read", PROVIDER_ROLES, OWN),
    ("evidence", "create", (*_QUALITY, *PROVIDER_ROLES), OWN),
    ("monitoring", "read", _OFFICERS, PARTNERSHIP),
    ("monitoring", "change", _QUALITY, OWN),
    ("notifiable-events", "read", _OFFICERS, PARTNERSHIP),
    ("notifiable-events", "read", PROVIDER_ROLES, OWN),
    ("notifiable-events", "create", (*_QUALITY, *PROVIDER_ROLES), PARTNERSHIP),
    ("notifiable-events", "change", (*_QUALITY, "placements_officer"), OWN),
    ("concerns", "read", _CHILDREN, PARTNERSHIP),
    ("concerns", "create", (*_PLACERS, "quality_officer"), OWN),
    ("concerns", "change", _QUALITY, OWN),
    ("escalations", "read", _OFFICERS, PARTNERSHIP),
    ("escalations", "read", PROVIDER_ROLES, OWN),
    ("escalations", "create", _QUALITY, OWN),
    ("escalations", "change", _QUALITY, OWN),
    ("suspensions", "read", _OFFICERS, PARTNERSHIP),
    ("suspensions", "read", PROVIDER_ROLES, OWN),
    ("suspensions", "create", _QUALITY, OWN),
    ("suspensions", "change", _QUALITY, OWN),
    ("alerts", "read", _CHILDREN, OWN),
    ("alerts", "change", (*_PLACERS, "quality_officer"), OWN),
    ("named-roles", "read", (*_CHILDREN, "authority_administrator"), OWN),
    ("named-roles", "change", ("authority_administrator", "quality_officer"), OWN),
    ("kpis", "read", _EVERYONE, PARTNERSHIP),
    ("kpis", "create", _QUALITY, PARTNERSHIP),
    ("kpis", "change", _QUALITY, PARTNERSHIP),
    ("lot-kpis", "change", _QUALITY, OWN),
    ("kpi-returns", "read", _OFFICERS, PARTICIPANT),
    ("kpi-returns", "read", PROVIDER_ROLES, OWN),
    ("kpi-returns", "create", PROVIDER_ROLES, OWN),
    ("kpi-returns", "import", _QUALITY, OWN),
    ("kpi-returns", "check", _QUALITY, OWN),
    ("surveys", "read", _VOICE, OWN),
    ("surveys", "create", (*_PLACERS, "quality_officer"), OWN),
    ("surveys", "change", (*_PLACERS, "quality_officer"), OWN),
    ("surveys", "import", (*_PLACERS, "quality_officer"), OWN),
    ("survey-words", "read", (*_PLACERS, "quality_officer"), OWN),
    ("unsafe-answers", "read", _VOICE, OWN),
    ("unsafe-answers", "change", _QUALITY, OWN),
    ("ofsted", "import", (*_QUALITY, "authority_administrator"), PARTNERSHIP),
    ("dfe", "import", ("commissioning_officer", "analyst", "authority_administrator"), PARTNERSHIP),
    ("imports", "read", _OFFICERS, OWN),
    ("children", "read", _CHILDREN, OWN),
    ("children", "create", _PLACERS, OWN),
    ("children", "change", _PLACERS, OWN),
    ("referrals", "read", _CHILDREN, OWN),
    ("referrals", "create", _PLACERS, OWN),
    ("referrals", "change", _PLACERS, OWN),
    ("referrals", "import", _PLACERS, OWN),
    ("offers", "read", (*_CHILDREN, *PROVIDER_ROLES), OWN),
    ("placements", "read", _CHILDREN, OWN),
    ("placements", "create", _PLACERS, OWN),
    ("placements", "change", _PLACERS, OWN),
    ("placements", "import", _PLACERS, OWN),
    ("agreements", "read", _CHILDREN, OWN),
    ("agreements", "create", _PLACERS, OWN),
    ("cost-lines", "read", _CHILDREN, OWN),
    ("cost-lines", "create", _PLACERS, OWN),
    ("cost-lines", "change", _PLACERS, OWN),
    ("funding-splits", "read", _CHILDREN, OWN),
    ("funding-splits", "change", _PAYERS, OWN),
    ("outcomes", "read", _CHILDREN, OWN),
    ("outcomes", "change", (*_PLACERS, "quality_officer"), OWN),
    ("you-said", "read", _OFFICERS, PARTNERSHIP),
    ("you-said", "read", PROVIDER_ROLES, OWN),
    ("you-said", "create", _QUALITY, OWN),
    ("you-said", "change", _QUALITY, OWN),
    ("oversight", "read", _CHILDREN, OWN),
    ("oversight", "change", (*_PLACERS, "quality_officer"), OWN),
    ("benefits", "read", (*_CHILDREN, "steering_member"), OWN),
    ("spend", "read", (*_CHILDREN, "steering_member"), OWN),
    ("data-quality", "read", _CHILDREN, OWN),
    ("ocds", "read", (*_CHILDREN, "steering_member"), OWN),
    ("ocds", "import", _BUYERS, OWN),
    ("benchmarks", "read", _OFFICERS, PARTNERSHIP),
    ("price-decisions", "read", (*_CHILDREN, "steering_member"), OWN),
    ("price-decisions", "create", _BUYERS, OWN),
    ("releases", "read", _OFFICERS, PARTNERSHIP),
    ("releases", "create", _BUYERS, PARTNERSHIP),
    ("releases", "approve", (*_BUYERS, "steering_member"), PARTNERSHIP),
    ("releases", "change", _BUYERS, PARTNERSHIP),
    ("peer-groups", "read", _OFFICERS, PARTNERSHIP),
    ("peer-groups", "create", (*_BUYERS, "analyst"), OWN),
    ("peer-groups", "change", (*_BUYERS, "analyst"), OWN),
    ("returns", "read", ("analyst", "placements_officer"), OWN),
    ("foi", "read", ("commissioning_officer", "analyst"), OWN),
    ("scorecards", "read", (*_CHILDREN, "steering_member"), OWN),
    ("scorecards", "read", PROVIDER_ROLES, OWN),
    ("scorecards", "compare", (*_CHILDREN, "steering_member"), OWN),
    ("contract-meetings", "read", (*_CHILDREN, "steering_member"), OWN),
    ("contract-meetings", "read", PROVIDER_ROLES, OWN),
    ("contract-meetings", "plan", (*_CHILDREN, "steering_member"), OWN),
    ("contract-meetings", "create", _QUALITY, OWN),
    ("contract-meetings", "change", _QUALITY, OWN),
    ("plans", "read", _OFFICERS, PARTNERSHIP),
    ("plans", "change", _QUALITY, OWN),
    ("plans", "import", _QUALITY, OWN),
    ("imports", "create", _LOADERS, OWN),
    ("imports", "change", _LOADERS, OWN),
    ("audit", "read", ("auditor", "authority_administrator", "commissioning_officer"), OWN),
    ("people", "read", _ADMINISTRATORS, OWN),
    ("people", "create", _ADMINISTRATORS, OWN),
    ("people", "change", _ADMINISTRATORS, OWN),
    ("keys", "read", _FEEDERS, OWN),
    ("keys", "create", _FEEDERS, OWN),
    ("keys", "change", _FEEDERS, OWN),
    ("webhooks", "read", ("authority_administrator",), OWN),
    ("webhooks", "create", ("authority_administrator",), OWN),
    ("webhooks", "change", ("authority_administrator",), OWN),
    ("saved-views", "read", _OFFICERS, OWN),
    ("saved-views", "create", _KEEPERS, OWN),
    ("saved-views", "change", _KEEPERS, OWN),
    ("sftp", "read", ("authority_administrator",), OWN),
    ("sftp", "create", ("authority_administrator",), OWN),
    ("sftp", "change", ("authority_administrator",), OWN),
    ("roles", "read", _EVERYONE, PARTNERSHIP),
    ("glossary", "read", _EVERYONE, PARTNERSHIP),
)

RESOURCES = tuple(dict.fromkeys(resource for resource, *_ in GRANTS))

_TABLE = {(role, resource, verb): rows for resource, verb, roles, rows in GRANTS for role in roles}


def whose_rows(role: str, verb: str, resource: str) -> str | None:
    """ "own", "participant" or "partnership"; None where the role may not. Unlisted is refused."""
    return _TABLE.get((role, resource, verb))


def may(role: str, verb: str, resource: str) -> bool:
    return whose_rows(role, verb, resource) is not None
