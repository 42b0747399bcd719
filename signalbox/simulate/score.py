"""How well the controls found what went wrong: alarms against the truth.

Belongs here: matching and the figures of alarm quality. Not here: running the pipeline, printing.

An exception and an occurrence match when code and business key are equal and their episodes overlap (both ends
included; what is still open never ends). Injected and ordinary occurrences are both real: an alarm on either is
right. A near miss is not real: an alarm that matches nothing real is false, and so is one that was retracted. What is
personal stands in braces in a key of the truth, since only the home can tell under which pseudonym it keeps it.

The simulated retailer's systems deliver a business day in one night, within hours of each other, and a build follows:
an alarm comes with the first build when it is detected in the night in which the truth becomes known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from signalbox.errors import UsageError
from signalbox.simulate.faults import DEFAULT

if TYPE_CHECKING:
    import pyarrow as pa

_FOREVER = pl.datetime(9999, 1, 1)
_NIGHT = pl.duration(hours=6)
_PERSON = re.compile(r"\{([^}]*)\}")


def score(
    truth_path: Path | str, exceptions: pa.Table | Path | str, told: Collection[str] = DEFAULT,
    pseudonym: Callable[[str], str] = str,
) -> list[dict[str, Any]]:  # fmt: skip
    """One row a code: injected, found, in_first_build, false alarms, precision, recall, time to detect, and more.

    ``truth_path`` is the folder ``truth`` or its ``faults.parquet``; ``exceptions`` has code, business_key,
    opened_ts, detected_ts, closed_ts, status_code, as ``fct_exception``. found = injected occurrences with an alarm;
    in_first_build: of these, in the first build after the evidence; recall = found / injected; precision = right alarms
    / alarms; time to detect = mean of detected - opened over the found; days = those the truth and the alarms span. A
    figure without denominator is None, and so are false alarms of a code that is not among ``told``: of it the truth
    does not tell. ``pseudonym`` gives the home's name of a person. Errors: UsageError when a file is missing.
    """
    truth, alarms = _truth(Path(truth_path), pseudonym), _alarms(exceptions)
    real = truth.filter(pl.col("kind") != "near_miss")
    pairs = alarms.join(real, on=["code", "business_key"], suffix="_truth").filter(
        (pl.col("opened_ts") <= pl.col("closed_ts_truth")) & (pl.col("opened_ts_truth") <= pl.col("closed_ts"))
    )  # fmt: skip
    live = pairs.filter(~pl.col("is_retracted"))
    days = _days(truth, alarms)
    codes = sorted(set(truth["code"].to_list()) | set(alarms["code"].to_list()))
    return [_row(code, truth, alarms, live, days, code in told) for code in codes]


def _truth(path: Path, pseudonym: Callable[[str], str]) -> pl.DataFrame:
    file = path / "faults.parquet" if path.is_dir() else path
    if not file.exists():
        raise UsageError(f"{file}: no truth there; simulate writes it under DIR/truth")
    names = ("fault_id", "code", "kind", "business_key", "opened_ts", "known_ts", "closed_ts")
    rows = pl.read_parquet(file).select(names)
    plain = rows["business_key"].filter(rows["business_key"].str.contains(_PERSON.pattern)).unique().to_list()
    known = [_PERSON.sub(lambda found: pseudonym(found[1]), key) for key in plain]
    return rows.with_columns(
        pl.col("closed_ts").fill_null(_FOREVER).cast(pl.Datetime("us")), pl.col("business_key").replace(plain, known)
    )


def _alarms(exceptions: pa.Table | Path | str) -> pl.DataFrame:
    if isinstance(exceptions, str | Path):
        if not Path(exceptions).exists():
            raise UsageError(f"{exceptions}: no such file of exceptions")
        frame = pl.read_parquet(exceptions)
    else:
        frame = pl.DataFrame(pl.from_arrow(exceptions))
    times = [pl.col(name).cast(pl.Datetime("us")) for name in ("opened_ts", "detected_ts", "closed_ts")]
    keys = [pl.col(name).cast(pl.String) for name in ("code", "business_key")]
    frame = frame.select(*keys, *times, is_retracted=pl.col("status_code").cast(pl.String) == "retracted")
    return frame.with_row_index("alarm").with_columns(pl.col("closed_ts").fill_null(_FOREVER).cast(pl.Datetime("us")))


def _days(truth: pl.DataFrame, alarms: pl.DataFrame) -> float:
    opened = pl.concat([truth["opened_ts"], alarms["opened_ts"]]).drop_nulls()
    first, last = opened.min(), opened.max()
    return max(1.0, (last - first).total_seconds() / 86_400) if opened.len() else 1.0  # type: ignore[operator,union-attr]


def _row(
    code: str, truth: pl.DataFrame, alarms: pl.DataFrame, live: pl.DataFrame, days: float, is_told: bool
) -> dict[str, Any]:  # fmt: skip
    injected = truth.filter((pl.col("code") == code) & (pl.col("kind") == "injected")).height
    mine, matched = alarms.filter(pl.col("code") == code), live.filter(pl.col("code") == code)
    right = matched["alarm"].n_unique()
    hits = matched.filter(pl.col("kind") == "injected").group_by("fault_id").agg(
        wait=(pl.col("detected_ts") - pl.col("opened_ts_truth")).dt.total_seconds().min().clip(lower_bound=0),
        is_prompt=(pl.col("detected_ts") <= pl.col("known_ts") + _NIGHT).any(),
    )  # fmt: skip
    wrong = mine.height - right if is_told else None
    return {
        "code": code, "injected": injected, "found": hits.height, "in_first_build": int(hits["is_prompt"].sum()),
        "false_alarms": wrong,
        "precision": right / mine.height if mine.height and is_told else None,
        "recall": hits.height / injected if injected else None,
        "time_to_detect_seconds": hits["wait"].mean() if hits.height else None,
        "false_alarms_per_day": None if wrong is None else wrong / days,
    }  # fmt: skip
