"""What may be shown of other authorities' figures. Every rule of disclosure stands in this one module.

Each viewer of a shared figure also contributed to it, and two viewers may compare notes. So a figure must be safe
from everybody who knows one or two authorities' rows, and one pattern of withheld cells serves all (README, decision
25). What is withheld is checked by linear programming (audit.py); here are the rules for one cell, the roundings, the
signs, and the ladder by which a withheld figure leads to the nearest that may be shown.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

# The thresholds. A partnership may make each of them stricter (setting DISCLOSURE), and none of them looser.


@dataclass(frozen=True)
class Thresholds:
    """Counts are of children. A figure is never "about" the authorities that look at it: what stands behind it is
    counted without the largest `viewers` of them."""

    hidden_up_to: int = 7  # a count of 1 to this is withheld
    nearest: int = 5  # other counts are rounded to this
    viewers: int = 2  # how many may compare notes
    other_authorities: int = 3  # behind any figure, besides those viewers
    other_children: int = 5  # the same
    mean_from: int = 10  # children, for mean and median
    quartiles_from: int = 10
    tails_from: int = 20  # 10th and 90th percentiles
    pounds: int = 5  # money is rounded to this
    mode_band: int = 25  # pounds; a most usual price is told as a band this wide
    mode_children: int = 5  # in the band
    mode_authorities: int = 3  # in the band
    p_percent: int = 15  # nobody's part may be estimated more closely than this
    largest_percent: int = 60  # of a figure may be one authority's, or one provider's
    two_largest_percent: int = 85
    width: int = 5  # of what anybody can tell of a withheld count
    width_percent: int = 15  # the same, of the count, the amount or the mean
    rest_width: int = 3  # of the count that is left of one shown cell without another inside it

    def stricter(self, given: Mapping[str, int]) -> "Thresholds":
        """With the given ones in place. ValueError, saying what to change, for an unknown or a looser one."""
        known = {field.name for field in fields(self)}
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"DISCLOSURE names no rule {name!r}. The rules are: {', '.join(sorted(known))}.")
            usual = getattr(self, name)
            looser = value > usual if name in _STRICTER_DOWN else value < usual
            if looser:
                raise ValueError(f"DISCLOSURE would loosen {name} from {usual} to {value}: it may only be stricter.")
        if given.get("nearest", self.nearest) % 2 == 0:
            raise ValueError("DISCLOSURE: nearest must be an odd number, so that a count lies in the middle.")
        return replace(self, **given)


_STRICTER_DOWN = ("largest_percent", "two_largest_percent")
USUAL = Thresholds()


def thresholds(setting: str) -> Thresholds:
    """The thresholds of an installation, from the setting's text: "other_authorities=4 pounds=10"."""
    given: dict[str, int] = {}
    for part in setting.split():
        name, equals, value = part.partition("=")
        if not equals or not value.isdigit():
            raise ValueError(f"DISCLOSURE: {part!r} should be a rule and a whole number, as other_authorities=4.")
        given[name] = int(value)
    return USUAL.stricter(given)


def as_kept(given: Mapping[str, int]) -> Thresholds:
    """The thresholds that a release keeps: of one that was built before there was a rule, the usual one stands in."""
    return replace(USUAL, **{name: given[name] for name in vars(USUAL) if name in given})


# Signs in place of a figure, as the DfE's statistics use them.
WITHHELD, NOT_APPLICABLE, NEARLY_NOUGHT, NOT_AVAILABLE = "c", "z", "k", "x"
SIGNS = {
    WITHHELD: "withheld, so that nobody's figures can be worked out",
    NOT_APPLICABLE: "not applicable",
    NEARLY_NOUGHT: "rounds to nought, and is not nought",
    NOT_AVAILABLE: "not available",
}


# One cell


@dataclass(frozen=True)
class Tally:
    """What stands behind one cell, exactly. `children` by authority; `amounts` and `provided` are sums of the absolute
    amounts by authority and by provider, so that refunds and negative lines hide nothing."""

    children: Mapping[Any, int]
    amounts: Mapping[Any, int]
    provided: Mapping[Any, int]

    @property
    def n(self) -> int:
        return sum(self.children.values())


def enough(children: Mapping[Any, int], rules: Thresholds = USUAL) -> bool:
    """Whether enough authorities and children are left when the largest viewers have taken theirs away."""
    ordered = sorted((n for n in children.values() if n), reverse=True)
    rest = ordered[rules.viewers :]
    return len(rest) >= rules.other_authorities and sum(rest) >= rules.other_children


