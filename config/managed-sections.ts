import { z } from "zod";

/** Sections of a gateway's configuration that somebody far away may have a say in; devices and wires are the technician's. */
export const managedSections = [
  "rules",
  "items",
  "profiles",
  "schedules",
  "notify",
  "escalation",
] as const;
export type ManagedSection = (typeof managedSections)[number];

/**
 * Sections as YAML says them, before any default. A secret travels by its name only, as `{ "!secret": "sms-pin" }` in place
 * of `!secret sms-pin`: its value is looked up on the gateway.
 */
export const sectionsSchema = z.partialRecord(
  z.enum(managedSections),
  z.record(z.string(), z.json()),
);

export type Sections = z.infer<typeof sectionsSchema>;
