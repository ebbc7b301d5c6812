import { formatDuration } from "../../drivers/quantity.ts";
import type { Profile, ProfileLimit } from "../schema/profile.ts";
import { code, joined, table } from "./markdown.ts";

const signs = [
  ["above", ">"],
  ["atOrAbove", "≥"],
  ["below", "<"],
  ["atOrBelow", "≤"],
] as const;

/** docs/profiles.md: every storage profile that comes with the program, its limits and its duties. */
export function profilesPage(profiles: readonly Profile[]): string {
  const parts = joined([
    "# Storage profiles",
    `Made by ${code("npm run generate")} from \`config/profiles/\`. A location takes one with \`profile:\` ([alarms.md](alarms.md)); its limits become rules
\`<location>:<limit>\`. A file of the same form in \`profiles/\` beside the configuration is one of your own. Texts are in Chinese as well.`,
    ...profiles.flatMap(profileSection),
  ]);
  return `${parts}\n`;
}

function profileSection(profile: Profile): readonly string[] {
  const { profile: id, name, source, temperature, humidity } = profile;
  return [
    `## ${id}`,
    `${name.en} · ${name.zh}. Source: ${source}.`,
    table(
      ["limit", "alarm when", "for", "priority", "excursion", "message"],
      [...limitRows(temperature, "°C"), ...limitRows(humidity, "%"), ...switchRows(profile)],
    ),
    dutiesOf(profile),
  ];
}

function limitRows(limits: Profile["temperature"], unit: string): readonly string[][] {
  return Object.entries(limits).map(([id, limit]) => [
    code(id),
    `${comparison(limit, unit)}${limit.deadband === 0 ? "" : `, deadband ${limit.deadband}`}`,
    lasting(limit),
    limit.priority,
    limit.excursion ? "yes" : "",
    limit.message.en,
  ]);
}

function comparison(limit: ProfileLimit, unit: string): string {
  const found = signs.flatMap(([key, sign]) => {
    const value = limit[key];
    return value === undefined ? [] : [`${sign} ${value} ${unit}`];
  });
  return found.join(" or ");
}

function lasting({ onDelay, onDelayBuffered, total, within }: ProfileLimit): string {
  const span = (ms: number) => (ms === 0 ? "at once" : formatDuration(ms));
  if (total !== undefined) {
    const window = within === undefined ? "" : ` within ${formatDuration(within)}`;
    return `${formatDuration(total)} in all${window}`;
  }
  const buffered = onDelayBuffered === undefined || onDelayBuffered === onDelay;
  return buffered ? span(onDelay) : `${span(onDelay)}; buffered probe ${span(onDelayBuffered)}`;
}

function switchRows({ doorOpen, mainsLost, noData, fault }: Profile): readonly string[][] {
  const row = (id: string, when: string, ms: number, given: Said) => [
    code(id),
    when,
    formatDuration(ms),
    given.priority,
    "",
    given.message.en,
  ];
  return [
    ...(doorOpen === undefined ? [] : [row("door-open", "door open", doorOpen.onDelay, doorOpen)]),
    ...(mainsLost === undefined
      ? []
      : [row("mains-lost", "no mains", mainsLost.onDelay, mainsLost)]),
    ...(noData === undefined ? [] : [row("no-data", "no good value", noData.after, noData)]),
    ...(fault === undefined ? [] : [row("fault", "bad samples", fault.onDelay, fault)]),
  ];
}

type Said = Pick<ProfileLimit, "priority" | "message">;

function dutiesOf({ duties, mkt }: Profile): string {
  const time = (text: string, ms: number | undefined) =>
    ms === undefined ? [] : [`${text} ${formatDuration(ms)}`];
  const flag = (text: string, is: boolean) => (is ? [text] : []);
  const said = [
    ...time("a reading every", duties.refreshWithin),
    ...time("a record every", duties.recordEvery),
    ...time("outside every", duties.recordEveryOutside),
    ...(duties.smsReceivers === undefined ? [] : [`SMS to ${duties.smsReceivers} numbers`]),
    ...flag("light and sound at a second place", duties.secondPlace),
    ...flag("mains watched", duties.mains),
    ...time("its loss told within", duties.mainsWithin),
    ...flag("no correction by users", duties.noOffset),
    ...flag("no output that drives cooling", duties.noRefrigeration),
    ...flag("no link to acknowledge", duties.noAcknowledgeByLink),
    ...time("records kept for", duties.keepFor),
    ...time("calibration every", duties.calibrateEvery),
    ...(duties.probesByArea === undefined
      ? []
      : [`2 probes, one more per further ${duties.probesByArea === "cold" ? 100 : 300} m²`]),
  ];
  const mean =
    mkt === undefined
      ? ""
      : ` Mean kinetic temperature over ${formatDuration(mkt.window)} at most ${mkt.max} °C, coverage at least ${mkt.coverageMin * 100} %.`;
  return `Duties: ${said.join("; ")}.${mean}`;
}
