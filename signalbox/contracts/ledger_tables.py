"""Shape of what landing tells about itself in schema ``raw`` of the warehouse, beside one relation an entity.

Belongs here: names, types and meanings. Not here: filling them (``signalbox.landing.raw``).
"""

from __future__ import annotations

# table -> column -> (DuckDB type, meaning); the empty column name holds the meaning of the table.
LEDGER_TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "build_context": {
        "": ("", "The build that is running: one row."),
        "build_id": ("VARCHAR", "Build"),
        "as_of": ("TIMESTAMP", "The moment for which everything is computed, UTC"),
        "reporting_time_zone": ("VARCHAR", "IANA zone whose days are business days"),
        "reporting_currency": ("VARCHAR", "ISO 4217 currency of reported amounts"),
        "cut_over_ts": ("TIMESTAMP", "What opened before is no exception of this tower, UTC"),
    },
    "landing_file": {
        "": ("", "Files that were landed or quarantined whole. Holds nothing that depends on when landing ran."),
        "file_digest": ("VARCHAR", "Identity: content, entity, business date; with an adapter also what reads it"),
        "feed_id": ("VARCHAR", "Feed"),
        "entity": ("VARCHAR", "Entity"),
        "system_code": ("VARCHAR", "Source system"),
        "adapter_name": ("VARCHAR", "Adapter that read it"),
        "file_name": ("VARCHAR", "Name of the file"),
        "business_date": ("DATE", "Business date of the delivery, where the name says it"),
        "received_ts": ("TIMESTAMP", "When the file was received, UTC"),
        "rows_read": ("BIGINT", "Rows read = accepted + quarantined"),
        "rows_accepted": ("BIGINT", "Rows accepted"),
        "rows_quarantined": ("BIGINT", "Rows refused and not replayed since"),
        "status_code": ("VARCHAR", "landed or quarantined (as a whole)"),
        "is_scheduled": ("BOOLEAN", "Whether further deliveries are due on the contract's schedule"),
    },
    "rejected_row": {
        "": ("", "Why rows were refused: one row a broken rule. Personal values are hashed or left out."),
        "file_digest": ("VARCHAR", "File"),
        "feed_id": ("VARCHAR", "Feed"),
        "entity": ("VARCHAR", "Entity"),
        "line": ("BIGINT", "Line of the file; empty when the whole file was refused and no line is known"),
        "column_name": ("VARCHAR", "Column, where the rule is about one"),
        "rule_code": (
            "VARCHAR",
            "type, required, unknown_code, bad_date, column_count, broken_json, encoding, unreadable, missing_column",
        ),
        "value": ("VARCHAR", "The value as delivered"),
        "received_ts": ("TIMESTAMP", "When the row was received, UTC"),
        "replayed_ts": ("TIMESTAMP", "Data clock at which the row was replayed into raw; empty = still refused"),
    },
    "unknown_code": {
        "": ("", "Codes that no contract's list has: refused ones of closed lists and accepted ones of open lists."),
        "entity": ("VARCHAR", "Entity"),
        "feed_id": ("VARCHAR", "Feed"),
        "column_name": ("VARCHAR", "Column"),
        "code": ("VARCHAR", "The code"),
        "rows": ("BIGINT", "Rows that carry it"),
        "first_received_ts": ("TIMESTAMP", "When it was first received, UTC"),
        "file_digest": ("VARCHAR", "File of the first"),
        "line": ("BIGINT", "Line of the first"),
    },
    "feed_contract": {
        "": ("", "Ownership and schedule of every entity, from its contract."),
        "feed_id": ("VARCHAR", "Feed"),
        "entity": ("VARCHAR", "Entity"),
        "system_code": ("VARCHAR", "Source system"),
        "process_code": ("VARCHAR", "Business process"),
        "owner_name": ("VARCHAR", "Owning team"),
        "steward_name": ("VARCHAR", "Steward"),
        "frequency_days": ("BIGINT", "Days between deliveries"),
        "due_time": ("VARCHAR", "Time of availability on the day after the business date, HH:MM local"),
        "grace_minutes": ("BIGINT", "Minutes of grace after the due time"),
        "description": ("VARCHAR", "What the entity holds"),
    },
    "stock_view_policy": {
        "": ("", "Whether a system's on-hand quantity already nets reservations."),
        "system_code": ("VARCHAR", "System of the stock view"),
        "nets_reservations": ("BOOLEAN", "On hand is already net of reservations"),
    },
}


def ledger_columns(table: str) -> dict[str, str]:
    """Name and DuckDB type of a table's columns, in their order."""
    return {name: kind for name, (kind, _) in LEDGER_TABLES[table].items() if name}
