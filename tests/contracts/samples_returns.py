"""The routes of returns take no arguments: there is nothing to try them on but themselves."""

SAMPLES: dict = {}
