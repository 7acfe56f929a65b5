"""Has a Python that finds this first begin at another time: ``SOAK_CLOCK``, in seconds since 1970."""

import os

if "SOAK_CLOCK" in os.environ:
    import time_machine

    time_machine.travel(float(os.environ["SOAK_CLOCK"]), tick=True).start()
