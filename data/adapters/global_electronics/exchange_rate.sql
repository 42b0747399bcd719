-- Grain: one row a currency and day: units of the currency for one US dollar.
select
    _file_digest,
    _line,
    'USD' as from_currency_code,
    Currency as to_currency_code,
    coalesce(cast(cast(try_strptime(Date, ['%m/%d/%Y', '%m-%d-%Y']) as date) as varchar), Date) as rate_date,
    Exchange as rate,
    coalesce(cast(try_strptime(Date, ['%m/%d/%Y', '%m-%d-%Y']) as varchar), Date) as updated_ts
from {{ exchange_rates }}
