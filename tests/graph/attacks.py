"""Statements that a question must not get away with, by what they try; and values that must stay.

Each is legal for one of the two servers, or nearly: what is refused by one because it does not know
it may be what the other would do.
"""

WRITES = {
    "create": "CREATE (p:Patient {person_id: 'P-x'}) RETURN p",
    "create a relationship": "MATCH (p:Patient), (c:Card) CREATE (p)-[:HOLDS]->(c) RETURN 1 AS n",
    "insert": "INSERT (p:Patient {person_id: 'P-x'}) RETURN p",
    "set": "MATCH (p:Patient) SET p.known = false RETURN p",
    "set all": "MATCH (p:Patient) SET p = {person_id: 'P-x'} RETURN p",
    "set a label": "MATCH (p:Patient) SET p:Card RETURN p",
    "set by name": "MATCH (p:Patient) SET p[$name] = 1 RETURN p",
    "merge": "MERGE (p:Patient {person_id: 'P-x'}) ON CREATE SET p.known = true RETURN p",
    "delete": "MATCH (p:Patient) DETACH DELETE p",
    "delete nobody": "MATCH (p:Patient {person_id: 'nobody'}) DETACH DELETE p",
    "delete a relationship": "MATCH ()-[s:SWIPED_AT]->() DELETE s",
    "remove": "MATCH (p:Patient) REMOVE p.known RETURN p",
    "remove a label": "MATCH (p:Patient) REMOVE p:Patient RETURN p",
    "foreach": "MATCH (p:Patient) FOREACH (x IN [1] | SET p.known = false)",
    "foreach create": "FOREACH (x IN range(1, 10) | CREATE (:Patient {person_id: toString(x)}))",
    "in a subquery": "MATCH (p:Patient) CALL (p) { SET p.known = false } RETURN p",
    "in an old subquery": "CALL { CREATE (p:Patient {person_id: 'P-x'}) RETURN p } RETURN p",
    "in transactions": "MATCH (p:Patient) CALL (p) { DETACH DELETE p } IN TRANSACTIONS OF 1 ROW",
    "concurrent": "MATCH (p:Patient) CALL (p) { SET p.a = 1 } IN 2 CONCURRENT TRANSACTIONS",
    "in exists": "MATCH (p:Patient) WHERE EXISTS { CREATE (q:Patient) RETURN q } RETURN p",
    "in collect": "RETURN COLLECT { CREATE (q:Patient {person_id: 'P-x'}) RETURN 1 } AS n",
    "behind union": "RETURN 1 AS n UNION CREATE (p:Patient {person_id: 'P-x'}) RETURN 2 AS n",
    "behind a comment": "/* only reads */ MATCH (p) // RETURN p\nDETACH DELETE p",
    "behind a comment in a comment": "MATCH (p) /* a /* b */ DETACH DELETE p //*/ RETURN p",
    "behind a line end": "MATCH (p) // reads\rDETACH DELETE p",
    "behind a string": "MATCH (p) WHERE '\\\\' <> '' SET p.a = 'b' RETURN p",
    "behind back-ticks": "MATCH (`p``; RETURN 1`) DETACH DELETE `p``; RETURN 1`",
    "in capitals and small": "mAtCh (p:Patient) dEtAcH dElEtE p",
    "with an escape": "MATCH (p:Patient) \\u0044ETACH DELETE p",
    "with an escape in a comment": "MATCH (p) /* \\u002a/ DETACH DELETE p /* */ RETURN 1",
    "with an escape in a string": "RETURN '\\u0027 AS a CREATE (p:Patient) //'",
    "with a wide space": "MATCH (p:Patient)\u2003DETACH\u00a0DELETE\u3000p",
    "with wide letters": "MATCH (p:Patient) ＤＥＴＡＣＨ ＤＥＬＥＴＥ p",
    "with a hidden sign": "MATCH (p:Patient) DETACH\u200b DELETE p",
    "profile": "PROFILE MATCH (p:Patient) DETACH DELETE p",
    "with a prefix": "CYPHER 5 MATCH (p:Patient) DETACH DELETE p",
    "when": "MATCH (p:Patient) CALL (p) { WHEN true THEN { SET p.a = 1 } } RETURN p",
}

RULES = {
    "index": "CREATE INDEX extra FOR (p:Patient) ON (p.known)",
    "constraint": "CREATE CONSTRAINT extra FOR (p:Patient) REQUIRE p.known IS UNIQUE",
    "drop constraint": "DROP CONSTRAINT patient_key",
    "drop constraint if there": "DROP CONSTRAINT patient_key IF EXISTS",
    "drop index": "DROP INDEX patient_key IF EXISTS",
    "drop all": "CALL apoc.schema.assert({}, {})",
    "user": "CREATE USER extra SET PASSWORD 'long-enough' CHANGE NOT REQUIRED",
    "own password": "ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'long-enough'",
    "a password": "ALTER USER neo4j SET PASSWORD 'long-enough'",
    "drop user": "DROP USER neo4j",
    "drop the reader": "DROP USER reader IF EXISTS",
    "grant": "GRANT ROLE admin TO reader",
    "database": "CREATE DATABASE extra",
    "drop database": "DROP DATABASE neo4j",
    "stop database": "STOP DATABASE neo4j",
    "use another": "USE system SHOW USERS YIELD user RETURN user",
    "use another, and write": "USE neo4j CREATE (p:Patient {person_id: 'P-x'}) RETURN p",
    "end others": "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
}

