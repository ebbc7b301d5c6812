import type { Texts } from "./language.ts";

const en: Readonly<Record<string, string>> = {};

const zh: typeof en = {};

/** What is said about the checks of the driver `scale`. */
export const checkScaleText: Texts<typeof en> = { en, zh };
