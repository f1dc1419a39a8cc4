-- One row per visit that began in a period, in the columns of `self_service_sessions`: channel `visit`, with whether a
-- contact with people followed, about anything. contained: none began before the visit ended; gave_up: the visitor did
-- not do what they came for, and asked nobody within the window; resolved: they did ($goals_told = 1; where no export
-- says so, every visit counts as if), asked nobody, and did not leave. A customer whom too many share is nobody's. Days
-- of leaving end at midnight UTC.
-- Reads visits, stitched_contacts, shared_customers and spells.
with chosen as (
    select
        visit_id,
        case when not customer_key in (select customer_key from shared_customers) then customer_key end as customer_key,
        started_seconds,
        ended_seconds,
        goal_reached,
        cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) as started_day
    from visits
    where cast(date_diff('day', cast('1970-01-01' as date), started_on) as bigint) between $start_day and $end_day
),
people as (
    select customer_key, started_seconds
    from stitched_contacts
    where direction = 'inbound' and not channel in ('self_service', 'bot') and started_day >= $start_day
),
followed as (
    select chosen.visit_id, min(people.started_seconds) as people_started
    from chosen
    join people on people.customer_key = chosen.customer_key and people.started_seconds >= chosen.started_seconds
    group by chosen.visit_id
),
every_visit as (
    select chosen.*, followed.people_started
    from chosen
    left join followed on followed.visit_id = chosen.visit_id
),
timed as (
    select
        every_visit.customer_key,
        every_visit.started_day,
        every_visit.ended_seconds is not null as end_told,
        coalesce(every_visit.ended_seconds, every_visit.started_seconds) as ended_seconds,
        every_visit.goal_reached,
        case when every_visit.people_started > coalesce(every_visit.ended_seconds, every_visit.started_seconds)
            then every_visit.people_started - coalesce(every_visit.ended_seconds, every_visit.started_seconds)
            when every_visit.people_started is not null then 0 end as human_seconds,
        case when spells.left_by_choice then (spells.left_day + 1) * 86400 end as left_at,
        case
            when not spells.left_by_choice and (spells.left_day + 1) * 86400 < $observed_until_seconds
            then (spells.left_day + 1) * 86400
            else $observed_until_seconds
        end as watched_until
    from every_visit
    left join spells
        on spells.customer_key = every_visit.customer_key
        and every_visit.started_day >= spells.first_day
        and every_visit.started_day <= spells.last_day
),
watched as (
    select
        timed.*,
        case when left_at > ended_seconds then left_at - ended_seconds end as left_seconds,
        case when watched_until > ended_seconds then watched_until - ended_seconds else 0 end as follow_up_seconds,
        customer_key is not null and watched_until - ended_seconds >= $window_days * 86400 as seen,
        coalesce(human_seconds <= $window_days * 86400, false) as people,
        coalesce(left_at > ended_seconds and left_at - ended_seconds <= $window_days * 86400, false) as gone,
        case when $goals_told = 1 then goal_reached else true end as done
    from timed
)
select
    'visit' as channel,
    cast(null as bigint) as contact_key,
    customer_key,
    started_day,
    ended_seconds,
    cast($window_days * 86400 as bigint) as window_seconds,
    cast(follow_up_seconds as bigint) as follow_up_seconds,
    cast(left_seconds as bigint) as left_seconds,
    cast(human_seconds as bigint) as human_seconds,
    cast(human_seconds as bigint) as matched_seconds,
    true as matchable,
    case when customer_key is not null and end_told and follow_up_seconds > 0 then coalesce(human_seconds > 0, true) end
        as contained,
    case when seen and $goals_told = 1 then not goal_reached and not people end as gave_up,
    case when seen then people end as people_any,
    case when seen then people end as people_matched,
    case when seen and done is not null then done and not people and not gone end as resolved_any,
    case when seen and done is not null then done and not people and not gone end as resolved_matched,
    case when seen and $leaving_told = 1 then gone end as gone
from watched
