"""A Python package for those who call the API: made from the description when it is asked for, never kept.

`runtime.py` goes into it as it stands; `generate.py` writes the rest.
"""
