/**
 * The library that makes certificates and requests: 24 MB and a third of a second, only for whoever makes some.
 * tsyringe, which it builds upon, refuses to load without the metadata that comes first.
 */
export async function loadX509() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
