import { z } from "zod";
import { languageSchema } from "../language/language.ts";
import { annunciatorSchema } from "./annunciator.ts";
import { itemIdSchema, itemSchema, stockSchema } from "./item.ts";
import { locationSchema } from "./location.ts";
import { alarmsSchema, ladderSchema, mailSchema, receiverSchema, smsSchema } from "./notify.ts";
import type { Profile } from "./profile.ts";
import { ruleSchema } from "./rule.ts";
import { scheduleSchema } from "./schedule.ts";
import { brokerSchema, buttonsSchema, panelSchema, storeSchema } from "./services.ts";
import { syncSchema } from "./sync.ts";

/** Names of channels, devices, points, rules, locations: they appear in topics, URLs and tables. */
const idPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/i;
export const idSchema = z.string().regex(idPattern, { error: "id" });

export function isId(text: string): boolean {
  return idPattern.test(text);
}

export const gatewaySchema = z.strictObject({
  id: idSchema,
  name: z.string().max(120).optional(),
  timezone: z.string().default("UTC"),
  language: languageSchema.default("en"),
});

/** Everything but `channels`, whose form depends on the drivers. */
export const configShape = {
  version: z.literal(1),
  gateway: gatewaySchema,
  locations: z.record(idSchema, locationSchema).default({}),
  items: z.record(itemIdSchema, itemSchema).default({}),
  stock: stockSchema.prefault({}),
  schedules: z.record(idSchema, scheduleSchema).default({}),
  rules: z.record(idSchema, ruleSchema).default({}),
  annunciators: z.record(idSchema, annunciatorSchema).default({}),
  alarms: alarmsSchema.prefault({}),
  notify: z.record(idSchema, receiverSchema).default({}),
  escalation: z.record(idSchema, ladderSchema).default({}),
  mail: mailSchema.optional(),
  sms: smsSchema.optional(),
  buttons: buttonsSchema.prefault({}),
  panel: panelSchema.prefault({}),
  broker: brokerSchema.prefault({}),
  store: storeSchema.prefault({}),
  sync: syncSchema.optional(),
} as const;

/** One channel after its templates were merged; the driver's own schema has checked the rest. */
export interface ChannelConfig {
  readonly driver: string;
  readonly devices: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** All of a configuration but its channels. */
export const configSchema = z.strictObject(configShape);

/** A whole, checked configuration. */
export type Config = z.infer<typeof configSchema> & {
  readonly channels: Readonly<Record<string, ChannelConfig>>;
  /** The storage profiles that locations name, by name. */
  readonly profiles: Readonly<Record<string, Profile>>;
};
