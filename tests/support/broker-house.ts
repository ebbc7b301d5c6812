import { join } from "node:path";
import { Agent } from "../../cloud-sync/agent.ts";
import { Counters } from "../../cloud-sync/central/counters.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { DatabaseLink } from "../../cloud-sync/central/database-link.ts";
import { Reception } from "../../cloud-sync/central/reception.ts";
import { type DeskOptions, LetterDesk } from "../../cloud-sync/central/roads/letter-desk.ts";
import { startMqttReception } from "../../cloud-sync/central/roads/mqtt-reception.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { sealKeyOfToken, tokenSealKeys } from "../../cloud-sync/identity/token-seal.ts";
import { Progress } from "../../cloud-sync/progress.ts";
import { brokerAccount } from "../../cloud-sync/uplinks/broker-account.ts";
import type { UplinkParts } from "../../cloud-sync/uplinks/mqtt-uplink.ts";
import type { Uplink } from "../../cloud-sync/uplinks/uplink.ts";
import { syncText } from "../../config/language/sync.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import type { AgentOutbox } from "../../gateway/store/store.ts";
import { memoryLog } from "./manual-clock.ts";
import { scratchFolder } from "./spine.ts";

export const tokenOf = (gateway: string) => `a-token-of-${gateway}`;

/** Central's database and what takes letters in, to be put behind a broker; no HTTP. */
export async function brokerHouse() {
  await using cleanup = new AsyncDisposableStack();
  const { path: folder } = cleanup.use(scratchFolder());
  const { log, entries } = memoryLog();
  const database = await openPglite();
  const link = new DatabaseLink(async () => database, systemClock, log);
  cleanup.defer(() => link[Symbol.asyncDispose]());
  await link.start(async () => undefined);
  const counters = new Counters();
  const reception = new Reception({ link, clock: systemClock, log, counters });
  const desk = (more: Partial<DeskOptions> = {}) =>
    new LetterDesk({ link, reception, counters, clock: systemClock, log, ...more });
  let files = 0;
  const kept = cleanup.move();
  return {
    ...{ folder, database, link, log, entries, counters, reception, desk },
    enrol: (gateway: string) => addGateway(database, gateway, tokenOf(gateway)),
    parts: (gateway: string, more: Partial<UplinkParts> = {}): UplinkParts => ({
      gatewayId: gateway,
      keys: tokenSealKeys(gateway, sealKeyOfToken(tokenOf(gateway))),
      text: syncText.en,
      log,
      clock: systemClock,
      ...more,
    }),
    receive: (broker: string, with_: LetterDesk = desk(), prefix = "rackwatch") =>
      startMqttReception({
        account: brokerAccount(broker, {}),
        desk: with_,
        clock: systemClock,
        log,
        random: () => 0,
        prefix,
      }),
    agent: (gateway: string, outbox: AgentOutbox, uplink: Uplink) => {
      files += 1;
      const progress = kept.use(new Progress(join(folder, `agent-${files}`), syncText.en));
      const options = { gatewayId: gateway, outbox, uplink, progress, clock: systemClock, log };
      return new Agent({ ...options, text: syncText.en, random: () => 0 });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export type BrokerHouse = Awaited<ReturnType<typeof brokerHouse>>;

/** All rows of central by gateway, lane and number, with what they hold: what two roads must bring alike. */
export async function rowsAt(database: BrokerHouse["database"], gateway: string) {
  const samples = await database.query(
    `SELECT seq::int AS seq, point, round(extract(epoch FROM sampled_at) * 1000)::float8 AS at,
       quality, value, text_value, reason FROM sample WHERE gateway = $1 ORDER BY seq`,
    [gateway],
  );
  const events = await database.query(
    `SELECT seq::int AS seq, kind, body, chain FROM event WHERE gateway = $1 ORDER BY seq`,
    [gateway],
  );
  return { samples, events };
}
