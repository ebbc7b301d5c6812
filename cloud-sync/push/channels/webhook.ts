import type { ReceiverConfig } from "../../../config/schema/notify.ts";
import type { HttpChannel } from "../channel.ts";
import { statusVerdict } from "../http-verdict.ts";
import { message } from "../message.ts";
import { plainSignature, standardSignature } from "../signature.ts";
import { jsonHeaders } from "../words.ts";

type Config = NonNullable<ReceiverConfig["webhook"]>;

/**
 * Any server of the customer's. Signed twice, so that receivers of either kind verify: `webhook-signature` as Standard
 * Webhooks has it, and `X-Signature: sha256=<hex>` over `X-Timestamp`, a dot and the raw body.
 */
export const webhook: HttpChannel<Config> = {
  limits: [{ count: 300, perMs: 60_000 }],
  // Machines want each event.
  overflow: "wait",
  robot: ({ url }) => url,
  signed: ({ secret }) => secret !== undefined,
  secrets: ({ url, secret }) => [
    ...new URL(url).searchParams.values(),
    ...(secret === undefined ? [] : [secret.reveal()]),
  ],
  request(sending, { url, secret }) {
    const { key, now } = sending;
    const body = JSON.stringify(message(sending));
    const seconds = Math.floor(now / 1_000);
    const time = String(seconds);
    const identity = {
      ...jsonHeaders,
      "webhook-id": key,
      "webhook-timestamp": time,
      "idempotency-key": key,
      "x-timestamp": time,
    };
    if (secret === undefined) return { url, headers: identity, body };
    const revealed = secret.reveal();
    const headers = {
      ...identity,
      "webhook-signature": standardSignature(revealed, key, seconds, body),
      "x-signature": `sha256=${plainSignature(revealed, seconds, body)}`,
    };
    return { url, headers, body };
  },
  verdict: statusVerdict,
};
