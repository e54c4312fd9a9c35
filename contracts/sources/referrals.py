"""Source `referrals`: the referral log of an authority, searches and who was asked in them.

A search is known by its reference, a question by search, provider and lot. A later file changes what it says
otherwise; what it leaves empty stays, so an outcome and an answer are never taken away by silence.
"""

from commissioning.kernel.ingest.source import Source, register
from commissioning.kernel.ingest.staging import Staging
from providers.sources.matching import match_providers

from ..models import Child, ChildReference, Offer, Referral
from .placements_match import find_children
from .referrals_check import check_offers, check_referrals
from .referrals_load import write_children, write_offers, write_referrals
from .referrals_template import OFFERS, REFERRALS


@register
class Referrals(Source):
    name = "referrals"
    label = "Referral log"
    says = (
        "Your authority’s searches for homes in the partnership’s template: a sheet of referrals, and one of the "
        "providers asked with their answers."
    )
    takes_json = True
    may = ("referrals", "import")
    tables = (REFERRALS, OFFERS)

    def writes(self):
        return [Child, ChildReference, Referral, Offer]

    def check(self, staging: Staging) -> None:
        find_children(staging, "referrals", "child", "case")
        check_referrals(staging)
        if staging.has("offers"):
            match_providers(staging, "offers", unmatched="true")
            check_offers(staging)

    def load(self, staging: Staging) -> None:
        write_children(staging)
        write_referrals(staging)
        if staging.has("offers"):
            write_offers(staging)

    def title_of(self, model, row):
        if model is Referral:
            return f"Referral {row['number']}" + (f" ({row['reference']})" if row["reference"] else "")
        if model is Child:
            return f"Child {row['number']}"
        return {ChildReference: "a child’s case reference", Offer: "a provider that was asked"}[model]
