"""Planner's problems small enough for pencil and paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from generated import measure
from small_network import network_of
from strategies import calm, window, with_path

from kaname.network.network import Network
from kaname.respond.cone import cut
from kaname.respond.grouping import Grouped
from kaname.respond.instance import DrawData, Grid, Instance, Plan, grid, instance_of
from kaname.scenario.effects import Effect
from kaname.scenario.shock import Shock

PRODUCTS = ("metal", "magnets", "motors")
CHN, AUS, JPN = range(3)
METAL, MAGNETS, MOTORS = range(3)


def tiny() -> Instance:
    """China sends metal to Japan (8 a week, under a quota), five weeks under way. Japan makes magnets of it
    (5 a week, 1.1 t of metal per t) and motors of magnets (10 a week, .3 t each, of which .4 stop without).
    Australia could send metal. Five measures: a plant for magnets, a contract for Japan's own magnets, a
    stockpile of metal, thrift with magnets, fewer motors. Two periods of four weeks.

    Of Japan's magnets 1 a week and all of Australia's metal go to users left out.
    """
    return Instance(
        groups=_groups(),
        grid=Grid(np.array([0, 4, 8])),
        draws=(_draw(),),
        plans=(_plan(),),
        measures=("plant", "deal", "stockpile", "thrift", "less"),
        lanes=5,
    )


def _groups() -> Grouped:
    """Suppliers: CHN metal, AUS metal, JPN magnets, JPN motors, the plant. Consumers: JPN metal,
    magnets, motors.

    Lanes: CHN>JPN metal, AUS>JPN metal (latent), JPN>JPN magnets, JPN>JPN motors, plant>JPN magnets (latent).
    """
    return Grouped(
        markets=("CHN", "AUS", "JPN", "ROW"),
        supplier_of=np.arange(5),
        consumer_of=np.arange(3),
        lane_of=np.arange(5),
        recipe_of=np.arange(3),
        supplier_market=np.array([CHN, AUS, JPN, JPN, JPN]),
        supplier_product=np.array([METAL, METAL, MAGNETS, MOTORS, MAGNETS]),
        supplier_base=np.array([8.0, 4.0, 5.0, 10.0, 0.0]),
        supplier_held=np.array([0.0, 1.0, 0.2, 0.0, 0.0]),
        consumer_market=np.array([JPN, JPN, JPN]),
        consumer_product=np.array([METAL, MAGNETS, MOTORS]),
        consumer_inflow=np.array([8.0, 4.0, 10.0]),
        consumer_value_kusd=np.array([2.0, 5.0, 30.0]),
        lane_supplier=np.array([0, 1, 2, 3, 4]),
        lane_consumer=np.array([0, 0, 1, 2, 1]),
        lane_flow=np.array([8.0, 0.0, 4.0, 10.0, 0.0]),
        lane_lag_periods=np.array([5.0, 2.0, 1.0, 1.0, 1.0]),
        lane_latent=np.array([False, True, False, False, True]),
        lane_pool=np.array([1, 0, 0, 0, 0]),
        recipe_supplier=np.array([2, 3, 4]),
        recipe_consumer=np.array([0, 1, 0]),
        recipe_input=np.array([1.1, 0.3, 1.1]),
        recipe_fixed=np.array([True, False, True]),
    )


def _draw() -> DrawData:
    """In the second period China lets a quarter through, half of Japan's capacity for magnets and a third of
    that for motors is lost, and half as many motors again are wanted.
    """
    return DrawData(
        ship_most=np.array([[32.0, 8.0], [0.0, 0.0], [16.0, 16.0], [40.0, 40.0], [0.0, 0.0]]),
        extra_most=np.array([[64.0, 0.0], [4.8, 4.8], [32.0, 32.0], [80.0, 80.0], [0.0, 0.0]]),
        capacity=np.array([[40.0, 40.0], [20.0, 20.0], [24.0, 12.0], [44.0, 30.0], [0.0, 0.0]]),
        tied=np.array([[32.0, 8.0], [16.0, 16.0], [20.0, 20.0], [40.0, 40.0], [0.0, 0.0]]),
        base_output=np.array([[32.0, 32.0], [16.0, 16.0], [20.0, 20.0], [40.0, 40.0], [0.0, 0.0]]),
        final=np.array([[10.0, 10.0], [4.0, 4.0], [40.0, 60.0]]),
        newcomer_most=np.array([[0.0, 1.5], [0.0, 0.0], [0.0, 0.0]]),
        start=np.array([24.0, 8.0, 10.0]),
        ceiling=np.array([32.0, 12.0, 20.0]),
        threshold=np.array([16.0, 4.0, 0.0]),
        dependence=np.array([1.0, 0.4, 1.0]),
        pool_most=np.array([[np.inf, np.inf], [32.0, 16.0]]),
    )


def _plan() -> Plan:
    """The plant opens in the second period, with its offtake; the other measures grow."""
    return Plan(
        capacity=((0, 4, np.array([0.0, 6.0])),),
        contracts=((0, 4, np.array([0.0, 6.0])), (1, 2, np.array([2.0, 4.0]))),
        savings=((3, 1, np.array([0.0, 3.0])),),
        given_up=((4, 2, np.array([4.0, 6.0])),),
        stocks=((2, 0, np.array([4.0, 8.0])),),
    )


FILL = np.array([[1.0, 0.5], [1.0, 0.8], [1.0, 0.75]])  # of `tiny`, without measures


def two_countries() -> Instance:
    """A sends B 10 a week, one week under way, can make 15 a week, and stops in week 3 of 8. B uses 10 a week
    worth 3 kUSD each, holds a week's use, and can keep two. Measures: a stockpile of two weeks' use more; a
    plant in B for 2 a week from week 4 on.
    """
    network = network_of(
        [("A", "metal", "primary"), ("B", "metal", "primary")],
        [(0, ("B", "metal"), 10.0, 0), (1, ("B", "metal"), 0.0, 0)],
        [],
    )
    network = replace(
        network,
        supplier_headroom=np.array([0.5, 0.0]),
        consumer_cover_days=np.array([7.0]),
        consumer_reserve_days=np.array([0.0]),
        consumer_value_kusd=np.array([3.0]),
    )
    shock = with_path(calm(network, 8), "permission", np.array([0]), window(8, 3, 8, 0.0))
    stock = Effect(
        measure("stockpile", "stockpile", days=14.0), np.ones((1, 8)), consumers=np.array([0], dtype=np.intp)
    )
    plant = Effect(
        measure("capacity", "plant"),
        window(8, 4, 8, 1.0, 0.0)[None],
        capacity=((1, 2.0),),
        contracts=((1, 2.0),),
    )
    return weekly(network, shock, (stock, plant))


def half_a_plant() -> Instance:
    """B makes 10 motors a week of 10 metal from A, of which .4 stop without it, and can make 12. No stocks.

    From the start A sends nothing and half of B's plant is lost: 10 metal and 10 motors are under way. Four
    weeks.
    """
    network = network_of(
        [("A", "metal", "primary"), ("B", "motors", "processing")],
        [(0, ("B", "metal"), 10.0, 0), (1, ("B", "motors"), 10.0, 0)],
        [(1, ("B", "metal"), 1.0, 0.4, False)],
    )
    network = replace(network, consumer_cover_days=np.zeros(2), consumer_reserve_days=np.zeros(2))
    shock = with_path(calm(network, 4), "permission", np.array([0]), np.zeros(4))
    return weekly(network, with_path(shock, "capacity_factor", np.array([1]), np.full(4, 0.5)))


def weekly(network: Network, shock: Shock, effects: tuple[Effect, ...] = (), whole: bool = True) -> Instance:
    """Return the planner's problem with all markets by name, all products, and a period for each week."""
    cone = cut(network, shock, effects, np.ones(len(network.products), dtype=bool))
    markets = [market.id for market in network.markets]
    return instance_of(cone, markets, grid(shock.periods, 7.0, weeks=1.0), whole)
