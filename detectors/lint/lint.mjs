// Neo4j's own parser and semantic analysis over questions read from standard input as JSON:
// {"schema": {"labels", "relationshipTypes", "propertyKeys"},
//  "questions": [{"name", "text", "parameters"}]}. Answers a list of {name, version, line, message}.
import { readFileSync } from "node:fs";
import { lintCypherQuery } from "@neo4j-cypher/language-support";

const { schema, questions } = JSON.parse(readFileSync(0, "utf-8"));
const said = [];
for (const { name, text, parameters } of questions) {
  for (const version of ["5", "25"]) {
    const { diagnostics } = lintCypherQuery(`CYPHER ${version}\n${text}`, { ...schema, parameters });
    for (const { range, message } of diagnostics) {
      said.push({ name, version, line: range.start.line, message });
    }
  }
}
process.stdout.write(JSON.stringify(said));
