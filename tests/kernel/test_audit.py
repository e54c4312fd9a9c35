"""One event for every changed row, whole, by every route; and nothing that the role web can do about it."""

import json
import random
import uuid
from datetime import date

import pytest
from django.db import connection, connections, transaction
from django.db.models import F
from django.db.utils import DatabaseError, ProgrammingError
from psycopg.errors import InsufficientPrivilege

from commissioning.kernel.audit.events import events_of
from commissioning.kernel.audit.history import as_known_on
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import Framework, Lot
from providers.models import Establishment, EstablishmentRecord, Premises, Rate
from quality.models import Inspection
from tests.kernel.probe import AUDITED, WRITTEN_BY_NOBODY, Probe, sees_history

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
WHO, WHY, REQUEST, IMPORT = "user:4ad1b1f4-0000-4000-8000-000000000001", "letter of 3 May", "request-7", 41

DATED = ("Extension", "Participation", "LotKpi", "ContractKpi")  # nothing of theirs but days is free to change
BARE = (
    "AuthoritySuccession",
    "Ownership",
    "SiblingGroup",
    "Benefit",
    "PeerMember",
    "Presence",
    "SurveyAnswer",
    "SurveyWords",
)  # nothing free in them but their version
KEPT = [model for model in AUDITED if getattr(model, "immutable", False)]
CHANGED = [model for model in AUDITED if model not in KEPT + WRITTEN_BY_NOBODY]  # those: test_release_role.py


class Route:
    """The rows of a model that one viewer may write, and the ways to change them."""

    def __init__(self, flock, model):
        writers = {name: _mine(flock, model, name) for name in flock.viewers}
        writers = {name: rows for name, rows in writers.items() if name not in ("nobody", "alder", "birch")}
        writer = max(writers, key=lambda name: len(writers[name]))
        self.viewer = flock.viewers[writer]
        self.model, self.table = model, f'public."{model._meta.db_table}"'
        self.ids = sorted(writers[writer])[:4]
        self.field = next(
            f for f in model._meta.concrete_fields
            if not (f.primary_key or f.is_relation or f.choices) and f.get_internal_type() == "TextField"
            or f.name in ("months", "starts_on") and model.__name__ in DATED
            or f.name == "amount" or model.__name__ in BARE and f.name == "version"
        )  # fmt: skip

    @property
    def rows(self):
        return self.model._default_manager.filter(pk__in=self.ids)

    def run(self, statement, *values):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    def save(self):
        for row in self.rows:
            row.save()

    def queryset_update(self):
        self.rows.update(**{self.field.name: F(self.field.name)})

    def bulk_update(self):
        self.model._default_manager.bulk_update(list(self.rows), [self.field.name])

    def raw_update(self):
        self.run(f'UPDATE {self.table} SET "{self.field.column}" = "{self.field.column}" WHERE id = ANY (%s)', self.ids)

    def upsert(self):
        self.model._default_manager.bulk_create(
            list(self.rows), update_conflicts=True, unique_fields=["id"], update_fields=[self.field.name]
        )

    def merge(self):
        column = f'"{self.field.column}"'
        self.run(
            f"""MERGE INTO {self.table} t USING (SELECT * FROM {self.table} WHERE id = ANY (%s)) s ON s.id = t.id
                WHEN MATCHED THEN UPDATE SET {column} = s.{column}""",
            self.ids,
        )

    def delete(self):
        self.rows._raw_delete("default")

    def raw_delete(self):
        self.run(f"DELETE FROM {self.table} WHERE id = ANY (%s)", self.ids)

    def keep_aside(self):
        self.kept = list(self.rows)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE aside ON COMMIT DROP AS SELECT * FROM {self.table} WHERE false")
            with cursor.copy(f"COPY (SELECT * FROM {self.table} WHERE id = ANY (%s)) TO STDOUT", [self.ids]) as copy:
                lines = [bytes(line) for line in copy]
            with cursor.copy("COPY aside FROM STDIN") as copy:
                for line in lines:
                    copy.write(line)
        self.delete()

    def create(self):
        for row in self.kept:
            row.save(force_insert=True)

    def bulk_create(self):
        self.model._default_manager.bulk_create(self.kept)

    def insert_from_copied(self):
        self.run(f"INSERT INTO {self.table} SELECT * FROM aside")


