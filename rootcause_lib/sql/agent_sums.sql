-- What an interval for a team or an agent needs that is robust to customers who come again, for metrics of contacts:
-- one row per combination of `cells` (columns that begin with m_ are repeated for every metric).
-- Reads stitched_contacts.
with facts as (
    select
        coalesce(customer_key, 0 - contact_key) as cluster_key,
        cells,
        case when $asked then 1 else 0 end as m_asked,
        case when $known then 1 else 0 end as m_known,
        $measure as m_measure
    from stitched_contacts
    where started_day between $start_day and $end_day
        and direction = 'inbound'
        and team is not null
        and team <> '(small)'
),
per_cluster as (
    select
        cluster_key,
        cells,
        sum(case when m_asked = 1 and m_known = 1 then cast(m_measure as double) end) as m_value,
        cast(count(case when m_asked = 1 and m_known = 1 then m_measure end) as double) as m_weight
    from facts
    group by cluster_key, cells
)
select
    cells,
    sum(m_value) as m_value,
    sum(m_weight) as m_weight,
    cast(count(case when m_weight > 0 then 1 end) as bigint) as m_clusters,
    sum(m_value * m_value) as m_value_value,
    sum(m_value * m_weight) as m_value_weight,
    sum(m_weight * m_weight) as m_weight_weight
from per_cluster
group by cells
