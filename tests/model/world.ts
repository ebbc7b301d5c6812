import {
  type Agent,
  type Cursors,
  choose,
  cursor,
  giveUp,
  newAgent,
  receive,
  send,
} from "./agent.ts";
import { type Central, handle, newCentral } from "./central.ts";
import {
  type Clocks,
  commit,
  type Disk,
  damage,
  drop,
  head,
  markNow,
  newClocks,
  newDisk,
  prune,
  rebirth,
  renew,
  thin,
} from "./gateway.ts";
import { copy, type Network, newNetwork, take } from "./network.ts";
import { type Lane, lanes, type Request, type Row, type Rules } from "./words.ts";

/** One machine with a gateway and its agent. */
export interface Site {
  readonly machine: number;
  disk: Disk;
  cursors: Cursors;
  agent: Agent;
  clocks: Clocks;
}

/** What really happened, for the judge. */
export interface Truth {
  /** When each content was, and in which lane. */
  readonly contents: { readonly lane: Lane; readonly at: number; readonly boot: number }[];
  /** Highest mark that central ever had. */
  readonly marks: Record<string, number>;
  /** What each agent sent, and whether both lanes had something to send; a start is told too. */
  readonly sends: {
    readonly site: number;
    readonly lane: Lane | "start";
    readonly both: boolean;
  }[];
}

/** Everything, as plain data. */
export interface World {
  now: number;
  epochs: number;
  boots: number;
  letters: number;
  sites: Site[];
  central: Central;
  network: Network;
  /** What central answered to but has not committed: never, unless the rule is broken. */
  uncommitted: Central | undefined;
  backups: { central?: Central; disk?: Disk };
  truth: Truth;
}

export const actions = [
  "record event",
  "record sample",
  "record poison",
  "ask",
  "ask one",
  "deliver",
  "copy request",
  "drop request",
  "arrive",
  "copy reply",
  "drop reply",
  "give up",
  "exchange",
  "kill agent",
  "lose cursor.db",
  "prune",
  "drop sample",
  "thin",
  "damage",
  "corrupt",
  "back up gateway",
  "restore gateway",
  "clone",
  "kill central",
  "back up central",
  "restore central",
  "reboot",
  "set clock",
  "step clock",
  "wait",
] as const;
export type Action = (typeof actions)[number];

export interface Command {
  readonly do: Action;
  /** Which machine, which letter, how many or how far, as the action needs. */
  readonly n: number;
}

export function newWorld(): World {
  const truth: Truth = { contents: [], marks: {}, sends: [] };
  return {
    now: 1_000,
    epochs: 1,
    boots: 1,
    letters: 0,
    sites: [
      {
        machine: 1,
        disk: newDisk("e1", 1),
        cursors: {},
        agent: newAgent(),
        clocks: newClocks(1, 1_000, 0),
      },
    ],
    central: newCentral(),
    network: newNetwork(),
    uncommitted: undefined,
    backups: {},
    truth,
  };
}

export const copied = <T>(it: T): T => structuredClone(it);

/** One small step. False when it could not be taken there, and nothing happened. */
export function act(world: World, { do: what, n }: Command, rules: Rules): boolean {
  const index = n % world.sites.length;
  const site = world.sites[index];
  if (site === undefined) return false;
  const rest = Math.floor(n / world.sites.length);
  world.now += 1;
  switch (what) {
    case "record event":
      return record(world, site, "events", rules);
    case "record sample":
      return record(world, site, "samples", rules);
    case "record poison":
      return record(world, site, rest % 2 === 0 ? "samples" : "events", rules, {
        poison: rest % 3 === 0 ? "refuse" : "reject",
      });
    case "ask":
      return ask(world, index, 1_000, rules) !== undefined;
    case "ask one":
      return ask(world, index, 1, rules) !== undefined;
    case "exchange":
      return exchange(world, index, rules);
    case "give up":
      if (site.agent.waiting === undefined) return false;
      giveUp(site.agent);
      return true;
    case "kill agent":
      restart(world, site);
      return true;
    case "lose cursor.db":
      site.cursors = {};
      restart(world, site);
      return true;
    case "wait":
      world.now += n;
      return true;
    default:
      return (
        onNetwork(world, what, n, rules) ??
        onDisk(world, site, what, rest, rules) ??
        onCentral(world, what) ??
        onClock(world, site, what, rest, rules) ??
        false
      );
  }
}

function restart({ sites, truth }: World, site: Site): void {
  site.agent = newAgent();
  truth.sends.push({ site: sites.indexOf(site), lane: "start", both: false });
}

function onNetwork(world: World, what: Action, n: number, rules: Rules): boolean | undefined {
  const { requests, replies } = world.network;
  switch (what) {
    case "deliver": {
      const letter = take(requests, n);
      if (letter !== undefined) deliver(world, letter, rules);
      return letter !== undefined;
    }
    case "arrive": {
      const letter = take(replies, n);
      const site = world.sites[letter?.site ?? -1];
      if (letter === undefined || site === undefined) return false;
      receive(site.agent, site.disk, site.cursors, letter.body, rules);
      return true;
    }
    case "copy request":
      return copy(requests, n);
    case "copy reply":
      return copy(replies, n);
    case "drop request":
      return take(requests, n) !== undefined;
    case "drop reply":
      return take(replies, n) !== undefined;
    default:
      return undefined;
  }
}

