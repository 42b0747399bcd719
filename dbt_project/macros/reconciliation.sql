{#
One side of a reconciliation stream in the shape that all streams share, as a select from `source`:

stream          code of the stream
side            reference or other
item_id         expression: key of the item within its stream and side
document_key    expression: the document that both sides name
group_key       expression: what the sums of both sides must agree on, where documents do not
amount          expression: signed, reporting currency; null when it is not known
transaction_ts  expression: when it happened
known_ts        expression: when it was known here
columns         further columns of the shape -> expressions: channel, legal_entity_id (null = the main one), promotion,
                order_id, order_type, detail_code, source_entity
where           condition of the items, if not all
#}
{% macro reconciliation_side(
    stream, side, source, item_id, document_key, group_key, amount, transaction_ts, known_ts, columns={}, where=none
) -%}
    select
        '{{ stream }}' as stream_code,
        '{{ side }}' as side_code,
        '{{ stream }}|{{ side }}|' || {{ item_id }} as item_key,
        {{ document_key }} as document_key,
        {{ group_key }} as group_key,
        cast({{ amount }} as decimal(18, 2)) as amount,
        {{ transaction_ts }} as transaction_ts,
        {{ known_ts }} as known_ts,
        {%- for name in ['channel', 'legal_entity_id', 'promotion', 'order_id', 'order_type', 'detail_code', 'source_entity'] %}
        cast({{ columns.get(name, 'null') }} as string) as {{ name }},
        {%- endfor %}
        _file_digest,
        _line
    from {{ source }}
    {%- if where %}
    where {{ where }}
    {%- endif %}
{%- endmacro %}

{# Items of documents from postings of contribution: what a document posts to the steps on a day, in the stream's shape. #}
{% macro reconciliation_postings(steps, by_promotion=false) -%}
    select
        coalesce(postings.order_id, split_part(postings.item_key, '|', 1)) as document_id,
        postings.posting_date,
        postings.channel,
        {{ 'postings.promotion' if by_promotion else "cast(null as string)" }} as promotion,
        max(postings.order_id) as order_id,
        max(postings.order_type) as order_type,
        max(case when postings.item_kind_code = 'store_sale' then locations.legal_entity_id end) as legal_entity_id,
        case when count(postings.amount) = count(*) then sum(postings.amount) end as amount,
        max(postings.posting_ts) as posting_ts,
        max(postings.received_ts) as known_ts,
        min(postings.source_entity) as source_entity,
        min(postings._file_digest) as _file_digest,
        {{ min_by_keys('postings._line', ['postings._file_digest', 'postings._line']) }} as _line
    from {{ ref('fct_contribution') }} as postings
    left join {{ ref('dim_location') }} as locations
        on postings.location = locations.location_id
    where postings.step_code in ('{{ steps | join("', '") }}')
    group by
        coalesce(postings.order_id, split_part(postings.item_key, '|', 1)), postings.posting_date, postings.channel
        {{- ', postings.promotion' if by_promotion }}
{%- endmacro %}
