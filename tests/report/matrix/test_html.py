"""The page in a real browser: it is true, it works from the keyboard, and foreign text is text.

Every test also requires (in `Reader.close`) that the browser complained of nothing and asked
the network for nothing.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from qcompat.report.matrix.html import embedded
from qcompat.report.matrix.tally import failing, fields
from qcompat.trial.matrix.baseline import change_since
from qcompat.trial.matrix.cell import Matrix, Status, status_of
from tests.report.matrix.conftest import Reader
from tests.report.matrix.matrices import HOSTILE, ODD, cell, matrix, real, written

pytestmark = pytest.mark.lab

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
HELD = "(({source, target}) => [source, target])(document.activeElement.dataset)"
EVERYWHERE = [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]
BLK = ("virtio-blk-pci", "debian-10.0.13", "debian-11.1.3")


def rows(page: Page) -> int:
    return page.locator("#cells > li").count()


def selection(page: Page) -> int:
    """How many cells the page says that it shows."""
    told = page.locator("#selection").inner_text()
    return int(re.sub(r"\D", "", told.partition(" ")[0]))


def grid(page: Page) -> dict[tuple[str, str, str], Counter[str]]:
    """What the page's grids say, field by field; what fails by one number."""
    told = page.eval_on_selector_all(
        ".field",
        """fields => fields.map(f => [f.dataset.machine, f.dataset.source, f.dataset.target,
           [...f.querySelectorAll('[data-count]')].map(c => [c.dataset.count, c.innerText])])""",
    )
    return {
        (machine, source, target): Counter(
            {name: int(re.sub(r"\D", "", count)) for name, count in counts}
        )
        for machine, source, target, counts in told
    }


def as_told(counts: Counter[Status]) -> Counter[str]:
    told: Counter[str] = Counter()
    for where, count in counts.items():
        told["failing" if where in ("fails", "crashes") else where] += count
    return told


def test_grid_counts_equal_the_data(reader: Reader) -> None:
    page = reader.open(real())
    expected = {place: as_told(counts) for place, counts in fields(real().cells).items()}
    assert grid(page) == expected


def test_title_and_heading_say_how_many_fail(reader: Reader) -> None:
    page = reader.open(real())
    expect(page.locator("h1")).to_have_text("88 of 624 migrations fail, 5 contradict their verdict")
    assert page.title().startswith("88 of 624 migrations fail: debian-5.2.0, ")


def test_a_field_shows_its_cells_with_reason_message_and_remedy(reader: Reader) -> None:
    page = reader.open(real())
    page.locator(
        '.field[data-machine="pc-q35-7.2"][data-source="debian-10.0.13"]'
        '[data-target="debian-11.1.3"]'
    ).click()
    assert selection(page) == rows(page) == 32
    page.get_by_role("button", name="fails virtio-blk-pci").click()
    details = page.locator(".details")
    expect(details).to_contain_text("blocked")
    expect(details).to_contain_text("the source's queues carry size 1024, the target allocates 256")
    expect(details).to_contain_text("VQ 0 vring.num 1024 exceeds allocated max 256")
    expect(details).to_contain_text("-device virtio-blk-pci,drive=disk,queue-size=1024")


def test_the_remedy_can_be_copied(reader: Reader) -> None:
    page = reader.open(real(), view=f"open={_index(*BLK)}")
    page.locator(".pasted", has_text="Remedy").get_by_role("button").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "-device virtio-blk-pci,drive=disk,queue-size=1024"


def _index(guest: str, source: str, target: str, machine: str = "pc-q35-7.2") -> int:
    keys = [one.key for one in real().cells]
    return keys.index((machine, guest, source, target))


@pytest.mark.parametrize(
    ("chip", "expected"),
    [
        ("failures", sum(1 for _ in failing(real().cells))),
        ("contradicts", sum(one.contradicts for one in real().cells)),
        ("crashes", sum(status_of(one) == "crashes" for one in real().cells)),
        ("drift", sum(status_of(one) == "drift" for one in real().cells)),
    ],
)
def test_a_filter_leaves_what_it_names(reader: Reader, chip: str, expected: int) -> None:
    page = reader.open(real())
    button = page.locator(f'[data-chip="{chip}"]')
    expect(button).to_contain_text(str(expected))
    button.click()
    assert selection(page) == expected
    expect(page.locator(f'[data-chip="{chip}"]')).to_have_attribute("aria-pressed", "true")
    page.locator(f'[data-chip="{chip}"]').click()
    assert selection(page) == len(real().cells)


