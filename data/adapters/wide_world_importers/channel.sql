-- Grain: one row a customer category, which is how this wholesaler tells its channels apart.
select
    _file_digest,
    _line,
    CustomerCategoryName as channel_id,
    CustomerCategoryName as channel_name,
    'wholesale' as channel_type,
    'USD' as currency_code,
    false as prices_include_tax,
    timezone('America/Los_Angeles', ValidFrom) at time zone 'UTC' as updated_ts
from {{ customer_categories }}
