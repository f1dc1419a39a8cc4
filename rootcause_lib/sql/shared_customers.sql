-- Customers whose id is shared (a switchboard, an info@ address): one row per customer who made more
-- than $shared_id_daily_cap contacts on one day. Their contacts count as unidentified.
-- Reads merged_contacts.
with frequent as (
    select customer_key
    from merged_contacts
    where customer_key is not null and direction = 'inbound'
    group by customer_key
    having count(contact_key) > $shared_id_daily_cap
),
crowded_days as (
    select merged_contacts.customer_key
    from merged_contacts
    join frequent on frequent.customer_key = merged_contacts.customer_key
    where merged_contacts.direction = 'inbound'
    group by merged_contacts.customer_key, merged_contacts.started_on
    having count(merged_contacts.contact_key) > $shared_id_daily_cap
)
select customer_key from crowded_days group by customer_key
