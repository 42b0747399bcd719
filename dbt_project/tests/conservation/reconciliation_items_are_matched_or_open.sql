-- A returned row is a reconciliation item whose matched and open parts are not its size, that is cleared with
-- something open, or whose partner does not name it.
select
    items.item_key,
    items.size_amount,
    items.matched_amount,
    items.open_amount,
    partners.partner_key
from {{ ref('fct_reconciliation_item') }} as items
left join {{ ref('fct_reconciliation_item') }} as partners
    on items.partner_key = partners.item_key
where
    items.matched_amount + items.open_amount <> items.size_amount
    or items.open_amount < 0
    or items.is_cleared <> coalesce(items.open_amount = 0, false)
    or (items.partner_key is not null and coalesce(partners.partner_key, '') <> items.item_key)
