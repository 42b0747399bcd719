{#
Cuts of stock at which a day is judged: the last one of the day.
#}

{#
Stock pairs with why they do not count (K30, and K33, which trusts stock by it): a select over fct_stock_pair alone, so that
a model of millions of pairs is published as a view of it.
#}
{% macro pairs_of_last_cuts() -%}
    select
        pairs.*,
        concat_ws('|', pairs.system_b, pairs.location_id, pairs.sku, cast(pairs.snapshot_ts as string)) as pair_key,
        case
            when last_cuts.snapshot_ts is null then 'out:earlier_cut_of_day'
            when not pairs.is_comparable then 'no_data:missing_in_partial_snapshot'
            when not pairs.is_ranged and pairs.gross_qty_a = 0 and pairs.gross_qty_b = 0 then 'out:not_ranged_no_stock'
        end as exclusion_reason
    from {{ ref('fct_stock_pair') }} as pairs
    left join (
        select
            system_b,
            location_id,
            cut_date,
            max(snapshot_ts) as snapshot_ts
        from {{ ref('fct_stock_pair') }}
        group by system_b, location_id, cut_date
    ) as last_cuts
        on
            pairs.system_b = last_cuts.system_b
            and pairs.location_id = last_cuts.location_id
            and pairs.cut_date = last_cuts.cut_date
            and pairs.snapshot_ts = last_cuts.snapshot_ts
{%- endmacro %}
