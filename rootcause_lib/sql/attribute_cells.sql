-- Inbound contacts of two periods of some customers (those whose keys leave $remainder after division by $divisor; a
-- contact of nobody known goes by its own key): one row per combination of attributes. Weekdays and hours are bands of
-- the local start. Further attributes of customers are empty here and are filled in on the tree; a customer of several
-- spells has the least value of each.
-- Reads customers and stitched_contacts.
with traits as (
    select
        customer_key,
        cast(null as varchar) as trait_1,
        cast(null as varchar) as trait_2,
        cast(null as varchar) as trait_3
    from customers
    where customer_key - cast(floor(customer_key / $divisor) as bigint) * $divisor = $remainder
    group by customer_key
),
facts as (
    select
        case when customer_key is not null then customer_key else contact_key end as cluster_key,
        customer_key,
        started_day,
        started_hour,
        started_day + 3 - cast(floor((started_day + 3) / 7) as bigint) * 7 as day_of_week,
        reason,
        segment,
        channel,
        team
    from stitched_contacts
    where direction = 'inbound'
        and (
            started_day between $before_start_day and $before_end_day
            or started_day between $start_day and $end_day
        )
),
described as (
    select
        facts.started_day,
        facts.reason,
        facts.segment,
        facts.channel,
        facts.team,
        case when day_of_week = 0 then 'mon' when day_of_week < 5 then 'tue-fri' else 'sat-sun' end as weekday,
        case when started_hour < 8 then '00-08' when started_hour < 12 then '08-12' when started_hour < 16 then '12-16'
            else '16-24' end as hours,
        traits.trait_1,
        traits.trait_2,
        traits.trait_3
    from facts
    left join traits on traits.customer_key = facts.customer_key
    where cluster_key - cast(floor(cluster_key / $divisor) as bigint) * $divisor = $remainder
)
select
    cells,
    cast(sum(case when started_day < $start_day then 1 else 0 end) as bigint) as contacts_before,
    cast(sum(case when started_day < $start_day then 0 else 1 end) as bigint) as contacts
from described
group by cells
