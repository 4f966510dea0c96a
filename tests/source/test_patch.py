"""Patches applied in memory."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import FileFormatError
from qcompat.source.patch import apply, parse

_LINES = st.lists(st.sampled_from("abcdef"), max_size=30)
_PATCH = """From 1234 Mon Sep 17 00:00:00 2001
Subject: [PATCH] more queues

---
 hw/a.c | 2 +-

diff --git a/hw/a.c b/hw/a.c
index 1..2 100644
--- a/hw/a.c
+++ b/hw/a.c
@@ -1,3 +1,3 @@ static int x
 one
-two
+2
 three
--
2.39
"""


def test_mail_with_a_patch_is_applied() -> None:
    changed = apply(parse(_PATCH, "p"), {"hw/a.c": "one\ntwo\nthree\n"}.get, "p")
    assert changed == {"hw/a.c": "one\n2\nthree\n"}


def test_moved_hunk_is_found() -> None:
    changed = apply(parse(_PATCH, "p"), {"hw/a.c": "x\ny\none\ntwo\nthree\n"}.get, "p")
    assert changed == {"hw/a.c": "x\ny\none\n2\nthree\n"}


def test_series_builds_on_itself() -> None:
    second = _PATCH.replace("-two\n+2", "-2\n+zwei")
    changed = apply(parse(_PATCH + second, "p"), {"hw/a.c": "one\ntwo\nthree\n"}.get, "p")
    assert changed == {"hw/a.c": "one\nzwei\nthree\n"}


def test_new_deleted_and_renamed_files_are_followed() -> None:
    text = """diff --git a/new.c b/new.c
--- /dev/null
+++ b/new.c
@@ -0,0 +1,2 @@
+int a;
+int b;
diff --git a/gone.c b/gone.c
--- a/gone.c
+++ /dev/null
@@ -1 +0,0 @@
-old
diff --git a/from.c b/to.c
rename from from.c
rename to to.c
"""
    files = {"gone.c": "old\n", "from.c": "kept\n"}
    changed = apply(parse(text, "p"), files.get, "p")
    assert changed["gone.c"] is None
    assert changed["from.c"] is None
    assert changed["to.c"] == "kept\n"
    assert (changed["new.c"] or "").split() == ["int", "a;", "int", "b;"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no patch at all", "holds no unified diff"),
        (_PATCH[: _PATCH.index("-two")], "in the middle of the hunk"),
        (_PATCH.replace("-two", "-other"), "does not apply"),
        (_PATCH.replace("hw/a.c", "hw/b.c"), "is not in the tree"),
    ],
)
def test_bad_patch_is_one_clear_error(text: str, message: str) -> None:
    with pytest.raises(FileFormatError, match=message):
        apply(parse(text, "p"), {"hw/a.c": "one\ntwo\nthree\n"}.get, "p")


@given(_LINES, _LINES, st.integers(0, 3))
def test_what_diff_makes_is_applied(old: list[str], new: list[str], context: int) -> None:
    lines = list(difflib.unified_diff(old, new, "a/x", "b/x", n=context, lineterm=""))
    if lines:
        before = "\n".join([*old, ""])
        changed = apply(parse("\n".join(lines), "p"), {"x": before}.get, "p")
        assert changed["x"] == "\n".join([*new, ""])
