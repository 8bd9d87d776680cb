from __future__ import annotations

import base64
import re
import zlib

import numpy as np
import pytest
from astropy.table import Table

from jupyter_mpexec.execution.views.image_png import STRETCHES, as_image, png
from jupyter_mpexec.widgets import previews
from jupyter_mpexec.widgets.previews import preview, register_preview


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "_registered", {})


def shades(data: bytes) -> np.ndarray:
    """Read a grey PNG back, without any library for it."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    packed = data[data.index(b"IDAT") + 4 :]
    rows = np.frombuffer(zlib.decompressobj().decompress(packed), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any(), "No row is filtered."
    return rows[:, 1:]


def test_the_first_row_is_at_the_bottom() -> None:
    image = np.zeros((3, 4))
    image[0] = 1.0
    drawn = shades(png(image, "min-max"))
    assert drawn.shape == (3, 4)
    assert (drawn[-1] == 255).all()
    assert (drawn[:-1] == 0).all()


@pytest.mark.parametrize("stretch", STRETCHES)
def test_every_stretch_keeps_the_order_of_brightness(stretch: str) -> None:
    rng = np.random.default_rng(1)
    image = rng.normal(100, 5, (60, 60))
    image[30, 30] = 5000.0
    drawn = shades(png(image, stretch))[::-1].astype(int)
    order = np.argsort(image, axis=None)
    assert (np.diff(drawn.ravel()[order]) >= 0).all()
    assert drawn[30, 30] == 255


def test_asinh_shows_more_of_what_is_faint() -> None:
    image = np.linspace(0, 1, 10_000).reshape(100, 100)
    assert shades(png(image, "asinh")).mean() > shades(png(image, "min-max")).mean() + 30


def test_pixels_without_a_value() -> None:
    image = np.ones((5, 5))
    image[2, 2] = np.nan
    image[3, 3] = np.inf
    assert shades(png(image)).shape == (5, 5)
    assert not shades(png(np.full((4, 4), np.nan))).any()


def test_masked_pixels_are_background() -> None:
    image = np.ma.array(np.arange(25.0).reshape(5, 5), mask=np.arange(25).reshape(5, 5) > 9)
    drawn = shades(png(image, "min-max"))[::-1]
    assert (drawn[0, 0], drawn[1, 4]) == (0, 255)
    assert len(set(drawn[2:].flat)) == 1
    assert not shades(png(np.ma.masked_all((4, 4)))).any()
    assert "img" in preview(np.ma.masked_all((4, 4))).html
    # A bad pixel leaves the others of its block as they are.
    large = np.ma.array(np.ones((3000, 1500)), mask=False)
    large[0, :750] = 7.0
    large[:, ::6] = np.ma.masked
    assert not large.mask.all(axis=1).any()
    dim, bright = np.unique(shades(png(large, "min-max")))
    assert (dim, bright) == (0, 255)


def test_colours_without_a_value() -> None:
    colours = np.full((4, 4, 3), 0.5)
    colours[0, 0] = np.nan
    assert png(colours).startswith(b"\x89PNG")
    assert png(np.ma.masked_all((4, 4, 3))).startswith(b"\x89PNG")


def test_large_images_are_averaged_not_sampled() -> None:
    image = np.zeros((3000, 1500))
    image[1001, 701] = 1000.0
    drawn = shades(png(image, "min-max"))
    assert max(drawn.shape) <= 720
    assert (drawn > 0).sum() == 1


def test_where_pixels_are_found() -> None:
    pixels = np.ones((4, 4))

    class Image:
        array = pixels

    class MaskedExposure:
        image = Image()

    class WithData:
        data = pixels

    for thing in (pixels, Image(), MaskedExposure(), WithData()):
        assert as_image(thing) is pixels
    assert as_image(np.ones(4)) is None
    assert as_image("text") is None


def test_image() -> None:
    shown = preview(np.ones((4, 7)))
    assert shown.is_image
    (data,) = re.findall(r"data:image/png;base64,([^\"]+)", shown.html)
    assert base64.b64decode(data).startswith(b"\x89PNG")
    assert "7 × 4 pixels" in shown.html


def test_table() -> None:
    table = Table({"ra": [1.23456789, 2.0], "name": ["<b>", "x"]})
    shown = preview(table)
    assert "2 rows, 2 columns" in shown.html
    assert "1.23457" in shown.html
    assert "&lt;b&gt;" in shown.html
    assert not shown.is_image


@pytest.mark.parametrize(("library", "make"), [("pandas", "DataFrame"), ("pyarrow", "table")])
def test_other_tables(library: str, make: str) -> None:
    table = getattr(pytest.importorskip(library), make)({"a": list(range(80))})
    html = preview(table).html
    assert "80 rows, 1 column; the first 50 rows" in html
    assert ">49<" in html
    assert ">50<" not in html


def test_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    index = pandas.Index([101, 102], name="objectId")
    columns = {"flux": [1.23456789, np.nan], "band": pandas.Categorical(["r", None])}
    frame = pandas.DataFrame(columns | {"n": pandas.array([1, None], dtype="Int64")}, index=index)
    html = preview(frame).html
    assert "2 rows, 3 columns, indexed by objectId" in html
    for text in ("objectId</th>", "101", "1.23457", ">r<", "nan", "&lt;NA&gt;"):
        assert text in html
    groups = pandas.MultiIndex.from_product([["measured", "truth"], ["r", "i"]])
    rows = pandas.MultiIndex.from_tuples([(1, 0), (1, 7)], names=["visit", "detector"])
    html = preview(pandas.DataFrame(np.ones((2, 4)), columns=groups, index=rows)).html
    assert "indexed by visit, detector" in html
    assert "truth, i</th>" in html
    assert ">7<" in html
    wide = preview(pandas.DataFrame(np.ones((60, 40)))).html
    assert "60 rows, 40 columns; the first 50 rows and 30 columns" in wide
    assert ">29</th>" in wide
    assert ">30</th>" not in wide
    twice = preview(pandas.DataFrame([[1, 2]], columns=["n", "n"], index=["x"])).html
    assert ">index</th>" in twice
    assert ">2<" in twice


def test_mapping_and_text() -> None:
    assert "3 entries" in preview({"a": 1, "b": [1, 2], "c": "<i>"}).html
    assert "&lt;i&gt;" in preview({"c": "<i>"}).html
    assert "&lt;script&gt;" in preview("<script>").html


def test_figure() -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    figure.subplots().plot([1, 2])
    assert "data:image/png;base64" in preview(figure).html


def test_anything_else_is_its_repr() -> None:
    assert "complex(1" not in preview(1 + 2j).html
    assert "(1+2j)" in preview(1 + 2j).html


def test_registered_previews_come_first() -> None:
    class Spectrum:
        flux = np.ones((8, 8))

    class Narrow(Spectrum):
        pass

    register_preview("Curve", lambda obj: f"<p>a curve of {obj}</p>")

    @register_preview(Spectrum)
    def as_pixels(spectrum: Spectrum) -> np.ndarray:
        return spectrum.flux

    assert preview("seven", "Curve").html == "<p>a curve of seven</p>"
    assert preview(Narrow()).is_image
    assert preview(Narrow(), "Curve").html.startswith("<p>a curve")
