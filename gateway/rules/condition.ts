import type { PointKey, Value } from "../../drivers/contract.ts";
import { rounded } from "../pipeline/unit.ts";
import type { Comparison, Condition } from "./rule.ts";

/**
 * What is known of a condition, as two bounds on the scale 0 clear, 1 inside the deadband, 2
 * violated: lower * 4 + upper. An unknown value may be anything, so its bounds are 0 and 2. `all`
 * is the smaller of its parts and `any` the greater, bound by bound: a part that is unknown matters
 * only where the others leave it open.
 */
export type Verdict = number;

const clear: Verdict = 0;
const between: Verdict = 5;
export const violated: Verdict = 10;
export const unknown: Verdict = 2;

/** Violated whatever the unknown parts are. */
export function isViolated(verdict: Verdict): boolean {
  return verdict === violated;
}

/** Clear whatever the unknown parts are. */
export function isClear(verdict: Verdict): boolean {
  return verdict === clear;
}

export function mayBeViolated(verdict: Verdict): boolean {
  return (verdict & 3) === 2;
}

export function mayBeClear(verdict: Verdict): boolean {
  return verdict >> 2 === 0;
}

/**
 * One comparison, in the form that costs least per sample; `below` is `above` with both sides
 * negated.
 */
export type Leaf =
  | {
      readonly is: "limit";
      readonly point: PointKey;
      readonly sign: 1 | -1;
      readonly limit: number;
      readonly inclusive: boolean;
      /** At or behind this a value has come back. */
      readonly clearAt: number;
    }
  | { readonly is: "equal"; readonly point: PointKey; readonly value: Value }
  | { readonly is: "stale"; readonly point: PointKey; readonly afterMs: number };

/** `all` and `any` over positions in the list of leaves. */
export type Tree =
  | { readonly is: "leaf"; readonly leaf: number }
  | { readonly is: "all" | "any"; readonly of: readonly Tree[] };

/** A condition as a flat list of comparisons and the tree over them. */
export function flatten(condition: Condition, leaves: Leaf[]): Tree {
  if ("of" in condition) {
    return { is: condition.is, of: condition.of.map((part) => flatten(part, leaves)) };
  }
  leaves.push(leafOf(condition));
  return { is: "leaf", leaf: leaves.length - 1 };
}

function leafOf(condition: Comparison): Leaf {
  if (condition.is === "equal" || condition.is === "stale") return condition;
  const { point, inclusive, deadband } = condition;
  const sign = condition.is === "above" ? 1 : -1;
  const limit = sign * condition.limit;
  const clearAt = deadband === 0 ? limit : Math.min(limit, rounded(limit - deadband));
  return { is: "limit", point, sign, limit, inclusive, clearAt };
}

/** What a good value says. A limit says nothing about text, switches or NaN. */
export function judge(leaf: Leaf, value: Value): Verdict {
  if (leaf.is === "stale") return clear;
  if (leaf.is === "equal") return value === leaf.value ? violated : clear;
  if (typeof value !== "number") return unknown;
  const signed = leaf.sign * value;
  if (signed > leaf.limit || (leaf.inclusive && signed === leaf.limit)) return violated;
  if (signed <= leaf.clearAt) return clear;
  return signed <= leaf.limit ? between : unknown;
}

/** `verdictOf` gives the verdict of the leaf at a position. */
export function judgeTree(tree: Tree, verdictOf: (leaf: number) => Verdict): Verdict {
  if (tree.is === "leaf") return verdictOf(tree.leaf);
  const all = tree.is === "all";
  let lower = all ? 2 : 0;
  let upper = lower;
  for (const part of tree.of) {
    const verdict = judgeTree(part, verdictOf);
    const partLower = verdict >> 2;
    const partUpper = verdict & 3;
    if (all ? partLower < lower : partLower > lower) lower = partLower;
    if (all ? partUpper < upper : partUpper > upper) upper = partUpper;
  }
  return lower * 4 + upper;
}

/**
 * The same text for the same condition, another one for another: a saved timer belongs to one
 * condition only.
 */
export function fingerprint(condition: Condition): string {
  switch (condition.is) {
    case "above":
    case "below": {
      const operator = `${condition.is === "above" ? ">" : "<"}${condition.inclusive ? "=" : ""}`;
      return `${condition.point}${operator}${condition.limit}~${condition.deadband}`;
    }
    case "equal":
      return `${condition.point}=${JSON.stringify(condition.value)}`;
    case "stale":
      return `${condition.point}!${condition.afterMs}`;
    case "all":
    case "any":
      return `${condition.is}(${condition.of.map(fingerprint).join(",")})`;
  }
}
