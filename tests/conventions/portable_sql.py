"""What models may write so that it means the same on DuckDB and on Spark: rules over sqlglot's tree of the SQL.

Belongs here: rendering a model with what an engine-specific macro gives left as a call of its name, and the rules, each
with a text that it must let pass and one that it must refuse. Not here: values; those are compared by building on both
engines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import sqlglot
from sqlglot import exp
from sqlglot.tokens import TokenType

PROJECT = Path(__file__).parents[2] / "dbt_project"
# What one engine has and the other lacks stands in macros that dbt dispatches by engine; nothing of that is rendered.
_ENGINE_ONLY = re.compile(r"\{%-? macro (?:duckdb|spark)__.*?\{%-? endmacro -?%\}", re.DOTALL)
_MACRO = re.compile(r"\{%-? macro (\w+)\(.*?\{%-? endmacro -?%\}", re.DOTALL)
_NOT_SQL = re.compile(r"\{%-? (materialization|test) .*?\{%-? end\1 -?%\}", re.DOTALL)

# Functions whose meaning is the same, as seen by building and comparing.
FUNCTIONS = {
    "abs", "and", "any_value", "bool_and", "bool_or", "case", "cast", "ceil", "coalesce", "concat_ws", "count",
    "current_row", "date_trunc", "dense_rank", "exists", "exp", "extract", "first_value", "floor", "greatest",
    "grouping", "if", "lag", "last_value", "lead", "least", "length", "like", "ln", "logical_and",
    "logical_or", "lower", "lpad", "pad", "max", "md5", "min", "mod", "nullif", "or", "percentile_cont",
    "position", "rank", "replace", "round", "row_number", "sign", "split_part", "starts_with", "str_position",
    "substr", "substring", "sum", "timestamp_trunc", "trim", "upper",
}  # fmt: skip
TYPES = {"TEXT", "BIGINT", "INT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMPNTZ", "DECIMAL"}


class _Names:
    """Stands for whatever dbt gives a template: any attribute, any call; a dispatched macro keeps its parts."""

    type, schema, name, database = "duckdb", "main", "name", "warehouse"

    def __init__(self, text: str = "name") -> None:
        self._text = text

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Names(name)

    def __call__(self, *arguments: Any, **_named: Any) -> str:
        parts = [", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in arguments if part]
        return f"{self._text}({', '.join(parts)})"

    def __str__(self) -> str:
        return self._text

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class _Adapter(_Names):
    """Without an engine a dispatched macro stays a call of its name; with one it is what that engine runs."""

    def __init__(self, engine: str | None, macros: MutableMapping[str, Any]) -> None:
        super().__init__("adapter")
        self._engine, self._macros = engine, macros

    def dispatch(self, name: str, _package: str = "") -> Any:
        if self._engine is None:
            return _Names(f"engine_{name}")
        own = self._macros.get(f"{self._engine}__{name}")
        return own or self._macros[f"default__{name}"]


class Renderer:
    """Renders models and tests as dbt would, as far as their SQL goes; with ``engine``, for DuckDB or for Spark."""

    def __init__(self, engine: str | None = None) -> None:
        self._hooks: list[str] = []
        self._engine = engine
        self._environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
        self._environment.globals.update(
            {
                "ref": lambda name: f"models.{name}",
                "source": lambda schema, name: f"{schema}.{name}",
                "config": self._config,
                "env_var": lambda _name, default="": default,
                "return": lambda value=None: _Returned.of(value),
                "execute": False,
                "adapter": _Adapter(engine, self._environment.globals),
                "this": "models.this",
                **{name: _Names(name) for name in ("target", "api", "exceptions", "graph", "model", "modules", "dbt")},
                "run_query": lambda _sql: _Names(),
                "var": lambda _name, default=None: default,
            }
        )
        self._read_macros()

    def statements(self, text: str) -> list[str]:
        """The SQL of a template, and that of the statements that it hangs behind itself."""
        self._hooks = []
        rendered = [self._render(text)]
        return rendered + [self._render(hook) for hook in list(self._hooks)]

    def _render(self, text: str) -> str:
        return self._environment.from_string(text).render()

    def _config(self, **options: Any) -> str:
        hooks = options.get("post_hook") or []
        self._hooks += [hooks] if isinstance(hooks, str) else hooks
        return ""

    def _read_macros(self) -> None:
        """Every macro of the project by name, each a template of its own: it finds the others by their names."""
        made: dict[str, Any] = {}
        for path in sorted((PROJECT / "macros").glob("*.sql")):
            text = _NOT_SQL.sub("", path.read_text(encoding="utf-8"))
            text = text if self._engine else _ENGINE_ONLY.sub("", text)
            for macro in _MACRO.finditer(text):
                self._environment.globals[macro[1]] = _Returned.macro(made, macro[1])
                made[macro[1]] = macro[0]
        for name, text in made.items():
            made[name] = getattr(self._environment.from_string(text).make_module(), name)


class _Returned(Exception):
    """dbt's `return` leaves a macro with a value that need not be text."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @classmethod
    def of(cls, value: Any) -> str:
        raise cls(value)

    @classmethod
    def macro(cls, made: dict[str, Any], name: str) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            try:
                return made[name](*arguments, **named)
            except cls as returned:
                return returned.value

        return run


