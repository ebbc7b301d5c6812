import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { auditText } from "../../config/language/audit.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AuditEntry, AuditHead } from "../audit/entry.ts";
import { verifyTrail } from "../audit/verify.ts";
import { readSegments } from "../record/segments-file.ts";
import { type SegmentsVerdict, verifySegments } from "../record/verify-segments.ts";
import { readTrail } from "../store/audit-file.ts";
import { type CommandIo, exitCodes, newCommand, terminalLanguage } from "./command.ts";
import { table } from "./table.ts";

/** Central answers within this, or is not there. */
const centralMs = 10_000;

const anchorsSchema = z.array(
  z.object({ seq: z.int().positive(), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
);

const languages = () => new Option("--lang <language>", "language").choices(["zh", "en"] as const);

/** `rackwatch audit`: who did what, and whether anybody changed the record of it. */
export function auditCommand(io: CommandIo) {
  return newCommand("audit", io)
    .description("read and verify the audit trail of a gateway's data folder")
    .addCommand(verifyCommand(io))
    .addCommand(listCommand(io));
}

function verifyCommand(io: CommandIo) {
  return newCommand("verify", io)
    .description("look for the first bad entry: exit code 0 none, 1 found, 2 cannot read")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--anchors <file>", "JSON list of {seq, hash} that somebody else kept")
    .option(
      "--central <url>",
      "ask central for its anchors: https://HOST/v1/gateways/ID/audit-anchors",
    )
    .option("--token-file <file>", "file with central's read token")
    .option("--json", "print the verdict as JSON")
    .addOption(languages())
    .action(async (options) => {
      const text = auditText[options.lang ?? terminalLanguage(io.env)];
      const anchors = await anchorsOf(options, io, text);
      using trail = readTrail(resolve(io.cwd, options.data));
      const verdict = verifyTrail(trail, anchors ?? []);
      const records = recordsVerdict(resolve(io.cwd, options.data));
      if (!verdict.ok || records?.ok === false) io.setExitCode(exitCodes.problems);
      if (options.json === true) {
        const all = { ...verdict, anchors: anchors?.length ?? 0, ...(records && { records }) };
        io.stdout.write(`${JSON.stringify(all)}\n`);
        return;
      }
      const hint = anchors === undefined ? text.noAnchors : text.anchored(anchors.length);
      io.stdout.write(
        verdict.ok
          ? `${text.ok(verdict.head.seq, verdict.head.hash)}\n  ${hint}\n`
          : `${text[verdict.damage](verdict.seq)}\n  ${text.todo}\n`,
      );
      if (records !== undefined) io.stdout.write(recordsText(records, text));
    });
}

/** Undefined: this folder has no records of regulated points. */
function recordsVerdict(dataDir: string): SegmentsVerdict | undefined {
  using stored = readSegments(dataDir);
  if (stored === undefined) return undefined;
  return verifySegments(stored.segments, stored.retired, stored.corrections);
}

function recordsText(verdict: SegmentsVerdict, text: (typeof auditText)["en"]): string {
  if (verdict.ok) return `${text.records(verdict.segments, verdict.records)}\n`;
  if (verdict.damage === "correction") {
    return `${text["records-correction"](verdict.number)}\n  ${text.todo}\n`;
  }
  const [from, to] = [verdict.fromAt, verdict.toAt].map((at) => new Date(at).toISOString());
  const said = text[`records-${verdict.damage}`](verdict.point, `${from} ... ${to}`);
  return `${said}\n  ${text.todo}\n`;
}

function listCommand(io: CommandIo) {
  return newCommand("list", io)
    .description("print the trail, oldest first")
    .requiredOption("--data <dir>", "the gateway's data folder")
    .option("--from <time>", "ISO 8601; only entries from then on")
    .option("--to <time>", "ISO 8601; only entries before then")
    .option("--json", "one JSON object a line")
    .addOption(languages())
    .action((options) => {
      using trail = readTrail(resolve(io.cwd, options.data));
      const from = timeOf(options.from, Number.NEGATIVE_INFINITY);
      const to = timeOf(options.to, Number.POSITIVE_INFINITY);
      const rows: (readonly string[])[] = [];
      for (const entry of trail) {
        const at = Date.parse(entry.ts);
        if (at < from || at >= to) continue;
        if (options.json === true) io.stdout.write(`${JSON.stringify(entry)}\n`);
        else rows.push(rowOf(entry));
      }
      if (options.json === true) return;
      const { columns } = auditText[options.lang ?? terminalLanguage(io.env)];
      io.stdout.write(`${table([columns, ...rows]).join("\n")}\n`);
    });
}

function rowOf({ seq, ts, actor, action, data }: AuditEntry): readonly string[] {
  return [String(seq), ts, actor, action, JSON.stringify(data)];
}

function timeOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at;
  throw new RackwatchError("config/invalid", `${text} is no time`, {
    todo: "write it as 2026-03-01 or 2026-03-01T08:00:00Z",
  });
}

interface AnchorOptions {
  readonly anchors?: string | undefined;
  readonly central?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** Undefined: nobody was asked. */
async function anchorsOf(
  { anchors: file, central, tokenFile }: AnchorOptions,
  io: CommandIo,
  text: (typeof auditText)["en"],
): Promise<readonly AuditHead[] | undefined> {
  const where = central ?? file;
  if (where === undefined) return undefined;
  try {
    const given =
      central === undefined
        ? readFileSync(resolve(io.cwd, where), "utf8")
        : await ask(central, tokenFile === undefined ? undefined : resolve(io.cwd, tokenFile));
    return anchorsSchema.parse(JSON.parse(given));
  } catch (cause) {
    if (cause instanceof RackwatchError) throw cause;
    throw new RackwatchError("config/invalid", text.badAnchors(where), {
      where,
      todo: text.badAnchorsTodo,
      cause,
    });
  }
}

async function ask(url: string, tokenFile: string | undefined): Promise<string> {
  const token = tokenFile === undefined ? undefined : readFileSync(tokenFile, "utf8").trim();
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(centralMs) });
  return answer.text();
}
