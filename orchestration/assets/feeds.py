"""Raw assets: one an entity of a contract, and landing's own tables.

Belongs here: their specs and the step that lands and attaches. Not here: landing (``signalbox.landing``), or suites
(``orchestration.checks``).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from orchestration.keys import PLATFORM, SESSION, feed_key, ledger_key, owner_of
from signalbox.contracts import Entity, load_contracts
from signalbox.contracts.ledger_tables import LEDGER_TABLES
from signalbox.settings import Settings


def feed_specs(settings: Settings) -> list[dg.AssetSpec]:
    """One asset an entity, grouped by its system, and one a table of landing's own."""
    feeds = [_feed_spec(entity) for entity in load_contracts(settings.contracts_dir).values()]
    tables = [
        dg.AssetSpec(
            ledger_key(name),
            group_name="raw_signalbox",
            description=columns[""][1],
            kinds={"duckdb"},
            owners=owner_of(PLATFORM),
        )
        for name, columns in LEDGER_TABLES.items()
    ]
    return [*feeds, *tables]


def _feed_spec(entity: Entity) -> dg.AssetSpec:
    """Owners and text from the contract; fresh means that a build took it in within its rhythm and grace."""
    late_after = timedelta(days=entity.frequency_days, minutes=entity.grace_minutes)
    columns = [
        dg.TableColumn(
            column.name,
            column.duckdb_type.lower(),
            column.description,
            constraints=dg.TableColumnConstraints(nullable=not column.required),
        )
        for column in entity.columns
    ]
    return dg.AssetSpec(
        feed_key(entity),
        group_name=f"raw_{entity.system}" if entity.system.isidentifier() else f"raw_{_plain(entity.system)}",
        description=f"{entity.feed_id}: {entity.description}",
        owners=owner_of(entity.owner),
        kinds={"parquet"},
        tags={"feed": entity.feed_id, "process": entity.process},
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=late_after),
        metadata={
            "steward": entity.steward,
            "business key": ", ".join(entity.key),
            "due": f"{entity.due_time} on the day after, every {entity.frequency_days} day(s)",
            "dagster/column_schema": dg.TableSchema(columns=columns),
        },
    )


def _plain(system: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in system)


def feed_assets(settings: Settings) -> dg.AssetsDefinition:
    """The step that lands what is new and shows the ledger's rows to the warehouse at one fixed point."""
    entities = load_contracts(settings.contracts_dir)

    @dg.multi_asset(name="raw", specs=feed_specs(settings), required_resource_keys={SESSION})
    def raw(context: dg.AssetExecutionContext) -> Iterator[Any]:
        session = context.resources.session
        session.land()
        point = session.attach()
        for name, entity in entities.items():
            yield dg.MaterializeResult(feed_key(entity), metadata={"dagster/row_count": point.rows.get(name, 0)})
        for name in LEDGER_TABLES:
            yield dg.MaterializeResult(ledger_key(name))

    return raw
