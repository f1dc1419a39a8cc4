-- One row per session in self-service or with the bot that began in a period, with whether a contact with people followed.
-- `human_seconds`: from the session's end to the next contact with people about anything, an attempt given up included,
-- 0 where the session was handed over; `matched_seconds`: the same by the matching rule, where `matchable`.
-- contained: not handed over; gave_up: abandoned; people_*: within the window; resolved_*: contained, not given up, and
-- neither people nor leaving by choice within the window. What needs the window is known once it is over, of known
-- customers; what no export says is null. $agents_told = 1: contacts name their agent or team, so that none means none.
-- `visit_sessions` adds visits to the same table.
-- Reads stitched_contacts.
with sessions as (
    select contact_key, customer_key, reason, case_key, started_seconds
    from stitched_contacts
    where direction = 'inbound'
        and channel in ('self_service', 'bot')
        and started_day between $start_day and $end_day
        and customer_key is not null
),
people as (
    select contact_key, customer_key, reason, case_key, started_seconds
    from stitched_contacts
    where direction = 'inbound' and not channel in ('self_service', 'bot') and started_day >= $start_day
),
followed as (
    select
        sessions.contact_key,
        min(people.started_seconds) as people_started,
        min(
            case
                when case $matching when 'any' then true when 'reason' then people.reason = sessions.reason
                    when 'case' then people.case_key = sessions.case_key end
                then people.started_seconds
            end
        ) as matched_started
    from sessions
    join people
        on people.customer_key = sessions.customer_key
        and (
            people.started_seconds > sessions.started_seconds
            or people.started_seconds = sessions.started_seconds and people.contact_key > sessions.contact_key
        )
    group by sessions.contact_key
),
timed as (
    select
        cast(stitched_contacts.channel as varchar) as channel,
        stitched_contacts.contact_key,
        stitched_contacts.customer_key,
        stitched_contacts.started_day,
        stitched_contacts.ended_seconds,
        case when $own_windows then coalesce(stitched_contacts.window_days, $window_days) else $window_days end * 86400
            as window_seconds,
        stitched_contacts.follow_up_seconds,
        stitched_contacts.left_seconds,
        case
            when stitched_contacts.transfers > 0 then 0
            when followed.people_started > stitched_contacts.ended_seconds
            then followed.people_started - stitched_contacts.ended_seconds
            when followed.people_started is not null then 0
        end as human_seconds,
        case
            when stitched_contacts.transfers > 0 then 0
            when followed.matched_started > stitched_contacts.ended_seconds
            then followed.matched_started - stitched_contacts.ended_seconds
            when followed.matched_started is not null then 0
        end as matched_seconds,
        case $matching when 'any' then true when 'reason' then stitched_contacts.reason is not null
            when 'case' then stitched_contacts.case_key is not null end as matchable,
        case
            when stitched_contacts.transfers > 0 then false
            when stitched_contacts.transfers = 0 then true
            when $agents_told = 1 and stitched_contacts.agent_id is null and stitched_contacts.team is null then true
        end as contained,
        stitched_contacts.abandoned as gave_up
    from stitched_contacts
    left join followed on followed.contact_key = stitched_contacts.contact_key
    where stitched_contacts.direction = 'inbound'
        and stitched_contacts.channel in ('self_service', 'bot')
        and stitched_contacts.started_day between $start_day and $end_day
),
watched as (
    select
        timed.*,
        customer_key is not null and follow_up_seconds >= window_seconds as seen,
        coalesce(human_seconds <= window_seconds, false) as people_any,
        coalesce(matched_seconds <= window_seconds, false) as people_matched,
        coalesce(left_seconds <= window_seconds, false) as gone,
        coalesce(contained, true) and not coalesce(gave_up, false) as finished
    from timed
)
select
    channel,
    contact_key,
    customer_key,
    started_day,
    ended_seconds,
    cast(window_seconds as bigint) as window_seconds,
    follow_up_seconds,
    left_seconds,
    cast(human_seconds as bigint) as human_seconds,
    cast(matched_seconds as bigint) as matched_seconds,
    matchable,
    contained,
    gave_up,
    case when seen then people_any end as people_any,
    case when seen and matchable then people_matched end as people_matched,
    case when seen then finished and not people_any and not gone end as resolved_any,
    case when seen and matchable then finished and not people_matched and not gone end as resolved_matched,
    case when seen and $leaving_told = 1 then gone end as gone
from watched
