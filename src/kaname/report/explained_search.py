"""What stands behind the numbers of a search: allies, worth, budgets, other answers, what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from kaname.report.explanation import KUSD, PER_DOLLAR, SHARE, Asked, Explained, Given, counted
from kaname.report.model import LeftOutRow, MeasureRow
from kaname.respond.plan import FrontierPoint
from kaname.terms.language import commas, say
from kaname.terms.numerals import money, percent


def ally(asked: Asked) -> Explained:
    """Return what stands behind what an ally loses, gains or pays. Raises DataMissing."""
    case, what = asked.case, asked.what
    rows = asked.searched().allies
    row, measure = asked.numbered(rows, ("without", "with", "gains", "pays"))
    gains = row.without_kusd - row.with_kusd
    value = gains if measure == "gains" else getattr(row, f"{measure}_kusd")
    inputs = (
        Given(say("loses without the plan"), money(row.without_kusd), "modelled"),
        Given(say("loses with the plan"), money(row.with_kusd), "modelled"),
        Given(say("pays"), money(row.pays_kusd), "assumed"),
    )
    basis = "assumed" if measure == "pays" else "modelled"
    return Explained(case, what, f"ally.{measure}", row.name, value, KUSD, basis, inputs=inputs)


def worth(asked: Asked) -> Explained:
    """Return what stands behind what a measure costs and is worth in the search. Raises DataMissing."""
    case, what = asked.case, asked.what
    rows = asked.searched().worth
    row, measure = asked.numbered(rows, ("cost", "marginal", "alone"))
    basis = "assumed" if measure == "cost" else "modelled"
    proofs = [
        Given(say("evidence"), text, one.basis)
        for one in asked.planned().measures
        if one.title == row.title
        for text in one.evidence
    ]
    value = getattr(row, f"{measure}_kusd")
    return Explained(case, what, f"worth.{measure}", row.title, value, KUSD, basis, inputs=tuple(proofs))


def left_out(asked: Asked) -> Explained:
    """Return what stands behind the cost of a measure left out, or what it avoids. Raises DataMissing."""
    row, measure = asked.numbered(asked.searched().left_out, ("cost", "alone"))
    why = Given(say("why it is left out"), row.why, "modelled")
    proofs = [Given(say("evidence"), text, row.basis) for text in row.evidence]
    if measure == "cost":
        band = (row.cost_low_kusd, None, row.cost_high_kusd)
        return Explained(
            asked.case, asked.what, "left.cost", row.title, row.cost_kusd, KUSD, "assumed", band,
            (why, *proofs),
        )  # fmt: skip
    return Explained(
        asked.case, asked.what, "left.alone", row.title, row.alone_kusd, KUSD, "modelled",
        inputs=(why, *_against(asked), *proofs),
    )  # fmt: skip


def compared(asked: Asked) -> Explained:
    """Return what stands behind the loss under an answer beside the plan. Raises DataMissing."""
    rows = asked.searched().compared
    (name, loss), measure = asked.numbered(rows, ("mean", "tail"))
    band = (loss.low_kusd, loss.median_kusd, loss.high_kusd) if measure == "mean" else None
    index = asked.parts[0]
    inputs = [
        Given(say("loss in the central case"), money(loss.central_kusd), "modelled"),
        Given(say("mean loss"), money(loss.mean_kusd), "modelled", "", f"compared:{index}:mean"),
        Given(say("mean of the worst tenth of the draws"), money(loss.tail_kusd), "modelled", "",
              f"compared:{index}:tail"),
    ]  # fmt: skip
    shown = [one for one in inputs if one.what != asked.what]
    return Explained(
        asked.case, asked.what, f"compared.{measure}", name, getattr(loss, f"{measure}_kusd"), KUSD,
        "modelled", band, (*shown, *_against(asked)),
    )  # fmt: skip


def bought(asked: Asked) -> Explained:
    """Return what stands behind a point of what budgets buy. Raises DataMissing."""
    rows = asked.searched().bought
    point, measure = asked.numbered(rows, ("budget", "cost", "delivered", "promised", "per_dollar"))
    index = int(asked.parts[0])
    name = say("budget of {amount}", amount=money(point.budget_kusd))
    inputs = [_spent(point.cost_kusd, index), _left(point.delivered_kusd, index)]
    if index:
        before = rows[index - 1]
        inputs += [_spent(before.cost_kusd, index - 1), _left(before.delivered_kusd, index - 1)]
    if point.enters:
        inputs.append(Given(say("what comes in"), commas(point.enters), "modelled"))
    shown = tuple(one for one in inputs if one.what != asked.what)
    if measure == "per_dollar":
        return Explained(
            asked.case, asked.what, "bought.per_dollar", name, point.per_dollar, PER_DOLLAR, "modelled",
            inputs=(*shown, *(() if index else _against(asked))),
        )  # fmt: skip
    band = (point.delivered_low_kusd, None, point.delivered_high_kusd) if measure == "delivered" else None
    basis = "assumed" if measure in ("budget", "cost") else "modelled"
    value = getattr(point, f"{measure}_kusd")
    return Explained(
        asked.case, asked.what, f"bought.{measure}", name, value, KUSD, basis, band, shown
    )  # fmt: skip


def _point(asked: Asked, measures: str) -> tuple[FrontierPoint, str, list[str]]:
    """Return the budget that an address begins with, its number, and the rest. Raises DataMissing."""
    rows = asked.searched().bought
    index, *rest = asked.parts or ("",)
    if not (index.isdecimal() and len(index) < 6 and int(index) < len(rows)):
        kind = asked.what.partition(":")[0]
        raise asked.none([f"{kind}:0 to {len(rows) - 1}:0:{measures}"] if rows else [])
    return rows[int(index)], index, rest


def part(asked: Asked) -> Explained:
    """Return what stands behind a measure in the plan of a budget, level or cost. Raises DataMissing."""
    point, index, rest = _point(asked, "level|cost")
    row, measure = counted(asked.what, rest, point.parts, ("level", "cost"))
    inputs = (
        Given(say("level"), percent(row.level), "modelled", "", f"part:{index}:{rest[0]}:level"),
        Given(say("cost at this level"), money(row.cost_kusd), "assumed", "", f"part:{index}:{rest[0]}:cost"),
        Given(say("budget"), money(point.budget_kusd), "assumed", "", f"bought:{index}:budget"),
        *_proofs(asked, row.measure),
    )
    shown = tuple(one for one in inputs if one.what != asked.what)
    value, unit, basis = (
        (row.level, SHARE, "modelled") if measure == "level" else (row.cost_kusd, KUSD, "assumed")
    )
    return Explained(
        asked.case, asked.what, f"part.{measure}", row.measure, value, unit, basis, inputs=shown
    )  # fmt: skip


def paid(asked: Asked) -> Explained:
    """Return what stands behind what a country pays for the plan of a budget. Raises DataMissing."""
    point, index, rest = _point(asked, "pays")
    (name, kusd), _ = counted(asked.what, rest, tuple(point.payers_kusd.items()), ("pays",))
    inputs = (
        Given(say("spent in all"), money(point.cost_kusd), "assumed", "", f"bought:{index}:cost"),
        *(Given(one.measure, money(one.cost_kusd), "assumed", "", f"part:{index}:{i}:cost")
          for i, one in enumerate(point.parts)),
    )  # fmt: skip
    return Explained(asked.case, asked.what, "paid.pays", name, kusd, KUSD, "assumed", inputs=inputs)


def _proofs(asked: Asked, title: str) -> list[Given]:
    """Return the evidence of a measure, whether the plan takes it or leaves it out."""
    view = asked.planned()
    rows: list[MeasureRow | LeftOutRow] = [*view.measures, *asked.searched().left_out]
    return [
        Given(say("evidence"), text, one.basis) for one in rows if one.title == title for text in one.evidence
    ]


def regret(asked: Asked) -> Explained:
    """Return what stands behind the regret of an answer: two losses. Raises DataMissing."""
    rows = asked.searched().regrets
    row, measure = asked.numbered(rows, ("mean", "worst"))
    if measure == "mean":
        losses = (row.mean_loss_kusd, row.mean_least_kusd)
        names = (say("mean loss with it"), say("mean loss with the best tried in each draw"))
    else:
        losses = (row.worst_loss_kusd, row.worst_least_kusd)
        names = (
            say("loss with it in draw {draw}", draw=row.worst_draw),
            say("loss with the best tried in draw {draw}", draw=row.worst_draw),
        )
    inputs = tuple(Given(name, money(kusd), "modelled") for name, kusd in zip(names, losses, strict=True))
    value = getattr(row, f"{measure}_kusd")
    return Explained(
        asked.case, asked.what, f"regret.{measure}", row.name, value, KUSD, "modelled", inputs=inputs
    )


def _spent(kusd: float, index: int) -> Given:
    name = say("spent, point {number} of the table", number=index + 1)
    return Given(name, money(kusd), "assumed", "", f"bought:{index}:cost")


def _left(kusd: float, index: int) -> Given:
    name = say("loss left, point {number} of the table", number=index + 1)
    return Given(name, money(kusd), "modelled", "", f"bought:{index}:delivered")


def _against(asked: Asked) -> Sequence[Given]:
    """Return what is lost where nothing is done, the first of the answers compared."""
    rows = asked.searched().compared
    if not rows or asked.what == "compared:0:mean":
        return ()
    name, loss = rows[0]
    told = say("{answer}: mean loss", answer=name)
    return (Given(told, money(loss.mean_kusd), "modelled", "", "compared:0:mean"),)
