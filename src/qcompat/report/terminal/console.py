"""The console of the answers in text."""

from __future__ import annotations

from rich.console import Console


class AnswerConsole(Console):
    """Rich's console, which leaves a reader that has gone to the command as any other form does."""

    def on_broken_pipe(self) -> None:
        """Go on with the BrokenPipeError; rich would exit with 1, which says that it breaks."""
        raise  # rich calls this while it handles the error
