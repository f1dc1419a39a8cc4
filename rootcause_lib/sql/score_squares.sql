-- How surely means over one mix are known: one row per metric, the sums over customers of what their answers move each
-- group's mean by, squared, and of what they move it by beside the first group's (`apart`). An answer moves group k by
-- its distance from what the model expects times slope_k; both are sums of the effects of what it is about
-- ($grouped_by is what groups are made of). An answer that is not compared has no effects and no row.
-- Reads scored_contacts and mix_effects.
with described as (
    select
        cluster_key,
        metric,
        value,
        case $grouped_by when 'channel' then channel else outcome end as grouped,
        case when $grouped_by = 'channel' then '' else coalesce(channel, '') end as channel,
        coalesce(reason, '') as reason,
        coalesce(segment, '') as segment,
        coalesce(problem, '') as problem
    from scored_contacts
),
moved as (
    select
        described.cluster_key,
        described.metric,
        described.value - (e_group.expected + e_channel.expected + e_reason.expected + e_segment.expected + e_problem.expected) as residual,
        e_group.slope_0 + e_channel.slope_0 + e_reason.slope_0 + e_segment.slope_0 + e_problem.slope_0 as slope_0,
        e_group.slope_1 + e_channel.slope_1 + e_reason.slope_1 + e_segment.slope_1 + e_problem.slope_1 as slope_1,
        e_group.slope_2 + e_channel.slope_2 + e_reason.slope_2 + e_segment.slope_2 + e_problem.slope_2 as slope_2,
        e_group.slope_3 + e_channel.slope_3 + e_reason.slope_3 + e_segment.slope_3 + e_problem.slope_3 as slope_3,
        e_group.slope_4 + e_channel.slope_4 + e_reason.slope_4 + e_segment.slope_4 + e_problem.slope_4 as slope_4,
        e_group.slope_5 + e_channel.slope_5 + e_reason.slope_5 + e_segment.slope_5 + e_problem.slope_5 as slope_5,
        e_group.slope_6 + e_channel.slope_6 + e_reason.slope_6 + e_segment.slope_6 + e_problem.slope_6 as slope_6,
        e_group.slope_7 + e_channel.slope_7 + e_reason.slope_7 + e_segment.slope_7 + e_problem.slope_7 as slope_7,
        e_group.slope_8 + e_channel.slope_8 + e_reason.slope_8 + e_segment.slope_8 + e_problem.slope_8 as slope_8,
        e_group.slope_9 + e_channel.slope_9 + e_reason.slope_9 + e_segment.slope_9 + e_problem.slope_9 as slope_9
    from described
    join mix_effects as e_group
        on e_group.metric = described.metric and e_group.factor = 'grouped' and e_group.label = described.grouped
    join mix_effects as e_channel
        on e_channel.metric = described.metric and e_channel.factor = 'channel' and e_channel.label = described.channel
    join mix_effects as e_reason
        on e_reason.metric = described.metric and e_reason.factor = 'reason' and e_reason.label = described.reason
    join mix_effects as e_segment
        on e_segment.metric = described.metric and e_segment.factor = 'segment' and e_segment.label = described.segment
    join mix_effects as e_problem
        on e_problem.metric = described.metric and e_problem.factor = 'problem' and e_problem.label = described.problem
),
per_cluster as (
    select
        cluster_key,
        metric,
        sum(residual * slope_0) as moved_0,
        sum(residual * slope_1) as moved_1,
        sum(residual * slope_2) as moved_2,
        sum(residual * slope_3) as moved_3,
        sum(residual * slope_4) as moved_4,
        sum(residual * slope_5) as moved_5,
        sum(residual * slope_6) as moved_6,
        sum(residual * slope_7) as moved_7,
        sum(residual * slope_8) as moved_8,
        sum(residual * slope_9) as moved_9
    from moved
    group by cluster_key, metric
)
select
    metric,
    cast(count(cluster_key) as bigint) as clusters,
    sum(moved_0 * moved_0) as square_0,
    sum(moved_1 * moved_1) as square_1,
    sum(moved_2 * moved_2) as square_2,
    sum(moved_3 * moved_3) as square_3,
    sum(moved_4 * moved_4) as square_4,
    sum(moved_5 * moved_5) as square_5,
    sum(moved_6 * moved_6) as square_6,
    sum(moved_7 * moved_7) as square_7,
    sum(moved_8 * moved_8) as square_8,
    sum(moved_9 * moved_9) as square_9,
    sum((moved_1 - moved_0) * (moved_1 - moved_0)) as apart_1,
    sum((moved_2 - moved_0) * (moved_2 - moved_0)) as apart_2,
    sum((moved_3 - moved_0) * (moved_3 - moved_0)) as apart_3,
    sum((moved_4 - moved_0) * (moved_4 - moved_0)) as apart_4,
    sum((moved_5 - moved_0) * (moved_5 - moved_0)) as apart_5,
    sum((moved_6 - moved_0) * (moved_6 - moved_0)) as apart_6,
    sum((moved_7 - moved_0) * (moved_7 - moved_0)) as apart_7,
    sum((moved_8 - moved_0) * (moved_8 - moved_0)) as apart_8,
    sum((moved_9 - moved_0) * (moved_9 - moved_0)) as apart_9
from per_cluster
group by metric
