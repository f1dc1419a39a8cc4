-- Sums of measures by reason with what an interval robust to customers needs, for the reason itself and against the whole:
-- one row per reason and one, `all`, over all of them (columns that begin with m_ are repeated for every measure).
-- Squares and products are of the sums of groups of customers; `whole` are a group's own sums over all reasons;
-- `shared` counts groups with some for other reasons too, `valued` those whose value is above 0.
-- Reads reason_groups.
with per_cluster as (
    select
        group_key,
        reason,
        coalesce(cast($value as double), 0) as m_value,
        coalesce(cast($weight as double), 0) as m_weight
    from reason_groups
),
wholes as (
    select group_key, sum(m_value) as m_value, sum(m_weight) as m_weight
    from per_cluster
    group by group_key
),
compared as (
    select
        per_cluster.reason,
        per_cluster.m_value as m_value,
        per_cluster.m_weight as m_weight,
        wholes.m_value as m_whole_value,
        wholes.m_weight as m_whole_weight
    from per_cluster
    join wholes on wholes.group_key = per_cluster.group_key
)
select
    reason,
    sum(m_value) as m_value,
    sum(m_weight) as m_weight,
    cast(count(case when m_weight > 0 then 1 end) as bigint) as m_clusters,
    sum(m_value * m_value) as m_value_value,
    sum(m_value * m_weight) as m_value_weight,
    sum(m_weight * m_weight) as m_weight_weight,
    sum(m_value * m_whole_value) as m_value_whole_value,
    sum(m_value * m_whole_weight) as m_value_whole_weight,
    sum(m_weight * m_whole_value) as m_weight_whole_value,
    sum(m_weight * m_whole_weight) as m_weight_whole_weight,
    cast(count(case when m_weight > 0 and m_whole_weight - m_weight > 0.000001 then 1 end) as bigint) as m_shared,
    cast(count(case when m_value > 0 then 1 end) as bigint) as m_valued
from compared
group by reason
union all
select
    'all' as reason,
    sum(m_value) as m_value,
    sum(m_weight) as m_weight,
    cast(count(case when m_weight > 0 then 1 end) as bigint) as m_clusters,
    sum(m_value * m_value) as m_value_value,
    sum(m_value * m_weight) as m_value_weight,
    sum(m_weight * m_weight) as m_weight_weight,
    sum(m_value * m_value) as m_value_whole_value,
    sum(m_value * m_weight) as m_value_whole_weight,
    sum(m_weight * m_value) as m_weight_whole_value,
    sum(m_weight * m_weight) as m_weight_whole_weight,
    cast(0 as bigint) as m_shared,
    cast(count(case when m_value > 0 then 1 end) as bigint) as m_valued
from wholes
