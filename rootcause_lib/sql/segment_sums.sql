-- Sums over some customers (those whose keys leave $remainder after division by $divisor), for one candidate; repeated
-- on the tree for many (columns that begin with m_).
-- A candidate is a ratio of two ratios: hit over hit_base in the segment, rest over rest_base outside it, each a count
-- of contacts or days as a customer that a condition picks out ($hit, $hit_base, $rest, $rest_base). One row: the
-- sums of all four over customers, and of their products. A contact of nobody known is a customer of its own.
-- Reads customers, spells and stitched_contacts.
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
        case when customer_key is not null then customer_key else contact_key end as dealt_key,
        coalesce(customer_key, 0 - contact_key) as cluster_key,
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
cut as (
    select
        customer_key,
        segment,
        case when coalesce(joined_day, first_day) > first_day then joined_day else first_day end as first_day,
        case when coalesce(left_day, last_day) < last_day then left_day else last_day end as last_day
    from spells
    where customer_key - cast(floor(customer_key / $divisor) as bigint) * $divisor = $remainder
),
within as (
    select
        customer_key,
        segment,
        case when first_day > $start_day then first_day else $start_day end as from_day,
        case when last_day < $end_day then last_day else $end_day end as to_day
    from cut
),
described as (
    select
        facts.cluster_key,
        case when facts.started_day < $start_day then 'before' else 'now' end as kind,
        facts.reason,
        facts.segment,
        facts.channel,
        facts.team,
        case when day_of_week = 0 then 'mon' when day_of_week < 5 then 'tue-fri' else 'sat-sun' end as weekday,
        case when started_hour < 8 then '00-08' when started_hour < 12 then '08-12' when started_hour < 16 then '12-16'
            else '16-24' end as hours,
        traits.trait_1,
        traits.trait_2,
        traits.trait_3,
        cast(1 as double) as amount
    from facts
    left join traits on traits.customer_key = facts.customer_key
    where dealt_key - cast(floor(dealt_key / $divisor) as bigint) * $divisor = $remainder
    union all
    select
        within.customer_key as cluster_key,
        'days' as kind,
        cast(null as varchar) as reason,
        within.segment,
        cast(null as varchar) as channel,
        cast(null as varchar) as team,
        cast(null as varchar) as weekday,
        cast(null as varchar) as hours,
        traits.trait_1,
        traits.trait_2,
        traits.trait_3,
        cast(to_day - from_day + 1 as double) as amount
    from within
    left join traits on traits.customer_key = within.customer_key
    where to_day >= from_day
),
per_customer as (
    select
        cluster_key,
        sum(case when $hit then amount else 0 end) as m_hit,
        sum(case when $hit_base then amount else 0 end) as m_hit_base,
        sum(case when $rest then amount else 0 end) as m_rest,
        sum(case when $rest_base then amount else 0 end) as m_rest_base
    from described
    group by cluster_key
)
select
    cast(count(cluster_key) as bigint) as clusters,
    sum(m_hit) as m_hit,
    sum(m_hit_base) as m_hit_base,
    sum(m_rest) as m_rest,
    sum(m_rest_base) as m_rest_base,
    sum(m_hit * m_hit) as m_hit_hit,
    sum(m_hit * m_hit_base) as m_hit_hit_base,
    sum(m_hit * m_rest) as m_hit_rest,
    sum(m_hit * m_rest_base) as m_hit_rest_base,
    sum(m_hit_base * m_hit_base) as m_hit_base_hit_base,
    sum(m_hit_base * m_rest) as m_hit_base_rest,
    sum(m_hit_base * m_rest_base) as m_hit_base_rest_base,
    sum(m_rest * m_rest) as m_rest_rest,
    sum(m_rest * m_rest_base) as m_rest_rest_base,
    sum(m_rest_base * m_rest_base) as m_rest_base_rest_base,
    cast(sum(case when m_hit > 0 then 1 else 0 end) as bigint) as m_customers,
    cast(sum(case when m_hit_base > 0 then 1 else 0 end) as bigint) as m_customers_base,
    cast(sum(case when m_rest > 0 then 1 else 0 end) as bigint) as m_customers_rest
from per_customer
