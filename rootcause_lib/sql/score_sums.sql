-- Sums of answers with what a customer-robust mean needs: one row per metric and cell.
-- Reads scored_contacts.
with per_cluster as (
    select
        cluster_key,
        metric,
        cells,
        sum(value) as value,
        cast(count(value) as double) as weight,
        cast(sum(case when value > 0 then 1 else 0 end) as double) as promoters,
        cast(sum(case when value < 0 then 1 else 0 end) as double) as detractors
    from scored_contacts
    group by cluster_key, metric, cells
)
select
    metric,
    cells,
    sum(value) as value,
    sum(weight) as weight,
    cast(count(weight) as bigint) as clusters,
    sum(value * value) as value_value,
    sum(value * weight) as value_weight,
    sum(weight * weight) as weight_weight,
    sum(promoters) as promoters,
    sum(detractors) as detractors
from per_cluster
group by metric, cells
