"""A simulated case, with its arrays and after they are let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from kaname.network.network import Network
from kaname.report.ensemble import Ensemble
from kaname.report.metrics import Draws, Floats
from kaname.report.model import CaseView, MeasureRow
from kaname.report.onset import Maker, Onset
from kaname.scenario.scenario import Scenario
from kaname.scenario.shock import Shock
from kaname.simulate.outcome import Outcome
from kaname.simulate.why import Explainer


@dataclass(frozen=True)
class CaseRun:
    """A scenario that was simulated: the ensemble, reduced to what is shown, and the central draw whole."""

    id: str
    title: str
    scenario: Scenario
    network: Network  # with what its measures add
    ensemble: Ensemble
    central: Outcome
    central_shock: Shock
    row_labels: Mapping[tuple[str, int], str]
    drawn: Mapping[str, Floats]
    measures: tuple[MeasureRow, ...] = ()

    @property
    def draws(self) -> Draws:
        """Return the meaning of the draw axis."""
        return Draws(self.ensemble.names)

    @cached_property
    def explainer(self) -> Explainer:
        """Return what answers why in the central draw; kept, as every language asks it the same."""
        return Explainer(self.network, self.central_shock, self.central)


@dataclass(frozen=True)
class CaseDigest:
    """What is kept of a simulated case once its arrays are let go: the view, the makers, the large tables."""

    id: str
    title: str
    scenario: Scenario
    draws: Draws
    view: CaseView
    makers: Mapping[tuple[str, str], Maker]  # by (market, product)
    tables: Mapping[str, pa.Table]
    measures: tuple[MeasureRow, ...] = ()

    def onset(self, market: str, product: str) -> Onset | None:
        """Return when the makers of a product fall short; None where no draw does, or nobody makes it."""
        maker = self.makers.get((market, product))
        return None if maker is None else maker.onset
