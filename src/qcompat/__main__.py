"""The program (`qcompat`, `python -m qcompat`): until it is loaded, Ctrl-C ends it at once.

Loading takes a tenth of a second, in which Python would answer Ctrl-C with a traceback, or with an
error of the module that is being loaded. `cli.process.termination` takes over from there.
"""

from __future__ import annotations

import signal


def main() -> None:
    """Load the commands and run one."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from qcompat.cli import main as run

    run()


if __name__ == "__main__":
    main()
