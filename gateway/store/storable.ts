import type { Sample } from "../../drivers/contract.ts";
import type { GatewayEvent } from "./store.ts";

/** Characters of one text value or reason: longer ones come from a broken device, and one row must fit any batch. */
export const textCharsMax = 16_384;

/** JSON bytes of one event's body. An audit of a whole configuration fits; a longer body is cut and says so. */
export const eventBytesMax = 65_536;

/** What is kept of a body that is too long. */
const cutCharsMax = 1_000;

const notFinite = "not a finite number";

/** The sample as it will be read back: a number that is none and a text over `textCharsMax` become bad samples. */
export function storable(sample: Sample): Sample {
  if (sample.raw !== undefined && !Number.isFinite(sample.raw)) {
    const { raw: _, ...rest } = sample;
    return storable(rest);
  }
  if (sample.quality !== "good" && sample.reason !== undefined) {
    if (sample.reason.length <= textCharsMax) return valueStorable(sample);
    return valueStorable({
      ...sample,
      reason: sample.reason.slice(0, textCharsMax).toWellFormed(),
    });
  }
  return valueStorable(sample);
}

function valueStorable(sample: Sample): Sample {
  if (sample.quality === "bad") return sample;
  const { value } = sample;
  if (typeof value === "number")
    return Number.isFinite(value) ? sample : turnedBad(sample, notFinite);
  if (typeof value !== "string" || value.length <= textCharsMax) return sample;
  return turnedBad(sample, `text of ${value.length} characters, more than ${textCharsMax}`);
}

function turnedBad({ point, sampledAt, raw }: Sample, reason: string): Sample {
  return { point, sampledAt, ...(raw !== undefined && { raw }), quality: "bad", reason };
}

/** The event as it will be read back: plain JSON only, and a body over `eventBytesMax` cut down to its start. */
export function storableEvent({ kind, at, mono, body }: GatewayEvent): GatewayEvent {
  const text = JSON.stringify(body);
  const bytes = Buffer.byteLength(text);
  if (bytes <= eventBytesMax) return { kind, at, mono, body: JSON.parse(text) };
  return {
    kind,
    at,
    mono,
    body: { cut: true, bytes, start: text.slice(0, cutCharsMax).toWellFormed() },
  };
}
