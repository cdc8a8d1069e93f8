// Bundle src/canvas.js into ringfence_canvas/build, with the licences of what goes in, and record
// the digest of everything the bundle was made from. The same sources and lock give the same bytes.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const home = dirname(fileURLToPath(import.meta.url)), module = join(home, "..", "ringfence_canvas");
const out = process.argv[2] ?? join(module, "build");
const sha = bytes => createHash("sha256").update(bytes).digest("hex");

const result = await build({
  entryPoints: [join(home, "src", "canvas.js")], bundle: true, format: "esm", minify: true, target: "es2022",
  charset: "utf8", legalComments: "none", metafile: true, write: false, absWorkingDir: home,
});
const bundle = result.outputFiles[0].contents;

const packages = [...new Set(Object.keys(result.metafile.inputs).flatMap(path => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []))].sort();
const licences = packages.map(name => {
  const folder = join(home, "node_modules", name), { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find(each => /^licen[cs]e/i.test(each));
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}).join(`\n${"-".repeat(80)}\n\n`);

const inputs = ["package.json", "package-lock.json", "build.mjs", ...readdirSync(join(home, "src")).sort().map(each => `src/${each}`)];
const sources = Object.fromEntries([...inputs.map(each => [`canvas/${each}`, sha(readFileSync(join(home, each)))]), ["ringfence_canvas/types.json", sha(readFileSync(join(module, "types.json")))]]);
writeFileSync(join(out, "index.js"), bundle);
writeFileSync(join(out, "LICENSES.txt"), licences);
writeFileSync(join(out, "made-from.json"), JSON.stringify({ sources, bundle: sha(bundle), licences: sha(Buffer.from(licences)) }, null, 2) + "\n");
console.log(`${join(out, "index.js")}: ${bundle.length} bytes, of ${packages.join(", ")}`);
