{#
Generated from seeds/kpi_catalog.csv by `python -m signalbox.metrics.models --write`; a test fails when it is stale.
A grouping without measures holds for all measures of its model.
#}
{% macro kpi_models() -%}
    {{- return([
        {
            'model': 'kpi_casework__automation_candidate',
            'dims': ['reason', 'role', 'process'],
            'starred': [],
            'durations': [],
            'measures': ['K98'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'role', 'dims': ['role'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_casework__backlog',
            'dims': ['channel', 'location', 'region', 'supplier', 'interface', 'reason', 'role', 'process'],
            'starred': [],
            'durations': ['K93.age'],
            'measures': ['K93', 'K93.value', 'K93.age', 'K93.opened', 'K93.closed'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'role', 'dims': ['role'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []}
            ]
        },
        {
            'model': 'kpi_casework__policy',
            'dims': ['channel', 'region', 'reason', 'role', 'process'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K104', 'K104.override', 'K105'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': ['K104', 'K104.override']},
                {'name': 'region', 'dims': ['region'], 'measures': ['K104', 'K104.override']},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K104.override']},
                {'name': 'role', 'dims': ['role'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_casework__resolution',
            'dims': ['channel', 'location', 'region', 'reason', 'role', 'process'],
            'starred': [],
            'durations': [],
            'measures': ['K96', 'K96.self_cleared', 'K97', 'K97.false_alarm', 'K97.duplicate'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': ['K96', 'K96.self_cleared']},
                {'name': 'location', 'dims': ['location'], 'measures': ['K96', 'K96.self_cleared']},
                {'name': 'region', 'dims': ['region'], 'measures': ['K96', 'K96.self_cleared']},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'role', 'dims': ['role'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_casework__response',
            'dims': ['channel', 'location', 'region', 'reason', 'role', 'process'],
            'starred': [],
            'durations': ['K94', 'K94.resolve', 'K94.detect'],
            'measures': ['K94', 'K94.resolve', 'K94.detect', 'K95'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'role', 'dims': ['role'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []}
            ]
        },
        {
            'model': 'kpi_finance__close_duration',
            'dims': ['region'],
            'starred': [],
            'durations': ['K78', 'K78.open_age'],
            'measures': ['K78', 'K78.open_age'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []}
            ]
        },
        {
            'model': 'kpi_finance__close_status',
            'dims': ['region', 'stream'],
            'starred': [],
            'durations': [],
            'measures': ['K74', 'K74.open_value'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'stream', 'dims': ['stream'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
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
            'model': 'kpi_finance__expedite',
            'dims': ['location', 'region', 'supplier', 'carrier', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K81'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'carrier', 'dims': ['carrier'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_finance__gift_card',
            'dims': ['region'],
            'starred': [],
            'durations': [],
            'measures': ['K77', 'K77.amount'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_finance__landed_cost',
            'dims': ['location', 'region', 'category', 'supplier', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K80', 'K80.abs'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K80']}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_finance__posting',
            'dims': ['channel', 'region', 'stream', 'process'],
            'starred': [],
            'durations': [],
            'measures': ['K82'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'stream', 'dims': ['stream'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_finance__reconciliation',
            'dims': ['channel', 'region', 'stream'],
            'starred': [],
            'durations': ['K73', 'K73.open_age'],
            'measures': ['K70', 'K70.count', 'K73', 'K73.open_age'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'stream', 'dims': ['stream'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'stream', 'dims': ['stream'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_finance__reconciliation_effort',
            'dims': ['channel', 'order_type', 'stream'],
            'starred': ['stream'],
            'durations': [],
            'measures': ['K71'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'stream', 'dims': ['stream'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_finance__settlement',
            'dims': ['channel', 'region', 'reason'],
            'starred': [],
            'durations': ['K75.days'],
            'measures': ['K75', 'K75.over', 'K75.fee', 'K75.days', 'K75.unsettled'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K75.fee']}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_finance__tax_variance',
            'dims': ['channel', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K76', 'K76.missing'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_finance__working_capital',
            'dims': ['region'],
            'starred': [],
            'durations': [],
            'measures': ['K79', 'K79.dio', 'K79.dso', 'K79.dpo', 'K79.inventory', 'K79.marketplace_receivable'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_integration__control_drift',
            'dims': ['interface', 'process'],
            'starred': [],
            'durations': [],
            'measures': ['K103', 'K103.qty', 'K103.value'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_integration__failure',
            'dims': ['interface', 'reason', 'process'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K99', 'K99.duplicate', 'K99.retry', 'K99.breach'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
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
            'model': 'kpi_integration__impact',
            'dims': ['channel', 'region', 'interface', 'process'],
            'starred': [],
            'durations': [],
            'measures': ['K100', 'K100.units', 'K100.revenue', 'K100.margin', 'K100.customers', 'K100.sla_minutes', 'K100.gl_value'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_integration__master_data',
            'dims': ['region', 'stream', 'reason'],
            'starred': [],
            'durations': [],
            'measures': ['K102', 'K102.duplicate_vendor', 'K102.orphan'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'stream', 'dims': ['stream'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K102']}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_integration__status_lag',
            'dims': ['channel', 'interface', 'process'],
            'starred': [],
            'durations': ['K26'],
            'measures': ['K26', 'K26.missing'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_integration__stuck',
            'dims': ['interface', 'process'],
            'starred': [],
            'durations': [],
            'measures': ['K99.dlq', 'K99.backlog'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'interface', 'dims': ['interface'], 'measures': []},
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
            'model': 'kpi_network__backlog',
            'dims': ['location', 'region'],
            'starred': [],
            'durations': [],
            'measures': ['K17'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_network__capacity',
            'dims': ['location', 'region'],
            'starred': [],
            'durations': [],
            'measures': ['K18', 'K18.labour'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_network__cutoff_risk',
            'dims': ['location', 'region', 'carrier', 'order_type'],
            'starred': [],
            'durations': [],
            'measures': ['K20'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'carrier', 'dims': ['carrier'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_network__order_accuracy',
            'dims': ['channel', 'location', 'region', 'category', 'order_type', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K12', 'K12.errors'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': ['K12.errors']}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_network__pickup_readiness',
            'dims': ['channel', 'location', 'region'],
            'starred': [],
            'durations': ['K22', 'K22.notify'],
            'measures': ['K22', 'K22.on_time', 'K22.notify'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_network__rework',
            'dims': ['location', 'region', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K21'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'reason', 'dims': ['reason'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_network__source_cost',
            'dims': ['location', 'region', 'carrier', 'order_type'],
            'starred': [],
            'durations': [],
            'measures': ['K25'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'carrier', 'dims': ['carrier'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_network__step_delay',
            'dims': ['location', 'region', 'order_type'],
            'starred': [],
            'durations': ['K19', 'K19.pack'],
            'measures': ['K19', 'K19.pack', 'K19.late'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_order__ageing',
            'dims': ['channel', 'location', 'region', 'order_type'],
            'starred': [],
            'durations': ['K06', 'K06.to_promise'],
            'measures': ['K06', 'K06.value', 'K06.overdue', 'K06.to_promise'],
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
            'model': 'kpi_order__delivery_group',
            'dims': ['channel', 'location', 'region', 'carrier', 'order_type'],
            'starred': [],
            'durations': [],
            'measures': ['K03'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'carrier', 'dims': ['carrier'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
            ],
            'histogram_groupings': [

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
            'model': 'kpi_order__fill_rate',
            'dims': ['channel', 'location', 'region', 'category', 'order_type'],
            'starred': [],
            'durations': [],
            'measures': ['K04', 'K04.line', 'K04.order'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': ['K04', 'K04.line']},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': ['K04', 'K04.line']},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []}
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
            'model': 'kpi_order__marketplace_health',
            'dims': ['channel', 'region'],
            'starred': [],
            'durations': [],
            'measures': ['K109', 'K109.cancel', 'K109.late_ship', 'K109.tracking', 'K109.on_time'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []}
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
            'model': 'kpi_order__touchless',
            'dims': ['channel', 'location', 'region', 'order_type'],
            'starred': [],
            'durations': [],
            'measures': ['K15'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
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
            'model': 'kpi_price__activation',
            'dims': ['channel', 'location', 'region', 'category', 'promotion'],
            'starred': [],
            'durations': [],
            'measures': ['K50', 'K50.start'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'promotion', 'dims': ['promotion'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_price__approval',
            'dims': ['channel', 'region', 'role', 'process'],
            'starred': [],
            'durations': ['K52', 'K52.open_age'],
            'measures': ['K52', 'K52.open_age', 'K52.after_start'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'role', 'dims': ['role'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_price__conflict',
            'dims': ['channel', 'location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K54', 'K54.floor'],
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
            'model': 'kpi_price__discount_close',
            'dims': ['channel', 'region', 'promotion'],
            'starred': [],
            'durations': ['K58', 'K58.open_age'],
            'measures': ['K58', 'K58.open_age', 'K58.open_value'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'promotion', 'dims': ['promotion'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_price__execution',
            'dims': ['channel', 'location', 'region', 'category', 'promotion'],
            'starred': [],
            'durations': [],
            'measures': ['K53', 'K53.over', 'K53.under'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'promotion', 'dims': ['promotion'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_price__supplier_funding',
            'dims': ['region', 'category', 'supplier', 'promotion'],
            'starred': [],
            'durations': ['K57.age'],
            'measures': ['K57', 'K57.recovered', 'K57.age'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'promotion', 'dims': ['promotion'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []}
            ]
        },
        {
            'model': 'kpi_price__synchronisation',
            'dims': ['channel', 'location', 'region', 'category', 'promotion'],
            'starred': [],
            'durations': ['K51', 'K51.spread'],
            'measures': ['K51', 'K51.early', 'K51.not_live', 'K51.spread'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': ['K51', 'K51.early', 'K51.not_live']},
                {'name': 'location', 'dims': ['location'], 'measures': ['K51', 'K51.early', 'K51.not_live']},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []},
                {'name': 'promotion', 'dims': ['promotion'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': ['K51']}
            ]
        },
        {
            'model': 'kpi_process__flow',
            'dims': ['channel', 'location', 'region', 'supplier', 'order_type', 'process'],
            'starred': [],
            'durations': ['K110.wait'],
            'measures': ['K110', 'K110.wait', 'K110.rework'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'location', 'dims': ['location'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []},
                {'name': 'order_type', 'dims': ['order_type'], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ],
            'histogram_groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'process', 'dims': ['process'], 'measures': []}
            ]
        },
        {
            'model': 'kpi_return__credit_memo_timing',
            'dims': ['channel', 'location', 'region', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K64'],
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
            'model': 'kpi_stock__ageing',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K39'],
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
            'model': 'kpi_stock__ats_accuracy',
            'dims': ['channel', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K28', 'K28.false_available', 'K28.hidden'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'category', 'dims': ['category'], 'measures': []}
            ],
            'histogram_groupings': [

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
            'model': 'kpi_stock__cover',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K36'],
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
            'model': 'kpi_stock__run_out',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K35', 'K35.value'],
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
            'model': 'kpi_stock__sell_through',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K38', 'K38.of_closing'],
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
            'model': 'kpi_stock__shrink',
            'dims': ['location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K43', 'K43.gross', 'K43.known'],
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
            'model': 'kpi_stock__stock_out',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K34'],
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
            'model': 'kpi_stock__transfer_imbalance',
            'dims': ['location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K47', 'K47.phantom'],
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
            'model': 'kpi_stock__trust',
            'dims': ['location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K33'],
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
            'model': 'kpi_stock__turns',
            'dims': ['location', 'region', 'category'],
            'starred': [],
            'durations': [],
            'measures': ['K40', 'K40.dos'],
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
            'model': 'kpi_stock__velocity',
            'dims': ['channel', 'location', 'region', 'category'],
            'starred': ['channel'],
            'durations': [],
            'measures': ['K37'],
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
            'model': 'kpi_supplier__acknowledgement',
            'dims': ['region', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K88', 'K88.changed'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
            ],
            'histogram_groupings': [

            ]
        },
        {
            'model': 'kpi_supplier__asn_accuracy',
            'dims': ['location', 'region', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K87', 'K87.timely'],
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
            'model': 'kpi_supplier__dropship_status',
            'dims': ['channel', 'region', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K91'],
            'groupings': [
                {'name': 'total', 'dims': [], 'measures': []},
                {'name': 'channel', 'dims': ['channel'], 'measures': []},
                {'name': 'region', 'dims': ['region'], 'measures': []},
                {'name': 'supplier', 'dims': ['supplier'], 'measures': []}
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
            'model': 'kpi_supplier__risk',
            'dims': ['location', 'region', 'category', 'supplier'],
            'starred': [],
            'durations': [],
            'measures': ['K89', 'K89.value'],
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
            'model': 'kpi_supplier__three_way_match',
            'dims': ['location', 'region', 'supplier', 'reason'],
            'starred': ['reason'],
            'durations': [],
            'measures': ['K83', 'K83.fail'],
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
