import type { Texts } from "./language.ts";

const en: Readonly<Record<string, string>> = {};

const zh: typeof en = {};

/** What is said about the checks of the driver `mqtt`. */
export const checkMqttText: Texts<typeof en> = { en, zh };
