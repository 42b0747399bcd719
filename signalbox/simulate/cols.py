"""A bundle of equally long arrays with names.

Belongs here: the container that the parts hand to one another. Not here: any rule.
"""

from __future__ import annotations

import numpy as np
import polars as pl


class Cols:
    """Arrays of one length by name:

    ``c.sku``; ``c.take(index)`` selects rows, ``c.frame(...)`` makes a polars frame.
    """

    def __init__(self, **arrays: np.ndarray) -> None:
        self.__dict__.update(arrays)

    def __getattr__(self, name: str) -> np.ndarray:
        raise AttributeError(name)

    def __setattr__(self, name: str, value: np.ndarray) -> None:
        self.__dict__[name] = value

    @property
    def size(self) -> int:
        return len(next(iter(self.__dict__.values()))) if self.__dict__ else 0

    def take(self, index: np.ndarray | slice) -> Cols:
        """The rows of an index, a mask or a slice."""
        return Cols(**{name: array[index] for name, array in self.__dict__.items()})

    def frame(self, **columns: object) -> pl.DataFrame:
        return pl.DataFrame({k: (self.__dict__[v] if isinstance(v, str) else v) for k, v in columns.items()})


def join(parts: list[Cols]) -> Cols:
    """Rows of several bundles with the same names, one after the other."""
    names = parts[0].__dict__
    return Cols(**{name: np.concatenate([p.__dict__[name] for p in parts]) for name in names})


def code(index: np.ndarray, names: tuple[str, ...] | list[str]) -> pl.Series:
    """Texts behind small indexes as an Enum; -1 becomes null."""
    index = np.asarray(index)
    series = pl.Series(np.where(index < 0, 0, index).astype(np.uint8)).cat.to(pl.Enum(list(names)))
    return series if index.size == 0 or index.min() >= 0 else nullify(series, index < 0)


def nullify(values: np.ndarray | pl.Series, missing: np.ndarray) -> pl.Series:
    """A series that is null where ``missing``."""
    series = values if isinstance(values, pl.Series) else pl.Series(values)
    return pl.select(pl.when(pl.Series(~np.asarray(missing))).then(series)).to_series()


def same(text: str, count: int) -> pl.Series:
    """One text many times; a series of texts even when it is empty."""
    return pl.repeat(text, count, dtype=pl.String, eager=True)
