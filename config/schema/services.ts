import { z } from "zod";
import { duration } from "../../drivers/quantity.ts";
import { secret } from "../../drivers/secret.ts";
import { timeOfDay } from "./schedule.ts";

/** `host:port` to listen on; port 0 takes one that is free. */
export const listenSchema = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, { error: "listen" })
  .refine((text) => Number(text.slice(text.lastIndexOf(":") + 1)) <= 65_535, { error: "listen" })
  .meta({ description: "host:port, for example 127.0.0.1:8080" });

export const panelSchema = z.strictObject({
  listen: listenSchema.default("127.0.0.1:8080"),
  enabled: z.boolean().default(true),
  allowedHosts: z
    .array(z.string())
    .default([])
    .meta({ description: "Further host names under which browsers may reach the panel" }),
});

const topicPattern = z.string().min(1).max(200);

export const brokerSchema = z.strictObject({
  enabled: z.boolean().default(true),
  listen: listenSchema.default("127.0.0.1:1883"),
  users: z
    .record(
      z.string(),
      z.strictObject({
        password: secret(),
        publish: z.array(topicPattern).default([]),
        subscribe: z.array(topicPattern).default(["rackwatch/#"]),
      }),
    )
    .default({})
    .meta({
      description: "Without users only clients on this machine may read, and nobody may publish",
    }),
  maxClients: z.int().min(1).max(1_000).default(50),
  maxPacket: z
    .int()
    .min(1_024)
    .max(1_048_576)
    .default(65_536)
    .meta({ description: "Bytes", unit: "B" }),
});

const pushButtons = z.array(z.string()).default([]);

export const buttonsSchema = z.strictObject({
  acknowledge: pushButtons.meta({
    description:
      "device/point keys of push-buttons that acknowledge what waits: all lesser alarms at once, critical ones one a press",
  }),
  silence: pushButtons.meta({
    description: "device/point keys of push-buttons that silence the buzzers; lamps stay on",
  }),
  silenceFor: duration({ min: 60_000, max: 900_000 })
    .default(600_000)
    .meta({ description: "How long a pressed button silences" }),
});

const backupSchema = z.strictObject({
  enabled: z.boolean().default(true),
  at: timeOfDay.default("02:30"),
  keep: z.int().min(1).max(366).default(7).meta({ description: "Newest backups that are kept" }),
  dir: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Folder for them; default: backup in the data folder" }),
  full: z.boolean().default(false).meta({
    description: "Also samples that central confirmed, and the records of years",
  }),
});

export const storeSchema = z.strictObject({
  flushEvery: duration({ min: 100, max: 60_000 }).default(20_000),
  keepFor: duration({ min: 3_600_000 }).default(90 * 86_400_000),
  recordsFor: duration({ min: 86_400_000 })
    .default((5 * 365 + 2 + 31) * 86_400_000)
    .meta({
      description: "How long the records of locations with a storage profile are kept",
    }),
  maxSize: z
    .int()
    .min(16)
    .max(1_000_000)
    .default(2_000)
    .meta({ description: "MB on disk", unit: "MB" }),
  backup: backupSchema.prefault({}),
});
