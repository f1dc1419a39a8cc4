-- Inbound contacts of two equally long periods, side by side: one row per group of customers, segment and cell. A group
-- holds the customers whose keys leave the same remainder after division by $customer_groups; a contact of nobody
-- known goes by its own key. How the groups differ is how sure a count is, also of the two periods together.
-- Reads stitched_contacts.
with facts as (
    select
        case when customer_key is not null then customer_key else contact_key end as cluster_key,
        started_day,
        segment,
        cells
    from stitched_contacts
    where direction = 'inbound'
        and (
            started_day between $before_start_day and $before_end_day
            or started_day between $start_day and $end_day
        )
),
grouped as (
    select
        cluster_key - cast(floor(cluster_key / $customer_groups) as bigint) * $customer_groups as customer_group,
        started_day,
        segment,
        cells
    from facts
)
select
    customer_group,
    segment,
    cells,
    cast(sum(case when started_day < $start_day then 1 else 0 end) as bigint) as contacts_before,
    cast(sum(case when started_day < $start_day then 0 else 1 end) as bigint) as contacts
from grouped
group by customer_group, segment, cells
