-- Contacts per day as a customer: one row per cell with the sums over all customers, those without a
-- contact in the cell included. A customer counts from the day of joining to the day of leaving, a day once.
-- Reads stitched_contacts and spells.
with cut as (
    select
        customer_key,
        case when coalesce(joined_day, first_day) > first_day then joined_day else first_day end as first_day,
        case when coalesce(left_day, last_day) < last_day then left_day else last_day end as last_day
    from spells
),
watched as (
    select
        customer_key,
        case when first_day > $start_day then first_day else $start_day end as from_day,
        case when last_day < $end_day then last_day else $end_day end as to_day
    from cut
),
exposure as (
    select customer_key, cast(sum(to_day - from_day + 1) as double) as days
    from watched
    where to_day >= from_day
    group by customer_key
),
everybody as (
    select cast(count(customer_key) as bigint) as customers, sum(days) as days, sum(days * days) as days_days
    from exposure
),
per_customer as (
    select stitched_contacts.customer_key, cells, cast(count(contact_key) as double) as contacts
    from stitched_contacts
    where direction = 'inbound' and started_day between $start_day and $end_day
    group by stitched_contacts.customer_key, cells
),
matched as (
    select per_customer.*, exposure.days
    from per_customer
    left join exposure on exposure.customer_key = per_customer.customer_key
),
sums as (
    select
        cells,
        sum(case when days is not null then contacts end) as contacts,
        sum(case when days is null then contacts end) as unobserved,
        sum(case when days is not null then contacts * contacts end) as contacts_contacts,
        sum(contacts * days) as contacts_days
    from matched
    group by cells
)
select
    cells,
    sums.contacts as m_value,
    everybody.days as m_weight,
    sums.unobserved as m_unobserved,
    everybody.customers as m_clusters,
    sums.contacts_contacts as m_value_value,
    sums.contacts_days as m_value_weight,
    everybody.days_days as m_weight_weight
from sums
cross join everybody
