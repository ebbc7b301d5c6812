import { cursor } from "./agent.ts";
import { shown } from "./central.ts";
import { head } from "./gateway.ts";
import { eventRunMax, lanes, type Rules } from "./words.ts";
import { act, type Site, type World } from "./world.ts";

/** What must hold after each step. @throws Error that says what does not. */
export function checkStep(world: World): void {
  const { central, truth, sites } = world;
  const contents = new Set<number>();
  const last = new Map<string, number>();
  for (const { number, lane, seq, content } of central.rows) {
    if (contents.has(content)) throw new Error(`content ${content} is stored twice`);
    contents.add(content);
    const key = `${number}/${lane}`;
    if (seq <= (last.get(key) ?? 0)) throw new Error(`${key} ${seq} is out of order`);
    last.set(key, seq);
    if (truth.contents[content]?.lane !== lane) throw new Error(`${key} ${seq} is of another lane`);
  }
  for (const { machine, disk, cursors } of sites) {
    for (const lane of lanes) {
      const at = cursor(cursors, disk.epoch, lane);
      const most = truth.marks[`${disk.epoch}/${lane}`] ?? 0;
      if (at > most) throw new Error(`cursor ${at} of ${lane} of ${machine}, central ${most}`);
      if (at > head(disk, lane)) throw new Error(`cursor ${at} of ${lane} is beyond its head`);
    }
  }
  checkNumbers(world);
  checkTurns(world);
}

/** A number under which central has a row is that row's wherever this epoch is written. */
function checkNumbers({ central, sites }: World): void {
  for (const { number, lane, seq, content } of central.rows) {
    const { epoch } = central.epochs[number - 1] ?? {};
    const disk = sites.find((it) => it.disk.epoch === epoch)?.disk;
    const ours = disk?.log[lane][seq - 1]?.row.content;
    if (ours !== undefined && ours !== content)
      throw new Error(`${epoch} ${lane} ${seq} is ${ours}, central has ${content}`);
  }
}

/** Events go first, but samples are not starved. */
function checkTurns({ truth, sites }: World): void {
  for (const index of sites.keys()) {
    let events = 0;
    let waited = 0;
    for (const { lane, both } of truth.sends.filter((it) => it.site === index)) {
      if (both && lane === "samples" && events < eventRunMax)
        throw new Error(`samples went before events after ${events}`);
      events = lane === "events" ? events + 1 : 0;
      waited = lane === "events" && both ? waited + 1 : 0;
      if (waited > eventRunMax) throw new Error("samples starve");
    }
  }
}

/** Rounds after which everything that can go has gone, in worlds of some dozen rows. */
const roundsMax = 400;

/** What is still under way comes late, then the network is well and everybody gets a turn. */
export function settle(world: World, rules: Rules): void {
  const { network, sites } = world;
  const step = (what: Parameters<typeof act>[1]): void => {
    act(world, what, rules);
    checkStep(world);
  };
  while (network.requests.length > 0) step({ do: "deliver", n: 0 });
  while (network.replies.length > 0) step({ do: "arrive", n: 0 });
  for (const { agent } of sites) {
    agent.waiting = undefined;
    // The next heartbeat is a hello.
    agent.greeted = undefined;
  }
  // An older machine may be in front again after central was restored: until the newer one calls.
  for (let pass = 0; pass < 2; pass += 1) {
    for (const [n, { agent }] of sites.entries()) {
      agent.greeted = undefined;
      for (let round = 0; round < roundsMax; round += 1) {
        if (round > 0 && agent.stopped !== undefined) break;
        if (!act(world, { do: "exchange", n }, rules)) break;
        checkStep(world);
        if (round === roundsMax - 1) throw new Error("the agent comes to no end");
      }
    }
  }
}

/** What must hold in the end: everything is at central once, or central's record says what is missing and why. */
export function checkEnd(world: World, rules: Rules): void {
  const { central, sites } = world;
  const current = central.epochs.findIndex((it) => !it.fenced) + 1;
  const open = sites.filter((it) => it.agent.stopped === undefined);
  if (sites.length > 0 && open.length === 0)
    throw new Error(`nobody may send: central listens to ${central.epochs[current - 1]?.epoch}`);
  if (open.length > 1) throw new Error("two machines write as one gateway");
  for (const site of open) checkSite(world, site);
  checkTimes(world, rules);
  checkNewest(world);
}

function checkSite({ central }: World, { disk, cursors }: Site): void {
  const history = new Map([[disk.epoch, { events: Infinity, samples: Infinity }]]);
  for (const { epoch, ...shared } of disk.ancestors) history.set(epoch, shared);
  const stored = new Set(central.rows.map((it) => it.content));
  for (const lane of lanes) {
    const at = cursor(cursors, disk.epoch, lane);
    if (at !== head(disk, lane)) throw new Error(`${lane} stands at ${at} of ${head(disk, lane)}`);
    for (const { row } of disk.log[lane]) {
      if (stored.has(row.content)) continue;
      const told = central.missing.some((it) => {
        const { epoch = "" } = central.epochs[it.number - 1] ?? {};
        // By another copy of the card too: what central knows of one number it does not take again.
        const related = history.has(epoch) || relatedTo(central, epoch, history);
        return it.lane === lane && it.first <= row.seq && row.seq <= it.last && related;
      });
      if (!told) throw new Error(`${lane} ${row.seq} (${row.content}) is missing without a record`);
    }
  }
}

function relatedTo(
  { epochs }: World["central"],
  epoch: string,
  history: ReadonlyMap<string, unknown>,
): boolean {
  const known = epochs.find((it) => it.epoch === epoch);
  return known?.ancestors.some((it) => history.has(it.epoch)) ?? false;
}

/** A time is true if its clock was, or if central knows what the clock of its boot lacked until later. */
function checkTimes({ central, truth }: World, rules: Rules): void {
  const through = new Map<number, number>();
  for (const { corrects, content } of central.rows) {
    const known = corrects && (through.get(corrects.boot) ?? -1);
    if (corrects && known !== undefined) through.set(corrects.boot, Math.max(known, content));
  }
  for (const row of central.rows) {
    const { at, boot } = truth.contents[row.content] ?? { at: 0, boot: 0 };
    const told = shown(central, row, rules).at;
    if ((row.clock.synchronized || (through.get(boot) ?? -1) > row.content) && told !== at)
      throw new Error(`content ${row.content} of boot ${boot} was at ${at}, central says ${told}`);
  }
}

function checkNewest({ central }: World): void {
  const newest = central.rows.filter((it) => it.lane === "samples").at(-1);
  if (newest === undefined || central.newest === undefined) return;
  if (
    central.newest.number < newest.number ||
    (central.newest.number === newest.number && central.newest.seq < newest.seq)
  )
    throw new Error(`the newest value is ${central.newest.content}, not ${newest.content}`);
}
