from .decisions import PriceDecision, PriceOutcome
from .national import NationalFigure, NationalMeasure, StatisticalNeighbour
from .peers import PeerGroup, PeerMember
from .releases import Contribution, PublishedFigure, Release, ReleaseState

__all__ = [
    "Contribution",
    "NationalFigure",
    "NationalMeasure",
    "PeerGroup",
    "PeerMember",
    "PriceDecision",
    "PriceOutcome",
    "PublishedFigure",
    "Release",
    "ReleaseState",
    "StatisticalNeighbour",
]
