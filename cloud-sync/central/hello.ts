import {
  batchBytesMax,
  batchCompressedBytesMax,
  batchRowsLimit,
  type Hello,
  schemaVersions,
  type Welcome,
} from "../protocol.ts";
import { type Allowance, backlogRate } from "./backlog-rate.ts";
import { contactBy, saidAt } from "./contact.ts";
import type { Queries } from "./database/database.ts";
import { beginEpoch, isPast } from "./epochs.ts";
import { lockEpoch, recordHeads } from "./heads.ts";
import { type Origin, recordConflict, recordFenced } from "./ledger.ts";
import { type Refused, refused, type Tables } from "./outcome.ts";
import { fenced } from "./standing.ts";

/** What central answers to a hello, but for its own clock and generation. */
export type Greeting =
  | { readonly kind: "welcome"; readonly welcome: Omit<Welcome, "generation" | "serverTime"> }
  | Refused;

const limits: Welcome["limits"] = {
  rowsMax: batchRowsLimit,
  bytesMax: batchBytesMax,
  compressedBytesMax: batchCompressedBytesMax,
};

/** The highest version that both speak, or undefined. */
export function commonVersion(theirs: readonly number[]): number | undefined {
  return schemaVersions.findLast((version) => theirs.includes(version));
}

/**
 * Says where central stands with an epoch, which is begun when it was never heard of. A closed one is refused, and who
 * tried goes on record; so does a second machine under one epoch.
 */
export async function greet(
  { database }: Tables,
  hello: Hello,
  { address, carried, ageMs }: Origin,
  allowance: Allowance = {},
): Promise<Greeting> {
  const schemaVersion = commonVersion(hello.schemaVersions);
  if (schemaVersion === undefined) {
    const message = `central speaks versions ${schemaVersions.join(", ")}, the agent ${hello.schemaVersions.join(", ")}`;
    const todo = "update the older of the two; central before the gateways";
    return refused(400, { code: "schema-version", message, todo });
  }
  const { gateway, epoch, machine, lanes } = hello;
  const origin: Origin = { address, machine };
  return database.transaction(async (queries) => {
    const known = await lockEpoch(queries, gateway, epoch);
    if (known.epochNumber !== undefined && known.epochNumber !== known.current) {
      await recordFenced(queries, hello, origin);
      return fenced(epoch);
    }
    if (known.epochNumber === undefined) {
      if (await isPast(queries, gateway, epoch)) {
        await recordFenced(queries, hello, origin);
        return fenced(epoch);
      }
      await beginEpoch(queries, {
        gateway,
        epoch,
        ancestors: hello.ancestors,
        machine,
        current: known.current,
      });
    }
    const { marks, epochNumber } = await lockEpoch(queries, gateway, epoch);
    await checkMachine(queries, hello, epochNumber ?? 0, origin);
    const heads = { events: lanes.events.last, samples: lanes.samples.last };
    await recordHeads(queries, gateway, heads, marks);
    // What was true when a bundle was written says nothing of now.
    const aliveAgeMs =
      hello.aliveAt === undefined || carried === true
        ? null
        : Math.max(0, hello.sentAt - hello.aliveAt);
    await queries.query(
      `UPDATE gateway SET ${contactBy("$4::boolean", "$5::float8")}, machine = coalesce($2, machine),
         alive_age_ms = CASE WHEN ${saidAt("$5::float8")} < last_contact_at THEN alive_age_ms ELSE $3 END
       WHERE gateway = $1`,
      [gateway, machine ?? null, aliveAgeMs, carried === true, ageMs ?? null],
    );
    const rowsPerSecond = await backlogRate(queries, allowance);
    return {
      kind: "welcome",
      welcome: {
        ...{ schemaVersion, epoch, marks, limits },
        ...(rowsPerSecond !== undefined && { backlog: { rowsPerSecond } }),
      },
    };
  });
}

/** One epoch belongs to one machine: a copied card that was not noticed yet speaks from two. */
async function checkMachine(
  queries: Queries,
  { gateway, machine }: Hello,
  epochNumber: number,
  origin: Origin,
): Promise<void> {
  if (machine === undefined) return;
  const [row] = await queries.query(
    `UPDATE epoch SET machine = coalesce(machine, $3) WHERE gateway = $1 AND epoch_number = $2
     RETURNING machine`,
    [gateway, epochNumber, machine],
  );
  const ours = row?.["machine"];
  if (typeof ours !== "string" || ours === machine) return;
  const conflict = {
    gateway,
    epochNumber,
    lane: "machine",
    seq: 0,
    ours,
    theirs: machine,
  } as const;
  await recordConflict(queries, conflict, origin);
}
