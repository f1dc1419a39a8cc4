-- Sums for one metric and one dimension; repeated on the tree for many (columns that begin with m_,
-- the column `cells`, the table `units`). One row per cell. A unit without a customer is its own cluster.
-- Reads stitched_contacts or cases.
with facts as (
    select
        coalesce(customer_key, 0 - contact_key) as cluster_key,
        cells,
        coalesce($asked, false) as m_asked,
        coalesce($known, false) as m_known,
        $measure as m_measure
    from units
    where started_day between $start_day and $end_day
),
counted as (
    select
        cluster_key,
        cells,
        case when m_asked and m_known and m_measure is not null then cast(m_measure as double) end as m_value,
        case when m_asked and m_known and m_measure is not null then 1 end as m_weight,
        case when m_asked and not (m_known and m_measure is not null) then 1 end as m_unobserved
    from facts
),
per_cluster as (
    select
        cluster_key,
        cells,
        sum(m_value) as m_value,
        cast(count(m_weight) as double) as m_weight,
        cast(count(m_unobserved) as double) as m_unobserved
    from counted
    group by cluster_key, cells
)
select
    cells,
    sum(m_value) as m_value,
    sum(m_weight) as m_weight,
    sum(m_unobserved) as m_unobserved,
    cast(count(case when m_weight > 0 then 1 end) as bigint) as m_clusters,
    sum(m_value * m_value) as m_value_value,
    sum(m_value * m_weight) as m_value_weight,
    sum(m_weight * m_weight) as m_weight_weight
from per_cluster
group by cells
