import { formatDuration } from "../../drivers/quantity.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import { keyPath } from "../rules-of.ts";
import type { AnnunciatorConfig } from "../schema/annunciator.ts";
import type { Config } from "../schema/config.ts";
import { type Watched, watchedLocations } from "./probes.ts";
import { settingsPath } from "./settings.ts";
import type { Subject } from "./subject.ts";

/** What a storage profile demands besides its limits: who is told, where it lights and sounds, what is kept, what nobody may do. */
export function checkDuties(subject: Subject): readonly Finding[] {
  const watched = watchedLocations(subject);
  return [
    ...watched.flatMap((where) => [
      ...smsFindings(where, subject.config),
      ...placeFindings(where, subject.config),
      ...mainsFindings(where, subject),
      ...offsetFindings(where, subject),
    ]),
    ...keepFindings(watched, subject.config),
    ...refrigerationFindings(watched, subject),
  ];
}

/** Distinct numbers that get a message of the location's critical alarms, at once or up the ladder. */
function smsNumbers(location: Watched["location"], config: Config): ReadonlySet<string> {
  const { notify, escalation, alarms } = config;
  const isSilent = location.notify.length === 0 && location.escalate === undefined;
  const ladder = escalation[location.escalate ?? (isSilent ? (alarms.escalate ?? "") : "")];
  const receivers = [
    ...location.notify,
    ...(ladder?.steps ?? []).flatMap((step) => [...step.notify]),
  ];
  return new Set(
    receivers.flatMap((id) => {
      const { sms = [], priorities } = notify[id] ?? {};
      return priorities?.includes("critical") === false ? [] : sms;
    }),
  );
}

function smsFindings({ id, location, profile }: Watched, config: Config): readonly Finding[] {
  const least = profile.duties.smsReceivers;
  const count = smsNumbers(location, config).size;
  if (least === undefined || count >= least) return [];
  const params = { profile: profile.profile, count, least };
  return [finding("duty/sms", ["locations", id, "notify"], params, { at: "key" })];
}

function placeFindings({ id, location, profile }: Watched, config: Config): readonly Finding[] {
  if (!profile.duties.secondPlace) return [];
  const shown = location.annunciate.flatMap((name) => config.annunciators[name] ?? []);
  return (["here", "second"] as const).flatMap((place) => {
    const there = shown.filter((annunciator) => annunciator.place === place);
    const lacks = [
      ...(there.some(hasLight) ? [] : ["light" as const]),
      ...(there.some(hasSound) ? [] : ["sound" as const]),
    ];
    if (lacks.length === 0) return [];
    const params = { profile: profile.profile, place, lacks };
    return [finding("duty/place", ["locations", id, "annunciate"], params, { at: "key" })];
  });
}

/** That shows a critical alarm. */
function hasLight({ red, lamp }: AnnunciatorConfig): boolean {
  return red !== undefined || lamp !== undefined;
}

function hasSound({ buzzer, siren }: AnnunciatorConfig): boolean {
  return buzzer !== undefined || siren !== undefined;
}

function mainsFindings({ id, location, profile }: Watched, subject: Subject): readonly Finding[] {
  const { mains, mainsWithin } = profile.duties;
  const params = { profile: profile.profile };
  const path = ["locations", id, "mains"];
  if (location.mains === undefined) {
    return mains ? [finding("duty/mains", path, params, { at: "key" })] : [];
  }
  const every = subject.points.get(location.mains)?.everyMs ?? 0;
  const takes = every + (profile.mainsLost?.onDelay ?? 0);
  if (mainsWithin === undefined || takes <= mainsWithin) return [];
  const times = { takes: formatDuration(takes), most: formatDuration(mainsWithin) };
  return [finding("duty/mains-late", path, { ...params, ...times, point: location.mains })];
}

function offsetFindings({ location, profile }: Watched, subject: Subject): readonly Finding[] {
  if (!profile.duties.noOffset) return [];
  const probes = [...(location.temperature ?? []), ...(location.humidity ?? [])];
  return probes.flatMap((point) => {
    const { gain = 1, offset = 0 } = subject.settings.get(point)?.calibration ?? {};
    if (gain === 1 && offset === 0) return [];
    const path = [...settingsPath(point, subject), "calibration"];
    return [finding("duty/offset", path, { profile: profile.profile, point }, { at: "key" })];
  });
}

function keepFindings(watched: readonly Watched[], { store }: Config): readonly Finding[] {
  const strictest = watched.reduce<Watched["profile"] | undefined>(
    (best, { profile }) =>
      (profile.duties.keepFor ?? 0) > (best?.duties.keepFor ?? 0) ? profile : best,
    undefined,
  );
  const least = strictest?.duties.keepFor ?? 0;
  if (strictest === undefined || store.recordsFor >= least) return [];
  const params = { given: formatDuration(store.recordsFor), least: formatDuration(least) };
  const path = ["store", "recordsFor"];
  return [finding("duty/keep-for", path, { ...params, profile: strictest.profile })];
}

const refrigeration =
  /compressor|cooling|chiller|hvac|air-?con|refriger|defrost|evaporator|压缩机|制冷|空调|冷机|化霜|除霜/i;

function refrigerationFindings(watched: readonly Watched[], subject: Subject): readonly Finding[] {
  const strict = watched.find(({ profile }) => profile.duties.noRefrigeration);
  if (strict === undefined) return [];
  const { profile } = strict.profile;
  return usedOutputs(subject).flatMap(({ key, path }) => {
    const name = subject.settings.get(key)?.name ?? "";
    if (!refrigeration.test(key) && !refrigeration.test(name)) return [];
    return [finding("duty/refrigeration", path, { profile, key })];
  });
}

function usedOutputs({ rules, config }: Subject) {
  const ofRules = rules.flatMap((rule) =>
    rule.config.outputs.map((key, index) => ({
      key,
      path: [...keyPath(rule, "outputs"), index] satisfies Path,
    })),
  );
  const ofAnnunciators = Object.entries(config.annunciators).flatMap(
    ([id, { name: _, place: _place, ...outputs }]) =>
      Object.entries(outputs).flatMap(([part, key]) =>
        key === undefined ? [] : [{ key, path: ["annunciators", id, part] satisfies Path }],
      ),
  );
  return [...ofRules, ...ofAnnunciators];
}
