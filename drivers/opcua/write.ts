import type { ClientSession, DataType, NodeId } from "node-opcua";
import type { PointKey, Value } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { encodeValue } from "./encode.ts";
import { statusOf } from "./failure.ts";
import type { Library } from "./library.ts";
import type { Resolver } from "./resolve.ts";
import type { Target } from "./targets.ts";

interface Place {
  readonly nodeId: NodeId;
  readonly dataType: DataType;
}

/** Sets nodes. What type a node has is asked once. */
export class Writer {
  readonly #library: Library;
  readonly #session: ClientSession;
  readonly #resolver: Resolver;
  readonly #targets: ReadonlyMap<PointKey, Target>;
  readonly #places = new Map<PointKey, Place>();

  constructor(
    library: Library,
    session: ClientSession,
    resolver: Resolver,
    targets: readonly Target[],
  ) {
    this.#library = library;
    this.#session = session;
    this.#resolver = resolver;
    const writable = targets.filter(({ point }) => point.access !== "read");
    this.#targets = new Map(writable.map((target) => [target.key, target]));
  }

  /** @throws RackwatchError `driver/not-writable`, `driver/refused`, `driver/timeout`. */
  async write(key: PointKey, value: Value): Promise<void> {
    const target = this.#targets.get(key);
    if (target === undefined)
      throw new RackwatchError("driver/not-writable", `${key} cannot be written`, {
        where: key,
        todo: "Give the point `access: write` or `access: read-write`",
      });
    try {
      await this.#write(target, value);
    } catch (error) {
      if (error instanceof RackwatchError) throw error;
      throw new RackwatchError("driver/timeout", `${key} was not written: no answer`, {
        where: key,
        todo: "Check the server and the network",
        cause: error,
      });
    }
  }

  async #write(target: Target, value: Value): Promise<void> {
    const { nodeId, dataType } = await this.#placeOf(target);
    const encoded = encodeValue(value, dataType, target.point.enum);
    if ("misfit" in encoded)
      throw new RackwatchError("driver/not-writable", `${target.key}: ${encoded.misfit}`, {
        where: target.key,
        todo: "Write a value that the node's data type can hold",
      });
    const { AttributeIds, DataValue, Variant, VariantArrayType } = this.#library;
    // Named, as the two halves of a 64-bit integer would pass for an array.
    const arrayType = VariantArrayType.Scalar;
    const status = await this.#session.write({
      nodeId,
      attributeId: AttributeIds.Value,
      // Neither time stamps nor status: many servers refuse a write that brings any (OPC 10000-4, 5.11.4).
      value: new DataValue({ value: new Variant({ dataType, arrayType, value: encoded.value }) }),
    });
    if (status.isGood()) return;
    throw refused(target.key, status.name);
  }

  async #placeOf(target: Target): Promise<Place> {
    const known = this.#places.get(target.key);
    if (known !== undefined) return known;
    const [found] = await this.#resolver.find([target.place]);
    if (found?.nodeId === undefined) throw refused(target.key, found?.reason ?? "BadNoMatch");
    const dataType = await this.#session.getBuiltInDataType(found.nodeId).catch((error) => {
      const status = statusOf(error);
      if (status === undefined) throw error;
      throw refused(target.key, status);
    });
    const place = { nodeId: found.nodeId, dataType };
    this.#places.set(target.key, place);
    return place;
  }
}

function refused(key: PointKey, status: string): RackwatchError {
  return new RackwatchError("driver/refused", `The server does not set ${key}: ${status}`, {
    where: key,
    todo: "Check the node, and that the user may write it in the server",
  });
}
