-- K85. Grain: one row a measure and purchase-order line. Lead times are whole calendar days, kept in seconds like
-- every duration.
{% set lines = ref('int_kpi__purchase_lead_time') %}
{% set dims = ['supplier', 'location', 'region', 'category'] %}
{% set backwards = "case when lead_time_days < 0 then 'no_data:negative_duration' end" %}
{% set unquoted = "case when quoted_lead_time_days is null then 'no_data:no_quoted_lead_time' end" %}
{{ kpi_union([
    kpi_measure(
        'K85', lines, 'po_line_key', 'due_date', 'case when is_reliable then 1 else 0 end',
        exclusion="coalesce(case when is_cancelled then 'out:cancelled' end, " ~ unquoted ~ ", " ~ backwards ~ ")", dims=dims,
        where='is_due'
    ),
    kpi_measure(
        'K85.days', lines, 'po_line_key', 'completed_date', 'lead_time_days * 86400', exclusion=backwards, dims=dims,
        where='completed_date is not null'
    ),
    kpi_measure(
        'K85.first', lines, 'po_line_key', 'first_receipt_date', 'first_lead_time_days * 86400',
        exclusion="case when first_lead_time_days < 0 then 'no_data:negative_duration' end", dims=dims,
        where='first_receipt_date is not null'
    ),
    kpi_measure(
        'K85.slip', lines, 'po_line_key', 'completed_date', '(lead_time_days - quoted_lead_time_days) * 86400',
        exclusion='coalesce(' ~ unquoted ~ ', ' ~ backwards ~ ')', dims=dims, where='completed_date is not null'
    ),
]) }}
