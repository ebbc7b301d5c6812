/** Longest topic that a channel may name: the gateway's own broker takes no longer one. */
export const topicBytesMax = 256;

/** Whether messages can be published on it: no wildcards, no control characters. [MQTT-4.7.3] */
export function isTopic(topic: string): boolean {
  return topic !== "" && !/[+#\p{Cc}]/u.test(topic) && Buffer.byteLength(topic) <= topicBytesMax;
}

/** Puts the device's own topic in place of `{topic}`. */
export function fillTopic(pattern: string, deviceTopic: string | undefined): string {
  return pattern.replaceAll("{topic}", deviceTopic ?? "{topic}");
}
