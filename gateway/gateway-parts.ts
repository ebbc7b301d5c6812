import type { Brain } from "./brain.ts";

/** What changes with the configuration, as it is at the time of a look. */
export type PresentParts = Pick<
  Brain,
  "config" | "points" | "rules" | "intake" | "alarms" | "desk" | "response" | "source"
>;

/**
 * What outlives a configuration together with what does not. To be kept as it is and asked each time: a copy by `...` or
 * a field that was read once stays what it was.
 */
export function gatewayParts<Lasting extends { readonly now: () => PresentParts }>(
  lasting: Lasting,
): Lasting & PresentParts {
  const { now } = lasting;
  return {
    ...lasting,
    get config() {
      return now().config;
    },
    get points() {
      return now().points;
    },
    get rules() {
      return now().rules;
    },
    get intake() {
      return now().intake;
    },
    get alarms() {
      return now().alarms;
    },
    get desk() {
      return now().desk;
    },
    get response() {
      return now().response;
    },
    get source() {
      return now().source;
    },
  };
}
