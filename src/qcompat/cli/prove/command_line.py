"""A command that takes any number of builds, and QEMU's arguments after `--`.

click knows only one argument of any length, so the two are told apart at the `--` before it
looks at them.
"""

from __future__ import annotations

import click


class ChainCommand(click.Command):
    """What stands before `--` becomes the parameter `stops`, what stands after it `arguments`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:at])
        ctx.params["stops"] = ctx.params["arguments"]
        ctx.params["arguments"] = tuple(args[at + 1 :])
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return ["SOURCE TARGET [BUILD]...", "[OPTIONS]", "[-- QEMU ARGUMENTS]"]
