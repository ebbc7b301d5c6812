import type { Finding, Path } from "./problem.ts";

/** Leaves out what only follows from another finding: one mistake, one message. */
export function withoutEchoes(findings: readonly Finding[]): readonly Finding[] {
  const misread = pathsOf(findings, ["yaml/alias", "yaml/too-deep"]);
  const misplaced = pathsOf(findings, ["secret/misplaced"]);
  const misspelt = Map.groupBy(
    findings.filter(({ code }) => code === "schema/unknown-key"),
    ({ path }) => keyOf(path.slice(0, -1)),
  );
  return findings.filter((found) => {
    const here = keyOf(found.path);
    if (found.code === "secret/unknown") return !misplaced.has(here);
    if (found.code.startsWith("yaml/")) return true;
    // What stands where an alias could not be read is anybody's guess.
    if (misread.size > 0 && above(found.path).some((path) => misread.has(path))) return false;
    // "abvoe" is unknown, so "above" is missing, so the rule compares nothing.
    const slips = misspelt.get(here) ?? [];
    if (found.code === "rule/no-condition") return slips.length === 0;
    return found.code !== "schema/missing" || !slips.some((slip) => suggests(slip, found));
  });
}

function pathsOf(findings: readonly Finding[], codes: readonly Finding["code"][]) {
  return new Set(
    findings.filter(({ code }) => codes.includes(code)).map(({ path }) => keyOf(path)),
  );
}

function above(path: Path): readonly string[] {
  return [...path.keys(), path.length].map((depth) => keyOf(path.slice(0, depth)));
}

function keyOf(path: Path): string {
  return path.join("\0");
}

function suggests(slip: Finding, missing: Finding): boolean {
  const { suggestion } = { suggestion: undefined, ...slip.params };
  const { key } = { key: undefined, ...missing.params };
  return suggestion === key;
}
