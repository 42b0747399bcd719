{#
An increment: the touched units computed by the same models over their raw rows, compared with the rows that stand, and put in
their place where they differ. `SIGNALBOX_INCREMENT=1` switches it on; the build fills `touched_raw.*`, `increment.touched_*` and
the first rows of `increment.change` before dbt starts. Without it every model is built whole.

Schemas: `touched_<schema>` holds the touched units as they are now, `before_<schema>` as they were. `increment.change` has a row a node:
unchanged, keys (some units differ) or whole; `is_harmless` says that a whole change cannot matter to units that are not touched.
#}

{% macro is_increment() -%}
    {{- return(env_var('SIGNALBOX_INCREMENT', '0') == '1') -}}
{%- endmacro %}

{# Model -> how its rows belong to units (signalbox/increments/units.py); empty outside of an increment. #}
{% macro units() -%}
    {{- return(fromjson(env_var('SIGNALBOX_UNITS', '{}'))) -}}
{%- endmacro %}

{# Whether a node holds rows of units: a model of `units()`, a view over such, or a raw entity. #}
{% macro is_unit_node(unique_id) -%}
    {{- return((',' ~ unique_id.split('.')[-1] ~ ',') in env_var('SIGNALBOX_UNIT_NODES', '')) -}}
{%- endmacro %}

{# The relation of a node on one side: touched or before. #}
{% macro side_relation(node, side) -%}
    {{- return(api.Relation.create(database=node.database, schema=side ~ '_' ~ node.schema, identifier=node.alias or node.name)) -}}
{%- endmacro %}

{# This model's select reading units from one side; on the side before, as of the build before. #}
{% macro side_sql(compiled, side) -%}
    {%- set ns = namespace(sql=compiled) -%}
    {%- for unique_id in model.depends_on.nodes if is_unit_node(unique_id) -%}
        {%- set is_source = unique_id.startswith('source.') -%}
        {%- set node = graph.sources[unique_id] if is_source else graph.nodes[unique_id] -%}
        {%- set there = api.Relation.create(
            database=node.database, schema=side ~ '_' ~ node.schema, identifier=node.identifier if is_source else node.alias
        ) -%}
        {%- set ns.sql = ns.sql | replace(node.relation_name, there | string) -%}
    {%- endfor -%}
    {%- if side == 'before' -%}
        {%- set ns.sql = ns.sql | replace("cast('" ~ env_var('SIGNALBOX_AS_OF') ~ "' as timestamp)", "cast('" ~ env_var('SIGNALBOX_AS_OF_BEFORE') ~ "' as timestamp)") -%}
    {%- endif -%}
    {{- return(ns.sql) -}}
{%- endmacro %}

{# Names of the nodes that this model reads, as a list for `in (…)`. #}
{% macro parents_list(only_units=none) -%}
    {%- set names = [] -%}
    {%- for unique_id in model.depends_on.nodes if only_units is none or is_unit_node(unique_id) == only_units -%}
        {%- do names.append("'" ~ unique_id.split('.')[-1] ~ "'") -%}
    {%- endfor -%}
    {{- return(names | join(', ') or "''") -}}
{%- endmacro %}

{% macro is_clocked() -%}
    {{- return((',' ~ model.name ~ ',') in env_var('SIGNALBOX_CLOCKED', '')) -}}
{%- endmacro %}

{# A number from a query. #}
{% macro scalar(query) -%}
    {{- return(run_query(query).columns[0].values()[0]) -}}
{%- endmacro %}

{#
What became of what this model reads, as [is_steady, is_changed]. Steady: besides units nothing differs in a way that matters to
units that are not touched. One query a node: a build has hundreds.
#}
{% macro state_of_parents() -%}
    {%- set unit = units().get(model.name, {}) -%}
    {%- set found = run_query(
        "select count(*) filter (where change_code = 'whole' and not is_harmless"
        ~ (" and (not starts_with(node_name, '" ~ unit['tolerates'] ~ "') or node_name in ('" ~ units() | join("', '") ~ "'))"
            if unit.get('tolerates') else "")
        ~ ") = 0 as is_steady, count(*) filter (where change_code <> 'unchanged') > 0 as is_changed,"
        ~ " count(*) filter (where change_code = 'whole') > 0 as is_whole"
        ~ " from increment.change where node_name in (" ~ parents_list() ~ ")"
    ).rows[0] -%}
    {{- return({'is_steady': found[0], 'is_changed': found[1], 'is_whole': found[2]}) -}}
{%- endmacro %}

{# The statement that notes what became of this model; the code may be an expression. #}
{% macro note_change(change_code, is_harmless=false) -%}
    insert into increment.change values (
        '{{ model.schema }}', '{{ model.name }}', {{ change_code }}, {{ 'true' if is_harmless else 'false' }}
    )
{%- endmacro %}

{# The condition by which a row of this model belongs to a touched unit. #}
{% macro in_touched_units(unit) -%}
    {%- set conditions = [] -%}
    {%- for kind, expression in unit['kinds'].items() -%}
        {%- do conditions.append("(" ~ expression ~ ") in (select touched.id from increment.touched_" ~ kind ~ " as touched)") -%}
    {%- endfor -%}
    {%- if unit.get('loose') -%}
        {%- do conditions.append("(" ~ unit['loose'] ~ ")") -%}
    {%- endif -%}
    {{- return(conditions | join(' or ')) -}}
{%- endmacro %}

{# Where the statements of a post-hook put rows: the touched units of this model, or the model. #}
{% macro filled_relation() -%}
    {%- if is_increment() and execute and model.name in units() and scalar(
        "select count(*) from increment.touching where node_name = '" ~ model.name ~ "'"
    ) > 0 -%}
        {{- return(side_relation(model, 'touched')) -}}
    {%- endif -%}
    {{- return(this) -}}
{%- endmacro %}

{# Whether two of a unit's rows are of one key, and its keys as a list. #}
{% macro same_key(unit, one, other) -%}
    {%- set same = [] -%}
    {%- for column in unit['key'] -%}
        {%- do same.append(one ~ "." ~ column ~ " = " ~ other ~ "." ~ column) -%}
    {%- endfor -%}
    {{- return(same | join(' and ')) -}}
{%- endmacro %}

{# Statements: the rows of touched units as they stand, and a table for what they are now. #}
{% macro begin_touched(target, touched, before, unit) -%}
    insert into increment.touching values ('{{ model.name }}');
    create or replace table {{ before }} as select * from {{ target }} where {{ in_touched_units(unit) }};
    create or replace table {{ touched }} as select * from {{ target }} limit 0;
{%- endmacro %}

{# Statements: the rows of the keys that differ, which are left in increment.keys_<model>, in the place of the old ones. #}
{% macro replace_touched(target, touched, before, unit) -%}
    {%- set keys = "increment.keys_" ~ model.name -%}
    {%- set columns = unit['key'] | join(', ') -%}
    create or replace table {{ keys }} as
    select distinct {{ columns }} from (
        (select * from {{ before }} except all select * from {{ touched }})
        union all
        (select * from {{ touched }} except all select * from {{ before }})
    ) as differing;
    delete from {{ target }} as target using {{ keys }} as keys where {{ same_key(unit, 'target', 'keys') }};
    insert into {{ target }}
    select target.* from {{ touched }} as target semi join {{ keys }} as keys on {{ same_key(unit, 'target', 'keys') }};
    {{ note_change("(select case when count(*) = 0 then 'unchanged' else 'keys' end from " ~ keys ~ ")") }}
{%- endmacro %}

{#
The change of a table that was computed anew beside the old one: unchanged, or whole, harmless when the rows differ only in the file
that they came from. Tables of more than 300,000 rows are not compared: that would cost more than what reads them.
#}
{% macro change_of_whole(fresh, old) -%}
    {%- set names = adapter.get_columns_in_relation(fresh) | map(attribute='name') | list -%}
    {%- set told = names | reject('in', ['_file_digest', '_line', 'received_ts']) | join(', ') -%}
    {%- set all_names = names | join(', ') -%}
    {%- if scalar("select greatest((select count(*) from " ~ fresh ~ "), (select count(*) from " ~ old ~ "))") > 300000 -%}
        {{- return(['whole', false]) -}}
    {%- endif -%}
    {%- set differ = [] -%}
    {%- for columns in [all_names, told] if columns == all_names or told != all_names -%}
        {%- do differ.append((not differ or differ[0]) and scalar(
            "select count(*) from ((select " ~ columns ~ " from " ~ fresh ~ " except all select " ~ columns ~ " from " ~ old ~ ")"
            ~ " union all (select " ~ columns ~ " from " ~ old ~ " except all select " ~ columns ~ " from " ~ fresh ~ "))"
        ) > 0) -%}
    {%- endfor -%}
    {{- return(['whole' if differ[0] else 'unchanged', not differ[-1]]) -}}
{%- endmacro %}

{% materialization table, adapter='duckdb' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set is_part = is_increment() and existing is not none -%}
    {%- set state = state_of_parents() if is_part else {} -%}
    {%- set is_unit = model.name in units() -%}
    {{ run_hooks(pre_hooks) }}

    {%- if not is_part -%}
        {%- if existing is not none -%}
            {{ adapter.drop_relation(existing) }}
        {%- endif -%}
        {% call statement('main') -%}
            {{ create_table_as(False, target, sql) }}
        {%- endcall %}
        {{ run_hooks(post_hooks) }}
        {%- if is_increment() -%}{%- do run_query(note_change("'whole'")) -%}{%- endif -%}
    {%- elif is_unit and state.is_steady -%}
        {%- set unit = units()[model.name] -%}
        {%- set touched = side_relation(model, 'touched') -%}
        {%- set before = side_relation(model, 'before') -%}
        {% call statement('main') -%}
            {{ begin_touched(target, touched, before, unit) }}
            insert into {{ touched }} by name ({{ side_sql(sql, 'touched') }});
            {% if not post_hooks %}{{ replace_touched(target, touched, before, unit) }}{% endif %}
        {%- endcall %}
        {%- if post_hooks -%}
            {{ run_hooks(post_hooks) }}
            {%- do run_query(replace_touched(target, touched, before, unit)) -%}
        {%- endif -%}
    {%- elif not is_unit and not is_clocked() and not state.is_changed -%}
        {% call statement('main') -%} {{ note_change("'unchanged'", true) }} {%- endcall -%}
    {%- elif model.name in fact_merges() -%}
        {% call statement('main') -%} {{ begin_merge() }} {%- endcall %}
        {{ run_hooks(post_hooks) }}
        {%- do run_query(finish_merge()) -%}
    {%- else -%}
        {%- set fresh = target.incorporate(path={'identifier': model.alias ~ '__fresh'}) -%}
        {%- set old = target.incorporate(path={'identifier': model.alias ~ '__old'}) -%}
        {%- do run_query("drop table if exists " ~ fresh ~ "; drop table if exists " ~ old) -%}
        {% call statement('main') -%}
            {{ create_table_as(False, fresh, sql) }}
        {%- endcall %}
        {%- set change = ['whole', false] if post_hooks else change_of_whole(fresh, target) -%}
        {%- set swap = "drop table " ~ fresh if change[0] == 'unchanged' else
            "alter table " ~ target ~ " rename to " ~ old.identifier ~ "; alter table " ~ fresh ~ " rename to " ~ target.identifier -%}
        {%- do run_query(swap ~ "; " ~ note_change("'" ~ change[0] ~ "'", change[1])) -%}
        {{ run_hooks(post_hooks) }}
    {%- endif -%}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{% materialization view, adapter='duckdb' -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- set is_part = is_increment() and load_cached_relation(this) is not none -%}
    {%- set is_metric = model.schema == 'metrics' -%}
    {{ run_hooks(pre_hooks) }}
    {%- if not is_increment() -%}
        {% call statement('main') -%} create or replace view {{ target }} as ({{ sql }}) {%- endcall %}
    {%- else -%}
        {%- set state = state_of_parents() -%}
        {%- set is_unit = is_unit_node(model.unique_id) -%}
        {%- set code = 'unchanged' if not (state.is_changed or is_clocked()) else 'keys' if is_unit and state.is_steady else 'whole' -%}
        {% call statement('main') -%}
            {%- if not is_part or is_clocked() %}
            create or replace view {{ target }} as ({{ sql }});
            {%- endif %}
            {%- for side in ['touched', 'before'] if state.is_steady and (is_metric or (is_unit and side == 'touched')) %}
            create or replace view {{ side_relation(model, side) }} as ({{ side_sql(sql, side) }});
            {%- endfor %}
            {{ note_change("'" ~ code ~ "'", state.is_steady and (is_metric or not is_clocked())) }}
        {%- endcall %}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{# A data test of units alone looks at the touched ones. #}
{% materialization test, adapter='duckdb' -%}
    {%- set ns = namespace(is_of_units=is_increment()) -%}
    {%- for unique_id in model.depends_on.nodes if not is_increment() or not is_unit_node(unique_id) -%}
        {%- set ns.is_of_units = false -%}
    {%- endfor -%}
    {%- if ns.is_of_units -%}
        {%- set state = state_of_parents() -%}
        {%- set ns.is_of_units = state.is_steady and not state.is_whole -%}
    {%- endif -%}
    {%- set looked_at = side_sql(sql, 'touched') if ns.is_of_units else sql -%}
    {% call statement('main', fetch_result=True) -%}
        {{ get_test_sql(looked_at, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), config.get('limit')) }}
    {%- endcall %}
    {{ return({'relations': []}) }}
{%- endmaterialization %}
