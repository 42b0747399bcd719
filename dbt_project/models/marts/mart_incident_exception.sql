-- Grain: one exception that shares a cause with others. Its incident is named by the exception at the head: the
-- earliest common cause. What may cause what, and over which link, is the seed incident_rule; retracted exceptions
-- cause nothing. The codes of the rules make no circle, and no chain is longer than eight steps (a test): three
-- doublings reach the head.
{%- set doublings = 3 %}
with rules as (

    select * from {{ ref('incident_rule') }}

),

types as (

    select distinct code from {{ ref('dim_exception_type') }}

),

cause_codes as (

    select
        rules.*,
        types.code
    from rules
    inner join types
        on position('|' || types.code || '|' in '|' || rules.cause_codes || '|') > 0

),

consequence_codes as (

    select
        rules.rule,
        rules.link,
        types.code
    from rules
    inner join types
        on position('|' || types.code || '|' in '|' || rules.consequence_codes || '|') > 0

),

exceptions as (

    select
        exception_id,
        code,
        opened_ts,
        coalesce(closed_ts, {{ as_of() }}) as until_ts,
        split_part(business_key, '|', 1) as head_key,
        order_id,
        interface,
        location,
        supplier,
        sku
    from {{ ref('int_control__exception') }}
    where status_code <> 'retracted'

),

keys as (

    select
        exception_id,
        'head_key' as link,
        head_key as link_key
    from exceptions
    union all
    select
        exception_id,
        'interface' as link,
        interface as link_key
    from exceptions
    where interface is not null
    union all
    select
        exception_id,
        'message' as link,
        interface as link_key
    from exceptions
    where interface is not null
    union all
    select
        exceptions.exception_id,
        'message' as link,
        impact.interface as link_key
    from exceptions
    inner join {{ ref('int_kpi__message_impact') }} as impact
        on exceptions.order_id = impact.order_id
    union all
    select
        exception_id,
        'location' as link,
        location as link_key
    from exceptions
    where location is not null
    union all
    select
        exception_id,
        'supplier' as link,
        supplier as link_key
    from exceptions
    where supplier is not null
    union all
    select
        exception_id,
        'sku' as link,
        sku as link_key
    from exceptions
    where sku is not null
    union all
    select
        exception_id,
        'sku_location' as link,
        sku || '|' || location as link_key
    from exceptions
    where sku is not null and location is not null

),

causes as (

    select
        cause_codes.rule,
        cause_codes.kind,
        cause_codes.priority,
        cause_codes.fewest,
        keys.link_key,
        exceptions.exception_id,
        exceptions.opened_ts,
        {{ add_seconds('exceptions.opened_ts', '-3600 * cause_codes.lead_hours') }} as from_ts,
        {{ add_seconds('exceptions.until_ts', '3600 * cause_codes.lag_hours') }} as to_ts,
        {{ add_seconds('exceptions.opened_ts', '3600 * cause_codes.lag_hours') }} as next_until_ts
    from exceptions
    inner join cause_codes
        on exceptions.code = cause_codes.code
    inner join keys
        on
            exceptions.exception_id = keys.exception_id
            and cause_codes.link = keys.link

),

consequences as (

    select
        consequence_codes.rule,
        keys.link_key,
        exceptions.exception_id,
        exceptions.opened_ts
    from exceptions
    inner join consequence_codes
        on exceptions.code = consequence_codes.code
    inner join keys
        on
            exceptions.exception_id = keys.exception_id
            and consequence_codes.link = keys.link

),

caused as (

    select
        consequences.exception_id,
        causes.exception_id as parent_id,
        causes.rule,
        causes.priority,
        causes.opened_ts
    from consequences
    inner join causes
        on
            consequences.rule = causes.rule
            and consequences.link_key = causes.link_key
    where
        causes.kind = 'cause'
        and consequences.exception_id <> causes.exception_id
        and consequences.opened_ts >= causes.from_ts
        and consequences.opened_ts <= causes.to_ts

),

steps as (

    select
        *,
        coalesce(
            opened_ts > max(next_until_ts) over (
                partition by rule, link_key
                order by opened_ts, exception_id
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_start
    from causes
    where kind = 'shared'

),

runs as (

    select
        *,
        count(*) filter (where is_start) over (
            partition by rule, link_key
            order by opened_ts, exception_id
            rows between unbounded preceding and current row
        ) as run_no
    from steps

),

numbered as (

    select
        *,
        first_value(exception_id) over (
            partition by rule, link_key, run_no order by opened_ts, exception_id
        ) as first_id,
        first_value(opened_ts) over (
            partition by rule, link_key, run_no order by opened_ts, exception_id
        ) as first_opened_ts,
        count(*) over (partition by rule, link_key, run_no) as run_size
    from runs

),

together as (

    select
        exception_id,
        first_id as parent_id,
        rule,
        priority,
        first_opened_ts as opened_ts
    from numbered
    where run_size >= fewest and exception_id <> first_id

),

candidates as (

    select * from caused
    union all
    select * from together

),

ranked as (

    select
        *,
        row_number() over (
            partition by exception_id order by priority, opened_ts, parent_id
        ) as candidate_no
    from candidates

),

ahead_0 as (

    select
        exception_id,
        parent_id as head_id,
        cast(1 as bigint) as depth
    from ranked
    where candidate_no = 1

),
{% for step in range(1, doublings + 1) %}
ahead_{{ step }} as (

    select
        own.exception_id,
        coalesce(next.head_id, own.head_id) as head_id,
        own.depth + coalesce(next.depth, 0) as depth
    from ahead_{{ step - 1 }} as own
    left join ahead_{{ step - 1 }} as next
        on own.head_id = next.exception_id

),
{% endfor %}
heads as (

    select distinct head_id from ahead_{{ doublings }}

)

select
    ahead.exception_id,
    ahead.head_id as incident_id,
    ranked.parent_id,
    ranked.rule,
    rules.text as because,
    ahead.depth
from ahead_{{ doublings }} as ahead
inner join ranked
    on
        ahead.exception_id = ranked.exception_id
        and ranked.candidate_no = 1
inner join rules
    on ranked.rule = rules.rule
union all
select
    head_id as exception_id,
    head_id as incident_id,
    cast(null as string) as parent_id,
    cast(null as string) as rule,
    cast(null as string) as because,
    cast(0 as bigint) as depth
from heads
