-- How many customers stand behind the inbound contacts of two periods: one row per cell. A contact of nobody known is
-- a customer of its own.
-- Reads stitched_contacts.
with facts as (
    select coalesce(customer_key, 0 - contact_key) as cluster_key, started_day, cells
    from stitched_contacts
    where direction = 'inbound'
        and (
            started_day between $before_start_day and $before_end_day
            or started_day between $start_day and $end_day
        )
),
persons as (
    select
        cluster_key,
        cells,
        max(case when started_day < $start_day then 1 else 0 end) as was_there,
        max(case when started_day < $start_day then 0 else 1 end) as is_there
    from facts
    group by cluster_key, cells
)
select
    cells,
    cast(count(cluster_key) as bigint) as customers_of_both,
    cast(sum(was_there) as bigint) as customers_before,
    cast(sum(is_there) as bigint) as customers
from persons
group by cells
