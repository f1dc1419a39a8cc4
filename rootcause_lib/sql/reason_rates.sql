-- Contacts per day as a customer: one row per cell with the sums over all customers, those without a contact in the
-- cell included. A customer counts from the day of joining to the day of leaving, a day once. Contacts of nobody in
-- the list of customers are left out.
-- Reads reason_contacts and spells.
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
    select customer_key, cells, cast(sum(weight) as double) as contacts
    from reason_contacts
    where customer_key is not null
    group by customer_key, cells
),
sums as (
    select
        cells,
        sum(per_customer.contacts) as contacts,
        sum(per_customer.contacts * per_customer.contacts) as contacts_contacts,
        sum(per_customer.contacts * exposure.days) as contacts_days
    from per_customer
    join exposure on exposure.customer_key = per_customer.customer_key
    group by cells
)
select
    cells,
    sums.contacts as value,
    everybody.days as weight,
    everybody.customers as clusters,
    sums.contacts_contacts as value_value,
    sums.contacts_days as value_weight,
    everybody.days_days as weight_weight
from sums
cross join everybody
