-- Sums for what customers did before they called: one row, with the sums that give a customer-robust interval. Of
-- answered calls of a period ($calls_only = 1), else of every answered contact with people; `calls` counts them all.
-- web: somebody was on the site within the 24 hours before, or still is; site: still is; lately: a visit began in the
-- half hour before, for exports without ends. A visit is still open to its last second; one without an end leaves `site`
-- unknown for 24 hours. A call of nobody known, or outside $from_seconds to $until_seconds, is in `calls` alone.
-- Without visits ($visits_told = 0) self-service and the bot stand for them.
-- Reads stitched_contacts and visits.
with calls as (
    select contact_key, customer_key, started_seconds
    from stitched_contacts
    where direction = 'inbound'
        and not coalesce(abandoned, false)
        and started_day between $start_day and $end_day
        and case when $calls_only = 1 then channel = 'phone' else not channel in ('self_service', 'bot') end
),
moments as (
    select
        customer_key,
        started_seconds as began,
        coalesce(ended_seconds, started_seconds) as seen_until,
        case when ended_seconds is null then started_seconds end as endless_since
    from visits
    where $visits_told = 1
    union all
    select
        customer_key,
        started_seconds as began,
        ended_seconds as seen_until,
        cast(null as bigint) as endless_since
    from stitched_contacts
    where $visits_told = 0 and direction = 'inbound' and channel in ('self_service', 'bot')
),
day_before as (
    select
        calls.contact_key,
        max(moments.seen_until) as seen_until,
        max(moments.endless_since) as endless_since,
        max(moments.began) as began
    from calls
    join moments
        on moments.customer_key = calls.customer_key
        and moments.began <= calls.started_seconds
        and moments.seen_until >= calls.started_seconds - 86400
    group by calls.contact_key
),
facts as (
    select
        calls.customer_key,
        day_before.contact_key is not null as web,
        coalesce(day_before.seen_until >= calls.started_seconds, false) as site,
        not coalesce(day_before.endless_since >= calls.started_seconds - 86400, false) as ends_known,
        coalesce(day_before.began >= calls.started_seconds - 1800, false) as lately
    from calls
    left join day_before on day_before.contact_key = calls.contact_key
    where calls.customer_key is not null
        and calls.started_seconds - 86400 >= $from_seconds
        and calls.started_seconds <= $until_seconds
),
per_customer as (
    select
        cast(count(customer_key) as double) as weight,
        cast(sum(case when web then 1 else 0 end) as double) as web,
        cast(sum(case when lately then 1 else 0 end) as double) as lately,
        cast(sum(case when site then 1 else 0 end) as double) as site,
        cast(sum(case when site or ends_known then 1 end) as double) as site_weight
    from facts
    group by customer_key
)
select
    cast(max(every_call.calls) as bigint) as calls,
    sum(per_customer.web) as web_value,
    sum(per_customer.weight) as web_weight,
    cast(count(per_customer.weight) as bigint) as web_clusters,
    sum(per_customer.web * per_customer.web) as web_value_value,
    sum(per_customer.web * per_customer.weight) as web_value_weight,
    sum(per_customer.weight * per_customer.weight) as web_weight_weight,
    sum(case when per_customer.site_weight is not null then per_customer.site end) as site_value,
    sum(per_customer.site_weight) as site_weight,
    cast(count(per_customer.site_weight) as bigint) as site_clusters,
    sum(per_customer.site * per_customer.site) as site_value_value,
    sum(per_customer.site * per_customer.site_weight) as site_value_weight,
    sum(per_customer.site_weight * per_customer.site_weight) as site_weight_weight,
    sum(per_customer.lately) as lately_value,
    sum(per_customer.weight) as lately_weight,
    cast(count(per_customer.weight) as bigint) as lately_clusters,
    sum(per_customer.lately * per_customer.lately) as lately_value_value,
    sum(per_customer.lately * per_customer.weight) as lately_value_weight,
    sum(per_customer.weight * per_customer.weight) as lately_weight_weight
from (select count(contact_key) as calls from calls) as every_call
left join per_customer on true
