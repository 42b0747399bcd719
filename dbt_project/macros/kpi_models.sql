{#
Generated from seeds/kpi_catalog.csv by `python -m signalbox.metrics.models --write`; a test fails when it is stale.
A grouping without measures holds for all measures of its model.
#}
{% macro kpi_models() -%}
    {{- return([
        {
            'model': 'kpi_finance__contribution',
            'dims': ['channel', 'location', 'region', 'category', 'supplier', 'order_type', 'reason', 'promotion'],
            'starred': [],
            'durations': [],
            'measures': ['K72', 'K72.gross_margin', 'K72.amount', 'K72.cohort'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K72.amount']},
                {'name': 'promotion', 'dims': ['promotion'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []},
                {'name': 'channel+category', 'dims': ['channel', 'category'], 'measures': []},
                {'name': 'channel+reason', 'dims': ['channel', 'reason'], 'measures': ['K72.amount']}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_integration__feed_compliance',
            'dims': ['interface', 'reason', 'process'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K101', 'K101.rejected'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K101.rejected']},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_integration__sync_latency',
            'dims': ['location', 'region', 'interface'],
            'starred': [],
            'durations': ['K29', 'K29.open_lag'],
            'measures': ['K29', 'K29.breach', 'K29.open_lag'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_order__ageing',
            'dims': ['channel', 'location', 'region', 'order_type'],
            'starred': [],
            'durations': ['K06', 'K06.to_promise'],
            'measures': ['K06', 'K06.value', 'K06.overdue', 'K06.to_promise'],
            'now': ['K06', 'K06.value', 'K06.overdue', 'K06.to_promise'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_order__allocation_exception',
            'dims': ['channel', 'region', 'order_type', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K09'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__backorder',
            'dims': ['channel', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': ['K16.age'],
            'measures': ['K16', 'K16.age'],
            'now': ['K16.age'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_order__cancellation',
            'dims': ['channel', 'location', 'region', 'category', 'order_type', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K07'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []},
                {'name': 'channel+category', 'dims': ['channel', 'category'], 'measures': []},
                {'name': 'channel+reason', 'dims': ['channel', 'reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__cycle_time',
            'dims': ['channel', 'location', 'region', 'order_type'],
            'starred': [],
            'durations': ['K05', 'K05.release', 'K05.allocate', 'K05.pick', 'K05.pack', 'K05.ship', 'K05.deliver', 'K05.collect', 'K05.open_age'],
            'measures': ['K05', 'K05.release', 'K05.allocate', 'K05.pick', 'K05.pack', 'K05.ship', 'K05.deliver', 'K05.collect', 'K05.open_age'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_order__exception_rate',
            'dims': ['channel', 'region', 'order_type', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K08', 'K08.escalations'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__first_pick',
            'dims': ['location', 'region', 'category', 'order_type'],
            'starred': [],
            'durations': [],
            'measures': ['K24'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__manual_intervention',
            'dims': ['channel', 'location', 'region', 'order_type', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K14'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__node_rejection',
            'dims': ['channel', 'location', 'region', 'category', 'order_type', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K10'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__oversell',
            'dims': ['channel', 'location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K13'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []},
                {'name': 'channel+category', 'dims': ['channel', 'category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__perfect_order',
            'dims': ['channel', 'location', 'region', 'category', 'order_type'],
            'starred': [],
            'durations': [],
            'measures': ['K01', 'K01.in_full', 'K01.on_time', 'K01.docs_ok', 'K01.condition_ok', 'K01.line'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': ['K01.line']},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []},
                {'name': 'channel+category', 'dims': ['channel', 'category'], 'measures': ['K01.line']}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__promise_accuracy',
            'dims': ['channel', 'location', 'region', 'category', 'carrier', 'order_type'],
            'starred': [],
            'durations': ['K02.slip', 'K02.lateness'],
            'measures': ['K02', 'K02.early', 'K02.late', 'K02.current', 'K02.slip', 'K02.lateness'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'carrier', 'dims': ['carrier'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []},
                {'name': 'channel+category', 'dims': ['channel', 'category'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_order__split_shipment',
            'dims': ['channel', 'region', 'order_type'],
            'starred': [],
            'durations': [],
            'measures': ['K11', 'K11.extra_cost'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_order__uncollected',
            'dims': ['channel', 'location', 'region'],
            'starred': [],
            'durations': [],
            'measures': ['K23'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_return__credit_memo_timing',
            'dims': ['channel', 'location', 'region', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K64'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_return__cross_channel',
            'dims': ['channel', 'location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K69', 'K69.location'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_return__cycle_time',
            'dims': ['channel', 'location', 'region', 'category', 'reason'],
            'starred': [],
            'durations': ['K61', 'K61.carrier', 'K61.receive', 'K61.inspect', 'K61.dispose', 'K61.open_age'],
            'measures': ['K61', 'K61.carrier', 'K61.receive', 'K61.inspect', 'K61.dispose', 'K61.open_age'],
            'now': ['K61.open_age'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_return__disposition',
            'dims': ['channel', 'location', 'region', 'category', 'reason'],
            'starred': ['reason'],
            'durations': ['K67.days'],
            'measures': ['K67', 'K67.mix', 'K67.days'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K67.mix']}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_return__exposure',
            'dims': ['channel', 'location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K65', 'K65.refunded_not_received', 'K65.received_not_refunded', 'K65.initiated', 'K65.not_credited'],
            'now': ['K65', 'K65.refunded_not_received', 'K65.received_not_refunded', 'K65.initiated', 'K65.not_credited'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_return__reason_accuracy',
            'dims': ['channel', 'category', 'reason'],
            'starred': [],
            'durations': [],
            'measures': ['K68'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_return__recovery',
            'dims': ['channel', 'location', 'region', 'category', 'supplier', 'reason'],
            'starred': [],
            'durations': [],
            'measures': ['K66'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_return__refund_order',
            'dims': ['channel', 'location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K63'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_return__return_rate',
            'dims': ['channel', 'region', 'category', 'supplier', 'order_type', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K60', 'K60.flow'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'channel+region', 'dims': ['channel', 'region'], 'measures': []},
                {'name': 'channel+category', 'dims': ['channel', 'category'], 'measures': []},
                {'name': 'channel+reason', 'dims': ['channel', 'reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_return__settlement_time',
            'dims': ['channel', 'location', 'region', 'category', 'reason'],
            'starred': [],
            'durations': ['K62', 'K62.credit_memo', 'K62.open_age'],
            'measures': ['K62', 'K62.credit_memo', 'K62.open_age'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_stock__available_to_sell',
            'dims': ['channel', 'location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K27', 'K27.channel'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': ['K27']},
                {'name': 'channel', 'dims': ['channel'], 'measures': ['K27.channel']},
                {'name': 'location', 'dims': ['location'], 'measures': ['K27']},
                {'name': 'region', 'dims': ['region'], 'measures': ['K27']},
                {'name': 'category', 'dims': ['category'], 'measures': ['K27']},
                {'name': 'channel+category', 'dims': ['channel', 'category'], 'measures': ['K27.channel']},
                {'name': 'location+category', 'dims': ['location', 'category'], 'measures': ['K27']}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_stock__mismatch',
            'dims': ['location', 'region', 'category', 'interface'],
            'starred': [],
            'durations': [],
            'measures': ['K30', 'K30.value'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []},
                {'name': 'location+category', 'dims': ['location', 'category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_stock__negative',
            'dims': ['location', 'region', 'category', 'interface'],
            'starred': [],
            'durations': [],
            'measures': ['K45'],
            'now': ['K45'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_stock__record_accuracy',
            'dims': ['location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K31', 'K31.net', 'K31.abs', 'K31.plan'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_stock__reservation',
            'dims': ['channel', 'location', 'region'],
            'starred': [],
            'durations': [],
            'measures': ['K44', 'K44.duplicate', 'K44.expired'],
            'now': ['K44', 'K44.duplicate', 'K44.expired'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_stock__shrink',
            'dims': ['location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K43', 'K43.gross', 'K43.known'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_stock__step_accuracy',
            'dims': ['location', 'region', 'category', 'process'],
            'starred': [],
            'durations': [],
            'measures': ['K32'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_stock__transfer_imbalance',
            'dims': ['location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K47', 'K47.phantom'],
            'now': ['K47.phantom'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_stock__transfer_time',
            'dims': ['location', 'region', 'category', 'carrier'],
            'starred': [],
            'durations': ['K46', 'K46.open_age'],
            'measures': ['K46', 'K46.open_age', 'K46.late', 'K46.cost'],
            'now': ['K46.open_age'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'carrier', 'dims': ['carrier'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_supplier__asn_accuracy',
            'dims': ['location', 'region', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K87', 'K87.timely'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_supplier__compliance',
            'dims': ['location', 'region', 'supplier', 'reason'],
            'starred': [],
            'durations': [],
            'measures': ['K90'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_supplier__fill_rate',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K86'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_supplier__lead_time',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': ['K85.days', 'K85.first', 'K85.slip'],
            'measures': ['K85', 'K85.days', 'K85.first', 'K85.slip'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []}
            ]
        },
        {
            'model': 'kpi_supplier__perfect_order',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K84', 'K84.otif'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': ['K84.otif']},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_supplier__receiving',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': ['K92.dock_to_stock'],
            'measures': ['K92', 'K92.dock_to_stock'],
            'now': ['K92'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_supplier__three_way_match',
            'dims': ['location', 'region', 'supplier', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K83', 'K83.fail'],
            'now': [],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K83.fail']}
            ],
            'histogram_groupings': [

            ]
        }
    ]) -}}
{%- endmacro %}
