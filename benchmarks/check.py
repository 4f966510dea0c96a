"""What `qcompat check` on bundled portraits costs from the shell: `python -m benchmarks.check`.

Target: under 0.5 s. The peer is an interpreter that does nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.timing import time_pair

QCOMPAT = Path(sys.executable).with_name("qcompat")
QUESTION = [
    *(str(QCOMPAT), "check", "debian-10.0.13", "debian-11.1.3"),
    *("--machine", "pc-q35-10.0", "--device", "virtio-blk-pci"),
]


def main() -> None:
    """Print both medians."""
    ours, peer = time_pair(
        ("qcompat check", lambda: subprocess.run(QUESTION, capture_output=True, check=False)),
        ("python -c pass", lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)),
    )
    print(f"{ours}; {peer}")


if __name__ == "__main__":
    main()
