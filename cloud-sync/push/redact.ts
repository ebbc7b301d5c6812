const hidden = "[redacted]";

/** Shorter ones would hide half of every sentence, and are no secret worth the name. */
const secretCharsMin = 4;

/** The text without any of the secrets, as they are written or as they stand in an address. */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
  ]);
  return [...new Set(forms)]
    .filter((form) => form.length >= secretCharsMin)
    .sort((a, b) => b.length - a.length)
    .reduce((rest, form) => rest.replaceAll(form, hidden), text);
}
