"""Write the staging models from the data contracts.

Belongs here: what follows from a contract alone: the view with the latest rows of a source table. Not here: anything
about meaning; that starts in ``models/intermediate``. Run ``python dbt_project/generate_staging.py`` after a contract
changed; a test compares the committed files with what this writes.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from signalbox.contracts import Entity, load_contracts

PROJECT = Path(__file__).resolve().parent
STAGING = PROJECT / "models" / "staging"
HEADER = "Written by dbt_project/generate_staging.py from data/contracts; do not edit."

FAILED = "status_code in ('failed', 'dead_lettered')"
CHARGED = "shipping_amount is not null and tax_amount is not null"
LEFT = "'shipped', 'ready', 'collected'"

# Read by many models: kept as a table, so that its versions are sorted out once.
TABLES = {"order_event"}

# What only the versions of a key together tell: name, aggregate, expression of a version, meaning.
OVER_VERSIONS: dict[str, list[tuple[str, str, str, str]]] = {
    "sales_order": [
        (
            "charges_complete_ts",
            "min",
            f"case when {CHARGED} then updated_ts end",
            "First version with tax and shipping",
        ),
        ("charges_known_ts", "min", f"case when {CHARGED} then received_ts end", "First receipt of tax and shipping"),
    ],
    "sales_order_line": [
        ("greatest_quantity", "max", "quantity", "Greatest quantity of any version"),
        ("mapped_ts", "min", "case when sku is not null then updated_ts end", "First version with an item"),
        ("mapped_known_ts", "min", "case when sku is not null then received_ts end", "First receipt of an item"),
    ],
    "pickup_task": [
        ("ready_known_ts", "min", "case when ready_ts is not null then received_ts end", "First receipt of ready"),
        (
            "notified_known_ts",
            "min",
            "case when notified_ts is not null then received_ts end",
            "First receipt of notice",
        ),
        (
            "collected_known_ts",
            "min",
            "case when collected_ts is not null then received_ts end",
            "First receipt of collection",
        ),
    ],
    "refund": [
        (
            "settled_known_ts",
            "min",
            "case when settled_ts is not null then received_ts end",
            "First receipt of settlement",
        ),
        (
            "reclaimed_ts",
            "min",
            "case when status_code = 'reclaimed' then updated_ts end",
            "First version as reclaimed",
        ),
    ],
    "fulfilment_line": [
        ("answered_ts", "min", "case when status_code <> 'assigned' then updated_ts end", "First answer of the node"),
        ("left_ts", "min", f"case when status_code in ({LEFT}) then updated_ts end", "First as shipped or ready"),
        (
            "ended_ts",
            "min",
            f"case when status_code in ('rejected', 'cancelled', {LEFT}) then updated_ts end",
            "First version at which the node had nothing more to do",
        ),
    ],
    "return_line": [
        (
            "in_transit_ts",
            "min",
            "case when status_code = 'in_transit' then updated_ts end",
            "First version as under way",
        ),
    ],
    "purchase_order_line": [
        (
            "new_date_set_ts",
            "min",
            "case when new_date is not null then updated_ts end",
            "First version with a new date",
        ),
        (
            "new_date_known_ts",
            "min",
            "case when new_date is not null then received_ts end",
            "First receipt of a new date",
        ),
        (
            "closed_known_ts",
            "min",
            "case when closed_ts is not null then received_ts end",
            "First receipt of the close",
        ),
    ],
    "integration_message": [
        (
            "applied_known_ts",
            "min",
            "case when applied_ts is not null then received_ts end",
            "First receipt as applied",
        ),
        ("first_failed_ts", "min", f"case when {FAILED} then updated_ts end", "First state of failure"),
        ("first_failed_known_ts", "min", f"case when {FAILED} then received_ts end", "First receipt of failure"),
        (
            "failed_error_code",
            "max",
            f"case when {FAILED} then coalesce(error_code, 'NONE') end",
            "Error of a failed state",
        ),
    ],
}


def staging_name(entity: Entity) -> str:
    return f"stg_{entity.system}__{entity.entity}"


def staging_sql(entity: Entity) -> str:
    """The SQL of one staging view: the call of `deduplicated` with the contract's columns."""
    key_list = ", ".join(f'"{name}"' for name in entity.key)
    columns = "".join(f'        "{column.name}",\n' for column in entity.columns)
    extra = "".join(
        f'        "{name}": ["{aggregate}", "{sql}"],\n'
        for name, aggregate, sql, _ in OVER_VERSIONS.get(entity.entity, [])
    )
    over_versions = f",\n    over_versions={{\n{extra}    }}" if extra else ""
    table = "{{ config(materialized='table') }}\n" if entity.entity in TABLES else ""
    return (
        f"-- {HEADER}\n"
        f"{table}{{{{ deduplicated(\n"
        f'    "{entity.entity}",\n'
        f"    key=[{key_list}],\n"
        f'    version="{entity.version_column}",\n'
        f'    event="{entity.event_time_column}",\n'
        f"    columns=[\n{columns}    ]{over_versions}\n"
        ") }}\n"
    )


def staging_yaml(entities: list[Entity]) -> str:
    """Descriptions of the staging views of one source system."""
    models = [
        {
            "name": staging_name(entity),
            "description": f"{entity.description} Latest row of each key.",
            "config": {"meta": {"feed_id": entity.feed_id, "owner": entity.owner}},
            "columns": [{"name": c.name, "description": c.description} for c in entity.columns]
            + [{"name": name, "description": text} for name, _, _, text in OVER_VERSIONS.get(entity.entity, [])],
        }
        for entity in entities
    ]
    return _dump({"version": 2, "models": models})


def staging_files() -> dict[Path, str]:
    """Every generated file with its text, by path relative to ``models/staging``."""
    entities = sorted(load_contracts().values(), key=lambda entity: (entity.system, entity.entity))
    files = {}
    for entity in entities:
        files[Path(entity.system) / f"{staging_name(entity)}.sql"] = staging_sql(entity)
    for system in sorted({entity.system for entity in entities}):
        ours = [entity for entity in entities if entity.system == system]
        files[Path(system) / f"stg_{system}.yml"] = staging_yaml(ours)
    return files


def _dump(content: dict[str, object]) -> str:
    return f"# {HEADER}\n" + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)


def main() -> None:
    for path, text in staging_files().items():
        target = STAGING / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
