import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { verifyTrail } from "../../gateway/audit/verify.ts";
import { readTrail } from "../../gateway/store/audit-file.ts";
import { AlarmSite } from "../support/alarm-site.ts";
import { type Story, stories, storyPlace } from "../support/alarm-stories.ts";
import { noise } from "../support/noise.ts";
import { storedEvents } from "../support/store-events.ts";

/** `RACKWATCH_KILLS=200 RACKWATCH_SEED=7 npx vitest run --project faults alarms-kill`; fewer when nobody asks. */
const kills = Number(process.env["RACKWATCH_KILLS"] ?? 10);
const seed = Number(process.env["RACKWATCH_SEED"] ?? 2_026);

/** A killed gateway's life, longest, from the moment it runs. */
const lifeMsMax = 2_500;

/** Every fifth is killed before it runs, at the latest this long behind its start. */
const birthMsMax = 1_200;

interface Played {
  /** By rule: how often its story was told. */
  readonly rounds: ReadonlyMap<string, number>;
  /** By rule: `from>to cause by`, in the order of the record. */
  readonly transitions: ReadonlyMap<string, readonly string[]>;
  /** `receiver kind rule`, sorted; messages with one idempotency key count once. */
  readonly told: readonly string[];
  readonly repeated: number;
  readonly acts: number;
}

/** Plays all stories at once, again and again until `enough`. */
async function play(site: AlarmSite, enough: () => boolean): Promise<ReadonlyMap<string, number>> {
  const rounds = new Map<string, number>();
  const tell = async (story: Story) => {
    do {
      await story.play(site);
      rounds.set(story.rule, (rounds.get(story.rule) ?? 0) + 1);
    } while (!enough());
  };
  await Promise.all(stories.map(tell));
  return rounds;
}

async function result(site: AlarmSite, rounds: ReadonlyMap<string, number>): Promise<Played> {
  await site.delivered();
  await site.killGateway("SIGTERM");
  const events = storedEvents(site.rig.dataDir).filter(({ kind }) => kind === "alarm");
  const bodies = events.map(({ body }) => body);
  const transitions = Map.groupBy(bodies, ({ rule }) => String(rule));
  expectActs(site, bodies);
  expectTimers(bodies);
  expectTrail(site);
  const { arrived } = site.receiver;
  const once = new Map(arrived.map((one) => [one.id, one]));
  return {
    rounds,
    transitions: new Map(
      [...transitions].map(([rule, all]) => [
        rule,
        all.map(({ from, to, cause, by = "" }) => `${from}>${to} ${cause} ${by}`.trim()),
      ]),
    ),
    // Notices are of the start and its clock, not of alarms.
    told: [...once.values()]
      .filter(({ kind }) => kind !== "notice")
      .map(({ receiver, kind, alarm }) => `${receiver} ${kind} ${alarm?.split("#")[0]}`)
      .sort(),
    repeated: arrived.length - once.size,
    acts: site.done.length,
  };
}

const causes: Readonly<Record<string, string>> = {
  acknowledge: "acknowledged",
  reset: "reset",
  shelve: "shelved",
  "out-of-service": "out-of-service",
  "return-to-service": "return-to-service",
};

/** What was answered 200 is on record, as often as it was answered. */
function expectActs({ done }: AlarmSite, bodies: readonly Readonly<Record<string, unknown>>[]) {
  const nameOf = (alarm: string, cause: string) =>
    `${alarm.includes("#") ? alarm : `${alarm}#`} ${cause}`;
  const count = (names: readonly string[], name: string) =>
    names.filter((one) => one === name).length;
  const answered = done.map(({ alarm, verb }) => nameOf(alarm, causes[verb] ?? verb));
  const recorded = bodies.flatMap(({ alarm, rule, cause, by }) =>
    by === undefined ? [] : [nameOf(String(alarm), String(cause)), nameOf(`${rule}`, `${cause}`)],
  );
  for (const name of new Set(answered)) {
    expect(count(recorded, name), name).toBeGreaterThanOrEqual(count(answered, name));
  }
}

/** No timer fires before its time, whoever was killed in between. */
function expectTimers(bodies: readonly Readonly<Record<string, unknown>>[]): void {
  for (const { rule, timers } of stories) {
    const own = bodies.filter((body) => body["rule"] === rule);
    for (const { from, to, ms } of timers) {
      let beganAt = Number.NaN;
      for (const { cause, at } of own) {
        if (cause === from) beganAt = Number(at);
        if (cause === to) expect(Number(at) - beganAt, `${rule} ${to}`).toBeGreaterThan(ms - 20);
      }
    }
  }
}

function expectTrail({ rig }: AlarmSite): void {
  using trail = readTrail(rig.dataDir);
  expect(verifyTrail(trail).ok).toBe(true);
}

async function undisturbed(): Promise<Played> {
  await using site = await AlarmSite.open(storyPlace());
  await site.begin();
  return await result(site, await play(site, () => true));
}

async function disturbed(): Promise<Played> {
  await using site = await AlarmSite.open(storyPlace());
  await site.begin();
  let killed = 0;
  const random = noise(seed);
  const killing = async () => {
    while (killed < kills) {
      const isBorn = killed % 5 !== 4;
      // On a busy machine a start lasts longer than most lives, and nothing would ever happen.
      if (killed % 5 < 2) await site.live();
      await sleep(random() * (isBorn ? lifeMsMax : birthMsMax));
      await site.killGateway();
      killed += 1;
      if (killed % 7 === 0) {
        await site.killSync();
        site.startSync();
      }
      // The next one is killed before it runs.
      if (killed % 5 === 4 && killed < kills) site.spawnGateway().stdout?.resume();
      else await site.start();
    }
  };
  const [rounds] = await Promise.all([play(site, () => killed >= kills), killing()]);
  return await result(site, rounds);
}

test(`${kills} kills at random moments of a scripted day change nothing but times (seed ${seed})`, async () => {
  const [calm, hit] = await Promise.all([undisturbed(), disturbed()]);
  const again = (once: readonly string[], rule: string) =>
    Array.from({ length: hit.rounds.get(rule) ?? 0 }, () => once).flat();
  for (const { rule } of stories) {
    const once = calm.transitions.get(rule) ?? [];
    expect(once.length, rule).toBeGreaterThan(1);
    expect(hit.transitions.get(rule), rule).toEqual(again(once, rule));
  }
  expect([...hit.transitions.keys()].sort()).toEqual([...calm.transitions.keys()].sort());
  const expected = calm.told.flatMap((told) => again([told], told.split(" ")[2] ?? ""));
  expect(hit.told).toEqual(expected.sort());
  expect(calm.repeated).toBe(0);
  const rounds = [...hit.rounds.values()].reduce((sum, one) => sum + one, 0);
  const transitions = [...hit.transitions.values()].flat().length;
  console.log(
    JSON.stringify({
      kills,
      seed,
      rounds,
      transitions,
      acts: hit.acts,
      told: hit.told.length,
      repeated: hit.repeated,
    }),
  );
}, 1_500_000);
