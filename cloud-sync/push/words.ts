import type { Push } from "../../gateway/push/push.ts";
import { cutBytes } from "./cut.ts";

/** JSON with UTF-8, which every channel over HTTP takes. */
export const jsonHeaders = { "content-type": "application/json; charset=utf-8" } as const;

/** Title, text and link as one plain message. A text that is cut keeps its link. */
export function words(push: Push, bytesMax: number): string {
  const { title, text, link } = push;
  const body = text.startsWith(title) ? text : `${title}\n${text}`;
  if (link === undefined || text.includes(link)) {
    if (link === undefined || Buffer.byteLength(body) <= bytesMax) return cutBytes(body, bytesMax);
    return withLink(body.replace(link, "").trimEnd(), link, bytesMax);
  }
  return withLink(body, link, bytesMax);
}

function withLink(body: string, link: string, bytesMax: number): string {
  const tail = `\n${link}`;
  const room = bytesMax - Buffer.byteLength(tail);
  return room < 0 ? cutBytes(body, bytesMax) : cutBytes(body, room) + tail;
}
