"""An increment in dbt's terms: which models hold units, what is known before the first of them, what it left behind.

Belongs here: reading dbt's manifest for increments and filling ``increment.change``. Not here: the order of a build's
steps (``session``), units and what is touched (``signalbox.increments``), or an increment's statements (``merge``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from signalbox.contracts.schema import literal
from signalbox.increments.difference import differing
from signalbox.increments.references import LINEAGE
from signalbox.increments.units import ENTITIES, MODELS
from signalbox.landing.rows import insert_rows
from signalbox.publish.tables import from_dbt_manifest

if TYPE_CHECKING:
    import duckdb

    from orchestration.dbt import DbtProject

# Facts that merge sums (``macros/kpi_fill.sql``).
FACTS = ("fct_kpi", "fct_kpi_histogram")
_AS_OF = "macro.signalbox.as_of"
_LEDGER_CHANGES = ("landing_file", "rejected_row", "unknown_code", "build_context")


@dataclass
class Models:
    """The nodes of the project as an increment sees them, by name. A name is unique over models, seeds and sources."""

    project: DbtProject

    @cached_property
    def parents(self) -> dict[str, list[str]]:
        """Model -> names of the nodes that it reads."""
        return {
            node["name"]: [key.split(".")[-1] for key in node["depends_on"].get("nodes", ())]
            for node in self.project.relations.values()
        }

    @cached_property
    def nodes(self) -> dict[str, dict[str, Any]]:
        return {node["name"]: node for node in self.project.relations.values()}

    @cached_property
    def ids(self) -> dict[str, str]:
        """Name of a model, a seed or a data test -> dbt's unique id."""
        return {node["name"]: key for key, node in self.project.nodes.items()}

    @cached_property
    def _source_relations(self) -> dict[str, str]:
        return {source["name"]: source["relation_name"] for source in self.project.sources.values()}

    def relation(self, name: str) -> str:
        """The relation of a model, a seed or a source as compiled SQL names it."""
        return self._source_relations.get(name) or str(self.nodes[name]["relation_name"])

    def is_view(self, name: str) -> bool:
        """Whether DuckDB makes it a view."""
        return _is_view(self.nodes[name])

    @cached_property
    def unit_views(self) -> set[str]:
        """Views over units, other than metric models."""
        found: set[str] = set()
        for name in self.in_order:
            node = self.nodes[name]
            if _is_view(node) and node["schema"] != "metrics" and self._reads_units(name, found):
                found.add(name)
        return found

    @cached_property
    def clocked(self) -> set[str]:
        """Models whose SQL names the instant of the build."""
        calls = {key: set(macro.depends_on.macros) for key, macro in self.project.manifest.macros.items()}

        def reaches(key: str, seen: set[str]) -> bool:
            if key == _AS_OF:
                return True
            seen.add(key)
            return any(reaches(called, seen) for called in calls.get(key, ()) if called not in seen)

        return {
            name
            for name, node in self.nodes.items()
            if any(reaches(key, set()) for key in node["depends_on"].get("macros", ()))
        }

    @cached_property
    def remembered(self) -> set[str]:
        """Units of which the rows as they were can be told: landed rows cannot, nor views over them."""
        found = set(MODELS)
        for name in self.in_order:
            if name in self.unit_views and all(
                p in found for p in self.parents[name] if p in self.units or p in ENTITIES
            ):
                found.add(name)
        return found

    @cached_property
    def units(self) -> set[str]:
        return {*MODELS, *self.unit_views}

    @cached_property
    def unit_metrics(self) -> set[str]:
        """Metric views that read units."""
        return {
            name
            for name, node in self.nodes.items()
            if node["schema"] == "metrics" and _is_view(node) and self._reads_units(name, self.unit_views)
        }

    @cached_property
    def items(self) -> set[str]:
        """Tables of which metric rows that are not of units are made, directly or through views."""
        found: set[str] = set()
        waiting = [name for name, node in self.nodes.items() if node["schema"] == "metrics"]
        while waiting:
            for parent in self.parents[waiting.pop()]:
                if parent in self.nodes and parent not in self.units and parent not in found:
                    found.add(parent)
                    waiting += [parent] if self.is_view(parent) else []
        return {name for name in found if not self.is_view(name)}

    @cached_property
    def published_keys(self) -> dict[str, tuple[str, ...]]:
        """Published table that is computed whole -> the columns that are its key, where a data test says so."""
        found: dict[str, tuple[str, ...]] = {}
        published = {table.name for table in from_dbt_manifest(self.nodes.values())}
        for node in self.project.nodes.values():
            test = node.get("test_metadata") or {}
            name = str(node.get("attached_node") or "").split(".")[-1]
            if name not in published or name in self.units or self.is_view(name):
                continue
            if test.get("name") == "unique" and node["column_name"]:
                found[name] = (str(node["column_name"]),)
            elif test.get("name") == "unique_key":
                found.setdefault(name, tuple(test["kwargs"]["columns"]))
        return found

    @cached_property
    def read_by_units(self) -> set[str]:
        """What models of units read."""
        return {parent for name in self.units for parent in self.parents.get(name, ())}

    @cached_property
    def mixed(self) -> set[str]:
        """Units of which some rows are taken from tables that are computed whole."""
        return {name for name, unit in MODELS.items() if unit.apart}

    @cached_property
    def kept_up(self) -> set[str]:
        """What a quick build builds: units and all that they are made of, metric rows of nothing else, facts of sums.

        Rows of a unit that are made of other tables alone (``Unit.apart``) stay as they are meanwhile.
        """
        found: set[str] = set()
        waiting = list(self.units)
        while waiting:
            name = waiting.pop()
            if name in found or name not in self.nodes:
                continue
            found.add(name)
            apart = MODELS[name].tolerates if name in self.mixed else None
            waiting += [p for p in self.parents[name] if p in self.units or not apart or not p.startswith(apart)]
        given = {*self._source_relations, *(n for n, node in self.nodes.items() if _is_seed(node))}
        own, apart = {*(found - self.mixed), *given}, {*self.mixed, *given}
        metrics = {name for name in self.unit_metrics if own.issuperset(self.parents[name])}
        metrics |= {n for n in self.unit_metrics if apart.issuperset(self.parents[n]) and n not in self.clocked}
        return found | metrics | set(FACTS)

    @cached_property
    def references(self) -> list[str]:
        """What units read and what does not come from units itself, in their order: tables, and views between them."""
        above: set[str] = set()
        waiting = [parent for name in self.units for parent in self.parents.get(name, ())]
        while waiting:
            name = waiting.pop()
            if name in above or name not in self.nodes:
                continue
            above.add(name)
            waiting += self.parents[name]
        below = self._below_units()
        return [
            name
            for name in self.in_order
            if name in above
            and name not in below
            and name not in self.plain_views
            and name not in self.unit_views
            and self.nodes[name]["resource_type"] == "model"
        ]

    @cached_property
    def plain_views(self) -> list[str]:
        """Views that neither name the instant of the build nor read units: they stay as they are."""
        return [
            name
            for name in self.in_order
            if _is_view(self.nodes[name])
            and name not in self.units
            and name not in self.clocked
            and self.nodes[name]["schema"] == "staging"
        ]

    @cached_property
    def first(self) -> list[str]:
        """What is built before it is known which units are touched: reference tables and the tests of them alone."""
        return [*self.references, *(name for name in self.tests if self._is_first(name))]

    @cached_property
    def rest(self) -> list[str]:
        """What is built afterwards: all but seeds and views that stay."""
        done = {*self.references, *self.plain_views}
        built = [n for n, node in self.nodes.items() if n not in done and node["resource_type"] == "model"]
        return [*built, *(name for name in self.tests if not self._is_first(name))]

    @cached_property
    def tests(self) -> dict[str, list[str]]:
        """Data test -> names of the nodes that it reads."""
        return {
            node["name"]: [key.split(".")[-1] for key in node["depends_on"].get("nodes", ())]
            for node in self.project.nodes.values()
            if node["resource_type"] == "test"
        }

    def _is_first(self, test: str) -> bool:
        early = {*self.references, *self.plain_views}
        return all(
            parent in early or self.nodes.get(parent, {}).get("resource_type", "seed") == "seed"
            for parent in self.tests[test]
        ) and any(parent in early for parent in self.tests[test])

    def _below_units(self) -> set[str]:
        """What needs tables of units: views over raw rows alone are there before."""
        below: set[str] = set()
        for name in self.in_order:
            if name in MODELS or any(parent in below for parent in self.parents[name]):
                below.add(name)
        return below

    def _reads_units(self, name: str, views: set[str]) -> bool:
        return any(p in MODELS or p in views or p in ENTITIES for p in self.parents[name])

    @cached_property
    def in_order(self) -> list[str]:
        return [self.project.relations[key]["name"] for key in self.project.in_order]


