import { zstdDecompressSync } from "node:zlib";
import { z } from "zod";
import { ackSchema, refusalSchema, welcomeSchema } from "../../cloud-sync/protocol.ts";
import type { Reply as HttpReply, Question } from "../support/faulty-central.ts";
import { batchOf, cursor } from "./agent.ts";
import { type Reply, type Request, sound } from "./words.ts";
import type { Site } from "./world.ts";

const name = z.string();
const bodySchema = z.object({
  epoch: name,
  lane: z.enum(["events", "samples"]).optional(),
  firstSeq: z.int().optional(),
  lastSeq: z.int().optional(),
  heads: z.object({ events: z.int(), samples: z.int() }).optional(),
  gaps: z
    .array(
      z.object({
        firstSeq: z.int(),
        lastSeq: z.int(),
        reason: z.enum(["not-in-store", "corrupt", "refused", "thinned"]),
      }),
    )
    .optional(),
});

/** What the real agent asks, in the model's words. @throws Error when the model's agent may not ask that there. */
export function requestOf(question: Question, { disk, cursors }: Site): Request {
  const body = bodySchema.parse(read(question));
  const { epoch, lane = "events", heads, gaps } = body;
  if (epoch !== disk.epoch) throw new Error(`asks as ${epoch}, the database is ${disk.epoch}`);
  const path = question.url.split("/").at(-1);
  if (path === "hello") return { kind: "hello", epoch, ancestors: disk.ancestors };
  if (path === "snapshot" && heads !== undefined)
    return { kind: "snapshot", epoch, heads, newest: -1 };
  const from = gaps?.[0]?.firstSeq ?? body.firstSeq ?? 0;
  const last = gaps?.at(-1)?.lastSeq ?? body.lastSeq ?? 0;
  const at = cursor(cursors, epoch, lane);
  if (from !== at + 1) throw new Error(`${path} of ${lane} from ${from}, the cursor is ${at}`);
  const states = new Set<string>(disk.log[lane].slice(from - 1, last).map((it) => it.state));
  if (path === "gaps") {
    const reason = gaps?.[0]?.reason ?? "refused";
    const lost = {
      corrupt: "damaged",
      thinned: "thinned",
      "not-in-store": "gone",
      refused: "gone",
    }[reason];
    // Numbers that were thinned out behind a row are in its chunk, and damaged with it.
    if (reason === "corrupt") states.delete("thinned");
    if (states.size !== 1 || !states.has(lost))
      throw new Error(`${lane} ${from} to ${last} are called ${reason}: ${[...states].join()}`);
    return { kind: "gap", epoch, lane, first: from, last, reason };
  }
  const batch = batchOf(disk, lane, from, last - from + 1, sound);
  if (batch.kind === "batch" && batch.last === last) return batch;
  throw new Error(`a batch of ${lane} ${from} to ${last} was sent: ${[...states].join()}`);
}

function read({ headers, body }: Question): unknown {
  const bytes = body ?? Buffer.from("{}");
  const encoding = headers["Content-Encoding"] ?? headers["content-encoding"];
  return JSON.parse((encoding === "zstd" ? zstdDecompressSync(bytes) : bytes).toString("utf8"));
}

/** What the real central answers, in the model's words. */
export function replyOf({ url }: Question, { status, body }: HttpReply): Reply {
  const json: unknown = JSON.parse(body);
  if (status === 200 && url.endsWith("/snapshot")) return { kind: "noticed" };
  if (status === 200 && url.endsWith("/hello")) {
    const { epoch, marks } = welcomeSchema.parse(json);
    return { kind: "welcome", epoch, marks };
  }
  if (status === 200) {
    const { epoch, lane, mark } = ackSchema.parse(json);
    return { kind: "ack", epoch, lane, mark };
  }
  const { code, mark } = refusalSchema.parse(json);
  if (code === "gap") return { kind: "gap", mark: mark ?? 0 };
  if (code === "epoch-fenced" || code === "unknown-epoch" || code === "conflict")
    return { kind: code };
  throw new Error(`central answers ${status} ${body}`);
}
