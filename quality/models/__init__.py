from .inspections import Inspection

__all__ = ["Inspection"]
