-- Grain: one approved promotion in a channel (or one location of it) whose start has come. E41b: at its start and the
-- tolerance some of its items are not live. What is still not live at the limit of E41a goes on as that.
{{ control_promotion_start(
    "E41b",
    "late",
    [["case when places.not_live_ts <= " ~ as_of() ~ " then places.not_live_ts end", "places.not_live_ts", "'E41a opened'"]]
) }}
