"""How prices move and what answers them (rule M11), in plain Python, for `reference.py`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kaname.scenario.shock import Prices

LOG_CEILING = math.log(15.0)  # of prices
STEEPEST = 4.0  # orders over deliverable count as at most this, and at least its inverse
BALANCED = 1e-9  # orders this near to deliverable are no shortage


@dataclass
class PriceState:
    """Logarithms of prices and what they do to use, target stocks and capacity, by price row."""

    now: list[float]
    slow: list[float]  # what the long-run answers follow
    use: list[float]  # factor on use
    hoard: list[float]  # factor on target stocks
    supply: list[float]  # factor on capacity

    @classmethod
    def at_base(cls, rows: int) -> PriceState:
        """Return prices of 1, which nothing answers."""
        return cls([0.0] * rows, [0.0] * rows, [1.0] * rows, [1.0] * rows, [1.0] * rows)

    def move(self, prices: Prices, draw: int, weeks: float, asked: list[float], able: list[float]) -> None:
        """Move the prices by what is asked over what is deliverable, both by price row (rule M11)."""
        speed, hoarding = float(prices.speed[draw]), float(prices.hoarding[draw])
        memory = float(prices.memory_weeks[draw])
        for row in range(1, len(self.now)):
            ratio = 1.0
            if asked[row] > 0.0:
                ratio = asked[row] / able[row] if able[row] > 0.0 else STEEPEST
                ratio = min(STEEPEST, max(1.0 / STEEPEST, ratio))
            if abs(ratio - 1.0) <= BALANCED:
                ratio = 1.0
            self.now[row] = min(LOG_CEILING, max(0.0, self.now[row] + speed * weeks * math.log(ratio)))
            self.slow[row] += (self.now[row] - self.slow[row]) * min(1.0, weeks / memory)
            short = float(prices.short_elasticity[draw, row])
            late = float(prices.long_elasticity[draw, row]) - short
            self.use[row] = math.exp(-(short * self.now[row] + late * self.slow[row]))
            self.hoard[row] = min(1.5, max(0.5, math.exp(hoarding * (self.now[row] - self.slow[row]))))
            self.supply[row] = min(2.0, math.exp(float(prices.supply_elasticity[draw, row]) * self.slow[row]))
