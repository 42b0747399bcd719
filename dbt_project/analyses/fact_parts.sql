{#
The selects that fill the facts, one a model: what the hooks of a full build run, and an increment over touched units
(orchestration/merge.py, which reads the line `-- part: <fact> <model>`).
#}
{{ kpi_depends_on() }}
{{ exception_depends_on() }}
{%- for histogram in [false, true] %}
{%- for item in kpi_models() if item.durations or not histogram %}
-- part: {{ 'fct_kpi_histogram' if histogram else 'fct_kpi' }} {{ item.model }}
{{ kpi_select(item, ref(item.model), histogram) }}
{%- endfor %}
{%- endfor %}
{%- for name in exception_models() %}
-- part: int_control__exception {{ name }}
{{ exception_rows(ref(name)) }}
{%- endfor %}
