"""The pictures of a ring: plain values in, an Altair chart out.

Colours keep one meaning on every page: vermilion speaks for a ring, blue against it, grey for
neither.
"""

FOR, AGAINST, NEUTRAL = "#D55E00", "#0072B2", "#8A8A8A"
AXIS = 60  # pixels below the rows that axis and title take
