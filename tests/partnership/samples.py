"""Rows on which the partnership room's routes with arguments are tried (tests/permissions.py)."""

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.invite_person import invite_person
from commissioning.partnership.actions.load_statements import load_statements
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.actions.sftp_targets import add_target
from commissioning.partnership.actions.webhooks import make_webhook, send_test
from commissioning.partnership.models import Extension, NamedRole, Participation, SftpTarget, User, Webhook
from tests.permissions import Sample


def _person(cast):
    return {"uuid": User.objects.get(email="analyst@southwark.test").uuid}


def _invited(cast):
    with cast.acting("authority_administrator") as admin:
        return invite_person(
            email="new@southwark.test", role="analyst", authority=admin.authority, at=cast.now, by=admin
        )


def _key(cast):
    with cast.acting("authority_administrator") as admin:
        key, _ = make_key(authority=admin.authority, name="nightly", at=cast.now, by=admin)
    return {"uuid": key.uuid}


def _webhook(cast):
    with cast.acting("authority_administrator") as admin:
        found = Webhook.objects.filter(name="warehouse").first()
        if found is None:
            found, _ = make_webhook(
                authority=admin.authority, name="warehouse", address="https://warehouse.example/hooks",
                kinds=["visit.published"], at=cast.now, by=admin,
            )  # fmt: skip
    return {"uuid": found.uuid}


def _sent(cast):
    arguments = _webhook(cast)
    with cast.acting("authority_administrator") as admin:
        sent = send_test(webhook=Webhook.objects.get(uuid=arguments["uuid"]), at=cast.now, by=admin)
    return arguments | {"delivery": sent.uuid}


def _server(cast):
    with cast.acting("authority_administrator") as admin:
        found = SftpTarget.objects.filter(removed_at=None).first() or add_target(
            name="warehouse", host="files.example.com", port=22, user="southwark", folder="in", password="secret",
            fingerprint="SHA256:" + "A" * 43, by=admin,
        )  # fmt: skip
    return {"uuid": found.uuid}


def _framework(cast):
    return {"uuid": cast.world.shared.uuid}


def _lot(cast):
    return {"uuid": cast.world.lot(cast.world.shared).uuid}


def _lot_and_set(cast):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        load_statements()
    return _lot(cast)


def _part(cast):
    with cast.acting("commissioning_officer"):
        part = Participation.objects.get(framework=cast.world.shared, authority=cast.other)
    return _framework(cast) | {"part": part.uuid}


def _option(cast):
    with cast.acting("commissioning_officer"):
        option = Extension.objects.create(framework=cast.world.shared, position=1, months=12)
    return _framework(cast) | {"option": option.uuid}


def _named(cast):
    with cast.acting("authority_administrator") as admin:
        named = NamedRole.objects.first() or NamedRole.objects.create(
            authority=admin.authority, role="safeguarding", name="Safeguarding inbox", email="told@southwark.test"
        )
        return {"uuid": named.uuid}


EVERYBODY_READS = "every member and provider reads frameworks and lots; prices are kept apart"
SAMPLES = {
    "framework": Sample(_framework, why=EVERYBODY_READS),
    "framework-history": Sample(_framework, why=EVERYBODY_READS),
    "framework-new-step": Sample(lambda cast: {"step": "term"}, why="a step of a form, with no row yet"),
    "framework-change": Sample(_framework, refused_to="stranger"),
    "framework-term": Sample(_framework, refused_to="stranger"),
    "framework-join": Sample(_framework, refused_to="stranger"),
    "framework-leave": Sample(_part, refused_to="stranger"),
    "framework-extend": Sample(_option, refused_to="stranger"),
    "framework-event": Sample(_framework, refused_to="stranger"),
    "lot-new": Sample(_framework, refused_to="stranger"),
    "lot-change": Sample(_lot, refused_to="stranger"),
    "lot-price-lines": Sample(_lot, refused_to="stranger"),
    "lot-statements": Sample(_lot_and_set, refused_to="stranger"),
    "invitation": Sample(lambda cast: {"secret": _invited(cast)[1]}, why="whoever holds the link may open it"),
    "withdraw_invitation": Sample(lambda cast: {"uuid": _invited(cast)[0].uuid}, hidden_from="stranger"),
    "person": Sample(_person, hidden_from="stranger"),
    "change_person": Sample(lambda cast: _person(cast) | {"what": "off"}, hidden_from="stranger"),
    "named-role-remove": Sample(_named, hidden_from="stranger"),
    "replace_key": Sample(_key, hidden_from="stranger", personal=True),
    "revoke_key": Sample(_key, hidden_from="stranger", personal=True),
    "webhook": Sample(_webhook, hidden_from="stranger"),
    "webhook-secret": Sample(_webhook, hidden_from="stranger"),
    "webhook-again": Sample(_webhook, hidden_from="stranger"),
    "webhook-again-one": Sample(_sent, hidden_from="stranger"),
    "sftp-remove": Sample(_server, hidden_from="stranger"),
    "webhook-change": Sample(lambda cast: _webhook(cast) | {"what": "pause"}, hidden_from="stranger"),
}
