"""The tables of casework, as SQLAlchemy knows them; ``migrations`` makes them.

Belongs here: columns. Instants are UTC without zone; ``moment_ts`` is the tower's time, ``recorded_ts`` the machine's
clock. Not here: what may be written; that is ``work``, ``approvals`` and ``log``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData()


class Money(TypeDecorator[Decimal]):
    """An amount with two places; text on SQLite, which has no exact decimals."""

    impl = Numeric(18, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(String(24) if dialect.name == "sqlite" else Numeric(18, 2))

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> Any:
        return format(value, ".2f") if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value)


_KEY, _WORD, _MONEY = String(64), String(80), Money()
# SQLite counts rows by itself only in a column of its own type.
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

case_file = Table(
    "case_file",
    metadata,
    Column("case_id", _KEY, primary_key=True),
    Column("exception_id", _KEY, nullable=False),
    Column("code", _WORD, nullable=False),
    Column("business_key", Text, nullable=False),
    Column("severity_code", _WORD, nullable=False),
    Column("owner_role", _WORD, nullable=False),
    Column("channel", _WORD),
    Column("region", _WORD),
    Column("location", _WORD),
    Column("supplier", _WORD),
    Column("value_at_risk_amount", _MONEY),
    Column("detected_ts", DateTime, nullable=False),
    Column("due_ts", DateTime, nullable=False),
    Column("state_code", _WORD, nullable=False),
    Column("assignee", _WORD),
    Column("acknowledged_ts", DateTime),
    Column("resolved_ts", DateTime),
    Column("paused_ts", DateTime),
    Column("outcome_code", _WORD),
    Column("realised_amount", _MONEY),
    Column("escalation_level", Integer, nullable=False),
    Column("merged_into", _KEY),
    Column("split_from", _KEY),
    Column("touched_by", _WORD, nullable=False),
    Column("touched_ts", DateTime, nullable=False),
    Column("version_no", Integer, nullable=False),
    # The log's row of the last action or a later one: who has read up to there has read this version.
    Column("log_row_no", _NUMBER, nullable=False),
    Index("case_file_exception", "exception_id"),
    Index("case_file_log", "log_row_no"),
)

approval = Table(
    "approval",
    metadata,
    Column("approval_id", _KEY, primary_key=True),
    Column("case_id", _KEY, ForeignKey("case_file.case_id"), nullable=False),
    Column("kind_code", _WORD, nullable=False),
    Column("amount", _MONEY),
    Column("reason", Text, nullable=False),
    Column("outcome_code", _WORD, nullable=False),
    Column("proposed_by", _WORD, nullable=False),
    Column("proposed_role", _WORD, nullable=False),
    Column("proposed_ts", DateTime, nullable=False),
    Column("due_ts", DateTime, nullable=False),
    Column("votes_needed", Integer, nullable=False),
    Column("approver_roles", Text, nullable=False),
    Column("state_code", _WORD, nullable=False),
    Column("decided_ts", DateTime),
    Index("approval_case", "case_id"),
    Index("approval_state", "state_code"),
)

vote = Table(
    "vote",
    metadata,
    Column("approval_id", _KEY, ForeignKey("approval.approval_id"), primary_key=True),
    Column("actor", _WORD, primary_key=True),
    Column("role", _WORD, nullable=False),
    Column("is_in_favour", Boolean, nullable=False),
    Column("reason", Text),
    Column("moment_ts", DateTime, nullable=False),
)

claim = Table(
    "claim",
    metadata,
    Column("claim_id", _KEY, primary_key=True),
    Column("case_id", _KEY, ForeignKey("case_file.case_id"), primary_key=True),
    Column("actor", _WORD, nullable=False),
    Column("role", _WORD, nullable=False),
    Column("started_ts", DateTime, nullable=False),
    Column("last_action_ts", DateTime, nullable=False),
    Column("ended_ts", DateTime),
    Column("is_sent", Boolean, nullable=False),
    Index("claim_open", "actor", "ended_ts"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("row_no", _NUMBER, primary_key=True, autoincrement=False),
    Column("recorded_ts", DateTime, nullable=False),
    Column("moment_ts", DateTime, nullable=False),
    Column("actor", _WORD, nullable=False),
    Column("actor_type", _WORD, nullable=False),
    Column("role", _WORD, nullable=False),
    Column("action", _WORD, nullable=False),
    Column("object_type", _WORD, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("case_id", _KEY),
    Column("snapshot_id", _WORD),
    Column("inputs_digest", _KEY),
    Column("rule_version", _WORD, nullable=False),
    Column("policy_result", _WORD, nullable=False),
    Column("approval_id", _KEY),
    Column("outcome", _WORD),
    Column("details", Text, nullable=False),
    Column("previous_hash", _KEY, nullable=False),
    Column("hash", _KEY, nullable=False),
    Index("audit_log_case", "case_id"),
    Index("audit_log_actor", "actor", "moment_ts"),
)

# One row: the end of the chain, sealed, and how far the log was sent on as the feed `tower`.
log_head = Table(
    "log_head",
    metadata,
    Column("head_no", Integer, primary_key=True, autoincrement=False),
    Column("row_no", _NUMBER, nullable=False),
    Column("hash", _KEY, nullable=False),
    Column("seal", _KEY, nullable=False),
    Column("sent_row_no", _NUMBER, nullable=False),
)

# One row a rule and run that had anything to tell: fired or not, and why.
alert = Table(
    "alert",
    metadata,
    Column("alert_id", _KEY, primary_key=True),
    Column("rule", _WORD, nullable=False),
    Column("service", _WORD, nullable=False),
    Column("channel", _WORD, nullable=False),
    Column("moment_ts", DateTime, nullable=False),
    Column("state_code", _WORD, nullable=False),
    Column("reason", Text, nullable=False),
    Column("case_count", Integer, nullable=False),
    Column("title", Text),
    Index("alert_rule", "rule", "moment_ts"),
)

alert_case = Table(
    "alert_case",
    metadata,
    Column("alert_id", _KEY, ForeignKey("alert.alert_id"), primary_key=True),
    Column("case_id", _KEY, primary_key=True),
    Index("alert_case_case", "case_id"),
)
