-- Spells followed from landmarks: one row per process (empty: any), whether it had failed, and weeks `watched`.
-- `leavers`: those that left by choice in the last of these weeks.
-- Reads landmark_spells.
select
    process,
    failed,
    watched,
    cast(sum(spells) as bigint) as spells,
    cast(sum(leavers) as bigint) as leavers
from landmark_spells
group by process, failed, watched
