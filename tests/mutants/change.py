"""Small wrong changes of one model's SQL: a comparison flipped, a filter dropped, the first taken for the last.

A change is named by its kind and the place in the statement, so that the same one can be made in the model as it is
built and in the model as each of its unit tests reads it. What a macro wrote several times in one select is one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

# Tables of made-up rows in a unit test of dbt's.
FIXTURE = "__dbt__cte__"
BOUNDARY = "move a boundary"

_FLIPPED: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
_BOUNDARY: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
}
_EXTREME: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.Min: exp.Max,
    exp.Max: exp.Min,
    exp.ArgMin: exp.ArgMax,
    exp.ArgMax: exp.ArgMin,
}
_SIGN: dict[type[exp.Expression], type[exp.Expression]] = {exp.Add: exp.Sub, exp.Sub: exp.Add}
# Where a least value only names what all rows of a group share, the greatest is the same.
_SHARED = frozenset(
    [
        "source_entity",
        "_file_digest",
        "_line",
        "order_id",
        "order_line_key",
        "interface_id",
        "legal_entity",
        "channel",
        "location",
        "region",
        "category",
        "supplier",
        "carrier",
        "interface",
        "order_type",
        "time_zone",
        "currency_code",
        "full_days",
        "part_count",
    ]
)

Mutator = Callable[[exp.Expression], exp.Expression | None]


@dataclass(frozen=True)
class Change:
    """One wrong change. ``place`` counts the places of this kind; ``before`` and ``after`` are for people."""

    kind: str
    place: int
    before: str
    after: str


def changes(model: exp.Expression) -> list[Change]:
    """Every change of the statement, in the order of its text."""
    found = []
    for kind, mutate in _KINDS.items():
        for place, nodes in enumerate(_places(model, mutate)):
            changed = mutate(nodes[0].copy())
            assert changed is not None
            found.append(Change(kind, place, _text(nodes[0]), _text(changed)))
    return found


def changed(model: exp.Expression, change: Change) -> exp.Expression:
    """A copy of the statement with the change. Raises LookupError where the statement has no such place."""
    copy = model.copy()
    mutate = _KINDS[change.kind]
    places = _places(copy, mutate)
    if change.place >= len(places) or _text(places[change.place][0]) != change.before:
        raise LookupError(f"{change.kind} {change.place}: {change.before}")
    for node in places[change.place]:
        fresh = mutate(node.copy())
        assert fresh is not None
        node.replace(fresh)
    return copy


def _places(model: exp.Expression, mutate: Mutator) -> list[list[exp.Expression]]:
    """Nodes that the mutator changes; equal ones of one select stand together."""
    found: dict[tuple[int, str], list[exp.Expression]] = {}
    for node in _nodes(model):
        if not _is_of_the_macro(node) and mutate(node.copy()) is not None:
            found.setdefault((id(node.find_ancestor(exp.Select)), _text(node)), []).append(node)
    return list(found.values())


def _is_of_the_macro(node: exp.Expression) -> bool:
    """What the macro of metric rows writes once more about an exclusion; the suites compare it with the numerator."""
    told = node.find_ancestor(exp.Alias)
    return (
        told is not None and told.alias in ("is_excluded", "exclusion_reason") and told.find_ancestor(exp.Alias) is None
    )


def _nodes(model: exp.Expression) -> Iterator[exp.Expression]:
    """The model's own nodes, without the made-up rows of a unit test."""
    return model.walk(prune=lambda node: isinstance(node, exp.CTE) and node.alias.startswith(FIXTURE))


def _text(node: exp.Expression) -> str:
    """Alike in the model as it is built and in a unit test: tables have other names there, instants other values."""
    copy = node.copy()
    for table in copy.find_all(exp.Table):
        table.replace(exp.table_(table.name.removeprefix(FIXTURE), alias=table.alias or None))
    for literal in copy.find_all(exp.Literal):
        if literal.is_string and literal.this[:2] in ("19", "20") and literal.this[4:5] == "-":
            literal.replace(exp.Literal.string("instant"))
    return " ".join(copy.sql("duckdb").split())


def _extreme(node: exp.Expression) -> exp.Expression | None:
    """The greatest for the least, the last for the first."""
    other = _EXTREME.get(type(node))
    if other is None or (isinstance(node.this, exp.Column) and node.this.name in _SHARED):
        return None
    return other(**node.args)


def _swap(pairs: dict[type[exp.Expression], type[exp.Expression]]) -> Mutator:
    def mutate(node: exp.Expression) -> exp.Expression | None:
        other = pairs.get(type(node))
        return other(**node.args) if other else None

    return mutate


def _without_the_last_condition(node: exp.Expression) -> exp.Expression | None:
    """A filter without its last condition; one that has a single condition lets everything through."""
    if not isinstance(node, exp.Where):
        return None
    condition = node.this
    return exp.Where(this=condition.left.copy() if isinstance(condition, exp.And) else exp.true())


def _without_the_first_condition(node: exp.Expression) -> exp.Expression | None:
    if not isinstance(node, exp.Where) or not isinstance(node.this, exp.And):
        return None
    conditions = list(node.this.flatten())
    return exp.Where(this=exp.and_(*(item.copy() for item in conditions[1:])))


def _order_turned(node: exp.Expression) -> exp.Expression | None:
    """The latest row for the earliest: the first key of an order."""
    if not isinstance(node, exp.Order):
        return None
    copy = node.copy()
    first = copy.expressions[0]
    first.set("desc", not first.args.get("desc"))
    return copy


_KINDS: dict[str, Mutator] = {
    "flip a comparison": _swap(_FLIPPED),
    BOUNDARY: _swap(_BOUNDARY),
    "drop the last condition": _without_the_last_condition,
    "drop the first condition": _without_the_first_condition,
    "swap first and last": _extreme,
    "turn an order": _order_turned,
    "turn a sign": _swap(_SIGN),
}
