import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Tests with real processes share a machine's two cores with everything else: docs/decisions/0006-one-retry-in-ci.md */
const retry = process.env["CI"] === "true" ? 1 : 0;

const colocated = ["drivers", "config", "gateway", "cloud-sync"];

/**
 * unit         pure code and real SQLite, beside its source, and the model of the sync; time is injected
 * integration  real sockets and real processes of this project; needs nothing but npm
 * peers        programs that are not ours (Debian packages): tests/peers says which
 * faults       kill, cut, fill, corrupt; some need root
 */
export default defineConfig({
  test: {
    pool: "forks",
    // An outcome is waited for until it is there; vitest's own second is too short on a machine that does something else.
    expect: { poll: { timeout: 60_000, interval: 25 } },
    // Many tests wait for devices and not for the processor: one more than the two cores of a small machine.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // Properties of two hundred runs take a second, and thirty on a machine that does ten other things.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          include: [
            ...colocated.map((folder) => `${folder}/**/*.test.{ts,tsx}`),
            "tests/architecture/*.test.ts",
            "tests/model/*.test.ts",
          ],
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          retry,
          include: ["tests/integration/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: "peers",
          retry,
          include: ["tests/peers/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: "faults",
          retry,
          include: ["tests/faults/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