def _mine(flock, model, name):
    """Rows that the viewer writes, and whose history it reads."""
    return [row.id for row in flock.of(model) if name in row.writes and name in sees_history(row)]


@pytest.fixture(params=CHANGED, ids=[model._meta.label for model in CHANGED])
def route(request, flock):
    return Route(flock, request.param)


UPDATES = ("save", "queryset_update", "bulk_update", "raw_update", "upsert", "merge")
DELETES = ("delete", "raw_delete")
INSERTS = ("create", "bulk_create", "insert_from_copied")


def test_each_changed_row_has_one_whole_event_by_every_route(route):
    for operation, ways in (("update", UPDATES), ("delete", DELETES), ("insert", INSERTS)):
        for way in ways:
            with undone(route.viewer):
                if operation == "insert":
                    route.keep_aside()
                before, last = snapshot(route), last_event(route)
                getattr(route, way)()
                after = snapshot(route)
                wanted = [
                    (operation, key, before.get(key), after.get(key), WHO, WHY, REQUEST, IMPORT) for key in route.ids
                ]
                assert told(route, last) == wanted, way


@pytest.mark.parametrize("model", KEPT)
def test_a_row_that_is_kept_is_told_once_and_never_changed(flock, model):
    row = next(row for row in flock.of(model) if "southwark" in row.writes)
    with undone(flock.viewers["southwark"]):
        made = model._default_manager.get(pk=row.id)
        made.pk, made.uuid = None, uuid.uuid4()
        if hasattr(made, "number"):
            made.number += 1000
        made.save(force_insert=True)
        events = events_of(model).filter(row_id=made.pk).values_list("operation", "actor", "reason")
        assert list(events) == [("insert", WHO, WHY)]
        table = f'public."{model._meta.db_table}"'
        for statement in (f"UPDATE {table} SET version = version", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)


def undone(viewer):
    """As the viewer, with all that history should carry; rolled back at the end."""

    class Undone:
        def __enter__(self):
            self.inside = acting_as(viewer, by=WHO, reason=WHY, request_id=REQUEST, import_id=IMPORT)
            self.inside.__enter__()

        def __exit__(self, *problem):
            if problem == (None, None, None):
                transaction.set_rollback(True)
            self.inside.__exit__(*problem)

    return Undone()


def snapshot(route):
    hidden = getattr(route.model, "unaudited", ())
    minus = f"- ARRAY[{', '.join(repr(name) for name in hidden)}]" if hidden else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, to_jsonb(t) {minus} FROM {route.table} t WHERE id = ANY (%s)", [route.ids])
        return {key: row if isinstance(row, dict) else json.loads(row) for key, row in cursor.fetchall()}


def last_event(route):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT coalesce(max(event_id), 0) FROM audit."{route.model._meta.db_table}"')
        return cursor.fetchone()[0]


