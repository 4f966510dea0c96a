"""The answers of `source` and `bisect` as JSON: all of them, in a fixed order."""

from __future__ import annotations

from typing import Any

import msgspec

from qcompat.report.output import Output
from qcompat.report.source.answers import Bisection, SourceLint, SourceShow
from qcompat.report.source.sentences import pasted, sentence
from qcompat.source.confirm import Confirmation
from qcompat.source.tree.machines import Machine
from qcompat.source.tree.tree import Tree


def write_lint(answer: SourceLint, out: Output) -> None:
    """`qcompat.source-lint/1`."""
    document: dict[str, Any] = {
        "schema": "qcompat.source-lint/1",
        "tree": answer.tree,
        "against": answer.against,
        "findings": [
            {**msgspec.to_builtins(each), "message": sentence(each), "paste": pasted(each)}
            for each in answer.found
        ],
        "not_followed": [msgspec.to_builtins(each) for each in answer.lost],
    }
    out.write_document(document)


def write_confirmation(found: Confirmation, out: Output) -> None:
    """`qcompat.source-build/1`."""
    out.write_document({"schema": "qcompat.source-build/1"} | msgspec.to_builtins(found))


def write_bisection(answer: Bisection, out: Output) -> None:
    """`qcompat.bisect/1`."""
    found = answer.found
    document = {
        "schema": "qcompat.bisect/1",
        "commits": found.commits,
        "good": found.good,
        "bad": found.bad,
        "steps": found.steps,
        "facts": answer.facts,
    }
    out.write_document(document)


def write_tree(answer: SourceShow, out: Output) -> None:
    """`qcompat.source/1`: all of the tree, or what was asked for."""
    tree, type_, machine = answer.tree, answer.type, answer.machine
    names = [type_] if type_ else [] if machine else sorted(tree.types.all)
    machines = [machine] if machine else [] if type_ else sorted(tree.machines.all)
    document: dict[str, Any] = {
        "schema": "qcompat.source/1",
        "tree": tree.files.origin,
        "version": tree.files.version,
        "counts": answer.counts(),
        "types": [_type_document(tree, name) for name in names],
        "machines": [_machine_document(tree.machines.all[name]) for name in machines],
        "not_followed": [msgspec.to_builtins(each) for each in tree.unfollowed],
    }
    out.write_document(document)


def _type_document(tree: Tree, name: str) -> dict[str, Any]:
    one = tree.types.all[name]
    return {
        "name": name,
        "place": msgspec.to_builtins(one.place),
        "ancestors": tree.types.ancestors(name)[1:],
        "abstract": one.is_abstract,
        "properties": [
            {"owner": owner, **msgspec.to_builtins(each)}
            for owner, each in tree.types.properties(name).values()
        ],
        "added_by_code": one.added,
        "complete": not tree.types.is_open(name),
    }


def _machine_document(machine: Machine) -> dict[str, Any]:
    return {
        "name": machine.name,
        "place": msgspec.to_builtins(machine.place),
        "tables": [msgspec.to_builtins(each) for each in machine.tables],
    }
