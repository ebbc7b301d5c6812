import type { Texts } from "./language.ts";

const en: Readonly<Record<string, string>> = {};

const zh: typeof en = {};

/** What is said about the checks of the driver `opcua`. */
export const checkOpcUaText: Texts<typeof en> = { en, zh };
