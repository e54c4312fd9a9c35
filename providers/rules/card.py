"""Words that a rate card and its reader share."""

EVERY_PARTICIPANT = "Every participant"
SHEET = "Rates"
