-- Sums of measures by cell with what a customer-robust interval needs, for the cell itself and against the whole:
-- one row per cell (columns that begin with m_ are repeated for every measure, the column `cells` stands for many).
-- `whole` are the customer's own sums over all cells; `shared` counts those with some in other cells too.
-- Reads reason_contacts.
with measured as (
    select cluster_key, cells, $value as m_value, $weight as m_weight
    from reason_contacts
),
per_cluster as (
    select
        cluster_key,
        cells,
        cast(sum(m_value) as double) as m_value,
        cast(sum(m_weight) as double) as m_weight
    from measured
    group by cluster_key, cells
),
wholes as (
    select cluster_key, sum(m_value) as m_value, sum(m_weight) as m_weight
    from per_cluster
    group by cluster_key
),
compared as (
    select
        per_cluster.cells,
        coalesce(per_cluster.m_value, 0) as m_value,
        coalesce(per_cluster.m_weight, 0) as m_weight,
        coalesce(wholes.m_value, 0) as m_whole_value,
        coalesce(wholes.m_weight, 0) as m_whole_weight
    from per_cluster
    join wholes on wholes.cluster_key = per_cluster.cluster_key
)
select
    cells,
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
    cast(count(case when m_weight > 0 and m_whole_weight - m_weight > 0.000001 then 1 end) as bigint) as m_shared
from compared
group by cells
