"""Raw SQL as each viewer, and what came back that should not have, or did not that should."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import models
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, IntegrityError

from commissioning.kernel.tenancy.policies import every_model, has_history
from commissioning.kernel.tenancy.viewer import SETTINGS, Viewer
from commissioning.kernel.tenancy.visibility import System, visibility_of
from tests import visibility as words
from tests.kernel.canaries import RELEASE, Canaries, Row

OURS = [model for model in every_model() if model._meta.label in words.TABLE]
SECURED = [model for model in OURS if visibility_of(model).secured]
AUDITED = [model for model in OURS if has_history(model)]
# What no viewer may read, and what none may write: web has no right to either.
SEALED = [model for model in OURS if words.TABLE[model._meta.label].sees == words.NOBODY]
STAMPS = ("uuid", "version", "changed_at", "changed_xid")
WRITTEN_BY_NOBODY = [model for model in OURS if words.TABLE[model._meta.label].writes == words.NOBODY]


def named(models_: list[type[models.Model]]) -> dict[str, Any]:
    return {"argvalues": models_, "ids": [model._meta.label for model in models_]}


class Probe:
    """In a superuser's transaction: becomes web, then a viewer, tries, and rolls back to where it was."""

    def __init__(self, session: psycopg.Connection, flock: Canaries) -> None:
        self.session, self.flock = session, flock

    @contextmanager
    def role(self, name: str) -> Iterator[psycopg.Connection]:
        with self.session.transaction(force_rollback=True):
            self.session.execute(f"SET LOCAL ROLE {name}")
            yield self.session

    @contextmanager
    def as_viewer(self, name: str | None, role: str = "web") -> Iterator[psycopg.Connection]:
        """`name` None: nobody has said who is looking."""
        with self.role(role) as session:
            if name is not None:
                tell(session, self.flock.viewers[name])
            yield session

    def attempt(self, name: str | None, statement: str, parameters: Any = None, role: str = "web") -> int | None:
        """How many rows a statement touched; None where it was refused. A clash of keys means it was let through."""
        try:
            with self.as_viewer(name, role) as session:
                return session.execute(statement, parameters).rowcount
        except InsufficientPrivilege:
            return None
        except IntegrityError:
            return 1

    def ids(self, name: str, relation: str, column: str = "id") -> set[int] | None:
        """None where reading is refused."""
        try:
            with self.as_viewer(name) as session:
                return {found for (found,) in session.execute(f"SELECT {column} FROM {relation}")}
        except InsufficientPrivilege:
            return None

    def reading(self, model: type[models.Model]) -> list[str]:
        """Every viewer reads exactly its rows."""
        return self._reads(model, f'public."{model._meta.db_table}"', "id", lambda row: row.sees)

    def reading_history(self, model: type[models.Model]) -> list[str]:
        return self._reads(model, f'audit."{model._meta.db_table}"', "row_id", sees_history)

    def _reads(
        self, model: type[models.Model], relation: str, column: str, sees: Callable[[Row], frozenset[str]]
    ) -> list[str]:
        rows = self.flock.of(model)
        known = {row.id for row in rows}
        wrong = []
        for name in self.flock.viewers:
            found = self.ids(name, relation, column)
            wanted = {row.id for row in rows if name in sees(row)} if model not in SEALED else None
            if None in (found, wanted):
                wrong += [f"{name} in {relation}: {found}, not {wanted}"] if found != wanted else []
            elif (found := found & known) != wanted:
                wrong.append(f"{name} in {relation}: also {found - wanted}, not {wanted - found}")
        if self.attempt(None, f"SELECT FROM {relation}") is not None:
            wrong.append(f"{relation} can be read with nobody looking")
        return wrong

    def updating(self, model: type[models.Model]) -> list[str]:
        """Blindly: a statement that reads nothing is held by no policy for reading."""
        column = next(
            f for f in model._meta.concrete_fields if not (f.primary_key or f.is_relation or f.name == "uuid")
        )
        return self._blind(model, f'UPDATE public."{model._meta.db_table}" SET "{column.column}" = {_constant(column)}')

    def deleting(self, model: type[models.Model]) -> list[str]:
        return self._blind(model, f'DELETE FROM public."{model._meta.db_table}"', providers=False)

    def _blind(self, model: type[models.Model], statement: str, *, providers: bool = True) -> list[str]:
        """`providers` False: a provider's contact does it with no row, its own included."""
        rows = self.flock.of(model)
        (total,) = self.session.execute(f'SELECT count(*) FROM public."{model._meta.db_table}"').fetchone()
        wrong = []
        for name in self.flock.viewers:
            mine = sum(name in row.writes for row in rows)
            if not providers and self.flock.viewers[name].kind == "provider" and visibility_of(model).secured:
                mine = 0
            wanted = mine + (total - len(rows) if mine else 0)  # reference rows that a command loaded
            if words.TABLE[model._meta.label].kept or model in WRITTEN_BY_NOBODY:
                wanted = None  # refused to everybody
            touched = self.attempt(name, statement)
            if touched != wanted:
                wrong.append(f"{name}: {statement} touched {touched} rows, not {wanted}")
        if self.attempt(None, statement) is not None:
            wrong.append(f"with nobody looking: {statement}")
        return wrong

    def inserting(self, model: type[models.Model], *, again: bool = False) -> list[str]:
        """A copy of each kind of row, as each viewer; `again`: over the row itself (upsert)."""
        wrong = []
        for row in distinct(self.flock.of(model)):
            statement, values = self._copying(row, again)
            for name in (*self.flock.viewers, None):
                if name is not None and self.flock.viewers[name].kind == "provider":
                    values = self._copying(row, again, of_provider=True)[1]
                kept = again and words.TABLE[model._meta.label].kept
                may = name in row.writes and (name in row.sees or not again) and not kept
                touched = self.attempt(name, statement, values)
                if (touched == 1) != may or (model in WRITTEN_BY_NOBODY and touched is not None):
                    wrong.append(f"{name} {'may not' if not may else 'may'} insert a copy of {row}: {touched}")
        return wrong

    def upserting(self, model: type[models.Model]) -> list[str]:
        return self.inserting(model, again=True)

    def _copying(self, row: Row, again: bool, of_provider: bool = False) -> tuple[str, list[Any]]:
        ((record,),) = self.session.execute(f'SELECT to_jsonb(t) FROM public."{row.table}" t WHERE id = %s', [row.id])
        column = next(f for f in row.model._meta.concrete_fields if not f.primary_key and f.name != "uuid").column
        tail = f' ON CONFLICT (id) DO UPDATE SET "{column}" = EXCLUDED."{column}"' if again else ""
        if not again:
            record |= {"id": 900_000_000 + row.id}
            if "uuid" in record:
                record["uuid"] = f"00000000-0000-4000-8000-{row.id:012d}"
            # A copy that clashed would be let through by a policy, and never reach the trigger that writes history.
            record |= {name: 900_000_000 + row.id for name in _numbered(row.model)}
        if of_provider and row.model._meta.label in words.PROVIDER_SETS:
            record |= as_new(row.model)
        filled = f'INSERT INTO public."{row.table}" SELECT * FROM jsonb_populate_record(NULL::public."{row.table}", %s)'
        return filled + tail, [json.dumps(record, default=str)]

    def owning(self, model: type[models.Model]) -> list[str]:
        return self._whole(model, "owner", "public")

    def owning_history(self, model: type[models.Model]) -> list[str]:
        return self._whole(model, "owner", "audit")

    def backing_up(self, model: type[models.Model]) -> list[str]:
        return self._whole(model, "backup", "public")

    def backing_up_history(self, model: type[models.Model]) -> list[str]:
        return self._whole(model, "backup", "audit")

    def releasing(self, model: type[models.Model]) -> list[str]:
        return self._whole(model, "release", "public")

    def writing_releases(self, model: type[models.Model]) -> list[str]:
        """The role release adds, changes and removes rows of a table that it writes."""
        row = self.flock.of(model)[0]
        filled, values = self._copying(row, again=False)
        column = next(
            f for f in model._meta.concrete_fields if not (f.primary_key or f.is_relation or f.name == "uuid")
        )
        wrong = []
        for statement, given in (
            (filled, values),
            (f'UPDATE public."{row.table}" SET "{column.column}" = {_constant(column)} WHERE id = %s', [row.id]),
            (f'DELETE FROM public."{row.table}" WHERE id = %s', [row.id]),
        ):
            touched = self.attempt(RELEASE, statement, given, role=RELEASE)
            if touched != 1:
                wrong.append(f"release: {statement[:60]} touched {touched} rows of {model._meta.label}")
        return wrong

    def _whole(self, model: type[models.Model], role: str, schema: str) -> list[str]:
        """This role reads every row, as its policy says and not because it may go round them all."""
        count = f'SELECT count(*) FROM {schema}."{model._meta.db_table}"'
        wanted = self.session.execute(count).fetchone()
        with self.session.transaction(force_rollback=True):
            self.session.execute(f"ALTER ROLE {role} NOBYPASSRLS")
            self.session.execute(f"SET LOCAL ROLE {role}")
            found = self.session.execute(count).fetchone()
        return (
            [] if found == wanted and wanted > (0,) else [f"{role} finds {found} of {wanted} rows in {schema}.{model}"]
        )


