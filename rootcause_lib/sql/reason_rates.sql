-- Contacts per day as a customer: one row per reason and one, `all`, over all of them, with the sums over groups of
-- customers, those without a contact included. Contacts of nobody in the list of customers are left out.
-- Reads reason_groups and customer_time.
with exposure as (
    select
        customer_key - cast(floor(customer_key / $customer_groups) as bigint) * $customer_groups as group_key,
        cast(count(customer_key) as bigint) as customers,
        sum(days) as days
    from customer_time
    group by customer_key - cast(floor(customer_key / $customer_groups) as bigint) * $customer_groups
),
everybody as (
    select cast(sum(customers) as bigint) as customers, sum(days) as days, sum(days * days) as days_days
    from exposure
),
whole as (
    select group_key, sum(listed_contacts) as contacts from reason_groups group by group_key
),
called as (
    select group_key, reason, listed_contacts as contacts from reason_groups where listed_contacts > 0
    union all
    select group_key, 'all' as reason, contacts from whole
    union all
    select group_key, 'all' as reason, cast(0 as double) as contacts from exposure
),
sums as (
    select
        called.reason,
        sum(called.contacts) as contacts,
        sum(called.contacts * called.contacts) as contacts_contacts,
        sum(called.contacts * exposure.days) as contacts_days
    from called
    join exposure on exposure.group_key = called.group_key
    group by called.reason
)
select
    sums.reason,
    sums.contacts as value,
    everybody.days as weight,
    everybody.customers as clusters,
    sums.contacts_contacts as value_value,
    sums.contacts_days as value_weight,
    everybody.days_days as weight_weight
from sums
cross join everybody
