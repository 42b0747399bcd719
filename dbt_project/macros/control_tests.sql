{# Data tests of the uniform shape of controls and exceptions. A returned row breaks a rule, which the row names. #}

{# A control's rows: known statuses, a whole verdict on what failed and none on the rest, one row an exception. #}
{% test control_rows_hold(model) %}
    select
        business_key,
        opening_key,
        'status does not exist' as broken_rule
    from {{ model }}
    where status_code not in ('pass', 'fail', 'not_applicable', 'not_enough_data')
    union all
    select
        business_key,
        opening_key,
        'failed without opening, key or detection' as broken_rule
    from {{ model }}
    where status_code = 'fail' and (opened_ts is null or opening_key is null or detected_ts is null)
    union all
    select
        business_key,
        opening_key,
        'judged, though it did not fail' as broken_rule
    from {{ model }}
    where status_code <> 'fail' and (opened_ts is not null or closed_ts is not null or is_retracted)
    union all
    select
        business_key,
        opening_key,
        'detected before it opened, or after this build' as broken_rule
    from {{ model }}
    where detected_ts < opened_ts or detected_ts > {{ as_of() }}
    union all
    select
        business_key,
        opening_key,
        'closed before it opened' as broken_rule
    from {{ model }}
    where closed_ts < opened_ts
    union all
    select
        business_key,
        opening_key,
        'more than one row an exception' as broken_rule
    from {{ model }}
    where status_code = 'fail'
    group by business_key, opening_key
    having count(*) > 1
{% endtest %}

{# Periods of validity that overlap: a moment would have two rows of the same key. #}
{% test no_overlapping_validity(model, key) %}
    select
        earlier.valid_from_ts,
        later.valid_from_ts as next_valid_from_ts
    from {{ model }} as earlier
    inner join {{ model }} as later
        on
            earlier.valid_from_ts < later.valid_to_ts
            and later.valid_from_ts < earlier.valid_to_ts
            and (earlier.valid_from_ts < later.valid_from_ts or earlier.valid_to_ts < later.valid_to_ts)
            {%- for column in key %}
            and earlier.{{ column }} = later.{{ column }}
            {%- endfor %}
    union all
    select
        valid_from_ts,
        valid_to_ts as next_valid_from_ts
    from {{ model }}
    where valid_to_ts <= valid_from_ts
    union all
    select
        valid_from_ts,
        valid_to_ts as next_valid_from_ts
    from {{ model }}
    group by {{ key | join(", ") }}, valid_from_ts, valid_to_ts
    having count(*) > 1
{% endtest %}

{# Numbers below zero. #}
{% test not_negative(model, column_name) %}
    select {{ column_name }} from {{ model }} where {{ column_name }} < 0
{% endtest %}

{# The exceptions are the failed items of the controls, no more and no fewer: codes whose counts differ. #}
{% test covers_every_failed_item(model) %}
    with failed as (
        {%- for name in exception_models() %}
        select code, count(*) as failed_count
        from {{ ref(name) }}
        where status_code = 'fail' and opened_ts >= {{ cut_over() }}
        group by code
        {{ "union all" if not loop.last }}
        {%- endfor %}
    ),
    counted as (
        select code, count(*) as exception_count
        from {{ model }}
        group by code
    )
    select failed.code, failed.failed_count, counted.exception_count
    from failed
    full outer join counted on failed.code = counted.code
    where failed.failed_count is distinct from counted.exception_count
{% endtest %}