def reference_digests(con: duckdb.DuckDBPyConnection, models: Models) -> dict[str, str]:
    """Entity without units -> digest of what its staging view tells, where units read that view themselves."""
    digests = {}
    for name in models.plain_views:
        entities = [parent for parent in models.parents[name] if parent not in ENTITIES]
        if name not in models.read_by_units or len(entities) != 1:
            continue
        relation = f"{models.nodes[name]['schema']}.{name}"
        told = [row[0] for row in con.execute(f"describe {relation}").fetchall() if row[0] not in LINEAGE]
        listed = ", ".join(f'"{column}"' for column in told)
        row = con.execute(f"select count(*), bit_xor(hash({listed})) from {relation}").fetchone()
        digests[entities[0]] = f"{row}"
    return digests


def begin(con: duckdb.DuckDBPyConnection, models: Models, fresh: Iterable[str], harmless: Mapping[str, bool]) -> None:
    """Fill ``increment.change`` with what is known before dbt starts.

    ``fresh``: entities with new files; ``harmless``: of those that hold no units, whether they tell the same as before.
    """
    new = set(fresh)
    con.execute("create schema if not exists increment")
    con.execute(
        "create or replace table increment.change"
        " (schema_name varchar, node_name varchar, change_code varchar, is_harmless boolean)"
    )
    con.execute("create or replace table increment.keyed (schema_name varchar, node_name varchar)")
    for schema in sorted({node["schema"] for node in models.nodes.values()}):
        con.execute(f"create schema if not exists touched_{schema}; create schema if not exists before_{schema}")
    rows: list[tuple[str, str, str, bool]] = []
    codes: dict[str, tuple[str, bool]] = {}
    for source in models.project.sources.values():
        name = source["name"]
        if name in ENTITIES:
            codes[name] = ("keys" if name in new else "unchanged", True)
        elif name in _LEDGER_CHANGES:
            codes[name] = ("whole", False)
        elif name in new:
            codes[name] = ("whole", harmless.get(name, False))
        else:
            codes[name] = ("unchanged", True)
        rows.append(("raw", name, *codes[name]))
    for name, node in models.nodes.items():
        if node["resource_type"] == "seed":
            codes[name] = ("unchanged", True)
            rows.append((node["schema"], name, "unchanged", True))
    for name in models.plain_views:
        above = [codes[parent] for parent in models.parents[name]]
        code = "whole" if any(item[0] != "unchanged" for item in above) else "unchanged"
        codes[name] = (code, all(item[1] for item in above))
        rows.append((models.nodes[name]["schema"], name, *codes[name]))
    insert_rows(con, "increment.change", rows)


