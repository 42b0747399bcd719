"""Inventory: what can be sold where, what is missing or stale, and where two systems do not agree."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import session as reads
from dashboards.charts.inventory import stock_ages
from dashboards.components import grid, html, numbers, page
from dashboards.session import Session, Slice, query
from dashboards.theme import CHART_CONFIG

# Tile -> measure.
_TILES = ("K27", "K34", "K39", "K30")
_BY_PLACE = {"K27": "available", "K34": "stock_out", "K36": "cover", "K39": "aged", "K31": "accuracy"}
_SHORT = "K35.value"
_WORST = 200


def body(session: Session) -> None:
    st.html(_tiles(session))
    left, right = st.columns([1, 1.25], gap="small")
    with left, st.container(key="card_ages"):
        _ages(session)
    with right, st.container(key="card_mismatch"):
        _mismatch(session)
    with st.container(key="card_places"):
        _places(session)
    with st.container(key="card_short"):
        _short(session)


def _value(session: Session, kpi_id: str) -> pd.Series | None:
    """The last value of a measure."""
    frame = reads.values(session, (kpi_id,), Slice(), grain="day")
    frame = frame[frame["value"].notna()]
    return None if frame.empty else frame.iloc[-1]


def _by(session: Session, kpi_id: str, dimension: str, part: Slice) -> pd.DataFrame:
    """Values of a measure by a dimension; no rows where the snapshot does not have the measure or the slice."""
    catalogue = reads.catalogue(session)
    if kpi_id not in catalogue.index or dimension not in reads.names(catalogue.loc[kpi_id, "dimensions"]):
        return pd.DataFrame(columns=[dimension, "value", "numerator", "denominator"])
    return reads.values(session, (kpi_id,), part, by=(dimension,))


def _tiles(session: Session) -> str:
    catalogue = reads.catalogue(session)
    tiles = []
    for kpi_id in (name for name in _TILES if name in catalogue.index):
        row, measure = _value(session, kpi_id), catalogue.loc[kpi_id]
        shown = numbers.NOTHING if row is None else numbers.value(row["value"], measure["unit"], session.currency)
        note = html.link("kpi", f"{kpi_id} over time", kpi=kpi_id)
        tiles.append(html.tile(str(measure["name"]), html.esc(shown), note))
    return html.tiles(tiles)


def _ages(session: Session) -> None:
    st.html(html.title("Age of the stock", "Value at cost by how long the retailer has had it, first in, first out"))
    frame = query(session, "stock_age", today=session.today)
    if frame.empty:
        st.html(html.empty("No stock ledger yet", "Land inventory movements, and build."))
        return
    figure = stock_ages(frame, session.currency)
    st.plotly_chart(figure, config=CHART_CONFIG, theme=None, key="ages", alt="Value on hand by age")


def _mismatch(session: Session) -> None:
    st.html(html.title("Where systems do not agree", "Items whose stock differs when nothing is on its way any more"))
    rates, latency = (_by(session, kpi_id, "interface", Slice()) for kpi_id in ("K30", "K29"))
    if rates.empty:
        st.html(html.empty("Nothing to compare yet", "Two systems must say what they have at the same instant."))
        return
    seconds = dict(zip(latency["interface"], latency["value"], strict=True)) if len(latency) else {}
    rows = [
        [
            html.link("kpi", html.esc(row.interface), kpi="K30", only=f"interface:{row.interface}"),
            numbers.count(row.denominator),
            numbers.count(row.numerator),
            numbers.percent(row.value),
            numbers.duration(seconds.get(row.interface), "seconds"),
        ]
        for row in rates.sort_values("value", ascending=False).head(10).itertuples(index=False)
    ]
    headers = [("Interface", ""), ("Compared", "num"), ("Differ", "num"), ("Rate", "num"), ("Sync latency", "num")]
    st.html(html.table(headers, rows))


def _places(session: Session) -> None:
    st.html(html.title("By location", "The last value of each measure; days without stock over the last 28 days"))
    start = pd.Timestamp(session.today) - pd.Timedelta(days=28)
    found = None
    for kpi_id, name in _BY_PLACE.items():
        part = Slice(start.date()) if kpi_id in ("K34", "K31") else Slice()
        frame = _by(session, kpi_id, "location", part)[["location", "value"]].rename(columns={"value": name})
        found = frame if found is None else found.merge(frame, on="location", how="outer")
    if found is None or found.empty:
        st.html(html.empty("No stock yet"))
        return
    found = found.sort_values("stock_out", ascending=False, na_position="last", kind="stable")
    shown = found.assign(stock_out=found["stock_out"] * 100, aged=found["aged"] * 100, accuracy=found["accuracy"] * 100)
    columns = {
        "location": st.column_config.TextColumn("Location"),
        "available": grid.number("Available to sell (units)"),
        "stock_out": st.column_config.NumberColumn("Out of stock", format="%.2f %%"),
        "cover": st.column_config.NumberColumn("Cover", format="%.0f d"),
        "aged": st.column_config.NumberColumn("Older than 90 d", format="%.1f %%"),
        "accuracy": st.column_config.NumberColumn("Counts right", format="%.1f %%"),
    }
    grid.show(shown, columns, height=grid.height(len(shown), 360))
    grid.downloads("stock_by_location", found, "places")


def _short(session: Session) -> None:
    st.html(html.title("Runs out first", "Items that are gone before more comes, by the margin at stake"))
    rows = pd.DataFrame()
    if _SHORT in reads.catalogue(session).index:
        rows = reads.drill(session, _SHORT, Slice(), excluded=False, limit=_WORST)
        rows = rows[rows["numerator"] > 0]
    if rows.empty:
        st.html(html.empty("Nothing runs out before more comes"))
        return
    pairs = rows["item_key"].str.split("|", n=1, expand=True)
    shown = rows.assign(place=pairs[0], sku=pairs[1], numerator=rows["numerator"].round(2))
    shown = shown.sort_values("numerator", ascending=False)
    money = numbers.unit_of("money", 0, session.currency)
    columns = {
        "sku": st.column_config.TextColumn("Item"),
        "place": st.column_config.TextColumn("Location"),
        "category": st.column_config.TextColumn("Category"),
        "supplier": st.column_config.TextColumn("Supplier"),
        "numerator": grid.number("Margin of what will be short", money),
    }
    grid.show(shown, columns, height=grid.height(len(shown), 360))
    st.html(html.remark("K35: demand of the last 28 days in stock against what is there until more comes."))


page.run_page("Inventory", "What can be sold where, what is missing or stale, where systems do not agree", body)
