"""Rows on which the partnership room's routes with arguments are tried (tests/permissions.py)."""

from commissioning.partnership.actions.invite_person import invite_person
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.models import User
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


SAMPLES = {
    "invitation": Sample(lambda cast: {"secret": _invited(cast)[1]}, why="whoever holds the link may open it"),
    "withdraw_invitation": Sample(lambda cast: {"uuid": _invited(cast)[0].uuid}, hidden_from="stranger"),
    "person": Sample(_person, hidden_from="stranger"),
    "change_person": Sample(lambda cast: _person(cast) | {"what": "off"}, hidden_from="stranger"),
    "revoke_key": Sample(_key, hidden_from="stranger"),
}
