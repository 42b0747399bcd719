-- Grain: one stretch in which an item of an approved promotion was planned, or shown by the channel, at one price and
-- one share of funding, with the margin of a unit then: the price without tax, less the cost, plus what suppliers fund.
{{ config(contract={"enforced": false}) }}

with items as (

    select * from {{ ref("int_control__promotion_item") }}
    where approved_ts is not null

),

versions as (

    select
        promotion_id,
        sku,
        channel_id,
        location_id,
        promotion_price_amount,
        discount_share,
        funding_share,
        min(updated_ts) as stated_ts,
        min(received_ts) as known_ts
    from {{ source("raw", "promotion_line") }}
    group by promotion_id, sku, channel_id, location_id, promotion_price_amount, discount_share, funding_share

),

plans as (

    select
        *,
        lead(stated_ts) over by_statement as next_stated_ts,
        lead(known_ts) over by_statement as next_known_ts
    from versions
    window by_statement as (
        partition by promotion_id, sku, channel_id, location_id
        order by stated_ts, promotion_price_amount, discount_share, funding_share
    )

),

offers as (

    select
        items.promotion_line_key,
        'plan|' || {{ control_instant("plans.stated_ts") }} as offer_key,
        coalesce(
            plans.promotion_price_amount, items.usual_amount_local * (1 - plans.discount_share)
        ) as offer_amount_local,
        plans.funding_share,
        greatest(items.approved_ts, plans.stated_ts) as from_ts,
        greatest(plans.known_ts, items.first_received_ts) as known_ts,
        plans.next_stated_ts as until_ts,
        plans.next_known_ts as until_known_ts
    from items
    inner join plans
        on
            items.promotion_id = plans.promotion_id
            and items.sku = plans.sku
            and items.channel_id = plans.channel_id
            and items.location_id = plans.location_id
    union all
    select
        items.promotion_line_key,
        'live|' || shown.publication_key || '|' || {{ control_instant("shown.from_ts") }} as offer_key,
        shown.shown_amount_local as offer_amount_local,
        items.funding_share,
        shown.from_ts,
        shown.from_known_ts as known_ts,
        shown.until_ts,
        shown.until_known_ts
    from items
    inner join {{ ref("int_control__price_shown") }} as shown
        on
            items.promotion_id = shown.promotion_id
            and items.sku = shown.sku
            and items.channel_id = shown.channel_id
            and items.location_id = shown.location_id
    where abs(shown.shown_amount_local - items.right_amount_local) > 0.005

),

fundings as (

    select
        agreement.promotion_id,
        agreement.sku,
        min(agreement.updated_ts) as funded_ts,
        min(agreement.received_ts) as funded_known_ts,
        {{ max_by_keys("agreement.funding_unit_amount", ["agreement.updated_ts", "agreement.funding_unit_amount"]) }}
            as funding_unit_amount_local,
        {{ max_by_keys("agreement.currency_code", ["agreement.updated_ts", "agreement.currency_code"]) }}
            as currency_code
    from {{ source("raw", "supplier_funding") }} as agreement
    where agreement.funding_unit_amount > 0
    group by agreement.promotion_id, agreement.sku

),

{%- set with_tax = "(1 + case when channels.prices_include_tax then taxes.tax_share else 0 end)" %}

valued as (

    select
        offers.*,
        items.promotion_id,
        items.sku,
        items.planned_qty,
        items.duration_seconds,
        items.starts_ts,
        items.ends_ts,
        items.withdrawn_ts,
        items.withdrawn_known_ts,
        items.channel,
        items.location,
        items.region,
        items.category,
        items._file_digest,
        items._line,
        costs.unit_cost_amount,
        coalesce(own.funded_ts, whole.funded_ts) as funded_ts,
        coalesce(own.funded_known_ts, whole.funded_known_ts) as funded_known_ts,
        coalesce(own.funding_unit_amount_local, whole.funding_unit_amount_local, 0) * funding_rates.reporting_rate
            as agreed_unit_amount,
        {{ decimal_of(
            "cast(offers.offer_amount_local * items.reporting_rate as double) / " ~ with_tax, 18, 6
        ) }} as net_unit_amount,
        {{ decimal_of(
            "cast((items.usual_amount_local - offers.offer_amount_local) * coalesce(offers.funding_share, 0)"
            ~ " * items.reporting_rate as double) / " ~ with_tax, 18, 6
        ) }} as shared_unit_amount
    from offers
    inner join items on offers.promotion_line_key = items.promotion_line_key
    inner join {{ ref("dim_product") }} as products on items.sku = products.sku
    left join {{ ref("dim_channel") }} as channels on items.channel_id = channels.channel_id
    left join {{ ref("int_control__tax_share") }} as taxes
        on items.channel = taxes.channel and products.tax_category_code = taxes.tax_category_code
    left join {{ ref("dim_item_cost") }} as costs
        on
            items.sku = costs.sku
            and cast(greatest(offers.from_ts, items.starts_ts) as date) >= costs.valid_from_date
            and cast(greatest(offers.from_ts, items.starts_ts) as date) < costs.valid_to_date
    left join fundings as own on items.promotion_id = own.promotion_id and items.sku = own.sku
    left join fundings as whole on items.promotion_id = whole.promotion_id and whole.sku is null
    left join {{ ref("int_finance__daily_rate") }} as funding_rates
        on
            coalesce(own.currency_code, whole.currency_code, {{ reporting_currency() }}) = funding_rates.currency_code
            and {{ reporting_date("items.starts_ts") }} = funding_rates.rate_date

)

select
    promotion_line_key,
    offer_key,
    promotion_id,
    sku,
    offer_amount_local,
    net_unit_amount,
    net_unit_amount - unit_cost_amount + shared_unit_amount as margin_unit_amount,
    net_unit_amount - unit_cost_amount + shared_unit_amount + agreed_unit_amount as funded_margin_unit_amount,
    funded_ts,
    funded_known_ts,
    planned_qty,
    duration_seconds,
    from_ts,
    known_ts,
    until_ts,
    until_known_ts,
    starts_ts,
    ends_ts,
    withdrawn_ts,
    withdrawn_known_ts,
    channel,
    location,
    region,
    category,
    _file_digest,
    _line
from valued
