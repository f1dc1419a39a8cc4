-- Contacts made in the time of processes, by month: one row per process, month and whether the contact lies between
-- $start_day and $end_day, with inbound contacts of known customers and the sum of squares of customers' own counts.
-- A process's time are the windows since its events started, past their due date until they ended and for a while
-- after, and while they wait; a contact counts once for a process, whatever it has open.
-- Reads stitched_contacts, process_events and process_windows.
with spans as (
    select
        process_events.customer_key,
        process_events.process,
        case process_windows.clock
            when 'overdue' then process_events.due_seconds + process_windows.from_seconds
            else process_events.started_seconds + process_windows.from_seconds
        end as begins,
        case process_windows.clock
            when 'started' then process_events.started_seconds + process_windows.until_seconds
            when 'waiting' then
                case
                    when process_events.ended_seconds < process_events.due_seconds then process_events.ended_seconds
                    else process_events.due_seconds
                end
            else coalesce(process_events.ended_seconds, $observed_until_seconds) + process_windows.until_seconds
        end as ends
    from process_events
    join process_windows on process_windows.process = process_events.process
    where process_events.customer_key is not null
        and (
            process_windows.clock <> 'overdue'
            or process_events.ended_seconds is null
            or process_events.ended_seconds > process_events.due_seconds + process_windows.from_seconds
        )
),
touched as (
    select
        spans.process,
        stitched_contacts.contact_key,
        stitched_contacts.customer_key,
        stitched_contacts.started_month,
        stitched_contacts.started_day between $start_day and $end_day as inside
    from stitched_contacts
    join spans on spans.customer_key = stitched_contacts.customer_key
    where stitched_contacts.direction = 'inbound'
        and stitched_contacts.started_seconds >= spans.begins
        and stitched_contacts.started_seconds < spans.ends
    group by
        spans.process,
        stitched_contacts.contact_key,
        stitched_contacts.customer_key,
        stitched_contacts.started_month,
        stitched_contacts.started_day
),
per_customer as (
    select process, started_month, inside, customer_key, cast(count(contact_key) as double) as contacts
    from touched
    group by process, started_month, inside, customer_key
)
select
    process,
    started_month,
    inside,
    sum(contacts) as contacts,
    sum(contacts * contacts) as contacts_contacts
from per_customer
group by process, started_month, inside
