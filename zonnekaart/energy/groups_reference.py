"""The best groups by mixed-integer linear program (HiGHS): slow, for a dozen buildings at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

if TYPE_CHECKING:
    from zonnekaart.energy.groups import Reach, Signatures

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class _Rows:
    """Rows of a sparse constraint matrix."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.high: list[float] = []

    def add(self, columns: IntArray, factors: FloatArray, high: float) -> None:
        """Add ``Σ factors × columns <= high``."""
        row = len(self.high)
        self.entries += [(row, int(c), float(f)) for c, f in zip(columns, factors, strict=True)]
        self.high.append(high)

    def constraint(self, columns: int) -> LinearConstraint:
        """Return all rows."""
        row, column, factor = (np.array(part) for part in zip(*self.entries, strict=True))
        matrix = coo_array((factor, (row, column)), shape=(len(self.high), columns))
        return LinearConstraint(matrix.tocsr(), -np.inf, np.array(self.high))


def best_shared_kwh(
    signature: Signatures, reach: Reach, max_members: int, gap: float = 1e-4
) -> float:
    """
    Return the most that groups of these buildings can share, for loads without spread.

    Parameters
    ----------
    signature : Signatures
        Of a few buildings; their spread is left out.
    reach : Reach
        Only its points and a limit between any two members are used.
    max_members : int
        Most buildings in a group.
    gap : float
        Relative gap at which the solver stops. [-]

    Returns
    -------
    float
        ``max Σ_g Σ_k y_gk`` with ``y_gk`` at most the surplus and at most the residual of the
        members of group g in kind k, each building in at most one group. [kWh]
    """
    own = np.minimum(signature.production_kwh, signature.load_kwh).astype(np.float64)
    surplus, residual = signature.production_kwh - own, signature.load_kwh - own
    n, kinds = surplus.shape
    groups = n // 2
    inside = np.arange(n * groups).reshape(n, groups)
    shared = n * groups + np.arange(groups * kinds).reshape(groups, kinds)
    rows, one = _Rows(), np.ones
    for b in range(n):
        rows.add(inside[b], one(groups), 1)
    apart = np.hypot(*(reach.points[:, None] - reach.points[None]).transpose(2, 0, 1))
    for g in range(groups):
        rows.add(inside[:, g], one(n), max_members)
        for k in range(kinds):
            columns = np.concatenate([inside[:, g], shared[g, k : k + 1]])
            for amount in (surplus, residual):
                rows.add(columns, np.concatenate([-amount[:, k], [1.0]]), 0)
        for b, c in np.argwhere(np.triu(apart > reach.limit_m)):
            rows.add(inside[[b, c], g], one(2), 1)
    whole = np.concatenate([one(n * groups), np.zeros(groups * kinds)])
    found = milp(
        -(1 - whole),
        integrality=whole,
        bounds=Bounds(0, np.where(whole == 1, 1.0, np.inf)),
        constraints=rows.constraint(len(whole)),
        options={"mip_rel_gap": gap},
    )
    return float(-found.fun)
