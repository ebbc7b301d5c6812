import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { downText } from "../../config/language/down.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { installed, needPrograms } from "../support/need-program.ts";
import { needRoot } from "../support/need-root.ts";
import { NetworkSite } from "../support/network/network-site.ts";
import { Tap } from "../support/network/tap.ts";
import { Office } from "../support/office.ts";
import { needPostgres } from "../support/postgres.ts";
import { seeded } from "../support/simulated-shelf.ts";
import { scratchFolder } from "../support/spine.ts";
import { cardGuest, makeCard } from "../support/uml/card-guest.ts";
import { lookAtCard } from "../support/uml/configured-card.ts";
import type { Guest } from "../support/uml/guest.ts";
import { buildGuestProgram } from "../support/uml/guest-program.ts";

/** Each takes some ten seconds: `RACKWATCH_CUTS=25` for more. */
const cuts = Number(process.env["RACKWATCH_CUTS"] ?? 5);
const seed = Number(process.env["RACKWATCH_SEED"] ?? Date.now() % 1_000_000);

/** On a machine that does ten other things. */
const patienceMs = 240_000 + cuts * 120_000;

const trialMs = 2_000;
const patience = { timeout: 120_000, interval: 200 };
const token = "token-of-the-spine";
const endings = new Set(["confirmed", "rolled-back"]);
const firstLimit = 50;
const { restarted } = downText.en;
const comment = "# Zhang Wei, 2026-03-02: no more than this hangs on the hook";
const needed = ["linux.uml", "mkfs.ext4", "e2fsck", "debugfs", "ip", "busybox"] as const;

const scratch = scratchFolder();
let program: string;

beforeEach((context) => {
  needPrograms(context, ...needed);
  needRoot(context);
  needPostgres(context.skip);
});

beforeAll(async () => {
  if (!needed.every(installed)) return;
  program = await buildGuestProgram(scratch.path, "apply-guest.ts");
  return () => scratch[Symbol.dispose]();
}, 120_000);

const yaml = (central: string) => `version: 1
gateway: { id: spine }
channels:
  line:
    driver: modbus
    port: tcp://127.0.0.1:1502
    devices:
      room: { unitId: 1, every: 200ms, points: { level: { table: input, address: 0, type: uint16 } } }
${comment}
rules:
  high: { point: room/level, above: ${firstLimit}, deadband: 0 }
broker: { enabled: false }
panel: { enabled: false }
store: { flushEvery: 200ms }
sync: { central: "${central}", credentials: !secret central }
`;

/** Waits for the instant at which the power goes. @returns what it is. */
async function goesOut(cut: number, random: () => number, guest: Guest): Promise<string> {
  const [share, word] = [random(), ["", "", "watched", "at its end"][cut % 5]];
  if (word === undefined || word === "") return guest.line((line) => line.startsWith("STOPPED"));
  await guest.line((line) => line === "PLACED");
  await sleep(word === "watched" ? share * trialMs : trialMs + share * 2_000);
  return word;
}

/**
 * Before which of the things that last or are put in place: before the configuration is, about that, and while the end
 * is written down.
 */
function stopAt(cut: number, random: () => number): number {
  const [from, count] = { 0: [1, 9], 1: [10, 4], 4: [14, 7] }[cut % 5] ?? [1_000, 1];
  return (from ?? 0) + Math.floor(random() * (count ?? 0));
}

/** Central, a person there, and a gateway on a card whose power goes. */
class Desk implements AsyncDisposable {
  readonly image = join(scratch.path, `config-${randomUUID()}.img`);
  readonly office: Office;
  readonly #tap: Tap;
  readonly #opened: AsyncDisposableStack;

  private constructor(office: Office, tap: Tap, opened: AsyncDisposableStack) {
    this.office = office;
    this.#tap = tap;
    this.#opened = opened;
  }

