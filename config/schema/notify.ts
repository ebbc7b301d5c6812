import { z } from "zod";
import { duration } from "../../drivers/quantity.ts";
import { secret } from "../../drivers/secret.ts";
import { languageSchema } from "../language/language.ts";
import { prioritySchema } from "./rule.ts";

/** Addresses of one receiver and channel; more people belong into more receivers. */
const addressesMax = 20;

const phone = z
  .string()
  .regex(/^\+[1-9]\d{5,14}$/, { error: "phone" })
  .meta({ description: "International form, for example +8613800138000" });
const url = z.url({ protocol: /^https?$/ });
/** An address with a token in it is a secret: whoever has it can write to the group. */
const secretUrl = secret().meta({ description: "The robot's whole address" });

const quietSchema = z.strictObject({
  during: z.string().meta({ description: "A schedule; in its hours only `except` is told" }),
  except: z.array(prioritySchema).default(["critical"]),
});

/** One receiver: a person, a shift or a system, with all ways to reach it. */
export const receiverSchema = z.strictObject({
  name: z.string().max(120).optional(),
  language: languageSchema.optional(),
  sms: z.array(phone).max(addressesMax).default([]),
  email: z.array(z.email()).max(addressesMax).default([]),
  dingtalk: z
    .strictObject({
      webhook: secretUrl,
      secret: secret().optional(),
      mobiles: z.array(z.string()).default([]),
    })
    .optional(),
  wecom: z
    .strictObject({ webhook: secretUrl, mobiles: z.array(z.string()).default([]) })
    .optional(),
  feishu: z.strictObject({ webhook: secretUrl, secret: secret().optional() }).optional(),
  ntfy: z
    .strictObject({
      server: url.default("https://ntfy.sh"),
      topic: z.string().min(1).max(64),
      token: secret().optional(),
    })
    .optional(),
  telegram: z
    .strictObject({
      server: url.default("https://api.telegram.org"),
      token: secret(),
      chat: z.string().min(1),
    })
    .optional(),
  pagerduty: z
    .strictObject({ server: url.default("https://events.pagerduty.com"), routingKey: secret() })
    .optional(),
  webhook: z.strictObject({ url, secret: secret().optional() }).optional(),
  mqtt: z
    .strictObject({
      server: z.url({ protocol: /^mqtts?$/ }),
      topic: z.string().min(1).max(200),
      user: z.string().optional(),
      password: secret().optional(),
    })
    .optional(),
  quiet: quietSchema.optional().meta({ description: "Hours in which it is told less" }),
  priorities: z.array(prioritySchema).optional().meta({
    description: "It is told of these only (default: all)",
  }),
});
export type ReceiverConfig = z.infer<typeof receiverSchema>;

/** Every way to reach a receiver, in the order in which they are tried on screens and pages. */
export const channelKinds = [
  "sms",
  "email",
  "dingtalk",
  "wecom",
  "feishu",
  "ntfy",
  "telegram",
  "pagerduty",
  "webhook",
  "mqtt",
] as const;
export type ChannelKind = (typeof channelKinds)[number];

const stepSchema = z.strictObject({
  after: duration().default(0).meta({ description: "Time since the alarm" }),
  notify: z.array(z.string()).min(1).max(20),
  until: z.enum(["acknowledged", "never"]).default("acknowledged").meta({
    description: "Whether an acknowledgement stops this step",
  }),
});

export const ladderSchema = z.strictObject({
  steps: z.array(stepSchema).min(1).max(10),
  onReturn: z.enum(["continue", "stop"]).default("continue").meta({
    description: "Whether an unacknowledged alarm that is back to normal climbs on",
  }),
  remindEvery: duration({ min: 60_000 }).optional().meta({
    description: "Reminds those who were told of an alarm that is acknowledged and still active",
  }),
});
export type LadderConfig = z.infer<typeof ladderSchema>;

/** The mail server that e-mail goes through. */
export const mailSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(587),
  security: z.enum(["starttls", "tls", "none"]).default("starttls"),
  user: z.string().optional(),
  password: secret().optional(),
  from: z.email(),
  caFile: z.string().optional(),
});

/** The GSM modem that SMS leaves by. */
export const smsSchema = z.strictObject({
  port: z.string().meta({ description: "serial:/dev/... of the modem's AT port" }),
  baudRate: z.int().min(300).max(921_600).default(115_200),
  pin: secret().optional(),
  center: phone.optional().meta({ description: "SMS centre, when the SIM has none" }),
  perHourMax: z.int().min(1).max(1_000).default(60).meta({
    description: "Messages an hour; further ones become one digest",
  }),
});

const names = z.array(z.string()).max(20);

/** How alarms behave together. Numbers follow ISA-18.2 practice. */
export const alarmsSchema = z.strictObject({
  annunciate: names.optional().meta({
    description:
      "Annunciators of the gateway's own alarms: a store, channel or modem that fails (default: those of place here; never a siren, as none is critical)",
  }),
  notify: names.default([]).meta({
    description: "Receivers of the gateway's own alarms (default: the ladder of escalate)",
  }),
  floodBegins: z.int().min(2).max(1_000).default(10).meta({
    description:
      "More new alarms than this in 10 min are a flood: only critical ones are pushed singly",
  }),
  floodEnds: z
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .meta({ description: "Fewer than this in 10 min end it" }),
  digestEvery: duration({ min: 10_000 }).default(300_000).meta({
    description: "How often a flood is told in one message",
  }),
  pushFor: duration({ min: 60_000 })
    .default(24 * 3_600_000)
    .meta({
      description: "A push that could not be delivered for so long is given up, and shown as dead",
    }),
  escalate: z
    .string()
    .optional()
    .meta({ description: "Ladder of rules that name neither notify nor escalate" }),
  links: z.boolean().default(false).meta({
    description: "Whether messages carry a signed link to acknowledge; needs `site`",
  }),
  site: url.optional().meta({ description: "Address under which people reach this panel" }),
  testEvery: duration({ min: 86_400_000 })
    .default(30 * 86_400_000)
    .meta({
      description: "Reminds that outputs and receivers were not tested for so long",
    }),
});
