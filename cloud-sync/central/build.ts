import {
  type BuildOptions,
  type BuildResult,
  buildScreens,
  sharedSources,
} from "../../gateway/panel/build.ts";

const sources = [
  ...sharedSources,
  "cloud-sync/central/web/**/*.{ts,tsx,css,html,svg}",
  "cloud-sync/central/{build,quiet}.ts",
  "config/language/central.ts",
  "config/language/{central-alarms,central-down,central-commands,central-identity,central-groups}.ts",
  "cloud-sync/central/down/section-text.ts",
  "config/managed-sections.ts",
];

/** Central's page, into `dist/central`. */
export function buildCentral(options: BuildOptions = {}): Promise<BuildResult> {
  return buildScreens({ web: "cloud-sync/central/web", out: "dist/central", sources }, options);
}

if (import.meta.main) {
  const { dir, built } = await buildCentral({ force: process.argv.includes("--force") });
  console.log(`${dir}: ${built ? "built" : "up to date"}`);
}
