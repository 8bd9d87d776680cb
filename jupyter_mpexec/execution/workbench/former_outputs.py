"""Outputs that are about to be replaced, kept aside until that is through."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from lsst.daf.butler import Butler, DatasetRef
from lsst.resources import ResourcePath

from ...errors import sentence
from ..middleware import export_datastore_records, import_datastore_records
from ..shared_butler import SharedButler

__all__ = ["FormerOutputs"]

_LOG = logging.getLogger(__name__)


class FormerOutputs:
    """Copies of the files of datasets: not of what is in them, since that may be why they are replaced.

    Parameters
    ----------
    shared
        The butler that the datasets are known to.
    refs
        The datasets; files that are missing stay missing.
    folder
        Where the copies go.
    """

    def __init__(self, shared: SharedButler, refs: Iterable[DatasetRef], folder: str | Path) -> None:
        self.refs = list(refs)
        self._shared = shared
        self._records = export_datastore_records(shared, self.refs)
        self._copies: dict[ResourcePath, ResourcePath] = {}
        for ref in filter(shared.stored, self.refs):
            for uri in shared.getURIs(ref).iter_all():
                copy = ResourcePath(folder, forceDirectory=True).join(str(len(self._copies)))
                copy.transfer_from(uri, "copy")
                self._copies[uri] = copy

    def put_back(self, butler: Butler) -> None:
        """Have the datasets be as they were, after they were removed.

        A file that cannot be written keeps nothing else from being put back.

        Parameters
        ----------
        butler
            Butler of the repository.
        """
        for uri, copy in self._copies.items():
            try:
                # Where files cannot be written, they could not be removed either.
                if not uri.exists() or uri.read() != copy.read():
                    uri.transfer_from(copy, "copy", overwrite=True)
            except OSError as error:
                _LOG.error("%s could not be put back, and is lost: %s", uri, sentence(error))
        import_datastore_records(self._shared, self._records)
        butler.transfer_from(self._shared, self._shared.as_registered(self.refs), transfer="auto")