def _is_seed(node: Mapping[str, Any]) -> bool:
    return bool(node["resource_type"] == "seed")


def _is_view(node: Mapping[str, Any]) -> bool:
    return bool(node["config"]["materialized"] == "view")


def finish(con: duckdb.DuckDBPyConnection, models: Models, base_id: str) -> None:
    """Write ``increment.changed_table``: what became of each table since the build ``base_id``, for who publishes them.

    ``change_code``: unchanged, whole, or keys: then ``keys_relation`` has the ``key_columns`` of rows that are gone and
    ``rows_relation`` the rows that stand in their place.
    """
    con.execute(
        "create or replace table increment.changed_table (schema_name varchar, table_name varchar,"
        " change_code varchar, key_columns varchar, keys_relation varchar, rows_relation varchar)"
    )
    con.execute("create or replace table increment.base_build as select ? as build_id", [base_id])
    found = con.execute("select schema_name, node_name, change_code, is_harmless from increment.change").fetchall()
    keyed = set(con.execute("select schema_name, node_name from increment.keyed").fetchall())
    rows: list[tuple[str, str, str, str | None, str | None, str | None]] = []
    for schema, name, code, is_harmless in found:
        if schema == "metrics" and is_harmless and code != "unchanged":
            rows.append((schema, name, "keys", *_metric_keys(con, models, name)))
        elif (schema, name) in keyed:
            rows.append((schema, name, "keys", *_keys(con, name, f"{schema}.{name}")))
        elif code == "keys" and (name in MODELS or name in FACTS):
            rows.append((schema, name, "keys", *_keys(con, name, f"touched_{schema}.{name}")))
        else:
            rows.append((schema, name, "whole" if code == "keys" else code, None, None, None))
    insert_rows(con, "increment.changed_table", rows)


def _keys(con: duckdb.DuckDBPyConnection, name: str, fresh: str) -> tuple[str, str, str]:
    """Key columns, the keys of which rows differ, and the rows of them, which the relation ``fresh`` has."""
    columns = [str(row[0]) for row in con.execute(f"describe increment.keys_{name}").fetchall()]
    if name in FACTS:
        return ", ".join(columns), f"increment.keys_{name}", f"increment.fresh_{name}"
    same = " and ".join(f"fresh.{column} = keys.{column}" for column in columns)
    con.execute(
        f"create or replace view increment.rows_{name} as select fresh.* from {fresh} as fresh"
        f" semi join increment.keys_{name} as keys on {same}"
    )
    return ", ".join(columns), f"increment.keys_{name}", f"increment.rows_{name}"


def _metric_keys(con: duckdb.DuckDBPyConnection, models: Models, name: str) -> tuple[str, str, str]:
    """Items whose rows differ, and all of the measures that stand on the day of the build."""
    now = con.execute(
        "select kpi_id from seeds.kpi_catalog where model_name = ? and time_axis = 'as_of'", [name]
    ).fetchall()
    listed = ", ".join(literal(str(row[0])) for row in now) or "''"
    found = differing(f"before_metrics.{name}", f"touched_metrics.{name}", ("kpi_id", "item_key"))
    con.execute(
        f"create or replace table increment.keys_{name} as select distinct kpi_id, item_key from ({found})"
        f" union select kpi_id, item_key from metrics.{name} where kpi_id in ({listed})"
    )
    con.execute(
        f"create or replace view increment.rows_{name} as"
        f" select * from metrics.{name} where kpi_id in ({listed}) union all"
        f" select touched.* from touched_metrics.{name} as touched semi join increment.keys_{name} as keys"
        f" on touched.kpi_id = keys.kpi_id and touched.item_key = keys.item_key"
        f" where touched.kpi_id not in ({listed})"
    )
    return "kpi_id, item_key", f"increment.keys_{name}", f"increment.rows_{name}"
