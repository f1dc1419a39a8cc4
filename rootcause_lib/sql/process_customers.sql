-- Customers whom a process struck in the period beside everybody: one row per process, and one for all customers
-- (process empty), with their number, days watched, inbound contacts, and the products that an interval needs.
-- Reads process_events, customer_time, spells and stitched_contacts.
with calls as (
    select customer_key, count(contact_key) as contacts
    from stitched_contacts
    where direction = 'inbound' and identified and started_day between $start_day and $end_day
    group by customer_key
),
watched as (
    select customer_key, days
    from customer_time
    union all
    select customer_key, cast($end_day - $start_day + 1 as double) as days
    from calls
    where not customer_key in (select customer_key from spells)
),
people as (
    select watched.customer_key, days, cast(coalesce(contacts, 0) as double) as contacts
    from watched
    left join calls on calls.customer_key = watched.customer_key
),
struck as (
    select process, customer_key
    from process_events
    where date_diff('day', cast('1970-01-01' as date), started_on) between $start_day and $end_day
    group by process, customer_key
),
groups as (
    select struck.process, people.days, people.contacts
    from people
    join struck on struck.customer_key = people.customer_key
    union all
    select '' as process, days, contacts from people
)
select
    process,
    cast(count(days) as bigint) as customers,
    sum(days) as days,
    sum(contacts) as contacts,
    sum(contacts * contacts) as contacts_contacts,
    sum(contacts * days) as contacts_days,
    sum(days * days) as days_days
from groups
group by process
