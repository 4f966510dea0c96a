"""The scenarios of the documentation: they hold, and their pages show what the command says."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from qcompat.cli.machine.matrix import matrix
from qcompat.errors import FileFormatError
from qcompat.report.machine.text.scenario import write
from qcompat.report.output import Output
from tests.machine.scenario.worlds import PAGES, WORLD, example

NAMES = ("num-queues", "error-mask", "queue-size")
BLOCK = re.compile(r"```console\n\$ qcompat machine matrix (\S+)\n(.*?)```", re.DOTALL)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(matrix, list(arguments), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.return_value or 0, done.output


@pytest.mark.parametrize("name", NAMES)
def test_every_expectation_of_an_example_holds(name: str) -> None:
    worked = example(name)
    assert worked.checked
    assert [each for each in worked.checked if not each.holds] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_what_the_command_prints(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text()
    blocks = BLOCK.findall(page)
    assert [path for path, _ in blocks] == [f"docs/explanation/scenarios/{name}.toml"]
    out = io.StringIO()
    write(example(name), Output(out, width=80))
    assert blocks[0][1] == f"{out.getvalue()}$ echo $?\n0\n"


@pytest.mark.parametrize("name", NAMES)
def test_json_tells_every_cell_with_its_case(name: str) -> None:
    code, output = run("--json", str(PAGES / f"{name}.toml"))
    document = json.loads(output)
    assert code == 0
    assert (document["schema"], document["holds"]) == ("qcompat.scenario/1", True)
    for inventory in (document["before"], document["after"]):
        guests = {cell["guest"] for cell in inventory["cells"]}
        assert len(inventory["cells"]) == len(guests) * len(inventory["ends"]) ** 2
        for cell in inventory["cells"]:
            assert (cell["verdict"] == "ok") == (cell["reasons"] == [])


def test_an_expectation_that_fails_is_told_and_gives_1(tmp_path: Path) -> None:
    more = '[[expect]]\npairs = { "1.0 -> 2.0" = "ok", "1.0 -> 1.0" = "ok" }'
    file = tmp_path / "world.toml"
    file.write_text(WORLD.format(check="equal", travels="no", more=more, properties=""))
    code, output = run(str(file))
    assert code == 1
    assert "expectations: 1 of 2 hold" in output
    assert "before, net, 1.0 → 2.0: expected ok, is blocked" in output


def test_a_world_without_a_fix_has_one_picture(tmp_path: Path) -> None:
    file = tmp_path / "world.toml"
    file.write_text(WORLD.format(check="equal", travels="no", more="", properties=""))
    code, output = run(str(file))
    assert code == 0
    assert "fix" not in output
    assert json.loads(run("--json", str(file))[1])["after"] is None


def test_a_bad_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "world.toml"
    file.write_bytes(b"title = '\xff'")
    with pytest.raises(FileFormatError, match="not UTF-8"):
        run(str(file))


def test_the_issue_of_4_queues_is_told_with_the_layer() -> None:
    (reason,) = example("num-queues").before.chain("started on 5.1, helped once").hops[1].reasons
    assert (reason.source, reason.target) == ("1", "4")
    assert str(reason.source_origin) == "-global virtio-blk-device.num-queues=1"
    assert str(reason.target_origin) == "auto with 4 CPUs, default of 5.2.0"
