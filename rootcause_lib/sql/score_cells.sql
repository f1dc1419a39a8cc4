-- How often each answer was given: one row per metric, answer and cell, with the sum of what is averaged and its square.
-- Reads scored_contacts.
select
    metric,
    cells,
    score,
    cast(count(value) as double) as n,
    sum(value) as total,
    sum(value * value) as squares
from scored_contacts
group by metric, cells, score
