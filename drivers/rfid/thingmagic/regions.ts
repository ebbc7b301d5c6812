import type { Region } from "../protocol.ts";

/** Region codes of the modules; several generations have several codes for one region, the usual one first. */
export const mercuryRegions: Readonly<Record<Region, readonly number[]>> = {
  CN: [6],
  CN1: [10],
  EU: [8, 7, 2],
  US: [1, 13, 14],
  KR: [9, 3],
  IN: [4],
  JP: [5],
};
