"""Suites of what readers get: the uniform facts, their catalogues, the dimensions, the metric rows, the whole snapshot.

Belongs here: what must hold of a published table before anybody sees it. Not here: how a figure is computed (dbt unit
tests), conservation between models (dbt data tests), or business conditions (controls).
"""

from __future__ import annotations

from expectations.model import Suite, between, each_row, in_set, no_rows, not_null, unique
from signalbox.metrics.dimensions import DIMENSIONS

_SHARE_OUT_OF_BOUNDS = """
select fact.kpi_id, fact.period_date, fact.grouping_name, fact.numerator, fact.denominator
from {batch} as fact
inner join marts.dim_kpi as catalogue on fact.kpi_id = catalogue.kpi_id
where
  catalogue.unit = 'share'
  and not list_has_any(
    string_split(fact.grouping_name, '+'), string_split(coalesce(catalogue.starred_dimensions, ''), '|')
  )
  and not (fact.numerator between 0 and fact.denominator)"""

_GROUPING_UNLIKE_TOTAL = """
select parts.kpi_id, parts.period_date, parts.grouping_name, parts.numerator, total.numerator as total_numerator
from (
  select kpi_id, period_date, grouping_name, sum(numerator) as numerator, sum(denominator) as denominator
  from {batch}
  group by all
) as parts
left join {batch} as total
  on parts.kpi_id = total.kpi_id and parts.period_date = total.period_date and total.grouping_name = 'total'
where
  (parts.numerator is distinct from total.numerator or parts.denominator is distinct from total.denominator)
  and exists (
    select 1
    from marts.dim_kpi as catalogue
    where catalogue.kpi_id = parts.kpi_id and list_contains(string_split(catalogue.groupings, '|'), 'total')
  )"""

_NOT_IN_CATALOGUE = """
select kpi_id, count(*) as bad_rows, sum(count(*)) over () as rows_total
from {batch}
where kpi_id not in (select kpi_id from seeds.kpi_catalog)
group by kpi_id"""

_HISTOGRAM_UNLIKE_FACT = """
select fact.kpi_id, fact.period_date, fact.evaluable_count, buckets.item_count
from {read marts.fct_kpi} as fact
inner join marts.dim_kpi as catalogue on fact.kpi_id = catalogue.kpi_id
left join (
  select kpi_id, period_date, cast(sum(item_count) as bigint) as item_count
  from {batch}
  where grouping_name = 'total'
  group by all
) as buckets
  on fact.kpi_id = buckets.kpi_id and fact.period_date = buckets.period_date
where
  catalogue.has_histogram
  and coalesce(catalogue.starred_dimensions, '') = ''
  and fact.grouping_name = 'total'
  and fact.evaluable_count != coalesce(buckets.item_count, 0)"""

_UNKNOWN_MEMBER = """
select dimension, member, count(*) as bad_rows, sum(count(*)) over () as rows_total
from (
  unpivot (
    select distinct
      channel as dim_channel, location as dim_location, supplier as dim_supplier, interface as dim_interface
    from {batch}
  ) on columns(*) into name dimension value member
)
where
  member not in ('NONE', 'UNKNOWN')
  and (
    (dimension = 'dim_channel' and member not in (select channel_id from core.dim_channel))
    or (dimension = 'dim_location' and member not in (select location_id from core.dim_location))
    or (dimension = 'dim_supplier' and member not in (select supplier_id from core.dim_supplier))
  )
group by all"""

_EMPTY_WITHOUT_REASON = """
select mart
from (
  select 'fct_kpi' as mart, (select count(*) from marts.fct_kpi) as rows_out, count(*) as rows_in from core.fct_order
  union all
  select 'mart_order_timeline', (select count(*) from marts.mart_order_timeline), count(*) from core.fct_order
  union all
  select 'mart_feed_health', (select count(*) from marts.mart_feed_health), count(*) from raw.feed_contract
)
where rows_out = 0 and rows_in > 0"""

# One condition for all rules, so that the rows are read once: a year has hundreds of millions.
_METRIC_ROW_HOLDS = """
  kpi_id in (select catalogue.kpi_id from seeds.kpi_catalog as catalogue where catalogue.model_name = '{model}')
  and item_key is not null
  and period_date is not null
  and numerator is not null
  and denominator is not null
  and source_entity is not null
  and case
    when is_excluded then
      numerator = 0 and denominator = 0
      and (exclusion_reason like 'out:_%' or exclusion_reason like 'no_data:_%')
    else exclusion_reason is null
  end"""
_METRIC_ROW = ("kpi_id", "item_key", "period_date", "numerator", "denominator", "is_excluded", "exclusion_reason")


# A measure's day: its groupings are compared with its total, and its buckets with its items.
_A_DAY = ("kpi_id", "period_date")


def fact_suites() -> list[Suite]:
    """Suites of the uniform facts, as dbt built them."""
    return [_fct_kpi(), _fct_kpi_histogram(), _fct_exception()]


def dimension_suites() -> list[Suite]:
    """Suites of the dimensions that pages filter by."""
    return [
        Suite(
            name=f"outbound_dim_{name}",
            kind="outbound",
            stage="models",
            target=f"dim_{name}",
            relation=f"core.dim_{name}",
            checks=(unique(key), not_null(key), not_null(shown)),
        )
        for name, key, shown in (
            ("channel", "channel_id", "channel_name"),
            ("location", "location_id", "location_name"),
            ("product", "sku", "product_name"),
            ("supplier", "supplier_id", "supplier_name"),
        )
    ]


