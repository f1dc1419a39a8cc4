-- What customers lived through and how often they made contact meanwhile: one row per customer with a contact, season
-- and state. `state` adds up the weights (powers of two) of the risk bands that held; `seconds` is how long, and
-- `demand_seconds` the same with each hour counted by how many contacts its kind has. `cost` is of the contacts whose
-- cost is known, `costless` counts the others; `openers` are the contacts that open a case by its id.
-- Bands run from an event's start ('started'), past its due date while not ended ('overdue'), up to it ('waiting'), from
-- the end of one at least `late_seconds` overdue ('ended'), over the day of its start ('opening'), or from a message of
-- ours ('message') until the next. An outbound contact less than $reply_seconds after the customer's own contact is a
-- reply and no message. Time whose state reaches $dropped_weight and its contacts are left out. For $quiet_seconds after
-- any contact $quiet_weight holds too. Customers in no list are watched throughout. Only customers up to $last_customer
-- are.
-- Reads stitched_contacts, spells, process_events, process_bands, seasons and hourly_demand.
with calls as (
    select customer_key, started_seconds, previous_case_seconds, full_cost
    from stitched_contacts
    where direction = 'inbound' and identified and customer_key <= $last_customer
        and started_seconds >= $from_seconds and started_seconds < $until_seconds
),
callers as (
    select customer_key from calls group by customer_key
),
stays as (
    select
        spells.customer_key,
        case when coalesce(joined_day, first_day) > first_day then joined_day else first_day end as first_day,
        case when coalesce(left_day, last_day) < last_day then left_day else last_day end as last_day
    from spells
    join callers on callers.customer_key = spells.customer_key
),
days as (
    select
        day,
        $from_seconds + 3600 * min(hour_number) as from_seconds,
        $from_seconds + 3600 * max(hour_number) + 3600 as until_seconds
    from hourly_demand
    group by day
),
watched as (
    select
        customer_key,
        coalesce(first_days.from_seconds, $from_seconds) as from_seconds,
        case when last_days.until_seconds < $until_seconds then last_days.until_seconds else $until_seconds end
            as until_seconds
    from stays
    left join days as first_days on first_days.day = stays.first_day
    left join days as last_days on last_days.day = stays.last_day
    where last_day >= $start_day and first_day <= $end_day and last_day >= first_day
    union all
    select customer_key, $from_seconds as from_seconds, $until_seconds as until_seconds
    from callers
    where not customer_key in (select customer_key from spells)
),
turns as (
    select
        customer_key,
        started_seconds,
        direction,
        max(case when direction = 'inbound' then started_seconds end) over (
            partition by customer_key
            order by started_seconds, contact_key rows between unbounded preceding and 1 preceding
        ) as called_seconds
    from stitched_contacts
    where direction in ('inbound', 'outbound') and customer_key <= $last_customer and started_seconds < $until_seconds
        and customer_key in (select customer_key from callers)
        and customer_key in (select customer_key from stitched_contacts where direction = 'outbound' and identified)
        and 'message' in (select clock from process_bands)
),
messages as (
    select
        customer_key,
        started_seconds,
        lead(started_seconds) over (partition by customer_key order by started_seconds) as next_seconds
    from turns
    where direction = 'outbound'
        and (called_seconds is null or started_seconds - called_seconds >= $reply_seconds)
),
banded as (
    select
        process_events.customer_key,
        process_bands.weight,
        case
            when clock = 'overdue' then due_seconds + process_bands.from_seconds
            when clock = 'ended' then ended_seconds + process_bands.from_seconds
            else started_seconds + process_bands.from_seconds
        end as from_seconds,
        case
            when clock = 'overdue' then due_seconds + process_bands.until_seconds
            when clock = 'ended' then ended_seconds + process_bands.until_seconds
            when clock = 'waiting' then due_seconds
            else started_seconds + process_bands.until_seconds
        end as until_seconds,
        case when clock in ('overdue', 'waiting') then ended_seconds end as over_seconds
    from process_events
    join process_bands on process_bands.process = process_events.process
    join callers on callers.customer_key = process_events.customer_key
    where clock <> 'opening' and (clock <> 'ended' or ended_seconds > due_seconds + late_seconds)
    union all
    select
        process_events.customer_key,
        process_bands.weight,
        days.from_seconds,
        days.until_seconds,
        cast(null as bigint) as over_seconds
    from process_events
    join process_bands on process_bands.process = process_events.process
    join callers on callers.customer_key = process_events.customer_key
    join days on days.day = date_diff('day', cast('1970-01-01' as date), started_on)
    where clock = 'opening' and coalesce(opened_by_contact, true)
    union all
    select
        messages.customer_key,
        process_bands.weight,
        started_seconds + process_bands.from_seconds as from_seconds,
        started_seconds + process_bands.until_seconds as until_seconds,
        next_seconds as over_seconds
    from messages
    join process_bands on process_bands.clock = 'message'
    union all
    select
        customer_key,
        $quiet_weight as weight,
        started_seconds + 1 as from_seconds,
        started_seconds + $quiet_seconds as until_seconds,
        cast(null as bigint) as over_seconds
    from stitched_contacts
    where $quiet_seconds > 0 and direction = 'inbound' and customer_key <= $last_customer
        and started_seconds >= $from_seconds - $quiet_seconds and started_seconds < $until_seconds
        and customer_key in (select customer_key from callers)
),
cut as (
    select
        customer_key,
        weight,
        case when from_seconds < $from_seconds then $from_seconds else from_seconds end as from_seconds,
        case
            when coalesce(over_seconds, until_seconds) < until_seconds and over_seconds < $until_seconds then over_seconds
            when until_seconds < $until_seconds then until_seconds
            else $until_seconds
        end as until_seconds
    from banded
    where until_seconds is not null
),
ordered as (
    select
        customer_key,
        weight,
        from_seconds,
        until_seconds,
        max(until_seconds) over (
            partition by customer_key, weight
            order by from_seconds, until_seconds rows between unbounded preceding and 1 preceding
        ) as until_before
    from cut
    where until_seconds > from_seconds
),
numbered as (
    select
        customer_key,
        weight,
        from_seconds,
        until_seconds,
        sum(case when from_seconds <= until_before then 0 else 1 end) over (
            partition by customer_key, weight
            order by from_seconds, until_seconds rows between unbounded preceding and current row
        ) as stretch
    from ordered
),
stretches as (
    select customer_key, weight, min(from_seconds) as from_seconds, max(until_seconds) as until_seconds
    from numbered
    group by customer_key, weight, stretch
),
changes as (
    select
        customer_key,
        from_seconds as moment,
        weight as change,
        0 as entered,
        0 as contacts,
        0 as openers,
        cast(null as double) as cost
    from stretches
    union all
    select
        customer_key, until_seconds as moment, 0 - weight as change, 0 as entered, 0 as contacts, 0 as openers,
        null as cost
    from stretches
    union all
    select customer_key, from_seconds as moment, 0 as change, 1 as entered, 0 as contacts, 0 as openers, null as cost
    from watched
    union all
    select
        customer_key, until_seconds as moment, 0 as change, 0 - 1 as entered, 0 as contacts, 0 as openers, null as cost
    from watched
    union all
    select
        customer_key, seasons.from_seconds as moment, 0 as change, 0 as entered, 0 as contacts, 0 as openers,
        null as cost
    from callers
    cross join seasons
    union all
    select
        customer_key,
        started_seconds as moment,
        0 as change,
        0 as entered,
        1 as contacts,
        case when previous_case_seconds is null then 1 else 0 end as openers,
        full_cost as cost
    from calls
),
moments as (
    select changes.*, cast(floor((moment - $from_seconds) / 3600) as bigint) as hour_number
    from changes
),
weighed as (
    select
        customer_key,
        moment,
        change,
        entered,
        contacts,
        openers,
        cost,
        demand_before + (moment - $from_seconds - hourly_demand.hour_number * 3600) * demand as demand_so_far
    from moments
    join hourly_demand on hourly_demand.hour_number = moments.hour_number
),
lived as (
    select
        customer_key,
        moment,
        contacts,
        openers,
        cost,
        demand_so_far,
        sum(change) over (
            partition by customer_key order by moment range between unbounded preceding and current row
        ) as state,
        sum(entered) over (
            partition by customer_key order by moment range between unbounded preceding and current row
        ) as present,
        lead(moment) over (partition by customer_key order by moment) as next_moment,
        lead(demand_so_far) over (partition by customer_key order by moment) as next_demand
    from weighed
)
select
    customer_key,
    cast(floor((moment - $from_seconds) / $season_seconds) as bigint) as season,
    cast(state as bigint) as state,
    cast(sum(next_moment - moment) as bigint) as seconds,
    sum(next_demand - demand_so_far) as demand_seconds,
    cast(sum(contacts) as bigint) as contacts,
    coalesce(sum(cost), 0) as cost,
    cast(sum(contacts) - count(cost) as bigint) as costless,
    cast(sum(openers) as bigint) as openers,
    coalesce(sum(case when openers = 1 then cost end), 0) as opener_cost,
    cast(sum(openers) - count(case when openers = 1 then cost end) as bigint) as opener_costless
from lived
where present > 0 and state < $dropped_weight and next_moment is not null
group by customer_key, cast(floor((moment - $from_seconds) / $season_seconds) as bigint), cast(state as bigint)
