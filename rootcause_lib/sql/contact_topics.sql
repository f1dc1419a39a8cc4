-- The reasons of contacts that have several: one row per contact and reason, with the reason's share of the contact
-- (weights are scaled to sum to 1; where none is given all weigh alike). Later rows of a contact count for its first.
-- Reasons of fewer than $smallest_cell customers are one here, `(small)`. Shares are rounded to a millionth of a millionth.
-- Reads contact_reasons, contacts and leg_groups.
with given as (
    select
        coalesce(leg_groups.first_key, contacts.contact_key) as contact_key,
        coalesce(contacts.customer_key, 0 - contacts.contact_key) as cluster_key,
        contact_reasons.reason,
        coalesce(contact_reasons.weight, 1) as weight
    from contact_reasons
    join contacts on contacts.contact_id = contact_reasons.contact_id
    left join leg_groups on leg_groups.contact_key = contacts.contact_key
    where coalesce(contact_reasons.weight, 1) > 0
),
met as (
    select reason, cluster_key from given group by reason, cluster_key
),
rare as (
    select reason from met group by reason having count(cluster_key) < $smallest_cell
),
named as (
    select
        given.contact_key,
        case when rare.reason is null then given.reason else '(small)' end as reason,
        given.weight
    from given
    left join rare on rare.reason = given.reason
),
summed as (
    select contact_key, reason, cast(sum(weight) as double) as weight from named group by contact_key, reason
),
whole as (
    select contact_key, sum(weight) as weight from summed group by contact_key
)
select
    summed.contact_key,
    summed.reason,
    cast(floor(summed.weight * 1000000000000 / whole.weight) as double) * cast(0.000000000001 as double) as weight
from summed
join whole on whole.contact_key = summed.contact_key
