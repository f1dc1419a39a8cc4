-- Customers' spells by whether there was any contact within their judged weeks, contacts to cancel left out, and how
-- many of them left: one row per `contacted`, and one without it over all customers. Where $flags is true nobody's dates are
-- known and a customer left whom the list says to have left by choice.
-- Reads customers, churn_spells, stitched_contacts and cancellation_reasons.
with flagged as (
    select customer_key
    from customers
    where leave_reason = 'choice' and left_on is null and cancelled_on is null
    group by customer_key
),
reached as (
    select churn_spells.customer_key, churn_spells.spell
    from churn_spells
    join stitched_contacts on stitched_contacts.customer_key = churn_spells.customer_key
    where direction = 'inbound' and identified and not coalesce(abandoned, false)
        and not coalesce(reason in (select reason from cancellation_reasons), false)
        and cast(floor((started_day - $observed_from_day) / 7.0) as bigint) between entry_week and last_week
    group by churn_spells.customer_key, churn_spells.spell
),
spells as (
    select
        churn_spells.customer_key,
        reached.customer_key is not null as contacted,
        last_week - entry_week + 1 as weeks,
        left_by_choice or ($flags and flagged.customer_key is not null) as gone
    from churn_spells
    left join reached on reached.customer_key = churn_spells.customer_key and reached.spell = churn_spells.spell
    left join flagged on flagged.customer_key = churn_spells.customer_key
)
select
    contacted,
    count(*) as spells,
    cast(sum(weeks) as bigint) as weeks,
    cast(sum(case when gone then 1 else 0 end) as bigint) as events,
    count(distinct customer_key) as customers
from spells
group by contacted
union all
select
    cast(null as boolean) as contacted,
    count(*) as spells,
    cast(sum(weeks) as bigint) as weeks,
    cast(sum(case when gone then 1 else 0 end) as bigint) as events,
    count(distinct customer_key) as customers
from spells
having count(*) > 0
