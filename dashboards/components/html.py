"""Small pieces of HTML with the theme's classes, as strings. Every text from data passes ``esc``.

Not here: numbers (``numbers``), colours (``theme``), anything of Streamlit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote, urlencode

from dashboards.components.numbers import is_missing
from dashboards.theme import Mark


def esc(text: object) -> str:
    return "" if is_missing(text) else escape(str(text), quote=True)


def link(page: str, text: str, **parameters: object) -> str:
    """A link to a view with its state in the query; parameters that are None are left out. ``text`` is HTML."""
    query = urlencode({key: value for key, value in parameters.items() if value is not None})
    return f'<a href="{page}{"?" + esc(query) if query else ""}" target="_self">{text}</a>'


def pill(mark: Mark, text: str | None = None) -> str:
    return (
        f'<span class="sb-pill {mark.tone}"><span aria-hidden="true">{mark.sign}</span>{esc(text or mark.label)}</span>'
    )


def title(text: str, lead: str = "") -> str:
    """The heading of a card; ``lead`` is HTML."""
    return (
        f'<div class="sb"><h2 class="sb-title">{esc(text)}</h2>{f"<p class=sb-lead>{lead}</p>" if lead else ""}</div>'
    )


def two(first: str, second: str) -> str:
    """A cell of two lines, the second quieter; both are HTML."""
    return f'{first}<span class="sub">{second}</span>'


def remark(text: str) -> str:
    return f'<div class="sb small muted">{esc(text)}</div>'


def notice(mark: Mark, body: str) -> str:
    """A line that wants attention; ``body`` is HTML."""
    sign = f'<span class="sign">{mark.sign}</span>'
    return f'<div class="sb sb-notice {mark.tone}" role="status">{sign}<span>{body}</span></div>'


def empty(headline: str, reason: str = "") -> str:
    return f'<div class="sb sb-empty"><strong>{esc(headline)}</strong>{esc(reason)}</div>'


def tile(label: str, value: str, note: str = "", extra: str = "") -> str:
    """``value``, ``note`` and ``extra`` are HTML."""
    return (
        f'<div class="sb-tile"><div class="label">{esc(label)}</div><div class="value">{value}</div>'
        f'<div class="note">{note}</div>{extra}</div>'
    )


def tiles(items: Iterable[str]) -> str:
    return f'<div class="sb sb-tiles">{"".join(items)}</div>'


def split(parts: Sequence[tuple[str, float]]) -> str:
    """A bar of parts of a whole: (tone, amount); the words stand beside it, never in it."""
    bars = "".join(f'<i class="{tone}" style="flex:{amount:g}"></i>' for tone, amount in parts if amount)
    return f'<div class="sb-split" aria-hidden="true">{bars}</div>'


def facts(pairs: Mapping[str, str], wide: bool = False) -> str:
    """Labels over values in aligned columns; values are HTML."""
    cells = "".join(f"<div><dt>{esc(label)}</dt><dd>{value}</dd></div>" for label, value in pairs.items())
    return f'<dl class="sb sb-facts{" wide" if wide else ""}">{cells}</dl>'


def words(pairs: Mapping[str, str]) -> str:
    """Labels beside sentences; values are HTML, empty ones are left out."""
    rows = "".join(f"<dt>{esc(label)}</dt><dd>{value}</dd>" for label, value in pairs.items() if value)
    return f'<dl class="sb sb-words">{rows}</dl>'


def table(headers: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], focus: int | None = None) -> str:
    """A small table. ``headers`` are (text, class), class 'num' aligns right; cells are HTML."""
    classes = [css for _, css in headers]
    head = "".join(f'<th class="{css}" scope="col">{esc(text)}</th>' for text, css in headers)
    body = "".join(
        f"<tr{' class=focus' if index == focus else ''}>"
        + "".join(f'<td class="{css}">{cell}</td>' for css, cell in zip(classes, row, strict=True))
        + "</tr>"
        for index, row in enumerate(rows)
    )
    return f'<div class="sb"><table class="sb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def bar(share: float, width: int = 90, colour: str = "var(--accent)") -> str:
    """A bar in a table cell, ``share`` of ``width`` pixels; at least a visible sliver when there is something."""
    pixels = max(2, round(width * min(max(share, 0.0), 1.0))) if share > 0 else 0
    return f'<span class="sb-bar" style="width:{pixels}px;background:{colour}"></span>'


def sparkline(values: Sequence[float | None], colour: str, width: int = 110, height: int = 26) -> str:
    """A line without axes for a table cell; gaps stay gaps; the last point is marked. ``colour`` is a plain colour."""
    points = [(i, float(v)) for i, v in enumerate(values) if not is_missing(v)]
    if len(points) < 2:
        return '<span class="muted small">too short</span>'
    low, high = min(v for _, v in points), max(v for _, v in points)
    span, last = (high - low) or 1.0, max(len(values) - 1, 1)

    def place(index: int, value: float) -> tuple[float, float]:
        return 2 + index * (width - 6) / last, 3 + (height - 6) * (1 - (value - low) / span)

    parts, dots, known = [], [], {index for index, _ in points}
    for index, value in points:
        x, y = place(index, value)
        parts.append(f"{'L' if index - 1 in known else 'M'}{x:.1f} {y:.1f}")
        if not {index - 1, index + 1} & known:
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.3" fill="{colour}"/>')
    x, y = place(*points[-1])
    # As an image: Streamlit's sanitiser takes inline SVG out.
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<path d="{"".join(parts)}" fill="none" stroke="{colour}" stroke-width="1.6" stroke-linejoin="round"/>'
        f'{"".join(dots)}<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{colour}"/></svg>'
    )
    return f'<img class="sb-spark" alt="" width="{width}" height="{height}" src="data:image/svg+xml,{quote(svg)}">'
