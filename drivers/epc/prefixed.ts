import type { BitReader, BitWriter } from "./bits.ts";
import { type Field, number, serialText, sixBitText, take } from "./field.ts";
import { MalformedEpc } from "./malformed.ts";
import type { Partition } from "./partition.ts";

type Reference = (partition: Partition, name: string) => Field;

/** Company prefix and reference of fixed length: leading zeros stand in the URI (TDS 1.13, 14.3.3 and 14.4.3). */
export function padded(partitions: readonly Partition[], name: string): Field {
  return prefixed(partitions, name, ({ referenceBits: bits, referenceDigits: digits }) => ({
    components: 1,
    read: (from) => [digitsOf(take(from, bits), digits, name)],
    write: ([form = ""], to) => {
      if (form.length !== digits || !/^\d*$/.test(form))
        throw new MalformedEpc(`${name} must have ${digits} digits behind that company prefix`);
      to.put(form === "" ? 0n : BigInt(form), bits);
    },
  }));
}

/** The reference is a number without leading zeros (14.3.4 and 14.4.4). */
export function unpadded(partitions: readonly Partition[], name: string): Field {
  return prefixed(partitions, name, ({ referenceBits: bits, referenceDigits: digitsMax }) => ({
    components: 1,
    read: (from) => [limited(String(take(from, bits)), digitsMax, name)],
    write: ([form = ""], to) => to.put(number(limited(form, digitsMax, name), bits, name), bits),
  }));
}

/** The reference is a text of 7-bit characters (14.3.5 and 14.4.5). */
export function prefixedText(partitions: readonly Partition[], name: string): Field {
  return prefixed(partitions, name, ({ referenceBits, referenceDigits }) =>
    serialText(referenceBits, referenceDigits, name),
  );
}

/** The reference is a text of 6-bit characters with its terminator (14.3.9 and 14.4.9). */
export function prefixedSixBit(partitions: readonly Partition[], name: string): Field {
  return prefixed(partitions, name, ({ referenceDigits }) =>
    sixBitText({ charactersMin: 1, charactersMax: referenceDigits, hash: "anywhere" }, name),
  );
}

function prefixed(partitions: readonly Partition[], name: string, reference: Reference): Field {
  const fields = partitions.map((partition) => ({
    ...partition,
    reference: reference(partition, name),
  }));
  return {
    components: 2,
    read: (from: BitReader) => {
      const partition = Number(take(from, 3));
      const row = fields[partition];
      if (row === undefined) throw new MalformedEpc(`partition ${partition} does not exist`);
      const prefix = digitsOf(take(from, row.prefixBits), row.prefixDigits, "company prefix");
      return [prefix, ...row.reference.read(from)];
    },
    write: ([prefix = "", ...rest], to: BitWriter) => {
      const partition = fields.findIndex((row) => row.prefixDigits === prefix.length);
      const row = fields[partition];
      if (row === undefined || !/^\d+$/.test(prefix))
        throw new MalformedEpc("the company prefix must have 6 to 12 digits");
      to.put(BigInt(partition), 3);
      to.put(BigInt(prefix), row.prefixBits);
      row.reference.write(rest, to);
    },
  };
}

function digitsOf(value: bigint, digits: number, name: string): string {
  const form = digits === 0 && value === 0n ? "" : String(value).padStart(digits, "0");
  if (form.length > digits) throw new MalformedEpc(`${name} has more than ${digits} digits`);
  return form;
}

function limited(form: string, digitsMax: number, name: string): string {
  if (form.length > digitsMax)
    throw new MalformedEpc(`${name} has more than ${digitsMax} digits behind that company prefix`);
  return form;
}
