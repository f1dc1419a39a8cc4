-- Repeats as a tool counts them that takes every row for a contact: one row with the sums per customer that give
-- robust intervals, three times. `all_`: every inbound row, abandoned attempts and legs too, quiet if no inbound row of
-- the same customer begins within $repeat_seconds after its end. `seen_`: of those, rows whose $repeat_seconds are over
-- by the end of the data. `known_`: of those, rows of customers whose id is nobody else's. `unknown` rows have no
-- customer id and so no repeat, `unknown_seen` of them were watched to the end.
-- Reads contacts and shared_customers.
with turns as (
    select
        customer_key,
        cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) as started_day,
        case when $observed_until_seconds - ended_seconds >= $repeat_seconds then 1 end as seen,
        case
            when lead(started_seconds) over (partition by customer_key order by started_seconds, contact_key)
                - ended_seconds <= $repeat_seconds
            then 0
            else 1
        end as quiet
    from contacts
    where direction = 'inbound' and customer_key is not null
),
per_customer as (
    select
        customer_key,
        cast(sum(quiet) as double) as all_value,
        cast(count(quiet) as double) as all_weight,
        cast(coalesce(sum(case when seen = 1 then quiet end), 0) as double) as seen_value,
        cast(count(seen) as double) as seen_weight
    from turns
    where started_day between $start_day and $end_day
    group by customer_key
),
marked as (
    select
        per_customer.*,
        case when not customer_key in (select customer_key from shared_customers) then seen_value else 0 end
            as known_value,
        case when not customer_key in (select customer_key from shared_customers) then seen_weight else 0 end
            as known_weight
    from per_customer
),
sums as (
    select
        sum(all_value) as all_value,
        sum(all_weight) as all_weight,
        cast(count(customer_key) as bigint) as all_clusters,
        sum(all_value * all_value) as all_value_value,
        sum(all_value * all_weight) as all_value_weight,
        sum(all_weight * all_weight) as all_weight_weight,
        sum(seen_value) as seen_value,
        sum(seen_weight) as seen_weight,
        cast(count(case when seen_weight > 0 then customer_key end) as bigint) as seen_clusters,
        sum(seen_value * seen_value) as seen_value_value,
        sum(seen_value * seen_weight) as seen_value_weight,
        sum(seen_weight * seen_weight) as seen_weight_weight,
        sum(known_value) as known_value,
        sum(known_weight) as known_weight,
        cast(count(case when known_weight > 0 then customer_key end) as bigint) as known_clusters,
        sum(known_value * known_value) as known_value_value,
        sum(known_value * known_weight) as known_value_weight,
        sum(known_weight * known_weight) as known_weight_weight
    from marked
),
unknowns as (
    select
        cast(count(contact_key) as bigint) as unknown,
        cast(count(case when $observed_until_seconds - ended_seconds >= $repeat_seconds then contact_key end) as bigint)
            as unknown_seen
    from contacts
    where direction = 'inbound'
        and customer_key is null
        and cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) between $start_day and $end_day
)
select sums.*, unknowns.unknown, unknowns.unknown_seen
from sums
cross join unknowns
