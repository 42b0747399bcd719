"""Cases, approvals, claims and the log.

Revision: 0001, the first
"""

import sqlalchemy as sa
from alembic import op

from signalbox.cases.tables import Money

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("row_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("recorded_ts", sa.DateTime(), nullable=False),
        sa.Column("moment_ts", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("actor_type", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("object_type", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("snapshot_id", sa.String(length=80), nullable=True),
        sa.Column("inputs_digest", sa.String(length=64), nullable=True),
        sa.Column("rule_version", sa.String(length=80), nullable=False),
        sa.Column("policy_result", sa.String(length=80), nullable=False),
        sa.Column("approval_id", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=80), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("row_no"),
    )
    op.create_index("audit_log_actor", "audit_log", ["actor", "moment_ts"], unique=False)
    op.create_index("audit_log_case", "audit_log", ["case_id"], unique=False)
    op.create_table(
        "case_file",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("exception_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("severity_code", sa.String(length=80), nullable=False),
        sa.Column("owner_role", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=80), nullable=True),
        sa.Column("region", sa.String(length=80), nullable=True),
        sa.Column("location", sa.String(length=80), nullable=True),
        sa.Column("supplier", sa.String(length=80), nullable=True),
        sa.Column("value_at_risk_amount", Money(), nullable=True),
        sa.Column("detected_ts", sa.DateTime(), nullable=False),
        sa.Column("due_ts", sa.DateTime(), nullable=False),
        sa.Column("state_code", sa.String(length=80), nullable=False),
        sa.Column("assignee", sa.String(length=80), nullable=True),
        sa.Column("acknowledged_ts", sa.DateTime(), nullable=True),
        sa.Column("resolved_ts", sa.DateTime(), nullable=True),
        sa.Column("paused_ts", sa.DateTime(), nullable=True),
        sa.Column("outcome_code", sa.String(length=80), nullable=True),
        sa.Column("realised_amount", Money(), nullable=True),
        sa.Column("escalation_level", sa.Integer(), nullable=False),
        sa.Column("merged_into", sa.String(length=64), nullable=True),
        sa.Column("split_from", sa.String(length=64), nullable=True),
        sa.Column("touched_by", sa.String(length=80), nullable=False),
        sa.Column("touched_ts", sa.DateTime(), nullable=False),
        sa.Column("version_no", sa.Integer(), nullable=False),
        sa.Column("log_row_no", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("case_file_exception", "case_file", ["exception_id"], unique=False)
    op.create_index("case_file_log", "case_file", ["log_row_no"], unique=False)
    op.create_table(
        "log_head",
        sa.Column("head_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_no", NUMBER, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("sent_row_no", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("head_no"),
    )
    op.create_table(
        "approval",
        sa.Column("approval_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("kind_code", sa.String(length=80), nullable=False),
        sa.Column("amount", Money(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome_code", sa.String(length=80), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_role", sa.String(length=80), nullable=False),
        sa.Column("proposed_ts", sa.DateTime(), nullable=False),
        sa.Column("due_ts", sa.DateTime(), nullable=False),
        sa.Column("votes_needed", sa.Integer(), nullable=False),
        sa.Column("approver_roles", sa.Text(), nullable=False),
        sa.Column("state_code", sa.String(length=80), nullable=False),
        sa.Column("decided_ts", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.case_id"],
        ),
        sa.PrimaryKeyConstraint("approval_id"),
    )
    op.create_index("approval_case", "approval", ["case_id"], unique=False)
    op.create_index("approval_state", "approval", ["state_code"], unique=False)
    op.create_table(
        "claim",
        sa.Column("claim_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("started_ts", sa.DateTime(), nullable=False),
        sa.Column("last_action_ts", sa.DateTime(), nullable=False),
        sa.Column("ended_ts", sa.DateTime(), nullable=True),
        sa.Column("is_sent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["case_file.case_id"],
        ),
        sa.PrimaryKeyConstraint("claim_id", "case_id"),
    )
    op.create_index("claim_open", "claim", ["actor", "ended_ts"], unique=False)
    op.create_table(
        "vote",
        sa.Column("approval_id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("is_in_favour", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("moment_ts", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"],
            ["approval.approval_id"],
        ),
        sa.PrimaryKeyConstraint("approval_id", "actor"),
    )
