-- Grain: one stretch in which two active suppliers have the same location number, or the same name in the same country,
-- and one row a supplier that never had a double. E66b. Names are compared without case, spaces and punctuation. No
-- feed has tax numbers, bank accounts or postcodes.
with versions as (

    {{ control_versions("supplier", ["supplier_id"], ["gln", "supplier_name", "country_code", "status_code"]) }}

),

suppliers as (

    select
        *,
        coalesce(to_ts, cast('9999-12-31' as timestamp)) as until_ts,
        replace(replace(replace(replace(lower(supplier_name), ' ', ''), '.', ''), ',', ''), '-', '')
        || '|' || country_code as name_key
    from versions
    where status_code = 'active'

),

same_number as (

    select
        one.supplier_id as supplier,
        other.supplier_id as other_id,
        one.from_ts as one_from_ts,
        other.from_ts as other_from_ts
    from suppliers as one
    inner join suppliers as other
        on one.gln = other.gln and one.supplier_id < other.supplier_id

),

same_name as (

    select
        one.supplier_id as supplier,
        other.supplier_id as other_id,
        one.from_ts as one_from_ts,
        other.from_ts as other_from_ts
    from suppliers as one
    inner join suppliers as other
        on one.name_key = other.name_key and one.supplier_id < other.supplier_id

),

doubles as (

    select * from same_number
    union
    select * from same_name

),

pairs as (

    select
        doubles.supplier || '|' || doubles.other_id as business_key,
        doubles.supplier,
        doubles.other_id,
        greatest(one.from_ts, other.from_ts) as from_ts,
        least(one.until_ts, other.until_ts) as until_ts,
        greatest(one.known_ts, other.known_ts) as known_ts,
        case when one.until_ts <= other.until_ts then one.to_known_ts else other.to_known_ts end as until_known_ts,
        other._file_digest,
        other._line
    from doubles
    inner join suppliers as one
        on doubles.supplier = one.supplier_id and doubles.one_from_ts = one.from_ts
    inner join suppliers as other
        on doubles.other_id = other.supplier_id and doubles.other_from_ts = other.from_ts
    where one.from_ts < other.until_ts and other.from_ts < one.until_ts

),

valued as (

    select
        *,
        least(until_ts, {{ as_of() }}) as valued_ts
    from pairs

),

touched as (

    {{ control_open_orders("valued", "item.supplier = line.supplier") }}
    union all
    {{ control_open_orders("valued", "item.other_id = line.supplier") }}

),

values_at_risk as (

    select
        business_key,
        from_ts,
        cast(sum(value_at_risk_amount) as decimal(18, 2)) as value_at_risk_amount,
        {{ whole("sum(open_orders_touched)") }} as open_orders_touched
    from touched
    group by business_key, from_ts

),

alone as (

    select
        suppliers.supplier_id as supplier,
        min(suppliers.from_ts) as from_ts,
        max(suppliers._file_digest) as _file_digest,
        max(suppliers._line) as _line
    from suppliers
    left join (
        select supplier from pairs
        union
        select other_id as supplier from pairs
    ) as paired on suppliers.supplier_id = paired.supplier
    where paired.supplier is null
    group by suppliers.supplier_id

),

items as (

    select
        business_key,
        supplier,
        from_ts,
        until_ts,
        known_ts,
        until_known_ts,
        1 as pair_count,
        _file_digest,
        _line
    from pairs
    union all
    select
        supplier as business_key,
        supplier,
        from_ts,
        cast(null as timestamp) as until_ts,
        cast(null as timestamp) as known_ts,
        cast(null as timestamp) as until_known_ts,
        0 as pair_count,
        _file_digest,
        _line
    from alone

),

assessed as (

    select
        items.*,
        {{ control_instant("items.from_ts") }} as opening_key,
        case
            when items.pair_count >= {{ control_threshold("pairs", ["supplier"]) }} then items.from_ts
        end as opened_ts,
        greatest(items.from_ts, items.known_ts) as detected_ts,
        false as is_evidence_overdue,
        case when items.until_ts < cast('9999-12-31' as timestamp) then items.until_ts end as ended_ts,
        items.until_known_ts as ended_known_ts,
        'merged or corrected' as ended_reason,
        case when {{ control_threshold("pairs", ["supplier"]) }} is null then 'not_enough_data' end as blocked_code,
        items.pair_count as observed_value,
        {{ control_threshold("pairs", ["supplier"]) }} as threshold_value,
        values_at_risk.value_at_risk_amount,
        values_at_risk.open_orders_touched
    from items
    left join values_at_risk
        on items.business_key = values_at_risk.business_key and items.from_ts = values_at_risk.from_ts
    {{ control_threshold_joins("E66b", ["pairs"], at="items.from_ts", scopes={"supplier": "items.supplier"}) }}

),

{{ control_verdict("assessed") }},

{{ control_episodes() }}

{{ control_select(
    "E66b",
    "'supplier'",
    has=["supplier", "observed_value", "threshold_value", "value_at_risk_amount", "open_orders_touched"],
    relation="episodes"
) }}
