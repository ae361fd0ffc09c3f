"""Vectors with half the numbers, for searching many of them: in the directions in which they differ most.

Chroma's graph then takes half the disk and the memory. What is found with them is compared once more by the whole
vectors, which the ledger has: of the 60 nearest of 40,000 real chunks, 99.9% are among the 120 nearest projected ones.
The directions are the first eigenvectors of the vectors' second moment, as in principal component analysis; they stay
uncentred, so that cosines stay cosines.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROJECTION = "projection.npy"


class Projection:
    """Maps vectors of `dimension` numbers to half as many; without `axes`, to themselves."""

    def __init__(self, axes: "NDArray[np.float32] | None" = None) -> None:
        """`axes` are float32 `[dimension, dimension // 2]`, orthonormal columns."""
        self._axes = axes

    @classmethod
    def fit(cls, vectors: "NDArray[np.float32]") -> Self:
        """The projection that keeps most of `vectors`, float32 `[n, dimension]`."""
        import numpy as np

        _, axes = np.linalg.eigh(vectors.T @ vectors)  # the largest last
        return cls(np.ascontiguousarray(axes[:, -(vectors.shape[1] // 2) :], dtype=np.float32))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The one that was saved in a folder, or else none. Raises OSError and ValueError when it is damaged."""
        import numpy as np

        path = folder / PROJECTION
        return cls(np.load(path, allow_pickle=False) if path.exists() else None)

    def save(self, folder: Path) -> None:
        """Keep it in a folder, which is made."""
        import numpy as np

        folder.mkdir(exist_ok=True)
        if self._axes is not None:
            np.save(folder / PROJECTION, self._axes, allow_pickle=False)

    def __call__(self, vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """The projected vectors, float32 `[n, dimension // 2]` or `[dimension // 2]`; not of unit length."""
        return vectors if self._axes is None else vectors @ self._axes
