"""Images: layers lie one over the other, digests are checked, nothing leaves the root."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from qcompat.builds.unpack import archived, bounds, tree
from qcompat.builds.unpack.image import unpack_image
from qcompat.errors import FileFormatError
from tests.builds.unpack.archive_writer import (
    Members,
    docker_files,
    oci_files,
    write_image,
    write_tar,
)

Form = Callable[[Sequence[bytes]], dict[str, bytes]]
FORMS = pytest.mark.parametrize("form", [oci_files, docker_files])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "root"
    place.mkdir()
    return place


def files_of(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): f"-> {path.readlink()}"
        if path.is_symlink()
        else path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def unpacked(root: Path, *layers: Members, form: Form = oci_files) -> dict[str, str]:
    image = write_image(root.parent / "image.tar", form([write_tar(each) for each in layers]))
    unpack_image(image, root)
    return files_of(root)


@FORMS
def test_later_layers_hide_and_replace_what_earlier_ones_hold(root: Path, form: Form) -> None:
    below = {"usr/a/1": b"1", "usr/a/2": b"2", "usr/b/3": b"3", "usr/c": b"c", "usr/d/e/f": b"f"}
    above = {
        "usr/a/.wh.1": b"",
        "usr/b/new": b"new",
        "usr/b/.wh..wh..opq": b"",
        "usr/.wh.d": b"",
        "usr/d/e/g": b"g",
        "usr/.wh..wh.plnk": b"",
        "usr/c": b"other",
    }
    assert unpacked(root, below, above, form=form) == {
        "usr/a/2": "2",
        "usr/b/new": "new",
        "usr/c": "other",
        "usr/d/e/g": "g",
    }


@FORMS
def test_whiteout_hides_nothing_of_its_own_layer(root: Path, form: Form) -> None:
    assert unpacked(root, {"usr/a": b"a", "usr/.wh.a": b""}, form=form) == {"usr/a": "a"}


def test_image_that_is_compressed_as_a_whole_is_read(root: Path) -> None:
    image = root.parent / "image.tar.gz"
    image.write_bytes(gzip.compress(write_tar(oci_files([write_tar({"usr/a": b"a"})]))))
    unpack_image(image, root)
    assert files_of(root) == {"usr/a": "a"}


def test_links_are_followed_inside_the_root(root: Path) -> None:
    """A later layer writes through links of an earlier one, and ends up inside all the same."""
    below = {"usr/up": "../../../../..", "usr/away": "/usr/qcompat-test", "lib": "/usr/lib"}
    found = unpacked(root, below, {"usr/up/x": b"x", "usr/away/y": b"y", "lib/z": b"z"})
    assert not Path("/usr/qcompat-test").exists()
    assert found["x"] == "x"
    assert found["usr/qcompat-test/y"] == "y"
    assert found["usr/lib/z"] == "z"


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"../x": b"x"}, "leads out of the root"),
        ({"usr/../../x": b"x"}, "leads out of the root"),
        ({"usr/a": "b", "usr/b": "a", "usr/a/c": b"x"}, "have no end"),
        ({"usr/a": b"", "usr/a/b": b"x"}, "below a file"),
        ({"a/" * 150 + "x": b""}, "deeper than"),
        ({f"usr/{'n' * 300}": b"x"}, "too long"),
    ],
)
def test_names_that_no_root_has_are_refused(members: Members, told: str, root: Path) -> None:
    with pytest.raises(FileFormatError, match=told):
        unpacked(root, members)


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_are_refused_but_in_dev(kind: bytes, root: Path) -> None:
    device = tarfile.TarInfo("dev/x")
    device.type = kind
    image = root.parent / "image.tar"
    write_image(image, oci_files([write_tar({"usr/a": b"a"}, extra=[device])]))
    unpack_image(image, root)
    assert files_of(root) == {"usr/a": "a"}
    device.name = "usr/x"
    write_image(image, oci_files([write_tar({}, extra=[device])]))
    with pytest.raises(FileFormatError, match="is a device"):
        unpack_image(image, root.parent)


def test_hard_link_shares_a_file_of_the_root_and_of_no_other_place(root: Path) -> None:
    entry = tarfile.TarInfo("usr/b")
    entry.type, entry.linkname = tarfile.LNKTYPE, "usr/a"
    layers = [write_tar({"usr/a": b"a"}), write_tar({}, extra=[entry])]
    image = write_image(root.parent / "image.tar", oci_files(layers))
    unpack_image(image, root)
    assert (root / "usr/a").samefile(root / "usr/b")
    entry.linkname = "/etc/passwd"
    write_image(image, oci_files([write_tar({}, extra=[entry])]))
    with pytest.raises(FileFormatError, match="which is no file"):
        unpack_image(image, root.parent)


@FORMS
def test_layer_that_is_not_what_its_digest_says_is_refused(root: Path, form: Form) -> None:
    """Another layer lies under the name of the one that the image was made of."""
    files, others = form([write_tar({"usr/a": b"a"})]), form([write_tar({"usr/a": b"b"})])
    own, other = (
        next(n for n in found if n == "0/layer.tar" or found[n].startswith(b"\x28\xb5\x2f\xfd"))
        for found in (files, others)
    )
    image = write_image(root.parent / "image.tar", {**files, own: others[other]})
    with pytest.raises(FileFormatError, match="is damaged: what sha256"):
        unpack_image(image, root)


def test_image_for_another_machine_and_two_images_are_refused(root: Path) -> None:
    image = root.parent / "image.tar"
    layer = [write_tar({"usr/a": b"a"})]
    for files, told in (
        (oci_files(layer, arch="riscv64"), "holds no images for this machine"),
        (docker_files(layer, images=2), "holds 2 images"),
        ({"a": b"a"}, "is no image"),
        ({"index.json": b"[" * 100_000}, "is a damaged image"),
        ({"manifest.json": b'{"a"'}, "is a damaged image"),
    ):
        with pytest.raises(FileFormatError, match=told) as refused:
            unpack_image(write_image(image, files), root)
        (root / ".members").rmdir()
        assert "\n" not in refused.value.message


def test_index_that_leads_to_itself_ends(root: Path) -> None:
    files = oci_files([write_tar({})])
    files["index.json"] = json.dumps({"manifests": [{"digest": "sha256:" + "0" * 64}]}).encode()
    with pytest.raises(FileFormatError):
        unpack_image(write_image(root.parent / "image.tar", files), root)


def test_bombs_end_early(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qcompat.builds.unpack.image.LARGEST", 1 << 20)
    monkeypatch.setattr(tree, "MOST_MEMBERS", 100)
    monkeypatch.setattr(archived, "_MOST_MEMBERS", 100)
    assert bounds.LARGEST > 1 << 20
    with pytest.raises(FileFormatError, match="more than 1 MiB"):
        unpacked(root, {"usr/zeros": bytes(8 << 20)})
    (root / ".members" / "1").unlink()
    (root / ".members").rmdir()
    with pytest.raises(FileFormatError, match="more than 100 files"):
        unpacked(root, {f"usr/{at}": b"" for at in range(101)})
    with pytest.raises(FileFormatError, match="too many files"):
        unpack_image(
            write_image(root.parent / "i", {str(at): b"" for at in range(200)}), root.parent
        )
