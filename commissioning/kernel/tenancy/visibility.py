"""Who sees and who writes a row: the classes a model's `visibility` is declared with.

Each class says the same thing twice, in two languages kept side by side: `filter` for the manager, `reads` and
`writes` as SQL for the database's policies. `keys` are the columns its policy needs, which history copies.
Columns are named as in the table. A viewer of kind "nobody" sees nothing of any class but SYSTEM.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

from .viewer import Acting

NOTHING = Q(pk__in=[])
# The comparison stands inside the sub-select: outside it the planner expects five rows of four hundred to pass.
MEMBERS_SQL = "(SELECT app_kind() IN ('authority', 'service'))"
LEAD_SQL = "{framework} = ANY ((SELECT app_led_frameworks())::bigint[])"


@dataclass(frozen=True)
class ProviderSets:
    """What a provider's contact writes in rows that it may write: `adds`, the columns that it fills in a new row, every
    other one being as new; `changes`, those that it may change later, and `while_`, SQL on OLD and NEW that says when.
    It removes no row."""

    adds: tuple[str, ...]
    changes: tuple[str, ...] = ()
    while_: str = "true"


class Visibility:
    """Base of the classes. `keys()` are the columns that its policies read; `fixed()`, those no row may change."""

    secured = True
    provider_writes: ProviderSets | None = None

    def keys(self) -> tuple[str, ...]:
        return ()

    def fixed(self) -> tuple[str, ...]:
        """Columns that never change in a row: moved, its history would show the old side to the new."""
        return ()

    def fixed_once_set(self) -> tuple[str, ...]:
        """Columns that never change in a row once they hold something, for the same reason."""
        return ()

    def reads(self, table: str) -> str:
        raise NotImplementedError

    def writes(self, table: str) -> str:
        """Who adds and changes; `removes`, who takes rows away."""
        own = self.owns(table)
        return f"({own} OR {self.its_provider()})" if self.provider_writes else own

    def removes(self, table: str) -> str:
        return self.owns(table)

    def owns(self, table: str) -> str:
        """Whose the row is to write, but for a provider."""
        raise NotImplementedError

    def its_provider(self) -> str:
        """Which provider writes the row as well, where one does."""
        raise NotImplementedError

    def filter(self, acting: Acting) -> Q:
        raise NotImplementedError


@dataclass(frozen=True)
class Partnership(Visibility):
    """PARTNERSHIP: every member authority reads. `writer` says who writes:

    "members" any member authority or service; "service" only a service; "owner" the authority in `owner`;
    "lead" the lead authority of the framework in `framework`; "nobody" no viewer at all: the role `release` does.
    `shown_on`: the column of a day. A row that names a framework is then read only by who takes part in it that day.
    `providers`: what a provider's contact reads: "none", "all", or the column that holds the provider's id.
    """

    writer: str = "service"
    owner: str = ""
    framework: str = ""
    providers: str = "none"
    provider_writes: ProviderSets | None = None
    shown_on: str = ""

    def keys(self) -> tuple[str, ...]:
        named = (self.owner, self.framework, self.shown_on, self.providers if self._own_rows else "")
        return tuple(key for key in named if key and key != "id")

    def fixed(self) -> tuple[str, ...]:
        return (self.framework,) if self.framework else ()

    @property
    def _own_rows(self) -> bool:
        return self.providers not in ("none", "all")

    def reads(self, table: str) -> str:
        if self.providers == "all":
            return "(SELECT app_kind() IN ('authority', 'service', 'provider'))"
        if self._own_rows:
            return f"({MEMBERS_SQL} OR {self.providers} = (SELECT app_provider()))"
        if self.shown_on:
            return f"""({MEMBERS_SQL} AND ({self.framework} IS NULL
                OR {self.framework} = ANY ((SELECT app_whole_frameworks())::bigint[])
                OR ({self.framework} = ANY ((SELECT app_part_frameworks())::bigint[]) AND EXISTS (
                    SELECT FROM public.partnership_participation AS p
                    WHERE p.framework_id = {table}.{self.framework} AND p.authority_id = (SELECT app_authority())
                    AND daterange(p.starts_on, p.ends_before) @> {table}.{self.shown_on}))))"""
        return MEMBERS_SQL

    def owns(self, table: str) -> str:
        return {
            "members": MEMBERS_SQL,
            "service": "(SELECT app_kind() = 'service')",
            "owner": f"{self.owner} = (SELECT app_authority())",
            "lead": LEAD_SQL.format(framework=self.framework),
            "nobody": "false",
        }[self.writer]

    def its_provider(self) -> str:
        return f"{self.providers} = (SELECT app_provider())"

    def filter(self, acting: Acting) -> Q:
        if acting.viewer.kind in ("authority", "service"):
            return self._taking_part(acting) if self.shown_on else Q()
        if acting.viewer.kind == "provider" and self.providers != "none":
            return Q(**{self.providers: acting.viewer.provider_id}) if self._own_rows else Q()
        return NOTHING

    def _taking_part(self, acting: Acting) -> Q:
        whole, parts = _participations(acting)
        seen = Q(**{f"{self.framework}__isnull": True}) | Q(**{f"{self.framework}__in": whole})
        for framework_id, starts_on, ends_before in parts:
            part = Q(**{self.framework: framework_id, f"{self.shown_on}__gte": starts_on})
            seen |= part if ends_before is None else part & Q(**{f"{self.shown_on}__lt": ends_before})
        return seen


@dataclass(frozen=True)
class Participants(Visibility):
    """PARTICIPANTS: a framework's commercial rows. Read by authorities whose participation overlaps the row's
    period, and by the provider whose row it is; written by the framework's lead authority, and with `provider_writes`
    by that provider.

    An authority that has left keeps what was in force while it took part, and sees nothing that began later.
    """

    framework: str = "framework_id"
    provider: str = "provider_id"
    provider_writes: ProviderSets | None = None

    def keys(self) -> tuple[str, ...]:
        return (self.framework, self.provider, "starts_on", "ends_before")

    def fixed(self) -> tuple[str, ...]:
        return (self.framework, self.provider)

    def reads(self, table: str) -> str:
        # Most participations span the whole framework: an array look-up, not a subquery on each row.
        return f"""(
            {self.framework} = ANY ((SELECT app_whole_frameworks())::bigint[])
            OR {self.provider} = (SELECT app_provider())
            OR ({self.framework} = ANY ((SELECT app_part_frameworks())::bigint[]) AND EXISTS (
                SELECT FROM public.partnership_participation AS p
                WHERE p.framework_id = {table}.{self.framework} AND p.authority_id = (SELECT app_authority())
                AND daterange(p.starts_on, p.ends_before) && daterange({table}.starts_on, {table}.ends_before))))"""

    def owns(self, table: str) -> str:
        return LEAD_SQL.format(framework=self.framework)

    def its_provider(self) -> str:
        return f"{self.provider} = (SELECT app_provider())"

    def filter(self, acting: Acting) -> Q:
        if acting.viewer.kind == "provider":
            return Q(**{self.provider: acting.viewer.provider_id})
        if acting.viewer.kind != "authority":
            return NOTHING
        whole, parts = _participations(acting)
        seen = Q(**{f"{self.framework}__in": whole})
        for framework_id, starts_on, ends_before in parts:
            part = Q(**{self.framework: framework_id}) & (Q(ends_before=None) | Q(ends_before__gt=starts_on))
            seen |= part if ends_before is None else part & Q(starts_on__lt=ends_before)
        return seen


@dataclass(frozen=True)
class Own(Visibility):
    """AUTHORITY: only the authority in `authority` reads and writes. With `shared_when_empty`, a row of no
    authority (a file the whole partnership relies on) is every member's to read and a service's to write.
    With `provider`, the column that names one, that provider's contact reads the row as well; with `provider_writes`
    it writes that much of it too."""

    authority: str = "authority_id"
    shared_when_empty: bool = False
    provider: str = ""
    provider_writes: ProviderSets | None = None

    def keys(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.authority, self.provider)))

    def fixed(self) -> tuple[str, ...]:
        return self.keys()

    def reads(self, table: str) -> str:
        own = f"{self.authority} = (SELECT app_authority())"
        if self.provider:
            own = f"({own} OR {self.provider} = (SELECT app_provider()))"
        return f"({own} OR ({self.authority} IS NULL AND {MEMBERS_SQL}))" if self.shared_when_empty else own

    def owns(self, table: str) -> str:
        own = f"{self.authority} = (SELECT app_authority())"
        if not self.shared_when_empty:
            return own
        return f"({own} OR ({self.authority} IS NULL AND {MEMBERS_SQL}))"

    def its_provider(self) -> str:
        return f"{self.provider} = (SELECT app_provider())"

    def filter(self, acting: Acting) -> Q:
        seen = NOTHING
        if acting.viewer.kind == "authority":
            seen = Q(**{self.authority: acting.viewer.authority_id})
        elif self.provider and acting.viewer.kind == "provider":
            seen = Q(**{self.provider: acting.viewer.provider_id})
        if self.shared_when_empty and acting.viewer.kind in ("authority", "service"):
            seen |= Q(**{f"{self.authority}__isnull": True})
        return seen


@dataclass(frozen=True)
class Staged(Visibility):
    """BY STATE: the authority in `authority` reads and writes its row always; the provider in `provider` reads it once
    `to_provider` is true, every member once `to_members` is. Each row carries its own two flags, so that one report
    may hold what is published beside what is not.

    `also`: a column of one more authority that reads the row (whose child it is about). `provider_writes`: the
    provider answers there: it adds and changes rows of its own that it may read, and that much of them.
    `in_confidence`: until members read it, only those of its authority read it who work with cases. (By the manager
    alone: to the database an authority is one viewer, and pages say what its people may.)
    """

    also: str = ""
    in_confidence: bool = False
    provider_writes: ProviderSets | None = None

    def keys(self) -> tuple[str, ...]:
        return tuple(filter(None, ("authority_id", "provider_id", "to_provider", "to_members", self.also)))

    def fixed(self) -> tuple[str, ...]:
        return ("authority_id", "provider_id")

    def fixed_once_set(self) -> tuple[str, ...]:
        return (self.also,) if self.also else ()

    def reads(self, table: str) -> str:
        also = f" OR {self.also} = (SELECT app_authority())" if self.also else ""
        return f"""(authority_id = (SELECT app_authority()){also}
            OR (to_provider AND provider_id = (SELECT app_provider())) OR (to_members AND {MEMBERS_SQL}))"""

    def owns(self, table: str) -> str:
        return "authority_id = (SELECT app_authority())"

    def its_provider(self) -> str:
        return "(to_provider AND provider_id = (SELECT app_provider()))"

    def filter(self, acting: Acting) -> Q:
        viewer = acting.viewer
        if viewer.kind == "provider":
            return Q(provider_id=viewer.provider_id, to_provider=True)
        if viewer.kind == "service":
            return Q(to_members=True)
        if viewer.kind != "authority":
            return NOTHING
        if self.in_confidence and not viewer.with_cases:
            return Q(to_members=True)
        seen = Q(authority_id=viewer.authority_id) | Q(to_members=True)
        return seen | Q(**{self.also: viewer.authority_id}) if self.also else seen


@dataclass(frozen=True)
class Sealed(Visibility):
    """SEALED: no viewer reads or writes; the role `release` alone does."""

    def reads(self, table: str) -> str:
        return "false"

    def owns(self, table: str) -> str:
        return "false"

    def filter(self, acting: Acting) -> Q:
        return NOTHING


@dataclass(frozen=True)
class System(Visibility):
    """SYSTEM: sessions, people, keys and jobs, which sign-in must read before there is a viewer. Pages filter them
    by permission. With `history_of`, changes are kept and seen by the authority in that column."""

    secured = False
    history_of: str = ""

    def keys(self) -> tuple[str, ...]:
        return (self.history_of,) if self.history_of else ()

    def reads(self, table: str) -> str:
        return f"{self.history_of} = (SELECT app_authority())" if self.history_of else "false"

    def owns(self, table: str) -> str:
        return "true"

    def filter(self, acting: Acting) -> Q:
        return Q()


def _participations(acting: Acting) -> tuple[list[int], list[tuple[int, Any, Any]]]:
    """(frameworks taken part in from their start with no end, dated parts of others), asked once a transaction."""
    if "participations" not in acting.memory:
        from django.apps import apps

        participation = apps.get_model("partnership", "Participation")
        rows = participation._base_manager.using(acting.using).filter(authority_id=acting.viewer.authority_id)
        whole, parts = [], []
        for framework_id, begins, starts_on, ends_before in rows.values_list(
            "framework_id", "framework__starts_on", "starts_on", "ends_before"
        ):
            if starts_on <= begins and ends_before is None:
                whole.append(framework_id)
            else:
                parts.append((framework_id, starts_on, ends_before))
        acting.memory["participations"] = (whole, parts)
    return acting.memory["participations"]


def visibility_of(model: type[models.Model]) -> Visibility:
    """The declared class; third-party tables are SYSTEM. A model of ours without one is a mistake."""
    declared = getattr(model, "visibility", None)
    if declared is not None:
        return declared
    if model.__module__.partition(".")[0] in ("commissioning", "providers", "quality", "contracts", "api"):
        raise TypeError(f"{model.__name__} does not declare its visibility (commissioning.kernel.tenancy.visibility)")
    return System()
