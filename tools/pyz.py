"""Makes `dist/qcompat.pyz`: qcompat and its libraries in one file, for hosts that reach no PyPI.

    make bundle
    python3 qcompat.pyz check …

The file runs with the Python that has the version of the one that made it, on the same kind of
machine. At its first start it unpacks itself into the user's cache.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "dist" / "qcompat.pyz"

# Runs before anything is there but Python's own library, on whatever version it is.
_MAIN = """\
import os, sys, platform, shutil, tempfile, zipfile

WANTED, KEY = {wanted!r}, {key!r}
seen = "%d.%d %s %s" % (*sys.version_info[:2], platform.system(), platform.machine())
if seen != WANTED:
    sys.exit("error: this file is for Python %s, and this is %s\\n"
             "hint: make one there: make bundle PYTHON=/path/to/python3" % (WANTED, seen))
cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
cache = os.environ.get("QCOMPAT_CACHE") or os.path.join(cache, "qcompat")
place = os.path.join(cache, "pyz-" + KEY)
if not os.path.isdir(place):
    os.makedirs(cache, mode=0o700, exist_ok=True)
    draft = tempfile.mkdtemp(prefix="pyz-", dir=cache)
    with zipfile.ZipFile(sys.argv[0]) as archive:
        archive.extractall(draft, [n for n in archive.namelist() if n.startswith("site/")])
    try:
        os.rename(draft, place)
    except OSError:  # another one was faster
        shutil.rmtree(draft)
site = os.path.join(place, "site")
sys.path.insert(0, site)
os.environ["PYTHONPATH"] = site
from qcompat.__main__ import main
sys.exit(main())
"""


def main() -> int:
    """Fetch what is locked, and write the file."""
    with tempfile.TemporaryDirectory(prefix="qcompat-pyz-") as folder:
        site = Path(folder) / "content" / "site"
        _install(site, "--require-hashes", "-r", str(ROOT / "requirements" / "runtime.txt"))
        _install(site, "--no-deps", "--no-build-isolation", str(ROOT))
        for tool in ("hatchling", "bin"):  # builds qcompat, and is of no use to it
            shutil.rmtree(site / tool, ignore_errors=True)
        write(site.parent, TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size >> 20} MB, for Python {_made_for()}")
    return 0


def write(content: Path, target: Path) -> None:
    """The file, of a directory with everything below `site`."""
    digest = hashlib.sha256()
    for path in sorted(content.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(content)).encode() + path.read_bytes())
    source = _MAIN.format(wanted=_made_for(), key=digest.hexdigest()[:16])
    (content / "__main__.py").write_text(source)
    target.parent.mkdir(exist_ok=True)
    zipapp.create_archive(content, target, "/usr/bin/env python3", compressed=True)


def _made_for() -> str:
    major, minor = sys.version_info[:2]
    return f"{major}.{minor} {platform.system()} {platform.machine()}"


def _install(site: Path, *what: str) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
    subprocess.run([*pip, "--disable-pip-version-check", "--target", str(site), *what], check=True)


if __name__ == "__main__":
    sys.exit(main())
