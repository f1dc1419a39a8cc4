"""What every job is asked: the same questions with the same numbers."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from clients import TIME_ZONE

WINDOW_DAYS = 14
HORIZON_DAYS = 30
LEG_GAP_SECONDS = 60
DAILY_CAP = 20
DAY = 86_400
FIRST_DAY, LAST_DAY = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
EPOCH = dt.date(1970, 1, 1)

FROM_DAY, UNTIL_DAY = (FIRST_DAY - EPOCH).days, (LAST_DAY - EPOCH).days
FROM_SECONDS = int(dt.datetime.combine(FIRST_DAY, dt.time(), ZoneInfo(TIME_ZONE)).timestamp())
UNTIL_SECONDS = int(dt.datetime.combine(LAST_DAY + dt.timedelta(days=1), dt.time(), ZoneInfo(TIME_ZONE)).timestamp())
