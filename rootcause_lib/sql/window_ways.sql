-- How long it was quiet before each judged contact, and how it ended being watched: one row per contact. `opens_days`
-- is the longest window (up to $horizon_days days, 0: none) at which the contact provably opens a case; it opens one at
-- every shorter window too. `way` is 3 * day + 1 for coming back on that day, + 2 for leaving the company by choice,
-- + 0 for being watched through that whole day and no further, as in recontact_ways. The customer's own pace is told by
-- the other contacts and by the other cases (told apart at $window_days) about the matter: how many, in how many days,
-- and by classes of contacts and of cases a year. Days in which another case could open leave out the window of each
-- case; where many cases leave fewer than $horizon_days of them, so many stand for them.
-- Reads contact_paces, stitched_contacts.
with chosen as (
    select
        customer_key,
        channel,
        coalesce(segment, '') as segment,
        coalesce(reason, '') as reason,
        case when $matching = 'reason' then reason else '' end as matter,
        case $matching when 'any' then previous_any_seconds when 'reason' then previous_reason_seconds
            when 'case' then previous_case_seconds end as before_seconds,
        case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds
            when 'case' then next_case_seconds end as back_seconds,
        history_seconds,
        left_seconds,
        follow_up_seconds
    from stitched_contacts
    where judged
        and started_day between $start_day and $end_day
        and case $matching when 'any' then true when 'reason' then reason is not null
            when 'case' then case_key is not null end
),
timed as (
    select
        customer_key,
        channel,
        segment,
        reason,
        matter,
        case
            when before_seconds is not null and $matching = 'case' then 0
            when before_seconds is not null then cast(floor((before_seconds - 1) / 86400) as bigint)
            when history_seconds is not null then cast(floor(history_seconds / 86400) as bigint)
            else $horizon_days
        end as quiet_days,
        case
            when back_seconds > 0 then cast(floor((back_seconds + 86399) / 86400) as bigint)
            when back_seconds is not null then 1
        end as back_day,
        case
            when left_seconds > 0 then cast(floor((left_seconds + 86399) / 86400) as bigint)
            when left_seconds is not null then 1
        end as left_day,
        case when follow_up_seconds >= $horizon_days * 86400 then $horizon_days
            else cast(floor(follow_up_seconds / 86400) as bigint) end as last_day
    from chosen
),
counted as (
    select
        customer_key,
        matter,
        contacts - 1 as other_contacts,
        case when cases > 1 then cases - 1 else 0 end as other_cases,
        days as watched_days
    from contact_paces
    where rule = $matching
),
spaced as (
    select
        counted.*,
        watched_days - $window_days as days_after,
        watched_days - $window_days * (other_cases + 1) as days_between
    from counted
),
opened as (
    select
        spaced.*,
        case
            when days_between >= $horizon_days then days_between
            when days_after >= $horizon_days then $horizon_days
            when days_after > 0 then days_after
            else 1
        end as open_days
    from spaced
),
paced as (
    select
        customer_key,
        matter,
        other_contacts,
        other_cases,
        watched_days,
        open_days,
        cast(case
            when other_contacts = 0 then 0
            when other_contacts * 365 < watched_days then 1
            when other_contacts * 365 < 2 * watched_days then 2
            when other_contacts * 365 < 3 * watched_days then 3
            when other_contacts * 365 < 5 * watched_days then 4
            when other_contacts * 365 < 7 * watched_days then 5
            when other_contacts * 365 < 10 * watched_days then 6
            when other_contacts * 365 < 15 * watched_days then 7
            when other_contacts * 365 < 22 * watched_days then 8
            when other_contacts * 365 < 33 * watched_days then 9
            when other_contacts * 365 < 50 * watched_days then 10
            else 11
        end as bigint) as contact_pace,
        cast(case
            when other_cases = 0 then 0
            when other_cases * 365 < open_days then 1
            when other_cases * 365 < 2 * open_days then 2
            when other_cases * 365 < 3 * open_days then 3
            when other_cases * 365 < 5 * open_days then 4
            when other_cases * 365 < 7 * open_days then 5
            when other_cases * 365 < 10 * open_days then 6
            when other_cases * 365 < 15 * open_days then 7
            when other_cases * 365 < 22 * open_days then 8
            when other_cases * 365 < 33 * open_days then 9
            when other_cases * 365 < 50 * open_days then 10
            else 11
        end as bigint) as case_pace
    from opened
)
select
    timed.customer_key,
    timed.channel,
    timed.segment,
    timed.reason,
    case when quiet_days > $horizon_days then $horizon_days when quiet_days > 0 then quiet_days else 0 end
        as opens_days,
    case
        when back_day <= last_day and back_day <= coalesce(left_day, back_day) then 3 * back_day + 1
        when left_day <= last_day then 3 * left_day + 2
        else 3 * last_day
    end as way,
    paced.other_contacts,
    paced.other_cases,
    paced.watched_days,
    paced.open_days,
    paced.contact_pace,
    paced.case_pace
from timed
left join paced on paced.customer_key = timed.customer_key and paced.matter = timed.matter
