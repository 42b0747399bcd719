-- One row a marketplace, category and interval [valid_from_date, valid_to_date): what its schedule charges on an
-- order line, over all kinds of fee. A fee for all categories stands in where a category has none of its own.
with

agreed as (
    select
        fees.*,
        lead(fees.valid_from) over (
            partition by fees.channel_id, fees.fee_type, fees.category_code order by fees.valid_from
        ) as valid_to
    from {{ ref('stg_marketplace__fee_schedule') }} as fees
),

categories as (
    select distinct category
    from {{ ref('dim_product') }}
),

own as (
    select distinct
        channel_id,
        fee_type,
        category_code
    from agreed
)

select
    agreed.channel_id,
    agreed.fee_type,
    categories.category,
    agreed.valid_from as valid_from_date,
    coalesce(agreed.valid_to, cast('9999-12-31' as date)) as valid_to_date,
    agreed.rate_share,
    agreed.fixed_amount
from agreed
inner join categories
    on agreed.category_code in ('*', categories.category)
left join own
    on
        agreed.channel_id = own.channel_id
        and agreed.fee_type = own.fee_type
        and categories.category = own.category_code
where agreed.category_code <> '*' or own.channel_id is null