def metric_suites(model_names: list[str]) -> list[Suite]:
    """One suite a metric model, on the rows that pages drill to, as they stand in the snapshot's files."""
    return [
        Suite(
            name=f"outbound_{model}",
            kind="outbound",
            stage="snapshot",
            target=model,
            relation=f"metrics.{model}",
            checks=(
                each_row(
                    "every row is of a measure of this model, and counts or says why not",
                    _METRIC_ROW_HOLDS.format(model=model),
                    _METRIC_ROW,
                ),
            ),
        )
        for model in model_names
    ]


def snapshot_suite(model_names: list[str]) -> Suite:
    """The snapshot as a whole: nothing that readers rely on is missing or empty without reason."""
    needed = [*REQUIRED, *model_names]
    values = ", ".join(f"('{name}')" for name in needed)
    missing = f"select needed from (values {values}) as t (needed) where needed not in (select name from {{batch}})"
    empty = "select name from {batch} where layer = 'seed' and row_count = 0"
    return Suite(
        name="outbound_snapshot",
        kind="outbound",
        stage="snapshot",
        target="serving_snapshot",
        relation="quality.staged_table",
        checks=(
            no_rows("every table that readers rely on is there", missing),
            no_rows("every catalogue has rows", empty),
            no_rows("no mart is empty while its input is not", _EMPTY_WITHOUT_REASON),
        ),
    )


REQUIRED = (
    "fct_kpi",
    "fct_kpi_histogram",
    "fct_exception",
    "kpi_catalog",
    "exception_catalog",
    "control_threshold",
    "dim_kpi",
    "dim_exception_type",
    "dim_channel",
    "dim_location",
    "dim_product",
    "dim_supplier",
    "landing_file",
    "rejected_row",
    "unknown_code",
    "feed_contract",
    "build_context",
)


def _fct_kpi() -> Suite:
    return Suite(
        name="outbound_fct_kpi",
        kind="outbound",
        stage="models",
        target="fct_kpi",
        relation="marts.fct_kpi",
        whole_by=_A_DAY,
        checks=(
            unique("kpi_id", "period_date", "grouping_name", *DIMENSIONS),
            not_null("kpi_id"),
            not_null("period_date"),
            not_null("numerator"),
            not_null("denominator"),
            between("evaluable_count", 0, None),
            between("excluded_count", 0, None),
            between("no_data_count", 0, None),
            no_rows("every measure stands in the catalogue", _NOT_IN_CATALOGUE, "kpi_id"),
            no_rows("a share lies between 0 and 1", _SHARE_OUT_OF_BOUNDS, "numerator"),
            no_rows("every grouping sums to the total of its day", _GROUPING_UNLIKE_TOTAL, "numerator"),
        ),
    )


def _fct_kpi_histogram() -> Suite:
    return Suite(
        name="outbound_fct_kpi_histogram",
        kind="outbound",
        stage="models",
        target="fct_kpi_histogram",
        relation="marts.fct_kpi_histogram",
        whole_by=_A_DAY,
        checks=(
            unique("kpi_id", "period_date", "grouping_name", *DIMENSIONS, "bucket_index"),
            not_null("bucket_index"),
            between("item_count", 1, None),
            no_rows("every measure stands in the catalogue", _NOT_IN_CATALOGUE, "kpi_id"),
            no_rows("the buckets hold every item that counts", _HISTOGRAM_UNLIKE_FACT, "item_count"),
        ),
    )


def _fct_exception() -> Suite:
    return Suite(
        name="outbound_fct_exception",
        kind="outbound",
        stage="models",
        target="fct_exception",
        relation="marts.fct_exception",
        checks=(
            unique("exception_id"),
            not_null("exception_id"),
            not_null("business_key"),
            not_null("owner_role"),
            not_null("opened_ts"),
            in_set("status_code", ("open", "closed", "retracted")),
            in_set("severity_code", ("S1", "S2", "S3")),
            no_rows(
                "every code stands in the catalogue",
                "select exception_id, code from {batch} where code not in (select code from seeds.exception_catalog)",
                "code",
            ),
            no_rows(
                "it opens, is detected, falls due and closes in this order",
                "select exception_id, opened_ts, detected_ts, due_ts, closed_ts from {batch} where not coalesce("
                "opened_ts <= detected_ts and detected_ts < due_ts and "
                "coalesce(closed_ts, opened_ts) >= opened_ts, false)",
                "opened_ts",
            ),
            no_rows(
                "a closed or retracted one has its end, an open one has none",
                "select exception_id, status_code, closed_ts from {batch} "
                "where (status_code = 'open') != (closed_ts is null)",
                "closed_ts",
            ),
            no_rows(
                "nothing was opened or detected after the build's instant",
                "select exception_id, opened_ts, detected_ts from {batch} "
                "where greatest(opened_ts, detected_ts) > (select as_of from raw.build_context)",
                "opened_ts",
            ),
            no_rows("its channel, location and supplier are known members", _UNKNOWN_MEMBER),
        ),
    )