@dataclass(frozen=True)
class Rule:
    """``breaks`` says of a node that it is not portable. ``good`` must pass all rules, ``bad`` must fail this one."""

    name: str
    breaks: Callable[[exp.Expression], bool]
    good: str
    bad: str


def _is_double(node: exp.Expression) -> bool:
    casts = (cast.to.this == exp.DataType.Type.DOUBLE for cast in node.find_all(exp.Cast))
    literals = ("e" in str(item.this).lower() for item in node.find_all(exp.Literal) if not item.is_string)
    return any(casts) or any(literals) or node.find(exp.Ln) is not None


def _sums_doubles(node: exp.Expression) -> bool:
    """Whether the value is a double as it leaves the expression: a cast to decimal outside of it makes it exact."""
    if isinstance(node, exp.Cast):
        return bool(node.to.this == exp.DataType.Type.DOUBLE)
    if isinstance(node, exp.Case):
        values = [branch.args["true"] for branch in node.args["ifs"]] + [node.args.get("default")]
        return any(_sums_doubles(value) for value in values if value is not None)
    if isinstance(node, (exp.Paren, exp.Neg, exp.Round, exp.Coalesce)):
        return _sums_doubles(node.this)
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        return _sums_doubles(node.this) or _sums_doubles(node.expression)
    return isinstance(node, (exp.Div, exp.Ln))


def _function(node: exp.Expression) -> bool:
    if isinstance(node, exp.Anonymous):
        return not str(node.this).startswith("engine_") and str(node.this).lower() not in FUNCTIONS
    if not isinstance(node, exp.Func):
        return False
    return not {name.lower() for name in type(node).sql_names()} & FUNCTIONS


def _named_window_with_more(node: exp.Expression) -> bool:
    has_name = isinstance(node, exp.Window) and node.args.get("alias") is not None
    return has_name and any(node.args.get(part) for part in ("order", "spec", "partition_by"))


def _window_in_arithmetic(node: exp.Expression) -> bool:
    return isinstance(node, exp.Sub) and isinstance(node.this, exp.Window)


