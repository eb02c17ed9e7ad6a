"""The screen as a picture: what is in it, and that its drawings need no font."""

from xml.etree import ElementTree

import pytest

from tuilab.ui.picture_shapes import rectangles
from tuilab.ui.picture_svg import svg
from tuilab.ui.terminal.rich_parts import CellStyle, Segment

INK, PAPER = (200, 200, 200), (10, 10, 10)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(*rows: list[Segment]) -> ElementTree.Element:
    return ElementTree.fromstring(svg(rows, 20, "a <title>", INK, PAPER))


def test_words_stand_at_their_cells() -> None:
    picture = drawn([Segment("step 1   <loss>")], [Segment("日本 x")])
    texts = [(text.get("x"), text.get("y"), text.text) for text in picture.iter(f"{SVG}text")]
    assert texts == [("0.0", "14.8", "step 1"), ("90.0", "14.8", "<loss>"), ("0.0", "34.8", "日本 x")]
    assert picture.findtext(f"{SVG}title") == "a <title>"


def test_dots_and_lines_are_shapes_in_their_colours() -> None:
    picture = drawn([Segment("⣿", CellStyle(color="#ff0000")), Segment("│▄"), Segment("░")])
    paths = {
        (path.get("fill"), path.get("fill-opacity")): path.get("d") for path in picture.iter(f"{SVG}path")
    }
    assert set(paths) == {("#ff0000", None), ("#c8c8c8", None), ("#c8c8c8", "0.25")}
    dots = paths["#ff0000", None] or ""
    assert dots.count("M") == 8
    assert dots.startswith("M1 1h3v3h-3z")
    assert "M20 10h10v10h-10z" in (paths["#c8c8c8", None] or "")
    assert not list(picture.iter(f"{SVG}text"))


def test_backgrounds_and_reversed_cells_are_seen() -> None:
    picture = drawn([Segment("ab", CellStyle(bgcolor="#00ff00")), Segment("c", CellStyle(reverse=True))])
    assert [path.get("fill") for path in picture.iter(f"{SVG}path")] == ["#00ff00", "#c8c8c8"]
    assert [text.get("fill") for text in picture.iter(f"{SVG}text")] == ["#c8c8c8", "#0a0a0a"]


@pytest.mark.parametrize("char", "⠁⣿▖▟▁▇▉▏▐▔▕▀█░─┼╭╌┊━╋╸╷")
def test_every_drawing_stays_in_its_cell(char: str) -> None:
    found = rectangles(char)
    assert found is not None
    assert found[0]
    for left, top, right, bottom in found[0]:
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