def as_new(model: type[models.Model]) -> dict[str, Any]:
    """What the columns hold that a provider's contact does not fill."""
    adds, _ = words.PROVIDER_SETS[model._meta.label]
    fields = [f for f in model._meta.concrete_fields if not f.primary_key and f.column not in (*STAMPS, *adds)]
    return {f.column: f.get_default() for f in fields}


def tell(session: psycopg.Connection, viewer: Viewer, actor: str = "service:probe") -> None:
    values = [viewer.kind, str(viewer.authority_id), str(viewer.provider_id), actor, "", "", ""]
    calls = sql.SQL(", ").join(sql.SQL(f"set_config('app.{name}', %s, true)") for name in SETTINGS)
    session.execute(sql.SQL("SELECT ") + calls, values)


def distinct(rows: list[Row]) -> list[Row]:
    """One row of each kind that the same viewers see and write."""
    return list({(row.sees, row.writes): row for row in rows}.values())


def sees_history(row: Row) -> frozenset[str]:
    """People and keys belong to no guarded class: their history is their authority's alone."""
    if not isinstance(visibility_of(row.model), System):
        return row.sees
    return frozenset(name for name in ("southwark", "lewisham") if any(f"canary-{name}-" in text for text in row.texts))


def _numbered(model: type[models.Model]) -> list[str]:
    """Whole numbers, but for keys, that no two rows may share."""
    unique = {name for each in model._meta.total_unique_constraints for name in each.fields}
    unique |= {f.name for f in model._meta.concrete_fields if f.unique and not f.primary_key}
    return [f.column for f in model._meta.concrete_fields if f.name in unique and not f.is_relation
            and f.get_internal_type() == "IntegerField"]  # fmt: skip


def _constant(column: models.Field) -> str:
    return {"BooleanField": "true", "JSONField": "'{}'", "DateField": "'2025-01-01'"}.get(
        column.get_internal_type(), "'1'"
    )