  static async open(): Promise<readonly [Desk, string]> {
    await using opened = new AsyncDisposableStack();
    const site = opened.use(await NetworkSite.begin());
    const tap = opened.use(new Tap());
    await addGateway(site.database, "spine", token);
    const keys = ["--keys", join(site.folder, "keys")];
    const central = await site.central(["--database", site.postgres.url, ...keys], "0.0.0.0:0");
    const office = await Office.open({
      centralUrl: central.address,
      openDatabase: async () => openPostgres(site.postgres.url, memoryLog().log),
    });
    const desk = new Desk(office, tap, opened.move());
    const text = yaml(central.address.replace("127.0.0.1", tap.near));
    const from = join(scratch.path, randomUUID());
    mkdirSync(from);
    writeFileSync(join(from, "gateway.yaml"), text);
    makeCard(desk.image, 128 * 1_048_576, from);
    return [desk, text];
  }

  async boot(): Promise<Guest> {
    const guest = cardGuest({
      ...{ image: this.image, program, compileCache: join(scratch.path, "compiled") },
      network: { tap: this.#tap.name, address: `${this.#tap.far}/29` },
      env: { RACKWATCH_TRIAL_MS: `${trialMs}`, RACKWATCH_SECRET_CENTRAL: token },
    });
    await guest.line((line) => line.includes('"event":"gateway runs"'));
    return guest;
  }

  /** The newest revision, when it is known what became of it. */
  async settled(): Promise<{ readonly state: string; readonly reason: string }> {
    const isOver = async () => endings.has((await this.#newest())?.state ?? "");
    await expect.poll(isOver, patience).toBe(true);
    const { state = "", reason = "" } = (await this.#newest()) ?? {};
    return { state, reason };
  }

  async #newest() {
    return (await this.office.revisions()).find(({ revision }) => revision !== undefined);
  }

  /** What central shows of the gateway. */
  shows(limit: number): Promise<void> {
    const shown = async () => {
      const answer = await this.office.ask("GET", "configuration");
      if (answer.status !== 200) return undefined;
      return (await this.office.configuration()).sections.rules["high"]?.["above"];
    };
    return expect.poll(shown, patience).toBe(limit);
  }

  async desire(limit: number): Promise<void> {
    const { rules } = (await this.office.configuration()).sections;
    const sections = { rules: { ...rules, high: { ...rules["high"], above: limit } } };
    const answer = await this.office.ask("POST", "revisions", { sections });
    expect(answer.status, await answer.text()).toBeLessThan(300);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

test(
  `${cuts} power cuts while central's configuration is applied (seed ${seed}): a whole one that ran before or was confirmed stands, and central learns which and why`,
  async () => {
    const [desk, first] = await Desk.open();
    await using _desk = desk;
    const random = seeded(seed);
    const ends: string[] = [];
    let [text, limit] = [first, firstLimit];
    let guest = await desk.boot();
    await using _guest = { [Symbol.asyncDispose]: () => guest[Symbol.asyncDispose]() };
    for (let cut = 0; cut < cuts; cut += 1) {
      await desk.shows(limit);
      guest.say(`STOP ${stopAt(cut, random)}`);
      await guest.line((line) => line.startsWith("WILL STOP"));
      await desk.desire(limit + 1);
      const place = await goesOut(cut, random, guest);
      await guest.cutPower();
      const wanted = text.replace(`above: ${limit}`, `above: ${limit + 1}`);
      expect([text, wanted], place).toContain(lookAtCard(desk.image).text);
      guest = await desk.boot();
      const { state, reason } = await desk.settled();
      ends.push(`${place}: ${state}`);
      if (state === "rolled-back") expect(reason).toBe(restarted);
      else [text, limit] = [wanted, limit + 1];
    }
    await desk.shows(limit);
    await guest.cutPower();
    const card = lookAtCard(desk.image);
    console.log(JSON.stringify({ seed, ends }));
    expect(card).toMatchObject({ text, trial: undefined });
    expect(card.text).toContain(comment);
    const outcomes = card.entries.filter(({ source }) => source === "central");
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(ends.map((end) => end.split(": ")[1]));
  },
  patienceMs,
);
