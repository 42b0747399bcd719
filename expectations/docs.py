"""Data Docs: Great Expectations' own HTML pages of a run, with a page that lists them.

Belongs here: writing the pages of suites that ran. Not here: running them.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from expectations.results import SuiteResult

INDEX = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Quality of build {build}</title>
<style>body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem }}
td, th {{ text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #ddd }}
.failed {{ color: #b00020 }}</style></head>
<body><h1>Quality of build {build}</h1>
<table><tr><th>suite</th><th>of</th><th>expectations</th><th>failed</th><th></th></tr>
{rows}
</table></body></html>
"""


def write_data_docs(results: Iterable[SuiteResult], folder: Path, build_id: str) -> Path:
    """Write one page a suite that ran and an index, failures first; returns the index."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    folder.mkdir(parents=True, exist_ok=True)
    renderer, view = ValidationResultsPageRenderer(), DefaultJinjaPageView()
    lines = []
    for result in sorted(results, key=lambda item: (-item.outcome.failed, item.suite.name)):
        page = None
        if result.found is not None:
            page = folder / f"{result.suite.name}.html"
            page.write_text(view.render(renderer.render(result.found)), encoding="utf-8")
        lines.append(_line(result, page))
    index = folder / "index.html"
    index.write_text(INDEX.format(build=escape(build_id), rows="\n".join(lines)), encoding="utf-8")
    return index


def _line(result: SuiteResult, page: Path | None) -> str:
    outcome = result.outcome
    name = escape(outcome.suite)
    shown = f'<a href="{page.name}">{name}</a>' if page else name
    state = ' class="failed"' if outcome.failed else ""
    cells = (shown, escape(outcome.target), str(outcome.expectations), str(outcome.failed), escape(result.summary))
    return f"<tr{state}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
