"""How two spellings of an authority's name are compared."""

import re

_FILLERS = {
    "the",
    "of",
    "city",
    "county",
    "council",
    "borough",
    "london",
    "royal",
    "metropolitan",
    "district",
    "upon",
    "and",
    "&",
}


def fold_authority(name: str) -> str:
    """Case, punctuation and words such as "London Borough of" do not count: "Bristol, City of" is "bristol"."""
    words = re.sub(r"[^a-z& ]+", " ", name.lower().replace(".", "").replace("'", "").replace("’", "")).split()
    kept = [word for word in words if word not in _FILLERS]
    return " ".join(kept or words)
