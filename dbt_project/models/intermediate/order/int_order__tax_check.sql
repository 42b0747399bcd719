-- One row a tax line of an order: the tax recomputed from its base and the rate that its code had on the day.
with

rules as (
    select
        tax_code,
        valid_from,
        rate_share,
        lead(valid_from) over (partition by tax_code order by valid_from) as valid_to
    from {{ ref('stg_oms__tax_rule') }}
),

charged as (
    select
        *,
        {{ reporting_date('event_ts') }} as charged_date
    from {{ ref('stg_oms__tax_line') }}
)

select
    {{ line_key('charged.order_id', 'charged.line_no') }} as order_line_key,
    charged.order_id,
    charged.line_no,
    charged.tax_code,
    charged.taxable_amount as taxable_amount_local,
    charged.tax_amount as tax_amount_local,
    {{ money('charged.taxable_amount * rules.rate_share') }} as recomputed_tax_amount_local,
    rules.rate_share,
    charged.remitter_code,
    charged.event_ts,
    charged._file_digest,
    charged._line,
    charged.received_ts,
    charged.first_received_ts
from charged
left join rules
    on
        charged.tax_code = rules.tax_code
        and charged.charged_date >= rules.valid_from
        and (rules.valid_to is null or charged.charged_date < rules.valid_to)