REACHES = {
    "a file": "LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line",
    "a file with its header": "LOAD CSV WITH HEADERS FROM 'file:///etc/hostname' AS l RETURN l",
    "a file by its path": "LOAD CSV FROM '/etc/hostname' AS line RETURN line",
    "a file by parameter": "LOAD CSV FROM $file AS line RETURN line",
    "a file in a subquery": (
        "CALL { LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line } RETURN line"
    ),
    "an address": "LOAD CSV FROM 'http://127.0.0.1:9/x' AS line RETURN line",
    "a secure address": "LOAD CSV FROM 'https://localhost/x' AS line RETURN line",
    "an old address": "LOAD CSV FROM 'ftp://127.0.0.1/x' AS line RETURN line",
    "a jar": "LOAD CSV FROM 'jar:file:///tmp/x.jar!/x' AS line RETURN line",
    "a file by plug-in": "CALL apoc.load.json('file:///etc/hostname') YIELD value RETURN value",
    "an address by plug-in": "CALL apoc.load.json('http://127.0.0.1:9/') YIELD value RETURN value",
    "a script by plug-in": "CALL apoc.cypher.runFile('/etc/hostname')",
    "an export": "CALL apoc.export.csv.all('/tmp/out.csv', {})",
    "an export by the server": "EXPORT DATABASE file:///tmp/out.tgz",
    "an import by the server": "IMPORT DATABASE file:///etc/hostname",
    "a backup": "BACKUP DATABASE",
}

PROCEDURES = {
    "labels": "CALL db.labels()",
    "labels with a yield": "CALL db.labels() YIELD label RETURN label",
    "labels quoted": "CALL `db`.`labels`() YIELD label RETURN label",
    "settings": "CALL dbms.listConfig() YIELD name, value RETURN name, value",
    "queries": "CALL dbms.listQueries()",
    "components": "CALL dbms.components() YIELD name RETURN name",
    "users": "CALL dbms.security.listUsers()",
    "a new user": "CALL dbms.security.createUser('extra', 'long-enough', false)",
    "a new label": "CALL db.createLabel('Extra')",
    "a new property": "CALL db.createProperty('extra')",
    "caches": "CALL db.clearQueryCaches()",
    "a setting": "CALL dbms.setConfigValue('db.transaction.timeout', '0')",
    "written by plug-in": "CALL apoc.create.node(['Patient'], {a: 'x'}) YIELD node RETURN node",
    "written by procedure": "CALL merge.node(['Patient'], {a: 'x'}) YIELD node RETURN node",
    "merged by plug-in": (
        "MATCH (p:Patient) WITH collect(p) AS nodes CALL apoc.refactor.mergeNodes(nodes) "
        "YIELD node RETURN node"
    ),
    "merged by procedure": (
        "MATCH (p:Patient) WITH collect(p) AS nodes CALL refactor.mergeNodes(nodes) "
        "YIELD node RETURN node"
    ),
    "cloned by procedure": (
        "MATCH (p:Patient) WITH collect(p) AS nodes "
        "CALL refactor.cloneNodesWithRelationships(nodes) YIELD output RETURN output"
    ),
    "text by plug-in": "CALL apoc.cypher.doIt('CREATE (:Patient)', {}) YIELD value RETURN value",
    "text by procedure": "CALL cypher.doIt('CREATE (:Patient)', {}) YIELD value RETURN value",
    "text when": "CALL do.when(true, 'CREATE (:Patient)', '', {}) YIELD value RETURN value",
    "migration": "CALL db.migrateLegacyTemporals()",
    "an algorithm": "CALL algo.pagerank() YIELD node RETURN node",
    "sleep by plug-in": "CALL apoc.util.sleep(60000)",
    "sleep in an answer": "RETURN apoc.util.sleep(60000) AS n",
    "sleep by function": "RETURN util.sleep(60000) AS n",
}

LANGUAGES = {
    "two statements": "MATCH (p) RETURN p.person_id AS n; MATCH (p) DETACH DELETE p",
    "two with a line between": "RETURN 1 AS n;\n\nCREATE (:Patient {person_id: 'P-x'})",
    "sql": "SELECT FROM Patient",
    "sql delete": "DELETE FROM Patient",
    "sql drop": "DROP TYPE Patient UNSAFE",
    "sql in braces": "{sql} DELETE FROM Patient",
    "sql script": "{sqlscript} BEGIN; DELETE FROM Patient; COMMIT;",
    "javascript": "{js} java.lang.Runtime.getRuntime().exec('id')",
    "a function": "DEFINE FUNCTION x.y 'return 1' LANGUAGE js",
    "console": ":param x => 1",
    "show users": "SHOW USERS",
    "show settings": "SHOW SETTINGS YIELD name, value RETURN name, value",
    "show transactions": "SHOW TRANSACTIONS",
    "nothing": "",
}

# Values that would change a question if they became a part of its text, or bring a server down.
VALUES = {
    "quotes": "' OR 1 = 1 //",
    "double quotes": '" RETURN 1 //',
    "back-ticks": "`}) DETACH DELETE (p) //",
    "braces": "'}) DETACH DELETE p //",
    "dollars": "$person $$ ${person}",
    "cypher": "P-p1' MATCH (n) DETACH DELETE n WITH 1 AS x MATCH (p:Patient) WHERE p.person_id = '",
    "an escape": "\\u0027 MATCH (n) DETACH DELETE n //",
    "no letter": "\x01\x7f\u202e\ud7ff",
    "a comment": "*/ MATCH (n) DETACH DELETE n /*",
    "lines": "P-p1\n; MATCH (n) DETACH DELETE n;\r",
    "a long text": "x" * 1_000_000,
    "a list": ["P-p1"],
    "a huge list": [f"P-{number}" for number in range(200_000)],
    "a nested map": {"a": {"b": [{"c": {"d": ["'}) DETACH DELETE p //"]}}]}},
    "a map with a bad name": {"x`: 1}) DETACH DELETE p //": 1},
    "a number": 2**62,
    "no number": float("nan"),
    "a truth": True,
    "nothing": None,
}
