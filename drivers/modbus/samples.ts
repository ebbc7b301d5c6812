import type { EpochMs, Sample } from "../contract.ts";
import { decodeBit, decodeRegisters, type Reading } from "./decode.ts";
import type { PointPlace, ReadRequest } from "./plan.ts";

/** The data bytes of an answer to the samples of the request's points. */
export function samplesOf(
  request: ReadRequest,
  bytes: Uint8Array,
  sampledAt: EpochMs,
): readonly Sample[] {
  return request.places.map((place) => ({
    point: place.key,
    sampledAt,
    ...readingOf(request, place, bytes),
  }));
}

/** A failed request: every point is bad, whatever it was before. */
export function badSamples(
  requests: readonly ReadRequest[],
  reason: string,
  sampledAt: EpochMs,
): readonly Sample[] {
  return requests.flatMap(({ places }) =>
    places.map(({ key }) => ({ point: key, sampledAt, quality: "bad" as const, reason })),
  );
}

function readingOf(request: ReadRequest, place: PointPlace, bytes: Uint8Array): Reading {
  const at = place.address - request.address;
  if (request.table === "input" || request.table === "holding") {
    const slice = bytes.subarray(at * 2, (at + place.width) * 2);
    return decodeRegisters(slice, place.point, place.order);
  }
  const byte = bytes[Math.floor(at / 8)];
  if (byte === undefined) return { quality: "bad", reason: "wrong length" };
  return decodeBit(((byte >> (at % 8)) & 1) === 1, place.point);
}