def test_one_way_leaves_what_loads_and_cannot_come_back(reader: Reader) -> None:
    page = reader.open(ODD)
    page.locator('[data-chip="oneway"]').click()
    assert selection(page) == 1
    expect(page.locator("#cells > li")).to_contain_text("2 → 1")


def test_text_finds_devices_and_what_qemu_said(reader: Reader) -> None:
    page = reader.open(real())
    page.locator("#q").fill("virtio-blk")
    expect(page.locator("#selection")).to_have_text(re.compile("^32 migrations"))
    page.locator("#q").fill("VRING.num balloon")
    expect(page.locator("#selection")).to_have_text(re.compile("^2 migrations"))
    page.locator("#q").fill("nothing is called so")
    expect(page.locator("#selection")).to_have_text(re.compile("^0 migrations"))


def test_machine_type_narrows_grids_and_cells(reader: Reader) -> None:
    page = reader.open(real())
    page.locator("#machine").select_option("pc-q35-7.2")
    assert page.locator(".grid caption").all_inner_texts() == ["pc-q35-7.2"]
    assert selection(page) == sum(one.machine == "pc-q35-7.2" for one in real().cells)


def test_a_reason_selects_the_cells_that_share_it(reader: Reader) -> None:
    page = reader.open(real())
    page.locator(".reason", has_text="it does not know the state vga that is sent").click()
    assert selection(page) == 7
    assert page.locator(".row .guest").all_inner_texts() == ["isa-vga"] * 7


def test_the_address_restores_the_view(reader: Reader) -> None:
    page = reader.open(real())
    page.locator("#q").fill("virtio")
    expect(page).to_have_url(re.compile("q=virtio"))
    page.locator('[data-chip="failures"]').click()
    page.locator('.field[data-source="debian-10.0.13"][data-target="debian-11.1.3"]').last.click()
    page.locator(".row").first.click()
    view, shown = page.url.partition("#")[2], page.locator("main").inner_html()
    page = reader.open(real(), view=view)
    page.reload()
    assert page.locator("main").inner_html() == shown
    assert page.locator("#q").input_value() == "virtio"
    assert page.locator(".details").count() == 1


def test_going_back_goes_back_to_the_view_before(reader: Reader) -> None:
    page = reader.open(real())
    page.locator('[data-chip="crashes"]').click()
    page.go_back()
    assert selection(page) == len(real().cells)


def test_reset_and_escape_show_everything_again(reader: Reader) -> None:
    page = reader.open(real(), view="q=igb&show=fails")
    assert selection(page) < len(real().cells)
    page.locator("#reset").click()
    assert selection(page) == len(real().cells)
    page = reader.open(real(), view="q=igb")
    page.keyboard.press("Escape")
    assert selection(page) == len(real().cells)


def test_an_address_that_makes_no_sense_shows_nothing_and_breaks_nothing(reader: Reader) -> None:
    page = reader.open(real(), view="from=%3Cb%3E&show=nonsense&open=999999&%ZZ&marks=__proto__")
    assert selection(page) == 0


def test_all_of_it_works_from_the_keyboard(reader: Reader) -> None:
    page = reader.open(real())
    page.keyboard.press("/")
    page.keyboard.type("isa-vga")
    expect(page.locator("#selection")).to_have_text(re.compile("^32 migrations"))
    page.locator(".field").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(HELD) == ["debian-10.0.2", "debian-10.0.13"]
    page.keyboard.press("Enter")
    assert page.evaluate(HELD) == ["debian-10.0.2", "debian-10.0.13"]
    assert selection(page) == 1
    page.locator(".row").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_attribute("aria-expanded", "true")
    assert page.locator(".details").count() == 1


