import { createHash } from "node:crypto";
import type { PushText } from "../../config/language/push.ts";
import type { Config } from "../../config/schema/config.ts";
import type { ReceiverConfig } from "../../config/schema/notify.ts";
import type { Push } from "../../gateway/push/push.ts";
import type { HttpChannel, Sending, Verdict } from "./channel.ts";
import { dingtalk } from "./channels/dingtalk.ts";
import { feishu } from "./channels/feishu.ts";
import { mailTraits, sendMail } from "./channels/mail.ts";
import { mqttTraits, sendMqtt } from "./channels/mqtt.ts";
import { ntfy } from "./channels/ntfy.ts";
import { pagerduty } from "./channels/pagerduty.ts";
import { telegram } from "./channels/telegram.ts";
import { webhook } from "./channels/webhook.ts";
import { wecom } from "./channels/wecom.ts";
import { HttpSender } from "./http-sender.ts";
import type { Outlet } from "./outlet.ts";
import { redact } from "./redact.ts";

/** The part of a configuration that says who is told, and how. */
export type PushConfig = Pick<Config, "notify" | "mail">;

export interface OutletsOptions {
  readonly config: PushConfig;
  readonly text: PushText;
  readonly proxy?: string;
}

/** True when a receiver is reached over the network: SMS leaves by the gateway's own modem. */
export function hasNetworkReceivers({ notify }: Pick<Config, "notify">): boolean {
  return Object.values(notify).some(({ email, dingtalk, wecom, feishu, ntfy, ...more }) => {
    const { telegram, pagerduty, webhook, mqtt } = more;
    const others = [dingtalk, wecom, feishu, ntfy, telegram, pagerduty, webhook, mqtt];
    return email.length > 0 || others.some((channel) => channel !== undefined);
  });
}

/** From a push's receiver, channel and address to what sends it. */
export class Outlets {
  readonly #options: OutletsOptions;
  readonly #sender: HttpSender;

  constructor(options: OutletsOptions) {
    this.#options = options;
    const { text, proxy } = options;
    this.#sender = new HttpSender({ text, ...(proxy === undefined ? {} : { proxy }) });
  }

  /** Undefined when the configuration does not have that address (any more). */
  find({ receiver, channel, address }: Push): Outlet | undefined {
    const { notify } = this.#options.config;
    const config = Object.hasOwn(notify, receiver) ? notify[receiver] : undefined;
    if (config === undefined) return undefined;
    if (channel === "email") return this.#mail(config, address);
    if (address !== 0) return undefined;
    switch (channel) {
      case "dingtalk":
        return this.#http(channel, dingtalk, config.dingtalk);
      case "wecom":
        return this.#http(channel, wecom, config.wecom);
      case "feishu":
        return this.#http(channel, feishu, config.feishu);
      case "ntfy":
        return this.#http(channel, ntfy, config.ntfy);
      case "telegram":
        return this.#http(channel, telegram, config.telegram);
      case "pagerduty":
        return this.#http(channel, pagerduty, config.pagerduty);
      case "webhook":
        return this.#http(channel, webhook, config.webhook);
      case "mqtt":
        return this.#mqtt(config);
      case "sms":
        return undefined;
    }
  }

  #http<C>(kind: string, channel: HttpChannel<C>, config: C | undefined): Outlet | undefined {
    if (config === undefined) return undefined;
    const { text } = this.#options;
    const secrets = secretsOf(channel, config);
    if (secrets === undefined) {
      const refuse = async () => ({ is: "retry", why: text.badAddress, slow: true }) as const;
      return plain(kind, channel.robot(config), channel, refuse);
    }
    return {
      limits: channel.limits,
      overflow: channel.overflow,
      robot: robotOf(kind, channel.robot(config)),
      signed: channel.signed(config),
      send: async (sending, signal) => {
        const request = channel.request(sending, config);
        const posted = await this.#sender.post(request, signal);
        if ("verdict" in posted) return { verdict: posted.verdict };
        const verdict = withoutSecrets(channel.verdict(posted.answer, text), secrets);
        if (posted.date === undefined) return { verdict };
        return { verdict, heard: { host: new URL(request.url).host, date: posted.date } };
      },
    };
  }

  #mail({ email }: ReceiverConfig, address: number): Outlet | undefined {
    const to = email[address];
    if (to === undefined) return undefined;
    const { text, config } = this.#options;
    const { mail } = config;
    return plain("email", to, mailTraits, async (sending, signal) => {
      if (mail === undefined) return { is: "retry", why: text.noMail, slow: true };
      const verdict = await sendMail(sending, mail, to, text, signal);
      return withoutSecrets(verdict, mail.password === undefined ? [] : [mail.password.reveal()]);
    });
  }

  #mqtt({ mqtt }: ReceiverConfig): Outlet | undefined {
    if (mqtt === undefined) return undefined;
    const { text } = this.#options;
    const place = `${mqtt.server} ${mqtt.topic}`;
    return plain("mqtt", place, mqttTraits, (sending, signal) =>
      sendMqtt(sending, mqtt, text, signal),
    );
  }
}

/** Undefined: a secret that is to be an address is none. One receiver's mistake must not end the others' pushes. */
function secretsOf<C>(channel: HttpChannel<C>, config: C): readonly string[] | undefined {
  try {
    return channel.secrets(config);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function plain(
  kind: string,
  place: string,
  traits: Pick<Outlet, "limits" | "overflow">,
  send: (sending: Sending, signal: AbortSignal) => Promise<Verdict>,
): Outlet {
  return {
    ...traits,
    robot: robotOf(kind, place),
    signed: false,
    send: async (sending, signal) => ({ verdict: await send(sending, signal) }),
  };
}

/** The same robot has the same name, from which nobody finds its address or token. */
function robotOf(kind: string, identity: string): string {
  const hash = createHash("sha256").update(`rackwatch ${kind} ${identity}`).digest("hex");
  return `${kind}-${hash.slice(0, 16)}`;
}

function withoutSecrets(verdict: Verdict, secrets: readonly string[]): Verdict {
  return verdict.is === "delivered" ? verdict : { ...verdict, why: redact(verdict.why, secrets) };
}