def told(route, last):
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT operation, row_id, before, after, actor, reason, request_id, import_id
                FROM audit."{route.model._meta.db_table}" WHERE event_id > %s ORDER BY row_id, event_id""",
            [last],
        )
        rows = cursor.fetchall()
    return [
        (o, i, *(j if j is None or isinstance(j, dict) else json.loads(j) for j in (b, a)), *w)
        for o, i, b, a, *w in rows
    ]


def test_a_cascade_leaves_an_event_for_each_row_it_takes(flock):
    home = flock.made["birch home"]
    with undone(flock.viewers["lewisham"]):
        taken = {m: set(m.objects.filter(establishment=home).values_list("pk", flat=True)) for m in _PARTS}
        Establishment.objects.get(pk=home.pk).delete()
        assert all(taken.values())
        for model in (Establishment, *_PARTS):
            gone = [e.row_id for e in events_of(model).filter(operation="delete", actor=WHO)]
            assert sorted(gone) == sorted(taken.get(model, {home.pk}))


_PARTS = (EstablishmentRecord, Premises, Inspection)


def test_nobody_writes_without_an_actor(administrator, flock):
    probe = Probe(administrator, flock)
    for model in CHANGED:
        rows = [row for row in flock.of(model) if row.writes]
        writer = min(rows[0].writes - {"nobody"})
        column = next(f.column for f in model._meta.concrete_fields if not f.primary_key and f.name != "uuid")
        write = f'UPDATE public."{model._meta.db_table}" SET "{column}" = "{column}" WHERE id = {rows[0].id}'
        assert probe.attempt(writer, write) == 1, model
        for actor in ("", None):
            with probe.as_viewer(writer) as session:
                session.execute("SELECT set_config('app.actor', %s, true)", [actor])
                with pytest.raises(InsufficientPrivilege, match=r"app.actor is not set"):
                    session.execute(write)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit.providers_rate (operation, row_id, actor) VALUES ('insert', 1, 'user:another')",
        "UPDATE audit.providers_rate SET actor = 'user:another'",
        "DELETE FROM audit.providers_rate",
        "TRUNCATE audit.providers_rate",
        "SELECT nextval('audit.providers_rate_event_id_seq')",
        "SELECT setval('audit.providers_rate_event_id_seq', 1)",
        "SELECT audit.redact('providers_rate', gen_random_uuid(), ARRAY['amount'], 'because')",
        "SET session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', true)",
        "ALTER TABLE public.providers_rate DISABLE TRIGGER history_update",
        "DROP TRIGGER history_update ON public.providers_rate",
        "ALTER FUNCTION audit.providers_rate_update() OWNER TO web",
        "CREATE OR REPLACE FUNCTION public.app_actor() RETURNS text LANGUAGE sql AS $$ SELECT 'user:another' $$",
        "CREATE FUNCTION audit.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$",
        "SET ROLE audit",
        "SET ROLE owner",
        "SET SESSION AUTHORIZATION owner",
        "ALTER ROLE web SET app.actor = 'user:another'",
    ],
)
def test_web_neither_forges_skips_nor_erases(flock, administrator, statement):
    """As web signed in by itself where the statement is about who one is: a superuser's session may be anybody."""
    if statement.startswith(("SET ", "ALTER ROLE")) or "set_config" in statement:
        with undone(flock.viewers["southwark"]), pytest.raises(ProgrammingError), transaction.atomic():
            connection.cursor().execute(statement)
        return
    with Probe(administrator, flock).as_viewer("southwark") as session, pytest.raises(InsufficientPrivilege):
        session.execute(statement)


def test_history_is_told_whatever_the_session_pretends(flock):
    """Names of the session's own, found before the real ones by anything that does not name its schema."""
    rate = Rate.__name__
    with undone(flock.viewers["southwark"]), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE fresh (id bigint)")
        cursor.execute("CREATE TEMPORARY TABLE stale (id bigint)")
        cursor.execute("CREATE FUNCTION pg_temp.app_actor() RETURNS text LANGUAGE sql AS $$ SELECT 'user:another' $$")
        cursor.execute("SET LOCAL search_path = pg_temp, public")
        cursor.execute("SELECT set_config('pgtrigger.ignore', 'all', true)")
        cursor.execute("UPDATE public.providers_rate SET amount = amount + 1")
        assert cursor.rowcount > 0, rate
        changed = cursor.rowcount
        cursor.execute("SELECT count(*) FROM audit.providers_rate WHERE operation = 'update' AND actor = %s", [WHO])
        assert cursor.fetchone() == (changed,)


def test_an_event_that_shows_both_sides_is_shown_to_those_of_both(flock):
    """A home changes hands, and a rate's dates move clear of an authority's participation and back."""
    home, birch = flock.made["alder home"], flock.made["birch"].pk
    with undone(flock.viewers["lewisham"]):
        Establishment.objects.filter(pk=home.pk).update(provider=birch)
        assert events_of(Establishment).filter(row_id=home.pk, operation="update").count() == 1
        _become(flock.viewers["birch"])
        assert _updates("providers_establishment", home.pk) == 0
        _become(flock.viewers["alder"])
        assert _updates("providers_establishment", home.pk) == 0
    late = next(
        row
        for row in flock.of(Rate)
        if "lewisham" in row.sees and "croydon" not in row.sees and "southwark" in row.sees
    )
    with undone(flock.viewers["southwark"]):
        Rate.objects.filter(pk=late.id).update(ends_before=date(2027, 4, 1))  # visible to Croydon neither side
        Rate.objects.filter(pk=late.id).update(starts_on=date(1999, 4, 1), ends_before=date(1999, 5, 1))
        assert _updates("providers_rate", late.id) == 2
        _become(flock.viewers["croydon"])
        assert _updates("providers_rate", late.id) == 0
        _become(flock.viewers["lewisham"])
        assert _updates("providers_rate", late.id) == 2


