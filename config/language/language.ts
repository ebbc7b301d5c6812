import { z } from "zod";

export const languageSchema = z.enum(["en", "zh"]);
export type Language = z.infer<typeof languageSchema>;

/**
 * One area's sentences in every language. Write `const en = {...}; const zh: typeof en = {...}` and
 * `export const xText: Texts<typeof en> = { en, zh }`: a missing key does not compile.
 */
export type Texts<T> = Readonly<Record<Language, T>>;
