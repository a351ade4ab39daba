"""kaname: who is hit by an export restriction, what runs short, where, when and why.

The public names below are the whole Python interface; they are loaded on first use, so that importing
kaname is cheap. `kaname run` on the command line does the same as `run_study`.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kaname.audit.balances import data_balance
    from kaname.audit.check import check_data
    from kaname.audit.coverage import data_coverage
    from kaname.baseline import Baseline, build_network, load_baseline
    from kaname.company import company_exposure
    from kaname.criticality.ask import indicators
    from kaname.data.event_store import EventStore
    from kaname.data.sources.imports import import_data
    from kaname.drafting import draft_scenario
    from kaname.events.relations import Relation, relation
    from kaname.events.situation import Situation, situation
    from kaname.events.taken import read_article
    from kaname.events.watch import load_feeds, watch
    from kaname.exposure import ExposureRow, exposure
    from kaname.hindcast.episode import Episode
    from kaname.hindcast.run import Hindcast, hindcast
    from kaname.network.network import Network
    from kaname.news.read import Reading
    from kaname.passages import PassageRow, RouteRow, Through, WayRow, passages, routes, ways
    from kaname.report.explanation import Explained
    from kaname.rerun import explain, replay, why
    from kaname.respond.alliance import Alliance
    from kaname.respond.plan import Response
    from kaname.response import alliance, load_measures, respond
    from kaname.scenario.files import load as load_scenario
    from kaname.scenario.scenario import Scenario
    from kaname.simulate.engine import simulate
    from kaname.simulate.outcome import Outcome
    from kaname.study import Study, StudyResult, load_study, run_study
    from kaname.supply_risk import supply_risk
    from kaname.terms.errors import KanameError
    from kaname.terms.event import Event

__all__ = [
    "Alliance",
    "Baseline",
    "Episode",
    "Event",
    "EventStore",
    "Explained",
    "ExposureRow",
    "Hindcast",
    "KanameError",
    "Network",
    "Outcome",
    "PassageRow",
    "Reading",
    "Relation",
    "Response",
    "RouteRow",
    "Scenario",
    "Situation",
    "Study",
    "StudyResult",
    "Through",
    "WayRow",
    "alliance",
    "build_network",
    "check_data",
    "company_exposure",
    "data_balance",
    "data_coverage",
    "draft_scenario",
    "explain",
    "exposure",
    "hindcast",
    "import_data",
    "indicators",
    "load_baseline",
    "load_feeds",
    "load_measures",
    "load_scenario",
    "load_study",
    "passages",
    "read_article",
    "relation",
    "replay",
    "respond",
    "routes",
    "run_study",
    "simulate",
    "situation",
    "supply_risk",
    "watch",
    "ways",
    "why",
]

_HOMES = {
    "Alliance": "kaname.respond.alliance",
    "Baseline": "kaname.baseline",
    "Episode": "kaname.hindcast.episode",
    "Event": "kaname.terms.event",
    "EventStore": "kaname.data.event_store",
    "Explained": "kaname.report.explanation",
    "ExposureRow": "kaname.exposure",
    "Hindcast": "kaname.hindcast.run",
    "KanameError": "kaname.terms.errors",
    "Network": "kaname.network.network",
    "Outcome": "kaname.simulate.outcome",
    "PassageRow": "kaname.passages",
    "Reading": "kaname.news.read",
    "Relation": "kaname.events.relations",
    "Response": "kaname.respond.plan",
    "RouteRow": "kaname.passages",
    "Scenario": "kaname.scenario.scenario",
    "Situation": "kaname.events.situation",
    "Study": "kaname.study",
    "StudyResult": "kaname.study",
    "Through": "kaname.passages",
    "WayRow": "kaname.passages",
    "alliance": "kaname.response",
    "build_network": "kaname.baseline",
    "check_data": "kaname.audit.check",
    "company_exposure": "kaname.company",
    "data_balance": "kaname.audit.balances",
    "data_coverage": "kaname.audit.coverage",
    "draft_scenario": "kaname.drafting",
    "explain": "kaname.rerun",
    "exposure": "kaname.exposure",
    "hindcast": "kaname.hindcast.run",
    "import_data": "kaname.data.sources.imports",
    "indicators": "kaname.criticality.ask",
    "load_baseline": "kaname.baseline",
    "load_feeds": "kaname.events.watch",
    "load_measures": "kaname.response",
    "load_scenario": "kaname.scenario.files",
    "load_study": "kaname.study",
    "passages": "kaname.passages",
    "read_article": "kaname.events.taken",
    "relation": "kaname.events.relations",
    "replay": "kaname.rerun",
    "respond": "kaname.response",
    "routes": "kaname.passages",
    "run_study": "kaname.study",
    "simulate": "kaname.simulate.engine",
    "situation": "kaname.events.situation",
    "supply_risk": "kaname.supply_risk",
    "watch": "kaname.events.watch",
    "ways": "kaname.passages",
    "why": "kaname.rerun",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kaname' has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES[name]), "load" if name == "load_scenario" else name)
    globals()[name] = found
    return found


class _Package(ModuleType):
    """Rooms such as `simulate`, `exposure` and `indicators` share their name with a public function.

    Importing a room binds it as an attribute of the package; this keeps the function's name for the function.
    The rooms stay importable as `from kaname.simulate.engine import ...`.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        """Bind a name, unless a room would hide the public function of the same name."""
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
