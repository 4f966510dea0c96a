"""What one file of QEMU's source says, as it is spelled there.

Nothing is resolved here: a name may be a macro of another file. That keeps the facts a
function of the file's content alone, so that they can be kept by its hash; `tree` links them.
Lines count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Item(msgspec.Struct, frozen=True, array_like=True):
    """One element of an initialiser: a macro with its arguments, or a plain expression.

    `macro` is empty for a braced element, whose text is then the only argument. `condition`
    is the preprocessor condition that it stands under.
    """

    macro: str
    arguments: tuple[str, ...]
    line: int
    condition: str = ""


class PropertyArray(msgspec.Struct, frozen=True, array_like=True):
    """An array of `Property`, or a single one."""

    name: str
    items: tuple[Item, ...]
    line: int


class TypeInfo(msgspec.Struct, frozen=True, array_like=True):
    """A QOM type, or (with `siblings`) a virtio PCI device with its transitional siblings."""

    name: str
    parent: str
    line: int
    is_abstract: bool = False
    class_init: str = ""
    instance_init: str = ""
    interfaces: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    condition: str = ""


class Function(msgspec.Struct, frozen=True, array_like=True):
    """What a function contributes to classes and machine types.

    `steps` are the tables it adds and the functions it calls, in their order. `added` are
    properties that it adds by name, `is_dynamic` says that it adds some whose name is computed.
    `descriptions` are the vmstate descriptions it gives to a class or registers. `is_internal`
    says that it keeps a type from being made by users.
    """

    name: str
    line: int
    arrays: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    added: tuple[str, ...] = ()
    is_dynamic: bool = False
    descriptions: tuple[str, ...] = ()
    is_internal: bool = False


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A row of a compat table, as it is spelled."""

    driver: str
    property: str
    value: str
    line: int
    is_optional: bool = False


class Table(msgspec.Struct, frozen=True, array_like=True):
    """An array of `GlobalProperty`; `function` is the one that it stands in, else empty."""

    name: str
    function: str
    entries: tuple[Entry, ...]
    line: int


class MachineUse(msgspec.Struct, frozen=True, array_like=True):
    """A macro that defines a machine type, such as `DEFINE_Q35_MACHINE(7, 2)`."""

    macro: str
    arguments: tuple[str, ...]
    line: int


class Description(msgspec.Struct, frozen=True, array_like=True):
    """A `VMStateDescription`. Versions are expressions; `name` may be a macro."""

    variable: str
    name: str
    line: int
    version: str = "0"
    minimum: str = "0"
    needed: str = ""
    is_unmigratable: bool = False
    fields: tuple[Item, ...] = ()
    subsections: tuple[str, ...] = ()


class Test(msgspec.Struct, frozen=True, array_like=True):
    """A function that decides whether something is sent, with its body on one line."""

    name: str
    body: str
    line: int


class Write(msgspec.Struct, frozen=True, array_like=True):
    """A write to PCI configuration space, its mask or a capability, and the `if`s around it."""

    function: str
    call: str
    target: str
    value: str
    guards: tuple[str, ...]
    line: int


class Macro(msgspec.Struct, frozen=True, array_like=True):
    """A function-like macro."""

    parameters: tuple[str, ...]
    body: str


class Lost(msgspec.Struct, frozen=True, array_like=True):
    """What could not be followed, and why."""

    line: int
    what: str
    why: str


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """Everything that is read from one file; `bodies` are the names of its functions."""

    defines: Mapping[str, str] = {}
    macros: Mapping[str, Macro] = {}
    arrays: tuple[PropertyArray, ...] = ()
    types: tuple[TypeInfo, ...] = ()
    functions: tuple[Function, ...] = ()
    tables: tuple[Table, ...] = ()
    machines: tuple[MachineUse, ...] = ()
    descriptions: tuple[Description, ...] = ()
    tests: tuple[Test, ...] = ()
    writes: tuple[Write, ...] = ()
    mentions: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    intended: Mapping[int, str] = {}
    lost: tuple[Lost, ...] = ()
    bodies: tuple[str, ...] = ()
