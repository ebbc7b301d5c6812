import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { mtSics } from "../../drivers/scale/mt-sics.ts";
import { type ScaleSimulator, startScaleSimulator } from "../../drivers/scale/simulator.ts";
import type { AlarmView, NoticeView } from "../../gateway/panel/api.ts";
import type {
  Booked,
  Booking,
  ImportKind,
  ImportResult,
  MovementView,
  StockPage,
  StockView,
} from "../../gateway/panel/stock-api.ts";
import { movementId } from "../../gateway/stock/epcis/movement-id.ts";
import { balancesIn } from "../../gateway/stock/ledger/stock-book.ts";
import { verifyLedger } from "../../gateway/stock/ledger/verify.ts";
import { stockKeys } from "../../gateway/stock/movement.ts";
import { readLedger } from "../../gateway/store/ledger-file.ts";
import { eventually, type GatewayRig, gatewayRig, getJson, scratchFolder } from "./spine.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
const person = { user: "li", password: "a long password" };

/** Patience with one thing that has to happen, on a machine that is busy with other tests. */
const patienceMs = 60_000;

export interface ShelfPlace {
  /** Number of shelves with a scale each: `s1`, `s2`, ... hold the items `i1`, `i2`, ... */
  readonly shelves: number;
  /** YAML of further channels, indented by two. */
  readonly channels?: string;
  /** YAML of further locations and items, indented by two. */
  readonly locations?: string;
  readonly items?: string;
  /** YAML of each shelf's item beside its location and weight, on one line. */
  readonly item?: string;
  /** YAML of the file's other sections. */
  readonly more?: string;
  readonly stock?: string;
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

/** Weight of a piece on the shelves, kg. */
export const pieceKg = 0.02;

/**
 * A gateway as a process with scales on real sockets and a person at the panel. It may be killed at any time; whoever
 * books goes on until there is an answer.
 */
export class ShelfSite implements AsyncDisposable {
  readonly rig: GatewayRig;
  readonly scales: readonly ScaleSimulator[];
  readonly #cleanup: AsyncDisposableStack;
  readonly #env: Readonly<Record<string, string>>;
  #gateway: ChildProcess | undefined;
  #sync: ChildProcess | undefined;
  #cookie = "";
  #setupCode = "";

  private constructor(
    rig: GatewayRig,
    scales: readonly ScaleSimulator[],
    env: Readonly<Record<string, string>>,
    cleanup: AsyncDisposableStack,
  ) {
    this.rig = rig;
    this.scales = scales;
    this.#env = env;
    this.#cleanup = cleanup;
  }

  static async open(place: ShelfPlace): Promise<ShelfSite> {
    const cleanup = new AsyncDisposableStack();
    const folder = cleanup.use(scratchFolder()).path;
    const scales: ScaleSimulator[] = [];
    for (let index = 0; index < place.shelves; index += 1) {
      scales.push(cleanup.use(await startScaleSimulator({ protocol: mtSics })));
    }
    const addresses = scales.map(({ address }) => address);
    const rig = await gatewayRig(folder, stockYaml(place, folder, addresses));
    return new ShelfSite(rig, scales, place.env?.(folder) ?? {}, cleanup);
  }

