from .decisions import PriceDecision, PriceOutcome
from .peers import PeerGroup, PeerMember
from .releases import Contribution, PublishedFigure, Release, ReleaseState

__all__ = [
    "Contribution",
    "PeerGroup",
    "PeerMember",
    "PriceDecision",
    "PriceOutcome",
    "PublishedFigure",
    "Release",
    "ReleaseState",
]
