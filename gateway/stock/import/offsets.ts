/** `+08:00` of a time zone at an instant: how a time that names no zone is meant. */
export function offsetsOf(timezone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" });
  return (at) => {
    const parts = format.formatToParts(at);
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
    return name === "GMT" ? "+00:00" : name.slice("GMT".length);
  };
}
