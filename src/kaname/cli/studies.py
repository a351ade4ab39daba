"""The verbs on studies and run folders: run, why, replay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from kaname.cli.printing import Json, Quiet, say
from kaname.terms.errors import DataMissing, Problem

if TYPE_CHECKING:
    from kaname.scenario.draws import Sampler

ARTICLES = frozenset({".txt", ".html", ".htm", ".xhtml"})  # what `run` reads instead of simulating


def run(
    scenario: Annotated[
        Path | None, typer.Argument(help="A scenario file or a folder of them; without it the flagship.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Run folder; default runs/NAME-HASH.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the draws.")] = 20260106,
    draws: Annotated[
        int, typer.Option("--draws", min=0, help="Draws over all ranges at once, beside the single swings.")
    ] = 32,
    sampler: Annotated[
        str, typer.Option("--sampler", help="How they are drawn: lhs, or sobol (best with a power of two).")
    ] = "lhs",
    worldview: Annotated[
        str, typer.Option("--worldview", help="How maps draw disputed areas: neutral, jp or un.")
    ] = "neutral",
    lang: Annotated[str, typer.Option("--lang", help="Language of report.html: en or ja.")] = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a scenario or a folder of cases, explain and report it; an article is read and stops for
    review.
    """
    from kaname import study as studies  # noqa: PLC0415

    if scenario is not None and scenario.suffix.casefold() in ARTICLES:
        _stop_for_review(scenario)

    study = studies.load_study(scenario, seed, draws, cast("Sampler", sampler), worldview)
    folder = out or Path("runs") / studies.run_id(study)
    result = studies.run_study(study, folder, say=say(quiet), lang=lang)
    if as_json:
        print(json.dumps(result.as_dict(), ensure_ascii=False, indent=1, allow_nan=False))
        return
    from rich.console import Console  # noqa: PLC0415

    from kaname.report.terminal import print_brief  # noqa: PLC0415

    print_brief(result.model, Console(highlight=False))
    print(f"\nReport: {folder / 'report.html'}")


def _stop_for_review(article: Path) -> None:
    """Read an article into the event store and stop: nobody has reviewed its events yet (exit code 3)."""
    from kaname.cli.news import STORE  # noqa: PLC0415
    from kaname.cli.news import read as read_article  # noqa: PLC0415

    read_article(str(article), store=STORE)
    raise DataMissing(
        Problem(
            "the events of the article are not reviewed",
            str(article),
            fix=f"Decide on each: kaname events review ID --decision accept --by NAME --store {STORE}; "
            "then kaname draft ID... -o scenario.yaml, and kaname run scenario.yaml",
        )
    )


def why(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    market: Annotated[str, typer.Option("--market", help="Market id, such as JPN or JPN/defence.")],
    product: Annotated[str, typer.Option("--product", help="Product id, such as magnets.")],
    case: Annotated[str | None, typer.Option("--case", help="Id of the case; default: the last.")] = None,
    as_json: Json = False,
) -> None:
    """Trace the lost use of a product in a market back to its causes, with shares that add up."""
    from dataclasses import asdict  # noqa: PLC0415

    from kaname import rerun  # noqa: PLC0415

    title, tree = rerun.why(run_folder, market, product, case)
    if as_json:
        content = {"case": title, "causes": asdict(tree) if tree is not None else None}
        print(json.dumps(content, ensure_ascii=False, indent=1))
        return
    from rich.console import Console  # noqa: PLC0415

    from kaname.report.terminal import print_causes  # noqa: PLC0415

    print_causes(f"{title}: {product}, {market}", tree, Console(highlight=False))


def explain(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    what: Annotated[
        str, typer.Argument(metavar="NUMBER", help="Its address, such as shortfall:JPN:magnets:worst.")
    ] = "value",
    case: Annotated[
        str | None, typer.Option("--case", help="Id of the case or plan; default: the first.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the words: en or ja.")] = "en",
    as_json: Json = False,
) -> None:
    """Show what stands behind a number of a run: value and band, how it is made, inputs, causes, sources."""
    from kaname import rerun  # noqa: PLC0415
    from kaname.explaining import told  # noqa: PLC0415
    from kaname.terms.language import speaking  # noqa: PLC0415

    with speaking(lang):
        found = rerun.explain(run_folder, what, case)
        if as_json:
            print(json.dumps(told(found), ensure_ascii=False, indent=1))
            return
        from rich.console import Console  # noqa: PLC0415

        from kaname.report.terminal_explained import print_explained  # noqa: PLC0415

        print_explained(found, Console(highlight=False))


def replay(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a run folder again and compare all its tables."""
    from kaname import rerun  # noqa: PLC0415

    found = rerun.replay(run_folder, say(quiet))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    elif found["identical"]:
        print(f"{run_folder}: all tables agree (tolerance {found['tolerance']:g}).")
    else:
        print("\n".join(found["differences"]))
    if not found["identical"]:
        raise typer.Exit(1)
