"""What `make demo` runs: one real question, and what its exit code means.

The question is the one of docs/tutorial.md. Exit code 1 is the expected answer here (the
promise is broken), so the demonstration succeeds with it, and fails with any other.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

QCOMPAT = Path(__file__).resolve().parent.parent / ".venv" / "bin" / "qcompat"
QUESTION = (
    "check", "debian-10.0.13", "debian-11.1.3",
    "--machine", "pc-q35-10.0", "--device", "virtio-blk-pci",
)  # fmt: skip
MEANINGS = {
    0: "0: the promise is kept",
    1: "1: the promise is broken, this guest cannot migrate there (here the expected answer)",
    2: "2: the question was put wrongly",
    3: "3: unknown, too little is known for an answer",
    4: "4: the surroundings failed",
}


def main() -> int:
    """Ask, show the answer and explain the exit code."""
    print("$ qcompat", *QUESTION, flush=True)
    code = subprocess.run([str(QCOMPAT), *QUESTION]).returncode
    print(f"\nexit code {MEANINGS.get(code, str(code))}")
    return 0 if code == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
