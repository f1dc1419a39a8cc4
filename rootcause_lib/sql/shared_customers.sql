-- Customers whose id is shared (a switchboard, an info@ address): one row per customer with more than
-- $shared_id_daily_cap rows on one day. Their contacts count as unidentified and are never merged by
-- nearness. Messages of an exchange are no sign: one customer may write many in a day.
-- Reads contacts.
with frequent as (
    select customer_key
    from contacts
    where customer_key is not null and direction = 'inbound' and row_is <> 'message'
    group by customer_key
    having count(contact_key) > $shared_id_daily_cap
),
crowded_days as (
    select contacts.customer_key
    from contacts
    join frequent on frequent.customer_key = contacts.customer_key
    where contacts.direction = 'inbound' and contacts.row_is <> 'message'
    group by contacts.customer_key, contacts.started_on
    having count(contacts.contact_key) > $shared_id_daily_cap
)
select customer_key from crowded_days group by customer_key
