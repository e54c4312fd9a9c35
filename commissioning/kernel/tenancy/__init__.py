"""Isolation in two layers: what a viewer may see is declared once on each model.

The declaration (visibility.py) filters every query made through a model's manager, and is written into the
database as row-level security (policies.py). Either layer alone still leaks nothing. It stops mistakes, not
injected SQL: a statement that can call set_config can name another viewer.
"""
