"""Streamlit's data grid with the product's formats, and downloads. Draws; reads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.components.numbers import Unit

_ROW_PIXELS = 34
_FORMATS = {
    "csv": ("CSV", "text/csv"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def number(label: str, unit: Unit | None = None, **extra: Any) -> Any:
    """A number column; with ``unit`` its values must already be multiplied by the unit's factor.

    Money and counted things have their unit in the heading, so that the figures below stand in line, sign first.
    """
    if unit is None or (unit.heading and unit.decimals == 0):
        label = f"{label} ({unit.heading})" if unit else label
        return st.column_config.NumberColumn(label, format="localized", **extra)
    if unit.heading:
        label, unit = f"{label} ({unit.heading})", replace(unit, prefix="", suffix="")
    return st.column_config.NumberColumn(label, format=unit.printf, **extra)


def pick(
    frame: pd.DataFrame, key: str, columns: Mapping[str, Any], chosen: int | None = None, **extra: Any
) -> int | None:
    """A grid of which one row can be chosen; returns its position. ``columns`` are shown in their order, others not."""
    default = {"selection": {"rows": [] if chosen is None else [chosen]}}
    event = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        column_order=list(columns),
        column_config=dict(columns),
        on_select="rerun",
        selection_mode="single-row",
        selection_default=default,
        lazy=False,
        placeholder="",
        **extra,
    )
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows and rows[0] < len(frame) else None


def pick_many(frame: pd.DataFrame, key: str, columns: Mapping[str, Any], chosen: list[int], **extra: Any) -> list[int]:
    """A grid of which several rows can be chosen; returns their positions, in the order of the rows."""
    event = st.dataframe(
        frame,
        key=key,
        hide_index=True,
        column_order=list(columns),
        column_config=dict(columns),
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": chosen}},
        lazy=False,
        placeholder="",
        **extra,
    )
    return sorted(int(row) for row in event["selection"]["rows"] if row < len(frame))


def height(rows: int, most: int) -> int | str:
    """As high as its rows, up to ``most`` pixels."""
    return "content" if rows * _ROW_PIXELS + _ROW_PIXELS + 4 <= most else most


def show(frame: pd.DataFrame, columns: Mapping[str, Any], **extra: Any) -> None:
    st.dataframe(
        frame,
        hide_index=True,
        column_order=list(columns),
        column_config=dict(columns),
        lazy=False,
        placeholder="",
        **extra,
    )


def position(frame: pd.DataFrame, column: str, value: Any) -> int | None:
    """Where ``value`` stands first in a column, for a choice that came with the address."""
    if value is None:
        return None
    found = frame.reset_index(drop=True).index[(frame[column].astype(str) == str(value)).to_numpy()]
    return int(found[0]) if len(found) else None


def downloads(name: str, frame: pd.DataFrame, key: str) -> None:
    """Buttons for CSV and Excel of a frame; the file is made when one is pressed."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", key=f"downloads_{key}"):
        for form, (label, mime) in _FORMATS.items():
            st.download_button(
                label,
                data=lambda form=form: _file(frame, form, name),
                file_name=f"{name}.{form}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"download_{key}_{form}",
            )


def _file(frame: pd.DataFrame, form: str, title: str) -> bytes:
    import pyarrow as pa

    from signalbox.export import table_bytes

    return table_bytes(pa.Table.from_pandas(frame, preserve_index=False), form, title)
