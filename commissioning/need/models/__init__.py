from .plans import Milestone, PlannedAction

__all__ = ["Milestone", "PlannedAction"]