RULES = [
    Rule(
        "a function that is known to mean the same",
        _function,
        "select coalesce(a, b) from t",
        "select epoch_ms(a) from t",
    ),
    Rule(
        "a type with one name and one meaning",
        lambda n: isinstance(n, exp.DataType) and n.this.value not in TYPES,
        "select cast(a as decimal(18, 2)) from t",
        "select cast(a as hugeint) from t",
    ),
    Rule(
        "a quotient says that it is a double",
        lambda n: isinstance(n, exp.Div) and not _is_double(n),
        "select cast(a as double) / nullif(b, 0) from t",
        "select a / nullif(b, 0) from t",
    ),
    Rule(
        "no whole-number division",
        lambda n: isinstance(n, exp.IntDiv),
        "select floor(a) from t",
        "select a // 2 from t",
    ),
    Rule(
        "no sum of doubles or truth values",
        lambda n: isinstance(n, exp.Sum) and (isinstance(n.this, exp.Predicate) or _sums_doubles(n.this)),
        "select sum(case when b > 1 then engine_decimal_of(cast(a as double) / b) end) from t",
        "select sum(cast(a as double)) from t",
    ),
    Rule(
        "a double becomes a decimal by the macro that says how",
        lambda n: isinstance(n, exp.Cast) and n.to.this == exp.DataType.Type.DECIMAL and _sums_doubles(n.this),
        "select engine_decimal_of(cast(a as double) / b) from t",
        "select cast(cast(a as double) / b as decimal(38, 6)) from t",
    ),
    Rule(
        "no qualify",
        lambda n: isinstance(n, exp.Qualify),
        "select a from t",
        "select a from t qualify max(a) over () = a",
    ),
    Rule(
        "no asof or lateral join",
        lambda n: isinstance(n, exp.Lateral) or (isinstance(n, exp.Join) and n.args.get("method") == "ASOF"),
        "select t.a from t left join u on t.a = u.a",
        "select a from t asof join u on t.a >= u.a",
    ),
    Rule(
        "no recursion",
        lambda n: isinstance(n, exp.With) and bool(n.args.get("recursive")),
        "with u as (select a from t) select a from u",
        "with recursive u as (select a from t union all select a from u) select a from u",
    ),
    Rule(
        "columns by their names",
        lambda n: (
            isinstance(n, exp.Star) and bool(n.args.get("except_") or n.args.get("except") or n.args.get("replace"))
        ),
        "select t.* from t",
        "select * exclude (a) from t",
    ),
    Rule(
        "unions by place",
        lambda n: isinstance(n, exp.SetOperation) and bool(n.args.get("by_name")),
        "select a from t union all select a from u",
        "select a from t union all by name select a from u",
    ),
    Rule(
        "names without quotes",
        lambda n: isinstance(n, exp.Identifier) and bool(n.args.get("quoted")),
        "select a from t",
        'select "a" from t',
    ),
    Rule(
        "no lists, structs and maps",
        lambda n: isinstance(n, (exp.Array, exp.Struct, exp.Map, exp.Bracket, exp.Lambda, exp.Unnest)),
        "select a from t where a in (1, 2)",
        "select [a, b] from t",
    ),
    Rule("no intervals", lambda n: isinstance(n, exp.Interval), "select a from t", "select a + interval 1 day from t"),
    Rule(
        "a named window is used as it was named",
        _named_window_with_more,
        "select sum(a) over w from t window w as (partition by b order by a rows unbounded preceding)",
        "select sum(a) over (w rows unbounded preceding) from t window w as (partition by b order by a)",
    ),
    Rule(
        "a window stands in parentheses before a minus",
        _window_in_arithmetic,
        "select (sum(a) over w) - a from t window w as (partition by b)",
        "select sum(a) over w - a from t window w as (partition by b)",
    ),
    Rule(
        "no `all` for a list of columns",
        lambda n: (
            (isinstance(n, exp.Group) and bool(n.args.get("all")))
            or (isinstance(n, exp.Ordered) and isinstance(n.this, exp.Var))
        ),
        "select a, count(*) from t group by a",
        "select a, count(*) from t group by all",
    ),
    Rule(
        "no `distinct on`, pivot or unpivot",
        lambda n: isinstance(n, exp.Pivot) or (isinstance(n, exp.Distinct) and n.args.get("on") is not None),
        "select distinct a from t",
        "select distinct on (a) a, b from t",
    ),
]


def breaches(sql: str) -> list[str]:
    """What in the SQL is not portable, a line each: the rule and the place."""
    tokens = sqlglot.tokenize(sql, read="duckdb")
    found = [
        f"cast(… as …) and not `::`: line {token.line}" for token in tokens if token.token_type == TokenType.DCOLON
    ]
    found += [f"string and not varchar: line {token.line}" for token in tokens if token.text.lower() == "varchar"]
    for tree in sqlglot.parse(sql, read="duckdb"):
        for node in tree.walk() if tree else ():
            found += [f"{rule.name}: {node.sql()[:100]}" for rule in RULES if rule.breaks(node)]
    return found
