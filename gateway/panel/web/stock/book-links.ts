/** `#/stock`, one of its parts, or one item at one location. */
export function stockHash(part?: string, item?: string): string {
  return ["#/stock", part, item]
    .flatMap((it, index) => (it === undefined ? [] : [index === 0 ? it : encodeURIComponent(it)]))
    .join("/");
}
