from .base import Fact, FromFile, VisibleManager, VisibleQuerySet
from .imports import ImportChange, ImportRemark, ImportRun, ImportSheet, ImportState

__all__ = [
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
