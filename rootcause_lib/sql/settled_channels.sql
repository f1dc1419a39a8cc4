-- Sums for where cases are settled: one row per opening channel and channel of the last contact, with
-- the sums that give a customer-robust interval. Of cases seen from their opening to their end.
-- Reads cases.
with seen as (
    select customer_key, channel as opened_in, settled_in, cast(count(contact_key) as double) as cases
    from cases
    where started_day between $start_day and $end_day and opening_known and complete
    group by customer_key, channel, settled_in
),
chances as (
    select customer_key, opened_in, sum(cases) as cases from seen group by customer_key, opened_in
),
bases as (
    select
        opened_in,
        sum(cases) as cases,
        cast(count(cases) as bigint) as customers,
        sum(cases * cases) as cases_cases
    from chances
    group by opened_in
)
select
    seen.opened_in,
    seen.settled_in,
    sum(seen.cases) as value,
    cast(count(seen.cases) as bigint) as movers,
    max(bases.cases) as weight,
    max(bases.customers) as clusters,
    sum(seen.cases * seen.cases) as value_value,
    sum(seen.cases * chances.cases) as value_weight,
    max(bases.cases_cases) as weight_weight
from seen
join chances on chances.customer_key = seen.customer_key and chances.opened_in = seen.opened_in
join bases on bases.opened_in = seen.opened_in
group by seen.opened_in, seen.settled_in
