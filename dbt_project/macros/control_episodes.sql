{#
Episodes of a condition that can become true again. True again within `days` of closing is the same exception, reopened;
later it is a new one. An episode keeps the key and the detection of the interval that opened it.
#}

{#
The CTEs `intervals`, `members`, `ends` and `episodes` from `judged`: one row an episode, and every row that is no exception
as it was. Intervals of one business key may touch or overlap; their opening keys differ. Values named in `largest` become
the greatest of the episode's.
#}
{% macro control_episodes(largest=[], days=7) -%}
intervals as (

    select
        business_key,
        opening_key,
        opened_ts,
        ended_ts,
        ended_reason,
        {%- for name in largest %}
        {{ name }},
        {%- endfor %}
        max(coalesce(ended_ts, cast('9999-12-31' as timestamp))) over (
            partition by business_key
            order by opened_ts, opening_key
            rows between unbounded preceding and 1 preceding
        ) as earlier_end_ts
    from judged
    where status_code = 'fail' and not is_disproved

),

starts as (

    select
        *,
        coalesce({{ seconds_between("earlier_end_ts", "opened_ts") }} > {{ days * 86400 }}, true) as is_start,
        coalesce(
            earlier_end_ts < opened_ts
            and {{ seconds_between("earlier_end_ts", "opened_ts") }} <= {{ days * 86400 }},
            false
        ) as is_reopening
    from intervals

),

members as (

    select
        *,
        count(*) filter (where is_start) over (
            partition by business_key
            order by opened_ts, opening_key
            rows between unbounded preceding and current row
        ) as episode_no
    from starts

),

ends as (

    select
        business_key,
        max(case when is_start then opening_key end) as opening_key,
        case when count(*) = count(ended_ts) then max(ended_ts) end as episode_ended_ts,
        {{ max_by_keys('ended_reason', ['ended_ts', 'ended_reason'], where='ended_ts is not null') }} as episode_ended_reason,
        {%- for name in largest %}
        max({{ name }}) as largest_{{ name }},
        {%- endfor %}
        count(*) filter (where is_reopening) as reopened_count
    from members
    group by business_key, episode_no

),

episodes as (

    select
        judged.*,
        {%- for name in largest %}
        ends.largest_{{ name }},
        {%- endfor %}
        ends.episode_ended_ts,
        ends.episode_ended_reason,
        coalesce(ends.reopened_count, 0) as reopened_count
    from judged
    {# equalities alone: with a condition on one side beside them, DuckDB compares each row with each #}
    left join ends
        on
            case when judged.status_code = 'fail' and not judged.is_disproved then judged.business_key end
            = ends.business_key
            and judged.opening_key = ends.opening_key
    where ends.business_key is not null or judged.status_code <> 'fail' or judged.is_disproved

)
{%- endmacro %}

{#
The CTEs up to `numbered`: the rows of `relation` that meet its column `flag`, and the stretch (stretch_no) of such rows in
which each lies, by `keys` in the order of `at`.
#}
{% macro control_stretches(relation, flag, keys, at) -%}
{%- set unit = keys | join(", ") %}
flagged as (

    select
        *,
        coalesce(lag({{ flag }}) over (partition by {{ unit }} order by {{ at }}), false) as was_flagged
    from {{ relation }}

),

numbered as (

    select
        *,
        count(*) filter (where not was_flagged) over (
            partition by {{ unit }} order by {{ at }} rows between unbounded preceding and current row
        ) as stretch_no
    from flagged
    where {{ flag }}

)
{%- endmacro %}
