"""Files that others run: their copy of the data with pandas, R, Power BI or Excel. The pages tell how (guides.py)."""

from pathlib import Path

FOLDER = Path(__file__).parent


def files() -> list[Path]:
    """Those that are handed out, by name."""
    return sorted(file for file in FOLDER.iterdir() if file.suffix in (".py", ".R", ".pq") and file.name[0] != "_")
