-- A returned row is a day and step on which the contribution differs from the rows that were landed for it:
-- refunds, fees of marketplaces, freight and till sales. What is spread over lines must add up again.
with

inputs as (
    select
        'refund' as step_code,
        {{ reporting_date('refund_ts') }} as posting_date,
        -amount as amount
    from {{ ref('fct_refund') }}
    where status_code <> 'failed' and refund_ts <= {{ as_of() }}

    union all

    select
        'refund' as step_code,
        {{ reporting_date('reclaimed_ts') }} as posting_date,
        amount
    from {{ ref('fct_refund') }}
    where status_code = 'reclaimed' and reclaimed_ts <= {{ as_of() }}

    union all

    select
        'marketplace_fee' as step_code,
        {{ reporting_date('posted_ts') }} as posting_date,
        amount
    from {{ ref('fct_settlement_line') }}
    where line_type = 'fee' and posted_ts <= {{ as_of() }}
),

expected as (
    select
        step_code,
        posting_date,
        sum(amount) as input_amount
    from inputs
    group by step_code, posting_date
),

posted as (
    select
        step_code,
        posting_date,
        sum(amount) as posted_amount
    from {{ ref('fct_contribution') }}
    where step_code in ('refund', 'marketplace_fee') and item_kind_code <> 'document'
    group by step_code, posting_date
)

select
    coalesce(expected.step_code, posted.step_code) as step_code,
    coalesce(expected.posting_date, posted.posting_date) as posting_date,
    expected.input_amount,
    posted.posted_amount
from expected
full outer join posted
    on
        expected.step_code = posted.step_code
        and expected.posting_date = posted.posting_date
where coalesce(expected.input_amount, 0) <> coalesce(posted.posted_amount, 0)