def _become(viewer):
    values = [viewer.kind, str(viewer.authority_id), str(viewer.provider_id)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.kind', %s, true), set_config('app.authority', %s, true), "
            "set_config('app.provider', %s, true)",
            values,
        )


def _updates(table, row_id):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM audit.{table} WHERE row_id = %s AND operation = 'update'", [row_id])
        return cursor.fetchone()[0]


def test_erasure_leaves_an_event_of_its_own(flock):
    lot = flock.made["shared lot"]
    wrong = "00000000-0000-4000-8000-000000000000"
    redact = "SELECT audit.redact('partnership_lot', %s, ARRAY['name', 'specification'], %s)"
    owner = connections["owner"]
    with pytest.raises(DatabaseError, match="say which columns"), transaction.atomic("owner"), owner.cursor() as cursor:
        cursor.execute(redact, [lot.uuid, ""])
    with pytest.raises(DatabaseError, match="nobody is looking"), transaction.atomic("owner"), owner.cursor() as cursor:
        cursor.execute(redact, [lot.uuid, "asked for by the person"])
    with pytest.raises(DatabaseError, match="no history"), transaction.atomic("owner"), owner.cursor() as cursor:
        cursor.execute(redact, [wrong, "asked for by the person"])
    with acting_as(Viewer.of_service("erasure"), by=WHO, using="owner"), owner.cursor() as cursor:
        cursor.execute(redact, [lot.uuid, "asked for by the person"])
        (touched,) = cursor.fetchone()
        cursor.execute(
            """SELECT operation, before, after, actor, reason FROM audit.partnership_lot WHERE row_uuid = %s
               ORDER BY event_id""",
            [lot.uuid],
        )
        *others, last = cursor.fetchall()
        assert touched == len(others) > 0
        assert last == ("erased", None, None, WHO, "asked for by the person (name, specification)")
        assert not [event for event in others if lot.name in str(event) or lot.specification in str(event)]
        assert all(lot.number in str(event) for event in others)
        transaction.set_rollback(True, using="owner")


def test_as_known_on_agrees_with_what_was_noted_at_the_time(flock):
    """Lots come, change and go at random; what stood after each step is asked again of history."""
    choose = random.Random(7)
    framework = flock.made["shared"]
    noted = []
    with undone(flock.viewers["southwark"]), connection.cursor() as cursor:
        for step in range(60):
            lots = list(Lot.objects.filter(framework=framework))
            what = choose.choice(["add", "change", "change", "change all", "remove"])
            if what == "add" or len(lots) < 2:
                Lot.objects.create(framework=framework, number=f"n{step}", name=f"Lot {step}", service_type="fostering")
            elif what == "change":
                Lot.objects.filter(pk=choose.choice(lots).pk).update(
                    name=f"Named at {step}", service_type="residential"
                )
            elif what == "change all":
                Lot.objects.filter(framework=framework).update(specification=f"As of {step}")
            else:
                Lot.objects.filter(
                    pk=choose.choice([lot for lot in lots if lot.pk != flock.made["shared lot"].pk]).pk
                ).delete()
            cursor.execute("SELECT clock_timestamp()")
            noted.append((cursor.fetchone()[0], list(Lot.objects.filter(framework=framework).order_by("pk").values())))
        for instant, then in noted:
            known = as_known_on(Lot, instant, framework_id=framework.pk)
            assert [{key: getattr(lot, key) for key in then[0]} for lot in known] == then
        assert len({len(then) for _, then in noted}) > 2
        assert Framework.objects.filter(pk=framework.pk).exists()
