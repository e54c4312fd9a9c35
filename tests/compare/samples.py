"""Rows on which the comparison pages are tried (tests/permissions.py)."""

from commissioning.compare.models import PeerGroup, PeerMember, Release
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.models import Placement
from providers.models import Award
from tests.compare.figures import release_by
from tests.contracts.bought import child_of, framework_placement
from tests.permissions import Sample
from tests.quality.meeting import with_set


def _lot(cast):
    return {"uuid": cast.world.lot(cast.world.shared).uuid}


def _bought(cast):
    """A provider and a lot from which Southwark has called off a home, and Lewisham none."""
    lot = cast.world.lot(cast.world.shared)
    with cast.acting("commissioning_officer"):
        award = Award.objects.filter(lot=lot).order_by("pk").first()
        if not Placement.objects.filter(award=award).exists():
            framework_placement(child_of(cast.authority), award)
        return {"provider": award.provider.uuid, "market": str(lot.uuid)}


def _statement(cast):
    with_set()
    return {"number": 1}


def _measure(cast):
    return {"key": "weekly_price"}


def _cell(cast):
    return {"key": "weekly_price", "cut": "service"}


def published(cast):
    """The one release of the samples: asked for by Southwark, approved by Lewisham."""
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        there = Release.objects.filter(number=1).first()
    people = (cast.person("commissioning_officer", stranger=stranger) for stranger in (False, True))
    return there or release_by(*people)


def _release(cast):
    return {"uuid": published(cast).uuid}


def group(cast):
    """Southwark's, of itself and Lewisham."""
    with cast.acting("commissioning_officer") as user:
        there = PeerGroup.objects.filter(name="Inner London").first()
        if there is None:
            there = PeerGroup.objects.create(authority=user.authority, name="Inner London")
            for member in (cast.authority, cast.other):
                PeerMember.objects.create(group=there, authority=user.authority, member=member)
        return there


def _group(cast):
    return {"uuid": group(cast).uuid}


WHY = "every member and provider reads lots; whose rates it holds is tried in test_lot_rates"
MEMBERS = (
    "every member reads releases and their figures; those that name a provider are tried in test_release_isolation"
)
TWO = "any member's officer may take a step; that two people do is tried in test_release_pages"
SIDE = "every member reads every provider's; what each sees in it is tried in test_scorecard"
SAMPLES = {
    "lot-together": Sample(_lot, why=WHY),
    "lot": Sample(_lot, why=WHY), "lot-workbook": Sample(_lot, why=WHY), "lot-card": Sample(_lot, why=WHY),
    "benchmarks-measure": Sample(_measure, why=MEMBERS), "benchmarks-cell": Sample(_cell, why=MEMBERS),
    "release": Sample(_release, why=MEMBERS), "release-progress": Sample(_release, why=MEMBERS),
    "release-approve": Sample(_release, why=TWO), "release-publish": Sample(_release, why=TWO),
    "release-again": Sample(_release, why=TWO), "release-correct": Sample(_release, why=TWO),
    "release-withdraw": Sample(_release, why=TWO),
    "benchmarks-prices-decide": Sample(_bought, hidden_from="stranger"),
    "scorecard": Sample(lambda cast: {"uuid": cast.provider.uuid}, hidden_from="rival"),
    "scorecard-group": Sample(lambda cast: {"uuid": cast.provider.uuid}, why=SIDE),
    "scorecard-lot": Sample(_lot, why=SIDE),
    "statement-links": Sample(_statement, why="every member reads what serves a statement; own outcomes are counted"),
    "peer-group": Sample(_group, why="every member reads every group"),
    "peer-group-change": Sample(_group, hidden_from="stranger"),
    "peer-group-remove": Sample(_group, hidden_from="stranger"),
}  # fmt: skip
