-- How many spells of customers there are by how they ended in the weeks judged, one row per `kind`: stayed, choice,
-- not_choice, moved_within, followed (by a further spell), all of them. Beside them `every`: rows of the customer list;
-- `left_before_joined`: those that end before they begin; `after_leaving`: contacts after a customer's last spell.
-- Reads customers, churn_spells and stitched_contacts.
with gone as (
    select customer_key, max(left_on) as left_on
    from customers
    where customer_key is not null
    group by customer_key
    having count(*) = count(left_on)
),
late as (
    select stitched_contacts.customer_key
    from stitched_contacts
    join gone on gone.customer_key = stitched_contacts.customer_key
    where stitched_contacts.direction = 'inbound'
        and stitched_contacts.started_day > cast(date_diff('day', cast('1970-01-01' as date), gone.left_on) as bigint)
),
kinds as (
    select ending as kind, customer_key from churn_spells
    union all
    select 'all' as kind, customer_key from churn_spells
    union all
    select 'left_before_joined' as kind, customer_key from customers where left_on < joined_on
    union all
    select 'after_leaving' as kind, customer_key from late
    union all
    select 'every' as kind, customer_key from customers where customer_key is not null
)
select kind, count(*) as spells, count(distinct customer_key) as customers
from kinds
group by kind