function onDisk(
  world: World,
  site: Site,
  what: Action,
  n: number,
  rules: Rules,
): boolean | undefined {
  const { disk, cursors } = site;
  const confirmed = (lane: Lane): number => cursor(cursors, disk.epoch, lane);
  switch (what) {
    case "prune":
      return lanes.map((lane) => prune(disk, lane, confirmed(lane))).includes(true);
    case "drop sample":
      return drop(disk);
    case "thin":
      return thin(disk, confirmed("samples"));
    case "damage":
      return damage(disk, n % 3 === 0 ? "events" : "samples", n);
    case "corrupt":
      site.disk = rebirth(disk, nextEpoch(world, disk, rules));
      return true;
    case "back up gateway":
      world.backups.disk = copied(disk);
      return true;
    case "restore gateway": {
      const backup = world.backups.disk;
      if (backup === undefined) return false;
      site.disk = copied(backup);
      renew(site.disk, nextEpoch(world, backup, rules), site.machine, disk);
      restart(world, site);
      return true;
    }
    case "clone":
      if (world.sites.length > 2) return false;
      cloneSite(world, site, rules);
      return true;
    default:
      return undefined;
  }
}

function onCentral(world: World, what: Action): boolean | undefined {
  switch (what) {
    case "kill central":
      world.uncommitted = undefined;
      return true;
    case "back up central":
      world.backups.central = copied(world.central);
      return true;
    case "restore central":
      if (world.backups.central === undefined) return false;
      world.central = copied(world.backups.central);
      world.uncommitted = undefined;
      return true;
    default:
      return undefined;
  }
}

function onClock(
  world: World,
  site: Site,
  what: Action,
  n: number,
  rules: Rules,
): boolean | undefined {
  const { clocks } = site;
  switch (what) {
    case "reboot":
      world.boots += 1;
      // Without a clock that runs on, each boot begins long ago or some hours beside the truth.
      site.clocks = newClocks(world.boots, world.now, [-900, 0, 70, -3][n % 4] ?? 0);
      restart(world, site);
      return true;
    case "step clock":
      clocks.wrongBy += [60, -60, 24][n % 3] ?? 60;
      clocks.synchronized = false;
      return true;
    case "set clock": {
      if (clocks.synchronized) return false;
      clocks.wrongBy = 0;
      clocks.synchronized = true;
      const { boot, offset } = markNow(clocks, world.now, rules);
      const samples = head(site.disk, "samples");
      return record(world, site, "events", rules, { corrects: { boot, offset, samples } });
    }
    default:
      return undefined;
  }
}

function record(
  world: World,
  { disk, clocks }: Site,
  lane: Lane,
  rules: Rules,
  more: Pick<Row, "poison" | "corrects"> = {},
): boolean {
  const { contents } = world.truth;
  const clock = markNow(clocks, world.now, rules);
  commit(disk, lane, { content: contents.length, at: world.now + clocks.wrongBy, clock, ...more });
  contents.push({ lane, at: world.now, boot: clocks.boot });
  return true;
}

/** The agent's next request leaves; undefined: one is under way, or central has everything. */
export function ask(
  world: World,
  index: number,
  rowsMax: number,
  rules: Rules,
): Request | undefined {
  const site = world.sites[index];
  if (site === undefined || site.agent.waiting !== undefined) return undefined;
  const request = choose(site.agent, site.disk, site.cursors, rowsMax, rules);
  if (request !== undefined) sends(world, index, request);
  return request;
}

/** Sends this request, as the machine's agent decided. */
export function sends(world: World, index: number, request: Request): void {
  const site = world.sites[index];
  if (site === undefined) return;
  const { agent, disk, cursors } = site;
  world.letters += 1;
  if (request.kind === "batch" || request.kind === "gap") {
    const both = lanes.every((lane) => cursor(cursors, disk.epoch, lane) < head(disk, lane));
    world.truth.sends.push({ site: index, lane: request.lane, both });
  }
  send(agent, world.letters, request);
  world.network.requests.push({ id: world.letters, site: index, body: request });
}

function exchange(world: World, index: number, rules: Rules): boolean {
  const { network } = world;
  if (ask(world, index, 1_000, rules) === undefined) return false;
  onNetwork(world, "deliver", network.requests.length - 1, rules);
  onNetwork(world, "arrive", network.replies.length - 1, rules);
  return true;
}

function deliver(
  world: World,
  { id, site, body }: { readonly id: number; readonly site: number; readonly body: Request },
  rules: Rules,
): void {
  if (rules.commitsFirst) {
    world.network.replies.push({ id, site, body: handle(world.central, body, rules) });
    noteMarks(world);
    return;
  }
  // Broken: what was answered before becomes durable when the next request comes.
  world.central = world.uncommitted ?? world.central;
  noteMarks(world);
  world.uncommitted = copied(world.central);
  world.network.replies.push({ id, site, body: handle(world.uncommitted, body, rules) });
}

function noteMarks({ central, truth }: World): void {
  for (const { epoch, marks } of central.epochs) {
    for (const lane of lanes) {
      const key = `${epoch}/${lane}`;
      truth.marks[key] = Math.max(truth.marks[key] ?? 0, marks[lane]);
    }
  }
}

function nextEpoch(world: World, disk: Disk, { epochs }: Rules): string {
  if (!epochs) return disk.epoch;
  world.epochs += 1;
  return `e${world.epochs}`;
}

/** The card is copied, and the copy runs in another machine. Both go on. */
function cloneSite(world: World, { disk, cursors }: Site, rules: Rules): void {
  const machine = world.sites.length + 1;
  world.boots += 1;
  const clone: Site = {
    machine,
    disk: copied(disk),
    cursors: copied(cursors),
    agent: newAgent(),
    clocks: newClocks(world.boots, world.now, 0),
  };
  renew(clone.disk, nextEpoch(world, disk, rules), machine);
  world.sites.push(clone);
}
