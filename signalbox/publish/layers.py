"""A published table as layers, so that publishing costs what changed: the rows of a whole table, then changes to it.

Each layer after the oldest holds new rows, and hides rows of earlier layers, which it names by layer and by row number
in that layer's file. Belongs here: a layer in the manifest, the selects that read layers, when and which of them are
merged. Not here: writing files (``table_files``), or what changed (``changes``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict

# The newest form of a manifest that this code reads. 1: each table is one file; 2: a table has layers.
MANIFEST_FORMAT = 2
# A reader opens three files a layer: some milliseconds.
LAYERS_AT_MOST = 8
# Hidden rows as a share of all rows in the files; beyond it the table is written whole.
HIDDEN_AT_MOST = 0.25
_ROWS = "* exclude (file_row_number)"


class LayerFile(TypedDict):
    """A file of a snapshot, named from the snapshot's folder. ``digest``: sha256, hex."""

    file: str
    digest: str
    rows: int
    bytes: int


class Layer(LayerFile):
    """The file of a layer's rows, and that of what it hides: ``layer`` (0: the oldest), ``row_number`` (0: the first).

    The select of a published view is a layer too.
    """

    hides: NotRequired[LayerFile]


def layer_of(rows: LayerFile, hides: LayerFile | None = None) -> Layer:
    """A layer of these files."""
    layer = Layer(file=rows["file"], digest=rows["digest"], rows=rows["rows"], bytes=rows["bytes"])
    if hides is not None:
        layer["hides"] = hides
    return layer


def layers_of(entry: Mapping[str, Any]) -> list[Layer]:
    """The layers of a table's entry in a manifest of any format, oldest first."""
    if "layers" in entry:
        listed: list[Layer] = entry["layers"]
        return listed
    return [Layer(file=entry["file"], digest=entry["digest"], rows=entry["rows"], bytes=entry.get("bytes", 0))]


def files_of(layers: Sequence[Layer]) -> Iterator[LayerFile]:
    """Every file of these layers."""
    for layer in layers:
        yield layer
        if "hides" in layer:
            yield layer["hides"]


def rows_select(folder: Path, layers: Sequence[Layer], first: int = 0) -> str:
    """A select of the rows that count, of all layers or of those from number ``first`` on."""
    if len(layers) == 1:
        return f"select * from {_read(folder, layers)}"
    numbers = range(first, len(layers))
    standing = (_standing(folder, layers, number, _numbered(folder, layers[number])) for number in numbers)
    return " union all ".join(f"select {_ROWS} from {rows}" for rows in standing)


def positions_select(folder: Path, layers: Sequence[Layer], keys: str, key_columns: Sequence[str]) -> str:
    """A select of ``layer`` and ``row_number`` of the rows that count and have a key of the relation ``keys``."""
    same = " and ".join(f"r.{quoted(name)} is not distinct from k.{quoted(name)}" for name in key_columns)
    selects = []
    for number in range(len(layers)):
        found = f"(select r.* from {_numbered(folder, layers[number])} as r semi join {keys} as k on {same})"
        selects.append(f"select {number}, file_row_number from {_standing(folder, layers, number, found)}")
    return f"from ({' union all '.join(selects)}) as found (layer, row_number) order by layer, row_number"


def hides_select(folder: Path, layers: Sequence[Layer], first: int) -> str:
    """A select of what the layers from number ``first`` on hide in those before it."""
    files = [layer["hides"] for layer in layers[first:] if "hides" in layer]
    return f"from {_read(folder, files)} where layer < {first} order by layer, row_number"


def hidden_rows(layers: Sequence[Layer]) -> int:
    """The rows in the files that no longer count; each is hidden once."""
    return sum(layer["hides"]["rows"] for layer in layers if "hides" in layer)


def stored_rows(layers: Sequence[Layer]) -> int:
    """The rows in the files, whether they count or not."""
    return sum(layer["rows"] for layer in layers)


def first_to_merge(layers: Sequence[Layer]) -> int | None:
    """From which layer on the young ones become one; None while there are few enough.

    A layer joins those after it when it is not larger than they are together, so that a row is rewritten a number of
    times that grows with the logarithm of the changes. The oldest layer, the whole table, never joins.
    """
    if len(layers) <= LAYERS_AT_MOST:
        return None
    sizes = [layer["rows"] + layer["hides"]["rows"] if "hides" in layer else layer["rows"] for layer in layers]
    first = len(layers) - 2
    while first > 1 and sizes[first - 1] <= sum(sizes[first:]):
        first -= 1
    return first


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"{}"'.format(name.replace('"', '""'))


def _standing(folder: Path, layers: Sequence[Layer], number: int, rows: str) -> str:
    """Of these rows of layer ``number``, which have their ``file_row_number``, those that no later layer hides."""
    later = [layer["hides"] for layer in layers[number + 1 :] if "hides" in layer and layer["hides"]["rows"]]
    if not later:
        return rows
    hidden = f"(select row_number from {_read(folder, later)} where layer = {number})"
    return f"(select r.* from {rows} as r anti join {hidden} as h on r.file_row_number = h.row_number)"


def _numbered(folder: Path, layer: Layer) -> str:
    return _read(folder, [layer], ", file_row_number = true")


def _read(folder: Path, files: Sequence[LayerFile], options: str = "") -> str:
    paths = ", ".join("'{}'".format(str(folder / item["file"]).replace("'", "''")) for item in files)
    return f"read_parquet([{paths}]{options})"