  /** The first start, and a person who is logged in. */
  async begin(): Promise<void> {
    await this.start();
    const answer = await eventually(
      () => this.#post("/api/setup", JSON.stringify({ code: this.#setupCode, ...person })),
      ({ ok }) => ok,
      patienceMs,
    );
    this.#cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  }

  /** Resolves when the gateway runs. */
  async start(): Promise<void> {
    const child = this.spawnGateway();
    const ended = new Promise<string>((done) => child.once("exit", () => done("ended")));
    const runs = new Promise<string>((done) => {
      if (child.stdout === null) return;
      createInterface({ input: child.stdout }).on("line", (line) => {
        this.#setupCode = /"setupCode":"([^"]+)"/.exec(line)?.[1] ?? this.#setupCode;
        if (line.includes('"gateway runs"')) done("runs");
      });
    });
    if ((await Promise.race([ended, runs])) === "ended") throw new Error("the gateway ended");
  }

  /** Starts it and waits for nothing. */
  spawnGateway(): ChildProcess {
    this.#gateway = this.#spawn("run");
    return this.#gateway;
  }

  startSync(): void {
    this.#sync = this.#spawn("sync");
    this.#sync.stdout?.resume();
  }

  get pid(): number {
    return this.#gateway?.pid ?? 0;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await ended(this.#gateway, signal);
  }

  /** Of a request by the person who is logged in. */
  get headers(): Readonly<Record<string, string>> {
    return { origin: this.rig.panel, cookie: this.#cookie };
  }

  /** What lies on a shelf, by its scale. */
  pieces(shelf: number): number {
    return Math.round((this.#scale(shelf).scale.load.weight * 1_000) / (pieceKg * 1_000));
  }

  /** Lays on or takes off, with a hand on the shelf for so long. */
  async handle(shelf: number, pieces: number, handMs = 150): Promise<void> {
    const { scale } = this.#scale(shelf);
    const weight = scale.load.weight + pieces * pieceKg;
    scale.set({ moving: true, weight: scale.load.weight + 0.137 });
    await new Promise((next) => setTimeout(next, handMs));
    scale.set({ moving: false, weight: Number(weight.toFixed(6)) });
  }

  get<T>(path: string): Promise<T> {
    return getJson<T>(`${this.rig.panel}${path}`, { headers: { cookie: this.#cookie } });
  }

  async stock(shelf: number): Promise<StockView | undefined> {
    const page = await this.get<StockPage>(`/api/stock?location=s${shelf}&item=i${shelf}`);
    return page.stock[0];
  }

  /** Waits until the panel answers. */
  async answers(): Promise<void> {
    await eventually(
      () => this.get("/api/stock?limit=1"),
      () => true,
      patienceMs,
    );
  }

  /** Waits until the ledger says what lies on the shelf. */
  async settled(shelf: number): Promise<StockView> {
    const found = await eventually(
      () => this.stock(shelf),
      (view) => view?.quantity === this.pieces(shelf) && view.movedAt !== undefined,
      patienceMs,
    );
    if (found === undefined) throw new Error("no stock");
    return found;
  }

  alarm(
    fits: (alarm: AlarmView) => boolean,
    timeoutMs = patienceMs,
  ): Promise<readonly AlarmView[]> {
    return eventually(
      async () => (await this.get<readonly AlarmView[]>("/api/alarms")).filter(fits),
      (all) => all.length > 0,
      timeoutMs,
    );
  }

  notice(part: string): Promise<readonly NoticeView[]> {
    return eventually(
      async () =>
        (await this.get<readonly NoticeView[]>("/api/notices")).filter((it) => it.part === part),
      (all) => all.length > 0,
      patienceMs,
    );
  }

  /** Every movement by the API, oldest first. */
  async movements(query = ""): Promise<readonly MovementView[]> {
    const all: MovementView[] = [];
    let before = "";
    for (;;) {
      const page = await this.get<{ movements: MovementView[]; next?: number }>(
        `/api/stock/movements?limit=1000${before}${query}`,
      );
      all.push(...page.movements);
      if (page.next === undefined) return all.reverse();
      before = `&before=${page.next}`;
    }
  }

  /** Books until there is an answer: one that is lost with the gateway may have been booked or not. */
  async book(booking: Booking): Promise<Booked> {
    const body = JSON.stringify(booking);
    const text = await this.#insist("/api/stock/bookings", body, "application/json");
    // The caller says what it expects, and asserts on it.
    return JSON.parse(text) as Booked;
  }

  /** Once. */
  async tryBook(booking: Booking): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.#post("/api/stock/bookings", JSON.stringify(booking));
    return { status: answer.status, text: await answer.text() };
  }

  /** Undefined: the gateway went before it answered. */
  async import(kind: ImportKind, csv: string, name: string): Promise<ImportResult | undefined> {
    const path = `/api/stock/import/${kind}?name=${name}`;
    const answer = await this.#post(path, csv, "text/csv", 120_000).catch(() => undefined);
    if (answer === undefined) return undefined;
    const text = await answer.text().catch(() => undefined);
    if (text === undefined) return undefined;
    if (answer.status !== 200) throw new Error(`import: ${answer.status} ${text}`);
    return JSON.parse(text) as ImportResult;
  }

  /** As `rackwatch stock verify` does it. */
  verify() {
    using ledger = readLedger(this.rig.dataDir);
    const { movements, state } = ledger;
    const balances = balancesIn(state.read(stockKeys.balance));
    return verifyLedger(balances, movements.sums(), movements.all(), movementId);
  }

  lamp(): unknown {
    return JSON.parse(readFileSync(`${this.rig.folder}/lamps.json`, "utf8"))["17"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ended(this.#gateway, "SIGKILL");
    await ended(this.#sync, "SIGKILL");
    await this.#cleanup.disposeAsync();
  }

  #scale(shelf: number): ScaleSimulator {
    const scale = this.scales[shelf - 1];
    if (scale === undefined) throw new Error(`no shelf ${shelf}`);
    return scale;
  }

  async #insist(path: string, body: string, type: string): Promise<string> {
    const until = performance.now() + patienceMs;
    let last = "none";
    for (;;) {
      const answer = await this.#post(path, body, type)
        .then(async (it) => ({ status: it.status, text: await it.text() }))
        .catch(() => undefined);
      if (answer?.status === 200) return answer.text;
      if (answer?.status === 401) await this.#login();
      else if (answer !== undefined && answer.status < 500) {
        throw new Error(`${path}: ${answer.status} ${answer.text}`);
      }
      if (answer !== undefined) last = `${answer.status} ${answer.text}`;
      if (performance.now() > until) throw new Error(`${path}: last answer: ${last}`);
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  #post(
    path: string,
    body: string,
    type = "application/json",
    timeoutMs = 60_000,
  ): Promise<Response> {
    return fetch(this.rig.panel + path, {
      method: "POST",
      headers: { "content-type": type, origin: this.rig.panel, cookie: this.#cookie },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
  }

  /** A clock that is set by a day ends every session. */
  async #login(): Promise<void> {
    const answer = await this.#post("/api/session", JSON.stringify(person));
    this.#cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? this.#cookie;
  }

  #spawn(command: "run" | "sync"): ChildProcess {
    const args = [rackwatch, command, "--config", this.rig.configFile, "--data", this.rig.dataDir];
    return spawn(process.execPath, ["--max-semi-space-size=1", ...args], {
      env: { ...process.env, ...this.#env },
      stdio: ["ignore", "pipe", "inherit"],
    });
  }
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await exit;
}

function stockYaml(place: ShelfPlace, folder: string, addresses: readonly string[]): string {
  const { channels = "", locations = "", items = "", item = "min: 5", more = "", stock } = place;
  const each = (line: (address: string, shelf: number) => string) =>
    addresses.map((address, index) => line(address, index + 1)).join("\n");
  return `
version: 1
gateway: { id: stock-site, timezone: Asia/Shanghai, language: en }
channels:
${each(
  (address, shelf) => `  c${shelf}:
    driver: scale
    port: ${address}
    protocol: mt-sics
    devices: { d${shelf}: { every: 50ms, timeout: 300ms } }`,
)}
  lights:
    driver: gpio
    backend: sim
    file: ${folder}/lamps.json
    devices: { stack: { points: { red: { line: 17 } } } }
${channels}
locations:
${each((_, shelf) => `  s${shelf}: { kind: shelf, weight: d${shelf}/weight, division: 1 g }`)}
${locations}
items:
${each(
  (_, shelf) => `  i${shelf}: { location: s${shelf}, unitWeight: ${pieceKg * 1_000} g, ${item} }`,
)}
${items}
annunciators: { hall: { red: stack/red } }
stock: ${stock ?? "{ settle: 200ms, confirm: 300ms, annunciate: [hall] }"}
panel: { listen: "127.0.0.1:{panel}" }
broker: { enabled: false }
store: { flushEvery: 100ms }
${more}
`;
}
