import type { TestContext } from "vitest";

/** Mounting and playing other users is for root: skips a test elsewhere, with its reason; in CI that is a failure. */
export function needRoot(context: TestContext): void {
  if (process.getuid?.() === 0) return;
  const message = "this test needs root: run .ci/run";
  if (process.env["CI"] === "true") throw new Error(message);
  context.skip(message);
}
