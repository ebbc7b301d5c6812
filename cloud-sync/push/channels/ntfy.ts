import type { ReceiverConfig } from "../../../config/schema/notify.ts";
import type { Priority } from "../../../config/schema/rule.ts";
import type { HttpChannel } from "../channel.ts";
import { cutBytes } from "../cut.ts";
import { statusVerdict } from "../http-verdict.ts";
import { jsonHeaders } from "../words.ts";

type Config = NonNullable<ReceiverConfig["ntfy"]>;

/** A longer message becomes an attachment, which no lock screen shows. */
const messageBytesMax = 4_000;
const titleBytesMax = 250;

/** ntfy's scale: 5 breaks through silence, 3 is the usual, 2 makes no sound. */
const priorities: Readonly<Record<Priority, number>> = { critical: 5, high: 4, medium: 3, low: 2 };

/** ntfy, its public server or one's own. */
export const ntfy: HttpChannel<Config> = {
  // A public server gives 60 at once and then one every 5 s.
  limits: [{ count: 30, perMs: 60_000 }],
  overflow: "digest",
  robot: ({ server, topic }) => `${server} ${topic}`,
  signed: () => false,
  // Who knows the topic can read and write there: it is a password.
  secrets: ({ topic, token }) => [topic, ...(token === undefined ? [] : [token.reveal()])],
  request({ push }, { server, topic, token }) {
    const { title, text, priority, link } = push;
    const body = {
      topic,
      title: cutBytes(title, titleBytesMax),
      message: cutBytes(text, messageBytesMax),
      priority: priorities[priority],
      ...(link === undefined ? {} : { click: link }),
    };
    const headers = {
      ...jsonHeaders,
      ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    };
    return { url: new URL("/", server).href, headers, body: JSON.stringify(body) };
  },
  verdict: statusVerdict,
};
