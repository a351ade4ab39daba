"""The table of draws (architecture, invariant 2)."""

from __future__ import annotations

import numpy as np
import pytest

from kaname.scenario.assumptions import LIMITS, Assumptions, Range
from kaname.scenario.draws import draw_table, quantile
from kaname.terms.errors import InputError


def test_same_seed_same_table_other_seed_other_table() -> None:
    first, again, other = (draw_table(Assumptions(), 20, seed) for seed in (7, 7, 8))
    assert first.names == again.names == other.names
    assert all(np.array_equal(first.values[name], again.values[name]) for name in LIMITS)
    assert not np.array_equal(first.values["psi"], other.values["psi"])


def test_draw_0_is_central_then_each_end_alone() -> None:
    table = draw_table(Assumptions(), 5, 1)
    ranges = Assumptions().ranges()
    assert table.names[0] == "central"
    assert all(table.values[name][0] == item.central for name, item in ranges.items())
    for name, item in ranges.items():
        for end in ("low", "high"):
            if item.fixed:
                assert f"{name} {end}" not in table.names
                continue
            row = table.names.index(f"{name} {end}")
            assert table.values[name][row] == getattr(item, end)
            assert all(table.values[o][row] == ranges[o].central for o in LIMITS if o != name)
    assert table.names[-5:] == ("lhs 1", "lhs 2", "lhs 3", "lhs 4", "lhs 5")


def test_latin_hypercube_puts_one_sample_into_every_stratum() -> None:
    draws = 50
    table = draw_table(Assumptions(), draws, 3, one_at_a_time=False)
    for name, item in Assumptions().ranges().items():
        samples = np.sort(table.values[name][1:])
        assert samples.min() >= item.low
        assert samples.max() <= item.high
        if item.fixed:
            continue
        bounds = quantile(item, np.linspace(0.0, 1.0, draws + 1))
        assert (samples >= bounds[:-1] - 1e-12).all()
        assert (samples <= bounds[1:] + 1e-12).all()


@pytest.mark.parametrize("shape", ["triangular", "uniform"])
@pytest.mark.parametrize("central", [1.0, 1.5, 4.0])
def test_quantile_runs_from_low_to_high(shape: str, central: float) -> None:
    item = Range(central=central, low=1.0, high=4.0, shape=shape)
    values = quantile(item, np.linspace(0.0, 1.0, 101))
    assert values[0] == pytest.approx(1.0)
    assert values[-1] == pytest.approx(4.0)
    assert (np.diff(values) > 0.0).all()
    mean = (1.0 + central + 4.0) / 3.0 if shape == "triangular" else 2.5
    fine = quantile(item, (np.arange(20000) + 0.5) / 20000)
    assert fine.mean() == pytest.approx(mean, abs=1e-3)


def test_held_parameters_take_no_draws() -> None:
    held = Assumptions.model_validate(dict.fromkeys(["cover", "reserve", "enforcement"], 0) | {"psi": 0.4})
    table = draw_table(held, 4, 0)
    assert not any(name.startswith(("psi", "cover", "reserve", "enforcement")) for name in table.names)
    assert (table.values["psi"] == 0.4).all()


def test_take_keeps_order_and_values() -> None:
    table = draw_table(Assumptions(), 4, 0)
    part = table.take([2, 0])
    assert part.names == (table.names[2], "central")
    assert part.values["psi"].tolist() == [table.values["psi"][2], table.values["psi"][0]]
    assert part.draws == 2


def test_tables_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        draw_table(Assumptions(), 1, 0).values["psi"][0] = 1.0


@pytest.mark.parametrize(("draws", "seed"), [(-1, 0), (0, -1)])
def test_negative_numbers_are_refused(draws: int, seed: int) -> None:
    with pytest.raises(InputError, match="negative"):
        draw_table(Assumptions(), draws, seed)
