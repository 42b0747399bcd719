-- Grain: one approved promotion in a channel (or one location of it) whose start has come. E41a: at its start and the
-- limit some of its items are not live; the limit is at most a share of the duration.
{{ control_promotion_start("E41a", "not_live") }}
