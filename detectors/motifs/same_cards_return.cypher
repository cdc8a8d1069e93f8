/*
title    = "The same cards return"
question = "Which {min_people} or more people came to one terminal within {window_seconds} seconds on {min_days} or more days, {min_share} % the same each time?"
honest   = "A dialysis shift, a clinic day, a care home, a works bus and the regulars of a village shop come as the same group; a stack of cards comes without its holders."
unknown  = "Only people seen at the terminal on {min_days} or more days are counted, so strangers in between change nothing. Where the terminal was not delivered, the clerk or the whole place stands for it. Places whose times are known only to the day are not looked at. Stays and charges reversed in full are left out."
subject  = { label = "Device", column = "device_id" }
identity = ["device_id", "begins"]
sources  = ["card pools of 10, 30, 40 and 105 cards in published cases: one stack carried to the counter again and again", "Broder 1997, resemblance of sets (Jaccard)"]

[members]
Device  = "device_id"
Patient = "person_ids"

[columns]
device_id  = "the terminal"
place_id   = "the place of that terminal, empty if it is not on record"
begins     = "when the window of the first such session begins (seconds since 1970-01-01 local)"
days       = "different days with a session of nearly the same people, the first included"
people     = "people of the first session (people)"
person_ids = "those people (pseudonyms)"
setl_ids   = "their settlements in all these sessions"

[params.window_seconds]
default = 1800
least   = 2
unit    = "seconds"
meaning = "length of a session's window; windows begin every half of it"

[params.min_people]
default = 5
least   = 2
unit    = "people"
meaning = "fewest people in a session"

[params.min_days]
default = 3
least   = 2
unit    = "days"
meaning = "fewest days on which a person, and the group, must come"

[params.min_share]
default = 60
least   = 1
unit    = "per cent"
meaning = "least share of people in both sessions among the people in either"
*/
MATCH (device:Device)
WHERE NOT EXISTS { (device)-[:INSTALLED_AT]->(known) WHERE known.day_precision }
CALL (device) {
  MATCH (device)<-[visit:VISITED]-(person:Patient)
  WHERE visit.days >= $min_days
  MATCH (person)-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(device)
  WHERE swipe.neighbour <= $window_seconds
  WITH person.person_id AS person_id, swipe.at * 2 / $window_seconds AS slot
  UNWIND [slot - 1, slot] AS session
  WITH session, collect(DISTINCT person_id) AS there
  WHERE size(there) >= $min_people
  WITH collect({session: session, size: size(there), there: there}) AS full
  CALL (full) {
    UNWIND full AS one
    WITH one.session AS session,
         [other IN full
          WHERE other.size * 100 >= $min_share * one.size
            AND one.size * 100 >= $min_share * other.size
            AND size([person_id IN one.there WHERE person_id IN other.there]) * (100 + $min_share)
                >= $min_share * (one.size + other.size) | other.session] AS again
    WHERE size(again) >= $min_days
    UNWIND again AS each
    WITH session, collect(each) AS alike,
         count(DISTINCT each * $window_seconds / 2 / 86400) AS days
    WHERE days >= $min_days
    WITH collect({session: session, days: days, alike: alike}) AS found
    WITH found, [group IN found | group.session] AS sessions
    UNWIND found AS first
    WITH first, sessions
    WHERE none(each IN first.alike WHERE each < first.session AND each IN sessions)
    RETURN first.session AS session, first.days AS days, first.alike AS alike
  }
  RETURN session * $window_seconds / 2 AS begins, days, alike,
         head([held IN full WHERE held.session = session | held.there]) AS person_ids
}
CALL (device, person_ids, alike) {
  UNWIND person_ids AS person_id
  MATCH (:Patient {person_id: person_id})-[:HOLDS]->(:Card)-[swipe:SWIPED_AT]->(device)
  WHERE swipe.neighbour <= $window_seconds
    AND any(session IN alike WHERE swipe.at * 2 / $window_seconds - session IN [0, 1])
  RETURN collect(DISTINCT swipe.setl_id) AS setl_ids
}
OPTIONAL MATCH (device)-[:INSTALLED_AT]->(place)
RETURN device.device_id AS device_id,
       place.place_id AS place_id,
       begins,
       days,
       size(person_ids) AS people,
       person_ids,
       setl_ids
ORDER BY days DESC, people DESC, device_id, begins
