/** One row of a partition table: how company prefix and reference share their bits. */
export interface Partition {
  readonly prefixBits: number;
  readonly prefixDigits: number;
  readonly referenceBits: number;
  /** Digits or characters of the reference; the most where it has no fixed length. */
  readonly referenceDigits: number;
}

/** Bits of company prefixes of 12 to 6 digits, by partition value 0 to 6; 7 is not used (TDS 1.13, 14.5). */
const prefixBits = [40, 37, 34, 30, 27, 24, 20] as const;

function table(
  bits: readonly number[],
  referenceDigits: (partition: number) => number,
): readonly Partition[] {
  return prefixBits.map((prefix, partition) => ({
    prefixBits: prefix,
    prefixDigits: 12 - partition,
    referenceBits: bits[partition] ?? 0,
    referenceDigits: referenceDigits(partition),
  }));
}

/** Bits that are left of `total` behind the company prefix. */
function restOf(total: number): readonly number[] {
  return prefixBits.map((prefix) => total - prefix);
}

/** TDS 1.13: tables 14-2 and 14-30. */
export const itemPartitions = table(restOf(44), (at) => at + 1);
/** Tables 14-5 and 14-17. */
export const containerPartitions = table(restOf(58), (at) => at + 5);
/** Tables 14-7, 14-20 and 14-28. */
export const locationPartitions = table(restOf(41), (at) => at);
/** Table 14-10. */
export const returnablePartitions = table(restOf(44), (at) => at);
/** Table 14-13. */
export const assetPartitions = table(restOf(82), (at) => at + 13);
/** Table 14-15: characters of 7 bits. */
export const assetTextPartitions = table(restOf(188), (at) => at + 18);
/** Table 14-24. */
export const partPartitions = table(restOf(51), (at) => at + 3);
/** Table 14-25: characters of 6 bits and their terminator. */
export const partTextPartitions = table([114, 120, 126, 132, 138, 144, 150], (at) => at + 18);
