-- Customers behind the channels that are compared: one row per channel and reason, and per channel (`whole`). Repeated on
-- the tree for many outcomes (columns that begin with m_: customers of whom it is known). A contact of nobody known is a
-- customer of its own; no code is an empty one.
-- Reads stitched_contacts.
with facts as (
    select
        coalesce(customer_key, 0 - contact_key) as cluster_key,
        channel,
        coalesce(reason, '') as reason,
        coalesce($asked, false) as m_asked,
        coalesce($known, false) as m_known,
        $measure as m_measure
    from stitched_contacts
    where direction = 'inbound' and not coalesce(abandoned, false) and started_day between $start_day and $end_day
),
per_customer as (
    select
        cluster_key,
        channel,
        reason,
        count(cluster_key) as contacts,
        max(case when m_asked and m_known and m_measure is not null then 1 end) as m_any
    from facts
    group by cluster_key, channel, reason
),
per_channel as (
    select cluster_key, channel, max(m_any) as m_any
    from per_customer
    group by cluster_key, channel
)
select
    channel,
    reason,
    false as whole,
    cast(sum(contacts) as bigint) as contacts,
    cast(count(cluster_key) as bigint) as customers,
    cast(count(m_any) as bigint) as m_customers
from per_customer
group by channel, reason
union all
select
    channel,
    '' as reason,
    true as whole,
    cast(null as bigint) as contacts,
    cast(count(cluster_key) as bigint) as customers,
    cast(count(m_any) as bigint) as m_customers
from per_channel
group by channel
