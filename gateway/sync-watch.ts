import { healthText } from "../config/language/health.ts";
import { countedRoads, roadsOf } from "../config/roads.ts";
import type { Config } from "../config/schema/config.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { Health, Problem } from "./health/health.ts";
import { freeBytesOf } from "./store/ballast.ts";
import { readIdentityState } from "./store/identity-file.ts";
import { type Lane, lanes, type Store } from "./store/store.ts";
import {
  leadingStatus,
  type RoadStatuses,
  readRoadStatuses,
  type SyncStatus,
} from "./store/sync-status.ts";
import { agentSilentMsMax, type GoneNow, goneKey, SyncGone } from "./sync-gone.ts";
import { daysOfRoom, RowRate } from "./sync-outlook.ts";

/** A problem that only a person can end is shown after this; one that passes by itself after `sync.goneFor`. */
const patienceMs = 600_000;

/** An idle agent speaks to central once a minute and writes so some seconds later: less than this is no outage. */
const contactMsMax = 100_000;

/** What is said of an outage is worked out anew as often: each new text is a line in the log. */
const sayEveryMs = 3_600_000;

/** The network's and central's moods: they pass, and `sync.goneFor` says how long they may last. */
const passing: ReadonlySet<string> = new Set([
  "sync/unreachable",
  "sync/busy",
  "sync/server-error",
]);

const megabyte = 1_048_576;

type SyncSection = NonNullable<Config["sync"]>;

/** Whoever carries bundles comes no more often: a road of files alone is not gone before. */
const carriedMsMin = 86_400_000;

export interface SyncWatchParts {
  readonly dataDir: string;
  readonly health: Health;
  readonly config: {
    readonly gateway: Pick<Config["gateway"], "language" | "timezone">;
    readonly store: Pick<Config["store"], "maxSize">;
    readonly sync?: Pick<SyncSection, "goneFor" | "central" | "uplinks"> | undefined;
  };
  readonly clock: Clock;
  readonly boot: string;
  readonly log: Log;
  readonly store: Pick<Store, "status" | "size" | "readState"> & {
    readonly outbox: Pick<Store["outbox"], "head" | "first">;
  };
  readonly intake: { save(state: ReadonlyMap<string, unknown>): void };
}

/**
 * Looks at what the agent wrote of itself, and says so when central is gone for too long: also when it is the agent that
 * is gone. The gateway never asks the agent.
 */
export class SyncWatch {
  readonly #parts: SyncWatchParts;
  readonly #gone: SyncGone;
  readonly #rate = new RowRate();
  #statuses: RoadStatuses | undefined;
  #status: SyncStatus | undefined;
  #goneMs: number | undefined;
  #problem: { readonly code: string; readonly since: number } | undefined;
  #said: { readonly at: number; readonly agent: boolean; readonly problem: Problem } | undefined;

  constructor(parts: SyncWatchParts) {
    this.#parts = parts;
    const { store, boot, clock } = parts;
    const saved = store.readState(goneKey).get(goneKey);
    this.#gone = new SyncGone(saved, boot, clock.monotonicMs());
  }

  /** Of the road that speaks for all: `central`, else whichever of those that count was heard of last. */
  get status(): SyncStatus | undefined {
    return this.#status;
  }

  /** As the agent wrote it last, by road. */
  get statuses(): RoadStatuses {
    return this.#statuses ?? new Map();
  }

  /** How long central has not answered, by the monotonic clock; undefined where there is none. */
  get goneMs(): number | undefined {
    return this.#goneMs;
  }

  /** Days until nothing more can be kept if central takes nothing; undefined until a rate is known. */
  get daysOfRoom(): number | undefined {
    return this.#days(this.#parts.clock.monotonicMs());
  }

  step(): void {
    const { dataDir, config, clock, health, store } = this.#parts;
    this.#statuses = readRoadStatuses(dataDir) ?? this.#statuses;
    const { sync } = config;
    const roads = sync === undefined ? [] : countedRoads(sync);
    this.#status = leadingStatus(this.#statuses, roads) ?? this.#status;
    if (sync === undefined) return;
    const now = clock.monotonicMs();
    this.#rate.note(now, store.outbox.head("samples"));
    const gone = this.#gone.step(this.#status, now);
    this.#goneMs = gone.goneMs;
    if (gone.save !== undefined) this.#keep(gone.save ?? undefined);
    const carried = roadsOf(sync).every(({ settings }) => settings.via === "file");
    const patience = Math.max(sync.goneFor, carried ? carriedMsMin : contactMsMax);
    if (gone.goneMs > patience) health.report("sync", this.#goneProblem(gone, now));
    else {
      this.#said = undefined;
      health.report("sync", this.#lasting(now));
    }
  }

  /** What the agent reports and nobody but a person can end, once it lasts. */
  #lasting(now: number): Problem | undefined {
    const problem = this.#status?.problem;
    if (problem?.code !== this.#problem?.code) {
      this.#problem = problem === undefined ? undefined : { code: problem.code, since: now };
    }
    if (problem === undefined || passing.has(problem.code)) return this.#endsSoon();
    if (this.#problem !== undefined && now - this.#problem.since < patienceMs) return undefined;
    const { code, message, where, todo } = problem;
    return {
      code,
      message,
      ...(where === undefined ? {} : { where }),
      ...(todo === undefined ? {} : { todo }),
    };
  }

  /** The gateway's certificate, which nobody renews: what still works today does not in some days. */
  #endsSoon(): Problem | undefined {
    const problem = readIdentityState(this.#parts.dataDir)?.problem;
    return problem && { code: "sync/certificate", ...problem };
  }

  #goneProblem(gone: GoneNow, now: number): Problem {
    const agent = gone.agentSilentMs > agentSilentMsMax;
    const said = this.#said;
    if (said !== undefined && said.agent === agent && now - said.at < sayEveryMs)
      return said.problem;
    const text = healthText[this.#parts.config.gateway.language].gone;
    const { timezone } = this.#parts.config.gateway;
    const reported = this.#status?.problem;
    const since = gone.contactAt ?? this.#parts.clock.now() - gone.goneMs;
    const message = text.message(since, timezone, this.#backlog(), this.#days(now));
    const todo = agent ? text.agentTodo : (reported?.todo ?? text.todo);
    const problem: Problem = {
      code: reported?.code ?? "sync/unreachable",
      message: agent || reported === undefined ? message : `${message} ${reported.message}`,
      todo,
    };
    this.#said = { at: now, agent, problem };
    return problem;
  }

  #backlog(): number {
    const of = (lane: Lane) => this.#parts.store.status(lane).backlog;
    return lanes.reduce((sum, lane) => sum + of(lane), 0);
  }

  #days(now: number): number | undefined {
    const { store, config, dataDir } = this.#parts;
    const { outbox } = store;
    const rowsPerDay = this.#rate.rowsPerDay(now, outbox.head("samples"));
    const freeBytes = freeBytesOf(dataDir);
    if (rowsPerDay === undefined || freeBytes === undefined) return undefined;
    return daysOfRoom({
      rowsPerDay,
      freeBytes,
      backlogRows: store.status("samples").backlog,
      storedRows: outbox.head("samples") - outbox.first("samples") + 1,
      storeBytes: store.size(),
      storeBytesMax: config.store.maxSize * megabyte,
    });
  }

  /** While the disk refuses, the next restart counts from anew. */
  #keep(value: unknown): void {
    try {
      this.#parts.intake.save(new Map([[goneKey, value]]));
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#parts.log.debug("outage not kept", { code: error.code });
    }
  }
}
