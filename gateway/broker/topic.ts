import { topicBytesMax, topicLevelsMax } from "./limits.ts";

/** Whether a topic matches a pattern with `+` and `#`. Topics that begin with `$` match no leading wildcard. [MQTT-4.7.2-1] */
export function matches(pattern: string, topic: string): boolean {
  return covers(pattern, topic);
}

/**
 * Whether every topic that `filter` matches is also matched by `pattern`: what a subscription must satisfy.
 * A topic is a filter without wildcards.
 */
export function covers(pattern: string, filter: string): boolean {
  const allowed = pattern.split("/");
  const asked = filter.split("/");
  if (asked[0]?.startsWith("$") && allowed[0] !== asked[0]) return false;
  for (const [level, part] of allowed.entries()) {
    // Reached also when the topic ends here: `a/#` matches `a`. [MQTT-4.7.1-2]
    if (part === "#") return true;
    const other = asked[level];
    if (other === undefined || other === "#") return false;
    if (part !== "+" && part !== other) return false;
  }
  return allowed.length === asked.length;
}

/** Why a filter or a topic is not accepted; undefined when it is. */
export function topicProblem(topic: string): "too-long" | "too-deep" | "malformed" | undefined {
  if (topic === "" || topic.includes("\u0000")) return "malformed";
  if (Buffer.byteLength(topic) > topicBytesMax) return "too-long";
  const levels = topic.split("/");
  if (levels.length > topicLevelsMax) return "too-deep";
  const misplaced = levels.some((level, at) =>
    level.length > 1 ? /[+#]/.test(level) : level === "#" && at !== levels.length - 1,
  );
  return misplaced ? "malformed" : undefined;
}
