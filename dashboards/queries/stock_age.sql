-- Units and value on hand by age of their layers, by location.
select
    location,
    case
        when date_diff('day', since_date, $today::date) <= 30 then '0–30 d'
        when date_diff('day', since_date, $today::date) <= 60 then '31–60 d'
        when date_diff('day', since_date, $today::date) <= 90 then '61–90 d'
        when date_diff('day', since_date, $today::date) <= 180 then '91–180 d'
        else '> 180 d'
    end as age,
    sum(quantity) as units,
    sum(quantity * unit_cost_amount)::double as amount
from fct_stock_layer
group by all
order by all
