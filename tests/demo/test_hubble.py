from __future__ import annotations

import numpy as np
import pytest
from astropy.table import Table
from lsst.daf.butler import Butler
from scipy import ndimage
from scipy.spatial import KDTree

from jupyter_mpexec.demo.hubble import HUBBLE_SKYMAP, read_picture

from .conftest import OUTPUT

TRACT = {"skymap": "hubble", "tract": 0}


@pytest.fixture(scope="module")
def catalog(hubble: Butler) -> Table:
    return hubble.get("hubble_catalog", collections=OUTPUT, **TRACT)


def test_number_of_sources_is_that_of_a_deep_field(catalog: Table) -> None:
    # Williams et al. (1996) found about 3000 in the original, which goes deeper than this small picture.
    assert 500 < len(catalog) < 2500
    assert np.all(np.diff(catalog["flux"]) <= 0)


def test_brightest_blobs_are_in_the_catalog(catalog: Table) -> None:
    smooth = ndimage.gaussian_filter(read_picture().mean(axis=2), 3)
    peak = smooth == ndimage.maximum_filter(smooth, 31)
    rows, columns = np.nonzero(peak)
    brightest = np.argsort(-smooth[rows, columns])[:30]
    places = np.column_stack([columns, rows])[brightest]
    distance, _ = KDTree(np.column_stack([catalog["x"], catalog["y"]])).query(places)
    assert np.median(distance) < 1.5
    assert np.sum(distance < 6) >= 29


def test_no_source_is_there_twice_at_the_border_of_tiles(hubble: Butler, catalog: Table) -> None:
    tree = KDTree(np.column_stack([catalog["x"], catalog["y"]]))
    close = tree.query_pairs(3.0)
    edges_x = np.arange(1, HUBBLE_SKYMAP.nx) * HUBBLE_SKYMAP.patch_width
    edges_y = np.arange(1, HUBBLE_SKYMAP.ny) * HUBBLE_SKYMAP.patch_height
    for i, _ in close:
        assert np.abs(catalog["x"][i] - edges_x).min() > 3
        assert np.abs(catalog["y"][i] - edges_y).min() > 3
    tables = [hubble.get(ref) for ref in hubble.query_datasets("tile_sources", collections=OUTPUT)]
    assert sum(map(len, tables)) > len(catalog), "tiles must overlap"
    assert 0 <= sum(int(np.sum(table["inner"])) for table in tables) - len(catalog) < 20


def test_sources_on_borders_are_not_lost(catalog: Table) -> None:
    """The density next to the borders of tiles is that of everywhere."""
    near = np.zeros(len(catalog), bool)
    for edge in range(1, HUBBLE_SKYMAP.nx):
        near |= np.abs(catalog["x"] - edge * HUBBLE_SKYMAP.patch_width) < 15
    expected = len(catalog) * 3 * 30 / 1000
    assert np.sum(near) == pytest.approx(expected, rel=0.4)


def test_picture_of_what_was_found(hubble: Butler) -> None:
    uri = hubble.getURI("hubble_plot", collections=OUTPUT, **TRACT)
    content = uri.read()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 200_000
