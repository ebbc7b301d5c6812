import { defineConfig } from "vitest/config";

const colocated = ["drivers", "config", "gateway", "cloud-sync"];

/**
 * unit         pure code and real SQLite, beside its source; time is injected
 * integration  real sockets and real processes of this project; needs nothing but npm
 * peers        programs that are not ours (Debian packages): tests/peers says which
 * faults       kill, cut, fill, corrupt; some need root
 */
export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            ...colocated.map((folder) => `${folder}/**/*.test.{ts,tsx}`),
            "tests/architecture/*.test.ts",
          ],
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "peers",
          include: ["tests/peers/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "faults",
          include: ["tests/faults/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
