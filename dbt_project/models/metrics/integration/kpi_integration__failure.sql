-- K99. Grain: one row a measure and message (denominator, on NONE), and one a message that failed, came again, was
-- tried again or missed its service level (numerator, by the error of its last try).
{% set messages = ref('fct_message') %}
{% set dims = ['interface', 'process', 'reason'] %}
{% set always = 'cast(null as string)' %}
{% set error %}
case
    when error_code in ('TIMEOUT', 'SCHEMA', 'AUTH', 'CONFLICT', 'UNKNOWN_KEY', 'THROTTLED') then error_code
    else 'UNKNOWN'
end
{%- endset %}
{% set unjudged %}
case
    when not is_representative then 'out:duplicate'
    when breach_due_ts is null then 'no_data:no_service_level'
    when is_negative_latency then 'no_data:negative_duration'
end
{%- endset %}
{% set due_date = reporting_date('coalesce(breach_due_ts, event_ts)') %}
{{ kpi_union([
    kpi_measure(
        'K99', messages, 'message_id', reporting_date('sent_ts'), '0', exclusion=always, dims=dims, reason="'NONE'"
    ),
    kpi_measure(
        'K99', messages, 'message_id', reporting_date('sent_ts'), '1', '0', exclusion=always, dims=dims, reason=error,
        where='is_failed_now'
    ),
    kpi_measure(
        'K99.duplicate', messages, 'message_id', reporting_date('sent_ts'), '0', exclusion=always, dims=dims,
        reason="'NONE'", where='receipt_no is not null'
    ),
    kpi_measure(
        'K99.duplicate', messages, 'message_id', reporting_date('sent_ts'), '1', '0', exclusion=always, dims=dims,
        reason=error, where='receipt_no > 1'
    ),
    kpi_measure(
        'K99.retry', messages, 'message_id', reporting_date('sent_ts'), '0', exclusion=always, dims=dims,
        reason="'NONE'"
    ),
    kpi_measure(
        'K99.retry', messages, 'message_id', reporting_date('sent_ts'), 'attempts - 1', '0', exclusion=always, dims=dims,
        reason=error, where='attempts > 1'
    ),
    kpi_measure(
        'K99.breach', messages, 'message_id', due_date, '0', exclusion=unjudged, dims=dims, reason="'NONE'",
        where='is_breach is not null or breach_due_ts is null'
    ),
    kpi_measure(
        'K99.breach', messages, 'message_id', due_date, '1', '0', exclusion=always, dims=dims, reason=error,
        where='is_breach and is_representative and not is_negative_latency'
    ),
]) }}
