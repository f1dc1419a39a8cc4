-- What a usual count of causes does: each contact is joined to the latest event of every process before it, and counted
-- by how many days ago that began (delivery: how late it is): hand_causes. Reads counted_contacts and process_events.

create or replace temp table hand_causes as
with events as (
    select customer_key, process::varchar as process,
        if(process = 'delivery', due_seconds, started_seconds) as at_seconds, ended_seconds
    from process_events
    where customer_key is not null
),
processes(process) as (values ('invoice'), ('billing'), ('delivery'), ('outage'), ('claim')),
latest as (
    select processes.process, contacts.full_cost,
        (contacts.started_seconds - events.at_seconds) // 86400 as day,
        coalesce(events.ended_seconds <= contacts.started_seconds, false) as over
    from counted_contacts as contacts
    cross join processes
    asof join events
        on events.customer_key = contacts.customer_key
        and events.process = processes.process
        and events.at_seconds <= contacts.started_seconds
)
select process,
    case process
        when 'invoice' then if(day < 7, 0, null)
        when 'billing' then case when day < 7 then 0 when day < 21 then 7 end
        when 'outage' then case when day < 1 then 0 when day < 3 then 1 end
        when 'claim' then if(day < 28, 0, null)
        when 'delivery' then
            case when over or day < 1 then null when day < 3 then 1 when day < 7 then 3 when day < 14 then 7 else 14 end
    end as from_day,
    count(*) as contacts,
    sum(full_cost) as cost
from latest
group by all;
