import { issueFindings } from "./issue.ts";
import { keysAt, profileJsonSchema } from "./json-schema.ts";
import { type Finding, finding, type Path } from "./problem.ts";
import { isId } from "./schema/config.ts";
import type { LocationConfig } from "./schema/location.ts";
import { type Profile, type ProfileLimit, profileSchema } from "./schema/profile.ts";
import { suggest } from "./suggest.ts";
import type { TemplateFile, TemplateFolder } from "./template.ts";
import { placeOf, plain } from "./tree.ts";

/** Profiles are files as templates are. */
export type ProfileFolder = TemplateFolder;

export interface UsedProfiles {
  /** Those that are named and right, by name. */
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly findings: readonly Finding[];
}

/** The profiles that locations name, and what is wrong with the names and with their files. */
export function usedProfiles(
  locations: Readonly<Record<string, LocationConfig>>,
  folder: ProfileFolder,
): UsedProfiles {
  const profiles = new Map<string, Profile>();
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [location, { profile: id }] of Object.entries(locations)) {
    if (id === undefined || seen.has(id)) continue;
    const file = isId(id) ? folder.find(id) : undefined;
    if (file === undefined) {
      const known = folder.known();
      const params = { id, suggestion: suggest(id, known), known };
      findings.push(finding("profile/unknown", ["locations", location, "profile"], params));
      continue;
    }
    seen.add(id);
    const read = readProfile(file, id);
    findings.push(...read.findings);
    if (read.profile !== undefined) profiles.set(id, read.profile);
  }
  return { profiles: Object.fromEntries(profiles), findings };
}

/** One profile's file; undefined profile: there is an error among the findings, each of which has its place. */
export function readProfile(
  { tree, findings }: TemplateFile,
  id: string,
): { readonly profile: Profile | undefined; readonly findings: readonly Finding[] } {
  if (tree === undefined || findings.some(({ severity }) => severity === "error")) {
    return { profile: undefined, findings };
  }
  const placed = (found: Finding): Finding => ({
    ...found,
    place: found.place ?? placeOf(tree, found.path, found.at),
  });
  const checked = profileSchema.safeParse(plain(tree));
  if (!checked.success) {
    const schema = profileJsonSchema();
    const issues = issueFindings(checked.error.issues, tree, [], (path) => keysAt(schema, path));
    return { profile: undefined, findings: [...findings, ...issues.map(placed)] };
  }
  const wrong = [...nameFindings(checked.data, id), ...limitsFindings(checked.data)].map(placed);
  const profile = wrong.length === 0 ? checked.data : undefined;
  return { profile, findings: [...findings, ...wrong] };
}

function nameFindings({ profile }: Profile, id: string): readonly Finding[] {
  return profile === id ? [] : [finding("profile/name", ["profile"], { got: profile, id })];
}

const limitKeys = ["above", "atOrAbove", "below", "atOrBelow"] as const;
/** Ids of the rules that a profile has besides its limits. */
const reserved = ["door-open", "mains-lost", "no-data", "fault", "mkt"];

function limitsFindings({ temperature, humidity }: Profile): readonly Finding[] {
  return Object.entries({ temperature, humidity }).flatMap(([section, limits]) =>
    Object.entries(limits).flatMap(([name, limit]) => [
      ...limitFindings(limit, [section, name]),
      ...(reserved.includes(name) || (section === "humidity" && temperature[name] !== undefined)
        ? [finding("profile/limit-name", [section, name], { name }, { at: "key" })]
        : []),
    ]),
  );
}

function limitFindings(limit: ProfileLimit, path: Path): readonly Finding[] {
  const keys = limitKeys.filter((key) => limit[key] !== undefined);
  const [first, second] = keys;
  if (first === undefined) return [finding("profile/no-limit", path, {}, { at: "key" })];
  if (second !== undefined) {
    return [finding("rule/two-conditions", [...path, second], { keys }, { at: "key" })];
  }
  if (limit.within === undefined) return [];
  const at = [...path, "within"];
  if (limit.total === undefined) {
    return [finding("rule/key-needs", at, { key: "within", needs: ["total"] }, { at: "key" })];
  }
  if (limit.total <= limit.within) return [];
  return [finding("rule/total-within", [...path, "total"], {})];
}
