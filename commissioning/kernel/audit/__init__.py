"""History: one event for every changed row, by any route, that the web role can neither forge, skip nor erase."""