def dominated(amounts: Iterable[int], rules: Thresholds = USUAL, *, viewers: int = 0) -> bool:
    """Whether one or two parts make up too much of the whole, or `viewers` others can estimate the largest part more
    closely than p per cent, by taking their own away. An empty whole is not dominated."""
    ordered = sorted((amount for amount in amounts if amount), reverse=True)
    whole = sum(ordered)
    if not whole:
        return False
    first, two = ordered[0], sum(ordered[:2])
    if first * 100 > rules.largest_percent * whole or two * 100 > rules.two_largest_percent * whole:
        return True
    rest = sum(ordered[1 + max(1, viewers) :])
    return rest * 100 < rules.p_percent * first


def why_withheld(tally: Tally, rules: Thresholds = USUAL, *, of_provider: bool = False) -> str:
    """Why a cell may not be shown by itself; empty where it may. `of_provider`: the cell names its provider, whose
    part is then all of it, and only those who may see that provider's rates see the cell."""
    if tally.n <= rules.hidden_up_to:
        return "few_children"
    if not enough(tally.children, rules):
        return "few_authorities"
    if dominated(tally.amounts.values(), rules, viewers=rules.viewers):
        return "one_authority"
    if not of_provider and dominated(tally.provided.values(), rules):
        return "one_provider"
    return ""


# For the audit's own report, which counts them; a page says SIGNS[WITHHELD] for all alike, or the reason itself would
# tell how small a withheld cell is.
REASONS = {
    "few_children": "few children",
    "few_authorities": "few authorities besides any two",
    "one_authority": "one authority is too great a part",
    "one_provider": "one provider is too great a part",
    "complementary": "another withheld figure could be worked out from it",
    "difference": "it differs too little from another figure",
    "changed": "a correction would show what was corrected",
    "attribute": "everybody said the same",
}


# Roundings


def rounded_count(n: int, rules: Thresholds = USUAL) -> int:
    return (2 * n + rules.nearest) // (2 * rules.nearest) * rules.nearest


def half_width(rules: Thresholds = USUAL) -> int:
    """By how much a rounded count may differ from the true one."""
    return (rules.nearest - 1) // 2


def rounded_pounds(pence: int, parts: int = 1, rules: Thresholds = USUAL) -> Decimal:
    """`pence` / `parts` in pounds, to the nearest five; halves away from nought."""
    step = rules.pounds * 100 * parts
    whole = (2 * abs(pence) + step) // (2 * step) * rules.pounds
    return Decimal(whole if pence >= 0 else -whole)


def rounded_percent(part: int, whole: int) -> tuple[int | None, str]:
    """(per cent, sign). All and nothing are withheld: they say something of every single child. A share that only
    rounds to nought has its sign, and one that only rounds to all is told as 99."""
    if whole <= 0:
        return None, NOT_AVAILABLE
    if part <= 0 or part >= whole:
        return None, WITHHELD
    share = (200 * part + whole) // (2 * whole)
    if share == 0:
        return None, NEARLY_NOUGHT
    return min(share, 99), ""


# Cuts whose cells name a provider: read only by who takes part in the framework, as the provider's rates are.
OF_PROVIDER = ("provider_market", "provider_price_line", "statement_provider_market")

# The ladder: where a figure is withheld, the nearest wider one that may be shown stands in for it.
LADDER = (
    "provider_market", "market_age_level", "market_age", "market", "service_age_level", "service_age", "service",
    "statement_provider_market", "statement_owner", "statement_market", "statement_service", "statement",
)  # fmt: skip
RUNGS = {
    "provider_market": "this provider on this lot",
    "market_age_level": "this lot, age and level",
    "market_age": "this lot and age",
    "market": "this lot",
    "service_age_level": "this kind of home, age and level",
    "service_age": "this kind of home and age",
    "service": "this kind of home",
    "rate_card": "the framework's rate card",
    # What young people say: the provider, then its owner, before anything wider.
    "statement_provider_market": "this provider on this lot",
    "statement_owner": "the owner of this provider",
    "statement_market": "this lot",
    "statement_service": "this kind of home",
    "statement": "all homes",
    "own": "our own young people alone",
}


def first_shown(shown: Collection[str]) -> str:
    """The first rung of the ladder among those that may be shown; "rate_card" where none of them may."""
    return next((rung for rung in LADDER if rung in shown), "rate_card")
