import type { Finding } from "./problem.ts";

/** Of an unnamed gateway: a part of a configuration says nothing about it. */
const unnamed = { id: "gateway" };

/** Sections that a rule can name and that decide when it is violated. */
const deciding: ReadonlySet<unknown> = new Set(["rule", "schedule", "profile"]);

/** The values of a file without channels, with what every whole configuration has. */
export function completed(values: unknown): unknown {
  return typeof values === "object" && values !== null ? { gateway: unnamed, ...values } : values;
}

/**
 * Whether a finding is about when rules are violated. Which points, outputs and receivers there are
 * is only known of a whole configuration, and so is what a storage profile demands of them.
 */
export function isAboutConditions({ code, params }: Finding): boolean {
  if (code === "reference/name") return "kind" in params && deciding.has(params.kind);
  const [area] = code.split("/");
  return area === "rule" || area === "schedule";
}
