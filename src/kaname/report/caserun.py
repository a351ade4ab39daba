"""A simulated case, with its arrays and after they are let go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kaname.report.metrics import Draws, Floats, Paths
from kaname.report.model import CaseView
from kaname.scenario.scenario import Scenario
from kaname.scenario.shock import Shock
from kaname.simulate.outcome import Outcome


@dataclass(frozen=True)
class CaseRun:
    """A scenario that was simulated: the ensemble (summary) and the central draw alone (full)."""

    id: str
    title: str
    scenario: Scenario
    outcome: Outcome
    central: Outcome
    central_shock: Shock
    row_labels: Mapping[tuple[str, int], str]
    drawn: Mapping[str, Floats]

    @property
    def draws(self) -> Draws:
        """Return the meaning of the draw axis."""
        return Draws(tuple(str(name) for name in self.outcome.data["draw"].to_numpy()))


@dataclass(frozen=True)
class CaseDigest:
    """What is kept of a simulated case once its arrays are let go: the view, the makers' paths, table
    rows.
    """

    id: str
    title: str
    scenario: Scenario
    draws: Draws
    view: CaseView
    makers: Paths
    tables: Mapping[str, Sequence[Mapping[str, object]]]
