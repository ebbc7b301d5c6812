/** A person, and the way that the change took. */
export function whoText(
  author: string,
  source: string,
  sources: Readonly<Record<string, string>>,
): string {
  const way = sources[source] ?? source;
  return author === source ? way : `${author} (${way})`;
}
