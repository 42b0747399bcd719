-- Grain: one row a stock item. An item stands in several stock groups; its category is the most specific of them,
-- the group with the fewest items (then the lower number): a mug is Mugs before it is Novelty Items.
with groups_by_size as (
    select
        StockGroupID,
        count(*) as items
    from {{ stock_item_stock_groups }}
    group by StockGroupID
),

item_category as (
    select
        m.StockItemID,
        arg_min(g.StockGroupName, s.items * 1000 + m.StockGroupID) as category_name
    from {{ stock_item_stock_groups }} as m
    inner join groups_by_size as s
        on m.StockGroupID = s.StockGroupID
    inner join {{ stock_groups }} as g
        on m.StockGroupID = g.StockGroupID
    group by m.StockItemID
)

select
    i._file_digest,
    i._line,
    cast(i.StockItemID as varchar) as sku,
    i.StockItemName as product_name,
    i.Brand as brand_name,
    coalesce(c.category_name, 'NONE') as category_code,
    coalesce(c.category_name, 'NONE') as category_name,
    'goods' as product_type,
    'EA' as base_uom_code,
    i.TypicalWeightPerUnit as weight_kg,
    if(i.TaxRate >= 15, 'standard', 'reduced') as tax_category_code,
    cast(i.SupplierID as varchar) as supplier_id,
    i.UnitPrice as list_price_amount,
    'USD' as currency_code,
    false as is_kit,
    'active' as status_code,
    timezone('America/Los_Angeles', i.ValidFrom) at time zone 'UTC' as updated_ts
from {{ stock_items }} as i
left join item_category as c
    on i.StockItemID = c.StockItemID
