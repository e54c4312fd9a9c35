from .base import Fact, FromFile, VisibleManager, VisibleQuerySet
from .cache import CacheEntry
from .imports import ImportChange, ImportRemark, ImportRun, ImportSheet, ImportState

__all__ = [
    "CacheEntry",
    "Fact",
    "FromFile",
    "ImportChange",
    "ImportRemark",
    "ImportRun",
    "ImportSheet",
    "ImportState",
    "VisibleManager",
    "VisibleQuerySet",
]