@pytest.mark.parametrize("reader", EVERYWHERE, indirect=True)
def test_texts_that_mean_harm_stay_texts(reader: Reader) -> None:
    page = reader.open(ODD, change_since(matrix(*ODD.cells[:1], cell(guest=HOSTILE)), ODD))
    page.locator("details.builds summary").click()
    page.locator('[data-chip="fails"]').click()
    page.locator(".row").first.click()
    assert "owned" not in page.title()
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    told = page.locator(".details pre").first.inner_text()
    assert "</script><script>document.title='owned'</script><!-- <img" in told
    assert "{{ 7*7 }} 漢字" in told
    assert "49" not in page.locator("details.builds").inner_text()


@pytest.mark.parametrize("reader", EVERYWHERE, indirect=True)
@pytest.mark.parametrize("each", [ODD, real()], ids=["odd", "real"])
def test_every_text_can_be_read(reader: Reader, each: Matrix) -> None:
    page = reader.open(each, view="open=0")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate(CONTRAST) == []
    for one in page.locator(".chip").all():
        one.click()
        assert page.evaluate(CONTRAST) == []
        one.click()


@pytest.mark.parametrize("reader", EVERYWHERE, indirect=True)
def test_no_part_of_the_page_sticks_out(reader: Reader) -> None:
    page = reader.open(real(), view=f"open={_index(*BLK)}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cut = page.eval_on_selector_all(
        ".field .first", "all => all.filter(e => e.scrollWidth > e.clientWidth).length"
    )
    assert cut == 0


def test_a_state_is_told_by_sign_and_word_and_not_by_colour_alone(reader: Reader) -> None:
    page = reader.open(ODD)
    states = page.locator(".row .state").all_inner_texts()
    assert sorted(states) == ["! crashes", "! crashes", "~ drift", "± flaky", "✗ fails"]
    label = page.locator('.field[data-source="a-2"]').get_attribute("aria-label")
    assert label == "a-2 to a-1, pc-q35-7.2: 1 drift"


def test_what_changed_since_a_baseline_is_told_and_can_be_filtered(reader: Reader) -> None:
    then = matrix(cell(), cell("a-2", "a-1"), cell(guest="gone"))
    now = matrix(cell(kind="refused", message="no"), cell("a-2", "a-1"))
    page = reader.open(now, change_since(then, now))
    expect(page.locator(".baseline")).to_contain_text("Got worse since the baseline: 1 worse")
    page.locator(".baseline summary").click()
    expect(page.locator(".baseline li")).to_have_text(
        "gone pc-q35-7.2 a-1 → a-2: loaded, no change, now not tried"
    )
    page.locator('[data-chip="worse"]').click()
    assert selection(page) == 1
    page.locator(".row").click()
    expect(page.locator(".details")).to_contain_text("loaded, no change, now fails")


def _many(count: int) -> Matrix:
    """The real matrix over and over, each time with other guests."""
    whole = real()
    rounds = count // len(whole.cells) + 1
    cells = tuple(
        msgspec.structs.replace(one, guest=f"{one.guest}-{number}")
        for number in range(rounds)
        for one in whole.cells
    )
    return msgspec.structs.replace(whole, cells=cells[:count])


def test_fifty_thousand_cells_are_no_burden(reader: Reader) -> None:
    page = reader.open(_many(50_000))
    assert selection(page) == 50_000
    started = time.monotonic()
    page.locator('[data-chip="failures"]').click()
    page.locator("#q").fill("virtio-blk-pci-7")
    expect(page.locator("#selection")).not_to_contain_text("50,000")
    page.locator('[data-chip="failures"]').click()
    assert time.monotonic() - started < 8  # a second or two alone, more on a busy machine
    page.locator("#more").click()
    assert rows(page) > 100


def test_the_page_is_small_and_the_same_every_time() -> None:
    page = written("html", real())
    assert page == written("html", real())
    assert len(page) < 100_000


def test_no_tag_can_begin_in_embedded_data() -> None:
    text = embedded({"a": HOSTILE, "b": "<!--", "c": "]]>"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert msgspec.json.decode(text)["a"] == HOSTILE
