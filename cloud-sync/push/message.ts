import type { Sending } from "./channel.ts";

/** A push for machines: what webhooks and MQTT carry as JSON. `id` is the same when it is sent again. */
export function message({ push, gateway, key }: Sending) {
  const { receiver, kind, alarm, priority, language, short, title, text, fields, link } = push;
  return {
    type: `rackwatch.push.${kind}`,
    timestamp: new Date(push.createdAt).toISOString(),
    data: {
      id: key,
      gateway,
      receiver,
      kind,
      ...(alarm === undefined ? {} : { alarm }),
      priority,
      language,
      short,
      title,
      text,
      fields,
      ...(link === undefined ? {} : { link }),
    },
  };
}
