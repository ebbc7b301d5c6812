import { centralAlarmText } from "../../config/language/central-alarms.ts";
import type { Language } from "../../config/language/language.ts";
import { pushText } from "../../config/language/push.ts";
import type { Clock, Log } from "../../drivers/contract.ts";
import type { HttpRequest } from "../push/channel.ts";
import { HttpSender } from "../push/http-sender.ts";
import { statusVerdict } from "../push/http-verdict.ts";
import { standardSignature } from "../push/signature.ts";
import { jsonHeaders } from "../push/words.ts";
import { centralPriority, readUntold, recordTold, type Untold } from "./alarms-of-central.ts";
import type { Queries } from "./database/database.ts";

/** Messages of one round: a central that was cut off from all of 10,000 gateways still looks around every few seconds. */
const roundMax = 20;

/** First pause after a failure; doubled each time. */
const pauseMsMin = 5_000;

/** A receiver that is mended is noticed within this. Nothing is given up before it is a day old. */
const pauseMsMax = 600_000;

export interface AlarmWebhookOptions {
  /** May hold a token: it is never logged. */
  readonly url: string;
  /** Of Standard Webhooks (`whsec_...`); absent: unsigned. */
  readonly secret?: string;
  readonly language: Language;
  readonly clock: Clock;
  readonly log: Log;
}

/** Tells one receiver when central's own alarms begin and end: at least once, the same `webhook-id` each time. */
export class AlarmWebhook {
  readonly #options: AlarmWebhookOptions;
  readonly #sender: HttpSender;
  #failures = 0;
  #nextAt = 0;

  constructor(options: AlarmWebhookOptions) {
    this.#options = options;
    this.#sender = new HttpSender({ text: pushText[options.language] });
  }

  async step(queries: Queries, signal: AbortSignal): Promise<void> {
    const { clock, log, language } = this.#options;
    if (clock.monotonicMs() < this.#nextAt) return;
    for (const untold of await readUntold(queries, roundMax)) {
      const posted = await this.#sender.post(webhookRequest(untold, this.#options), signal);
      const verdict =
        "answer" in posted ? statusVerdict(posted.answer, pushText[language]) : posted.verdict;
      if (verdict.is === "retry") {
        const pauseMs = Math.min(pauseMsMin * 2 ** this.#failures, pauseMsMax);
        this.#nextAt = clock.monotonicMs() + pauseMs;
        if (this.#failures === 0) log.error("alarm webhook fails", { why: verdict.why });
        this.#failures += 1;
        return;
      }
      // Sent again it would be refused again, and what comes after it would never be told.
      if (verdict.is === "dead") log.error("alarm webhook refuses a message", { why: verdict.why });
      if (this.#failures > 0) log.info("alarm webhook works again", { failures: this.#failures });
      this.#failures = 0;
      await recordTold(queries, untold);
    }
  }
}

/** The message of one begin or end. */
export function webhookRequest(
  untold: Untold,
  {
    url,
    secret,
    language,
    clock,
  }: Pick<AlarmWebhookOptions, "url" | "secret" | "language" | "clock">,
): HttpRequest {
  const { gateway, name, rule, begunAt, since, endedAt, toldBegin } = untold;
  const now = clock.now();
  const body = JSON.stringify({
    type: toldBegin ? "alarm.ended" : "alarm.begun",
    timestamp: new Date(now).toISOString(),
    data: {
      gateway,
      ...(name === undefined ? {} : { name }),
      rule,
      priority: centralPriority,
      message: centralAlarmText[language][rule],
      since: new Date(since).toISOString(),
      ...(toldBegin && endedAt !== undefined ? { endedAt: new Date(endedAt).toISOString() } : {}),
    },
  });
  const id = `${gateway}.${rule}.${Date.parse(begunAt)}.${toldBegin ? "end" : "begin"}`;
  const seconds = Math.floor(now / 1_000);
  const headers = {
    ...jsonHeaders,
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    ...(secret === undefined
      ? {}
      : { "webhook-signature": standardSignature(secret, id, seconds, body) }),
  };
  return { url, headers, body };
}
