/** Inside the codec: the bits or the URI break a rule of their scheme. Never leaves `epc.ts`. */
export class MalformedEpc extends Error {
  override readonly name = "MalformedEpc";
}
