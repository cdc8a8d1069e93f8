"""What a query says outside comments, strings and quoted names; what it may not say."""

import pytest

from detectors.cypher import faults, parameters

READS = [
    "MATCH (n) RETURN n",
    "OPTIONAL MATCH (n) RETURN n",
    "// CREATE (n)\nMATCH (n) /* DELETE n; */ RETURN 'SET' AS a, \"DROP\" AS b, n.`MERGE` AS c",
    "MATCH (n) RETURN 'it\\'s; CREATE' AS a, \"a \\\" DELETE\" AS b",
    "MATCH (`a``; CREATE`) RETURN 1",
    "MATCH (n) WHERE n.created > 1 AND n.offset = 2 RETURN n.settled",
    "MATCH (n) CALL (n) { MATCH (n)-->(m) RETURN m } RETURN m",
    "call () { return 1 as a } return a",
    "RETURN date.truncate('day', $at), duration.inDays($a, $b), point.distance($a, $b)",
    "MATCH p = shortestPath((a)-[*..4]-(b)) WHERE a.x IN (['y']) RETURN p",
    "RETURN 1.5e3 AS a, 0x1F AS b",
    "MATCH (n:`标签`) RETURN n.名称 AS 名称",
]


@pytest.mark.parametrize("query", READS)
def test_a_question_that_reads_is_allowed(query: str) -> None:
    assert faults(query) == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("CREATE (n) RETURN n", "CREATE is not allowed"),
        ("MATCH (n) MERGE (m) RETURN m", "MERGE is not allowed"),
        ("MATCH (n) sEt n.x = 1", "SET is not allowed"),
        ("MATCH (n) REMOVE n.x", "REMOVE is not allowed"),
        ("MATCH (n) DETACH DELETE n", "DELETE is not allowed"),
        ("MATCH (n) FOREACH (x IN [1] | CREATE (:A))", "FOREACH is not allowed"),
        ("MATCH (n) INSERT (m) RETURN 1", "INSERT is not allowed"),
        ("MATCH (n)\nRETURN n.set", "line 2 of the query: SET is not allowed"),
        ("MATCH (n) WITH n LIMIT 1.SET n.x = 1", "SET is not allowed"),
        ("MATCH (n) RETURN '\\\\' SET n.x = '' //'", "SET is not allowed"),
        ("MATCH (n) /* a /* b */ DELETE n //*/", "DELETE is not allowed"),
        ("MATCH (n) // a\rDELETE n", "DELETE is not allowed"),
        ("MATCH (n) RETURN `a`` DELETE n", "a quoted name is not closed"),
        ("CALL (n) { RETURN 1 AS a } IN TRANSACTIONS RETURN a", "TRANSACTIONS is not allowed"),
        ("LOAD CSV FROM 'file:///x' AS row RETURN row", "LOAD is not allowed"),
        ("MATCH (n) CALL db.labels() YIELD label RETURN label", "no procedure"),
        ("MATCH (n) CALL `db`.`labels`() YIELD label RETURN label", "no procedure"),
        ("MATCH (n) CALL { RETURN 1 AS a } RETURN a", "no procedure"),
        ("RETURN apoc.text.clean('x')", "'apoc.' begins a plug-in function"),
        ("RETURN apoc.`text` . clean ('x')", "'apoc.' begins a plug-in function"),
        ("RETURN `apoc`.x('y')", "begins a plug-in function"),
        ("RETURN a.`b`('y')", "begins a plug-in function"),
        ("MATCH (n) RETURN n; MATCH (m) RETURN m", "one statement"),
        ("MATCH (n) RETURN n;", "one statement"),
        ("MATCH p = SHORTEST 1 (a)--(b) RETURN p", "shortestPath()"),
        ("MATCH (n) RETURN elementId(n)", "ELEMENTID is not allowed"),
        ("EXPLAIN MATCH (n) RETURN n", "it must begin with one of"),
        ("CYPHER 5 MATCH (n) RETURN n", "it must begin with one of"),
        ("SHOW USERS", "it must begin with one of"),
        ("", "it must begin with one of"),
        ("MATCH (n) \\u0044ELETE n", "\\u escape"),
        ("RETURN '\\U0027 CREATE (n)'", "\\u escape"),
        ("RETURN $`name`", "write a parameter as $name"),
        ("RETURN 'open", "a string is not closed"),
        ('RETURN "open', "a string is not closed"),
        ("RETURN 1 /* open", "a comment is not closed"),
    ],
)
def test_a_query_that_does_more_than_ask_is_refused(query: str, says: str) -> None:
    assert any(says in fault for fault in faults(query)), faults(query)


def test_a_parameter_counts_where_it_is_used_and_nowhere_else() -> None:
    query = "MATCH (n {a: $a}) // $b\nWHERE n.x = '$c' AND n.`$d` = \"$e\" /* $f */ RETURN $g_1+$甲"
    assert parameters(query) == {"a", "g_1", "甲"}
