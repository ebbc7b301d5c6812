import { Secret } from "../../drivers/secret.ts";

const hidden = "[redacted]";

/** Shorter ones would hide half of every sentence, and are no secret worth the name. */
const secretCharsMin = 4;

/** How deep a configuration is looked into. */
const depthMax = 32;

/** All secret values of a configuration, and the numbers and addresses of people that it names. */
export function secretsOf(config: unknown, depth = depthMax): readonly string[] {
  if (config instanceof Secret) return [config.reveal()];
  if (typeof config === "string") return isPersonal(config) ? [config] : [];
  if (config === null || typeof config !== "object" || depth === 0) return [];
  return Object.values(config).flatMap((value) => secretsOf(value, depth - 1));
}

/** A telephone number or a mail address, and nothing else. */
function isPersonal(text: string): boolean {
  return /^\+?\d[\d ()-]{5,}\d$/.test(text) || /^[^\s@/]+@[^\s@/]+$/.test(text);
}

/**
 * Text that may be given to somebody else: without the secrets that are known, and without whatever has the look of one,
 * because logs hold what nobody configured.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString("base64"),
  ]);
  const known = [...new Set(forms)]
    .filter((form) => form.length >= secretCharsMin)
    .sort((a, b) => b.length - a.length)
    .reduce((rest, form) => rest.replaceAll(form, hidden), text);
  return patterns.reduce((rest, [pattern, by]) => rest.replace(pattern, by), known);
}

const patterns: readonly (readonly [RegExp, string])[] = [
  // User and password of an address, then its query, then path parts as robots and web hooks have them.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/"'<>]*@/gi, `$1${hidden}@`],
  [/([a-z][a-z0-9+.-]*:\/\/[^\s"'<>?]*)\?[^\s"'<>]*/gi, `$1?${hidden}`],
  [/(https?:\/\/[^\s"'<>]*?\/)(?=[^\s"'<>/]*\d)[\w:.~-]{16,}/gi, `$1${hidden}`],
  [/\b(Bearer|Basic)\s+[\w+/.=~-]+/gi, `$1 ${hidden}`],
  [/\brwg_[\w-]+/g, hidden],
  [/\bwhsec_[\w+/=-]+/g, hidden],
  [/(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END|$)/g, `$1${hidden}$2`],
  // A value under a key that speaks of a secret, also as text; `!secret name` only names one.
  [
    /((?:pass(?:word|wd)?|token|secret|pin|credentials|authorization|api[-_]?key|routing[-_]?key|cookie)["']?\s*[:=]\s*)(?!\s*!secret\b)(?:"[^"\n]*"|'[^'\n]*'|[^\s,}"'\n]+)/gi,
    `$1${hidden}`,
  ],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, "[mail]"],
  [/\+\d[\d ()-]{6,}\d/g, "[phone]"],
  [/(?<![\w.-])(?:0086|86)?1[3-9]\d{9}(?![\w.-])/g, "[phone]"],
  [/(?<![\w.-])00[1-9]\d{7,14}(?![\w.-])/g, "[phone]"],
];
