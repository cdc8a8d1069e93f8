"""What is near what: rows that the graph holds so that a question need not look at everything.

Each query is worked out once, set-based, for the derivations in :mod:`graph.rows`; the schema says
what each column means. They follow from the swipes and signatures alone and add no fact.
"""

# Seconds from each settlement to the nearest of another party at the same spot, before or after it:
# in the order of time the nearest one ends the stretch before one's own or begins the one after it.
NEAREST = """
    WITH marked AS (
        SELECT setl_id, {spot} AS spot, {party} AS party, seconds(setl_time) AS "at",
               coalesce({party} <> lag({party}) OVER turn, true)::INT AS other
        FROM {table}
        WINDOW turn AS (PARTITION BY {spot} ORDER BY seconds(setl_time), {party}, setl_id)),
    stretched AS (
        SELECT *, sum(other) OVER (PARTITION BY spot ORDER BY "at", party, setl_id
                                   ROWS UNBOUNDED PRECEDING) AS stretch
        FROM marked),
    ends AS (
        SELECT spot, stretch,
               lag(max("at")) OVER (PARTITION BY spot ORDER BY stretch) AS before,
               lead(min("at")) OVER (PARTITION BY spot ORDER BY stretch) AS after
        FROM stretched GROUP BY spot, stretch)
    SELECT setl_id, min(least("at" - before, after - "at")) AS seconds
    FROM stretched JOIN ends USING (spot, stretch) GROUP BY setl_id
"""

# Queries by the name of their table, in the order in which they need each other.
NEAR = {
    # Each swipe beside everybody who holds the card; stays and what was reversed are left out.
    "entry": """
        SELECT held.person_id, s.card_id, s.setl_id, s.setl_time, s.day, s.device_id,
               s.fixmedins_code AS place_id
        FROM settled AS s JOIN (SELECT DISTINCT person_id, card_id FROM settled) AS held
             USING (card_id)
        WHERE s.online AND NOT s.refunded AND s.med_class <> 'inpatient'
    """,
    "neighbour": f"""
        {NEAREST.format(table="entry", spot="place_id", party="person_id")}
    """,
    "clerk_gap": f"""
        {
        NEAREST.format(
            table="(FROM settled WHERE online AND NOT refunded AND opter_id IS NOT NULL)",
            spot="opter_id",
            party="device_id",
        )
    }
    """,
    "clerk_day": """
        SELECT opter_id, day, count(DISTINCT device_id) AS clerk_terminals
        FROM settled WHERE online AND NOT refunded AND opter_id IS NOT NULL
        GROUP BY opter_id, day
    """,
    "signed_gap": """
        WITH marked AS (
            SELECT setl_id, dr_code, person_id, setl_time,
                   coalesce(person_id <> lag(person_id) OVER turn, true)::INT AS other
            FROM settled WHERE dr_code IS NOT NULL AND NOT refunded
            WINDOW turn AS (PARTITION BY dr_code ORDER BY setl_time, person_id, setl_id)),
        stretched AS (
            SELECT *, sum(other) OVER (PARTITION BY dr_code ORDER BY setl_time, person_id, setl_id
                                       ROWS UNBOUNDED PRECEDING) AS stretch
            FROM marked),
        ends AS (
            SELECT dr_code, stretch,
                   lag(max(setl_time)) OVER (PARTITION BY dr_code ORDER BY stretch) AS before
            FROM stretched GROUP BY dr_code, stretch)
        SELECT setl_id, seconds(setl_time) - seconds(before) AS gap
        FROM stretched JOIN ends USING (dr_code, stretch)
    """,
    "under": """
        WITH held AS (SELECT DISTINCT person_id, card_id FROM settled),
             rung AS (SELECT opter_id, card_id, day FROM settled
                      WHERE online AND NOT refunded AND opter_id IS NOT NULL),
             often AS (SELECT opter_id, held.person_id, count(DISTINCT day) AS days
                       FROM rung JOIN held USING (card_id) GROUP BY ALL)
        SELECT opter_id, card_id, max(days) AS holder_days
        FROM often JOIN held USING (person_id) GROUP BY opter_id, card_id
    """,
    "usual": """
        WITH days AS (SELECT person_id, place_id, count(DISTINCT day) AS n
                      FROM entry GROUP BY ALL),
             most AS (SELECT person_id, min_by(place_id, (-n, place_id)) AS usual_place
                      FROM days GROUP BY person_id),
             two AS (SELECT person_id, count(*) AS double_days
                     FROM (SELECT person_id, day FROM entry
                           GROUP BY ALL HAVING count(DISTINCT place_id) > 1)
                     GROUP BY person_id),
             stood AS (SELECT DISTINCT person_id, day, place_id, radians(lnt) AS x,
                              radians(lat) AS y
                       FROM entry JOIN providers ON fixmedins_code = place_id),
             way AS (SELECT person_id, ceil(max(2 * 6371 * asin(sqrt(
                                sin((b.y - a.y) / 2) ** 2
                                + cos(a.y) * cos(b.y) * sin((b.x - a.x) / 2) ** 2))))::BIGINT
                            AS day_kilometres
                     FROM stood AS a JOIN stood AS b USING (person_id, day)
                     WHERE a.place_id < b.place_id GROUP BY person_id)
        SELECT person_id, usual_place, coalesce(double_days, 0) AS double_days, day_kilometres
        FROM most LEFT JOIN two USING (person_id) LEFT JOIN way USING (person_id)
    """,
    "hours": """
        SELECT fixmedins_code AS place_id,
               quantile_disc(seconds(setl_time) % 86400, 0.01) AS opens,
               quantile_disc(seconds(setl_time) % 86400, 0.99) AS closes
        FROM settled WHERE online AND NOT refunded AND med_class <> 'inpatient'
        GROUP BY fixmedins_code
    """,
}
