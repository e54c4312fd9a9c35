"""Code lists of need and of the plans that answer it."""

PLAN_STATES = {"planned": "Planned", "under_way": "Under way", "done": "Done", "dropped": "Dropped"}
