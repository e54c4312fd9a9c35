"""A group that a release has figures of stays as it was: the figures keep its name and its members."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from commissioning.compare.actions.peer_groups import remove_group, save_group
from commissioning.kernel.tenancy.viewer import acting_as
from tests.compare.figures import figures, release_by, weekly
from tests.compare.samples import group

pytestmark = pytest.mark.django_db(databases=["default", "owner", "release"], transaction=True)


@pytest.mark.parametrize("of_provider", [False, True])
def test_it_may_be_named_anew_and_nothing_else(cast, of_provider):
    first = cast.person("commissioning_officer")
    made, found = release_by(first, cast.person("commissioning_officer", stranger=True)), group(cast)
    # Southwark has no part in the pair's framework, so it does not see that figure; the database keeps it all the same.
    cell = {"provider_id": cast.provider.pk, "framework_id": cast.world.pair.pk} if of_provider else {}
    figures(made, weekly("provider_market" if of_provider else "service", group_id=found.pk, **cell))
    client = Client()
    client.force_login(first)
    page = client.get(f"/benchmarks/groups/{found.uuid}/").content.decode()
    assert ("it cannot be removed" in page) == (f"{found.uuid}/remove/" not in page) == (not of_provider)
    with acting_as(first.viewer, by=first):
        with pytest.raises(ValidationError, match="so it stays"):
            remove_group(group=found, by=first)
        both = [cast.authority, cast.other]
        save_group(authority=first.authority, name="Two boroughs", members=both, by=first, group=found)
        assert found.name == "Two boroughs"
        if not of_provider:
            with pytest.raises(ValidationError, match="Make a new group instead"):
                save_group(
                    authority=first.authority, name="Two", members=[*both, cast.world.greenwich], by=first, group=found
                )
