import { channelKinds } from "./schema/notify.ts";

/**
 * Whether a receiver is told of any alarm at all: it has a way to be reached, and priorities that it is told of. Takes a
 * section as it came from afar as well.
 */
export function hears(receiver: unknown): boolean {
  if (typeof receiver !== "object" || receiver === null) return false;
  const settings = new Map<string, unknown>(Object.entries(receiver));
  const isGiven = (name: string) => {
    const value = settings.get(name);
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  };
  const isDeaf = settings.has("priorities") && !isGiven("priorities");
  return !isDeaf && channelKinds.some(isGiven);
}
