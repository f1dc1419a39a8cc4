-- How long it took from self-service to people: one row per kind of session, hour after its end and way of being
-- watched: 1 a contact with people came in that hour, 2 the customer left the company in it, 0 watched through it and no
-- further (hour 0: not one whole hour). Up to the window's last hour; only hours that could be seen whole count. Way 3
-- counts the customers that came to people, each once.
-- Reads self_service_sessions.
with timed as (
    select
        channel,
        customer_key,
        case when $matching = 'any' then human_seconds else matched_seconds end as people_seconds,
        left_seconds,
        case
            when follow_up_seconds > $window_days * 86400 then $window_days * 24
            else cast(floor(follow_up_seconds / 3600) as bigint)
        end as last_hour
    from self_service_sessions
    where customer_key is not null and ($matching = 'any' or matchable)
),
counted_hours as (
    select
        channel,
        customer_key,
        case when people_seconds > 0 then cast(floor((people_seconds + 3599) / 3600) as bigint)
            when people_seconds is not null then 1 end as people_hour,
        case when left_seconds > 0 then cast(floor((left_seconds + 3599) / 3600) as bigint)
            when left_seconds is not null then 1 end as left_hour,
        last_hour
    from timed
),
ended as (
    select
        channel,
        customer_key,
        case
            when people_hour <= last_hour and people_hour <= coalesce(left_hour, people_hour) then 1
            when left_hour <= last_hour then 2
            else 0
        end as way,
        case
            when people_hour <= last_hour and people_hour <= coalesce(left_hour, people_hour) then people_hour
            when left_hour <= last_hour then left_hour
            else last_hour
        end as hour_number
    from counted_hours
)
select channel, way, cast(hour_number as bigint) as hour_number, cast(count(way) as bigint) as sessions
from ended
group by channel, way, hour_number
union all
select channel, 3 as way, cast(0 as bigint) as hour_number, cast(count(customer_key) as bigint) as sessions
from (select channel, customer_key from ended where way = 1 group by channel, customer_key) as came
group by channel
