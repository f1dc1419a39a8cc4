-- How long things were overdue in each band of days past due, and seconds overdue summed over that time: one row
-- per band, named by its weight. The mean time overdue is the second over the first.
-- Reads process_events and process_bands.
with late as (
    select
        weight,
        due_seconds,
        case
            when due_seconds + from_seconds < $from_seconds then $from_seconds
            else due_seconds + from_seconds
        end as from_seconds,
        case
            when due_seconds + until_seconds < $until_seconds then due_seconds + until_seconds
            else $until_seconds
        end as until_seconds,
        ended_seconds
    from process_events
    join process_bands on process_bands.process = process_events.process
    where clock = 'overdue' and due_seconds is not null
),
over as (
    select
        weight,
        from_seconds - due_seconds as from_late,
        case when ended_seconds < until_seconds then ended_seconds else until_seconds end - due_seconds as until_late
    from late
)
select
    weight,
    cast(sum(until_late - from_late) as double) as seconds,
    sum((cast(until_late as double) * until_late - cast(from_late as double) * from_late) * 0.5) as late_seconds
from over
where until_late > from_late
group by weight
