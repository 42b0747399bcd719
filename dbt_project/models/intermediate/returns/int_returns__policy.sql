-- One row a return line: the policy in force when it was initiated, the most specific one: channel before category
-- before all.
with

candidates as (
    select
        sales.return_key,
        policies.requires_inspection,
        policies.return_window_days,
        row_number() over (
            partition by sales.return_key
            order by
                case when policies.channel_id = '*' then 1 else 0 end,
                case when policies.category_code = '*' then 1 else 0 end,
                policies.valid_from desc,
                policies.policy_id
        ) as choice
    from {{ ref('int_returns__sale') }} as sales
    inner join {{ ref('stg_oms__return_line') }} as returns
        on
            sales.return_id = returns.return_id
            and sales.line_no = returns.line_no
    left join {{ ref('dim_product') }} as products
        on returns.sku = products.sku
    inner join {{ ref('stg_oms__return_policy') }} as policies
        on
            policies.channel_id in ('*', sales.channel_id)
            and policies.category_code in ('*', products.category)
            and {{ reporting_date('returns.initiated_ts') }} >= policies.valid_from
            and (policies.valid_to is null or {{ reporting_date('returns.initiated_ts') }} <= policies.valid_to)
)

select
    return_key,
    requires_inspection,
    return_window_days
from candidates
where choice = 1
