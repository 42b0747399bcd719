-- One row a marketplace order line (or an order's shipping) whose payout date has passed and that is not paid: on no
-- statement, or on one without deposit (K75.unsettled).
select
    expectations.expectation_key,
    case
        when not expectations.is_expectation_known then 'no_data:no_tax'
        when expectations.expected_amount is null then 'no_data:no_rate'
    end as exclusion_reason,
    expectations.expected_amount,
    expectations.payout_due_date,
    expectations.channel,
    expectations.region,
    expectations.source_entity,
    expectations._file_digest,
    expectations._line
from {{ ref('fct_settlement_expectation') }} as expectations
left join {{ ref('fct_settlement') }} as settlements
    on expectations.settlement_id = settlements.settlement_id
where settlements.deposit_ts is null and expectations.payout_due_date < {{ reporting_date(as_of()) }}
