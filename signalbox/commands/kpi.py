"""``kpi``: KPI values of any slice, and the catalogue."""

from __future__ import annotations

from typing import Any

import click

from signalbox.commands.options import day, format_option, from_option, names, pairs, settings_of, to_option
from signalbox.commands.output import emit

_VALUE_COLUMNS = ("value", "unit", "numerator", "denominator", "excluded", "coverage", "status_code")
_CATALOGUE_COLUMNS = ("kpi_id", "name", "unit", "direction", "target_value", "dimensions", "owner_role")


@click.command(short_help="KPI values; --catalogue lists what exists.")
@click.argument("kpi_ids", metavar="[ID]...", nargs=-1)
@click.option("--by", metavar="DIM,…", help="Dimensions, such as channel,region.")
@click.option(
    "--grain", type=click.Choice(["day", "week", "month", "all"]), default="all", show_default=True, help="Period."
)
@from_option
@to_option
@click.option("--where", multiple=True, metavar="DIM=VALUE", help="Only this value; may be given several times.")
@click.option("--catalogue", is_flag=True, help="List the measures with unit, target, dimensions and owner.")
@format_option
@click.pass_context
def kpi(
    context: click.Context,
    kpi_ids: tuple[str, ...],
    by: str | None,
    grain: str,
    date_from: str | None,
    date_to: str | None,
    where: tuple[str, ...],
    catalogue: bool,
    fmt: str,
) -> None:
    """Values of the measures ID (K72 is the main measure, 'K72.*' all of it; none: every main measure)."""
    from signalbox import metrics
    from signalbox.publish import open_snapshot

    start, end, slices, dims = day(date_from, "--from"), day(date_to, "--to"), pairs(where, "--where"), names(by)
    with open_snapshot(settings_of(context)) as snapshot:
        listed = metrics.catalogue(snapshot.con).to_pylist()
        if catalogue:
            emit(listed, fmt, _CATALOGUE_COLUMNS)
            return
        wanted = kpi_ids or tuple(row["kpi_id"] for row in listed if "." not in row["kpi_id"])
        found: list[dict[str, Any]] = metrics.values(
            snapshot.con, wanted, dims, grain, start, end, slices or None
        ).to_pylist()
    emit(found, fmt, ("kpi_id", "period_start", *dims, *_VALUE_COLUMNS), "no value in this slice")
