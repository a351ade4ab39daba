"""The verbs on what the store's events add up to: relations, situation, draft."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kaname.cli.news import STORE, StoreOption
from kaname.cli.printing import Csv, Json, show
from kaname.terms.errors import InputError, Problem

if TYPE_CHECKING:
    from kaname.events.relations import Relation
    from kaname.events.situation import Item

_WEEKS = {
    "direction": "who > whom",
    "week": "week of",
    "score": "score",
    "mean": "mean",
    "acts": "acts",
    "sources": "documents",
}
PLOT_WIDTH = 40


def relations(
    one: Annotated[str, typer.Argument(help="Country or bloc, such as JPN.")],
    other: Annotated[str, typer.Argument(help="Country or bloc, such as CHN.")],
    store: StoreOption = STORE,
    svg: Annotated[
        Path | None, typer.Option("--svg", help="Write the series as a chart into this file.")
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show how friendly two countries were to one another, week by week, with counts and sources."""
    from kaname.data.event_store import EventStore  # noqa: PLC0415
    from kaname.data.folders import write_file  # noqa: PLC0415
    from kaname.events.relations import relation  # noqa: PLC0415
    from kaname.report.charts import render  # noqa: PLC0415
    from kaname.report.relation_chart import relation_chart  # noqa: PLC0415

    first, second = one.upper(), other.upper()
    if first == second:
        raise InputError(
            Problem("a relation of one with itself", "relations", f"{one} {other}", "two parties")
        )
    with EventStore(store) as kept:
        found = relation(kept.events(), first, second)
    rows = [_week_row(side, number) for side in found for number in range(len(side.weeks))]
    if svg is not None:
        write_file(svg, render(relation_chart(found)).encode())
    if as_json or as_csv:
        show(rows, _WEEKS, "", as_json, as_csv)
        return
    for side in found:
        _plot(side)
    if svg is not None:
        print(f"Chart: {svg}")


def _week_row(side: Relation, number: int) -> dict[str, Any]:
    week = side.weeks[number]
    return {
        "direction": f"{side.source} > {side.target}",
        "week": week.monday.isoformat(),
        "score": week.score,
        "mean": week.mean,
        "acts": week.acts,
        "sources": week.sources,
        "events": week.ids,
    }


def _plot(side: Relation) -> None:
    """Print the weeks of one direction as bars to the left (hostile) and right (friendly) of a line."""
    count = sum(week.acts for week in side.weeks)
    rest = f", {side.undated} without a date" if side.undated else ""
    print(f"{side.source} towards {side.target}: {count} acts in {len(side.weeks)} weeks{rest}.")
    most = max((abs(week.score) for week in side.weeks), default=1.0) or 1.0
    half = PLOT_WIDTH // 2
    for week in side.weeks:
        size = max(1, round(abs(week.score) / most * half))
        left, right = ("", "\u2588" * size) if week.score >= 0 else ("\u2588" * size, "")
        print(
            f"  {week.monday}  {left:>{half}}|{right:<{half}} {week.score:+6.1f}  "
            f"{week.acts} acts, {week.sources} documents"
        )


def situation(
    members: Annotated[
        str | None, typer.Option("--members", help="Countries, such as JPN,USA,ITA; default all.")
    ] = None,
    area: Annotated[
        str | None, typer.Option("--area", help="Only what names an area: okinawa-southwest.")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Day from which the next date counts.")] = None,
    store: StoreOption = STORE,
    as_json: Json = False,
) -> None:
    """Show the state of an alliance: agreements, programmes, presence, budgets, each with its sentences."""
    from kaname.data.event_store import EventStore  # noqa: PLC0415
    from kaname.events.situation import KINDS, as_dict  # noqa: PLC0415
    from kaname.events.situation import situation as state_of  # noqa: PLC0415

    wanted = [name.strip().upper() for name in (members or "").split(",") if name.strip()]
    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise InputError(Problem("not a date", "--as-of", repr(as_of), "a day such as 2026-01-16")) from None
    with EventStore(store) as kept:
        found = state_of(kept.events(), wanted, area=area, as_of=day)
    if as_json:
        print(json.dumps(as_dict(found), ensure_ascii=False, indent=1))
        return
    whose = ", ".join(found.members) or "all parties"
    print(
        f"{whose} as of {found.as_of or 'no date'}: {len(found.items)} items, {found.unreviewed} not "
        f"reviewed."
    )
    for kind, title in KINDS.items():
        items = found.of(kind)
        if items:
            print(f"\n{title}")
            for item in items:
                _print_item(item)
    if found.budgets:
        print("\nDefence budgets, from kaname's table")
        for row in found.budgets:
            print(
                f"  {row.country} {row.name}, {row.fiscal_year}: {row.amount:,.0f} {row.currency}, "
                f"{row.status}"
            )
            print(f"    {row.source}, {row.date}")
    for one in found.areas:
        print(
            f"\n{one.title}: {len(one.items)} items"
            + (f"; passages {', '.join(one.routes)}" if one.routes else "")
        )


def _print_item(item: Item) -> None:
    """Print an item: parties, status, dates and amount in a line, the sentences below."""
    who = "+".join(item.source) + (f" > {'+'.join(item.target)}" if item.target else "")
    parts = [who, item.status, item.date or (f"reported {item.reported}" if item.reported else "no date")]
    if item.amount is not None:
        parts.append(f"{item.amount:,.0f} {item.currency}")
    if item.next_date:
        parts.append(f"next: {item.next_date}")
    print(f"  {item.title}\n    {'  '.join(parts)}")
    for proof in item.proofs[:3]:
        mark = f"reviewed by {proof.reviewed_by}" if proof.reviewed_by else "not reviewed"
        print(f"    \u201c{proof.sentence}\u201d ({proof.document}, {mark})")


def draft(
    events: Annotated[list[str], typer.Argument(metavar="EVENT...", help="Ids of accepted events.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The scenario file to be written.")],
    store: StoreOption = STORE,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
) -> None:
    """Draft a scenario from reviewed events; what the text leaves open becomes a named assumption."""
    from kaname import drafting  # noqa: PLC0415

    drafted = drafting.draft_scenario(events, store, out, overwrite=overwrite)
    print(f"{out}: drafted. Assumed, because no sentence says it:")
    for one in drafted.assumed:
        print(f"- {one}")
    print(f"Read it, then: kaname run {out}")
