import type { PointKey, Value } from "../../drivers/contract.ts";
import { rounded } from "../pipeline/unit.ts";
import type { Comparison, Condition } from "./rule.ts";
import { clear, judgeLimit, opposite, type Threshold, type Verdict, violated } from "./verdict.ts";

type Remembered = Extract<
  Comparison,
  { is: "frozen" | "fault" | "rising" | "falling" | "will-reach" | "risen" | "fallen" | "during" }
>;

/** One comparison, in the form that costs least per sample. */
export type Leaf =
  | ({ readonly is: "limit"; readonly point: PointKey } & Threshold)
  | ({
      readonly is: "pair";
      readonly point: PointKey;
      readonly other: PointKey;
      readonly by: "minus" | "dividedBy";
    } & Threshold)
  | { readonly is: "equal"; readonly point: PointKey; readonly value: Value }
  | { readonly is: "stale"; readonly point: PointKey; readonly afterMs: number }
  | Remembered;

/** A comparison whose verdict rests on more than the last sample of one point. */
export type RememberingLeaf = Extract<Leaf, { is: "pair" | Remembered["is"] }>;

/** How long violations must add up, and in which window; undefined: without end. */
export interface TotalTerms {
  readonly totalMs: number;
  readonly withinMs: number | undefined;
}

/** The form of a condition over positions in the lists of leaves and totals. */
export type Tree =
  | { readonly is: "leaf"; readonly leaf: number }
  | { readonly is: "not"; readonly part: Tree }
  | { readonly is: "total"; readonly part: Tree; readonly total: number }
  | { readonly is: "all" | "any"; readonly of: readonly Tree[] };

/** A condition as a flat list of comparisons and the tree over them. */
export function flatten(condition: Condition, leaves: Leaf[], totals: TotalTerms[]): Tree {
  switch (condition.is) {
    case "all":
    case "any":
      return {
        is: condition.is,
        of: condition.of.map((part) => flatten(part, leaves, totals)),
      };
    case "not":
      return { is: "not", part: flatten(condition.part, leaves, totals) };
    case "total": {
      const total = totals.length;
      totals.push({ totalMs: condition.totalMs, withinMs: condition.withinMs });
      return { is: "total", part: flatten(condition.part, leaves, totals), total };
    }
    default:
      leaves.push(leafOf(condition));
      return { is: "leaf", leaf: leaves.length - 1 };
  }
}

type LimitCondition = Extract<Condition, { is: "above" | "below" }>;

function isLimit(condition: Comparison): condition is LimitCondition {
  return condition.is === "above" || condition.is === "below";
}

function leafOf(condition: Comparison): Leaf {
  if (!isLimit(condition)) return condition;
  const { point, inclusive, deadband, minus, dividedBy } = condition;
  const threshold = thresholdOf(condition.is === "above" ? 1 : -1, condition.limit, deadband);
  const other = minus ?? dividedBy;
  if (other === undefined) return { is: "limit", point, ...threshold, inclusive };
  const by = minus === undefined ? "dividedBy" : "minus";
  return { is: "pair", point, other, by, ...threshold, inclusive };
}

/** The threshold that a value exceeds upwards (1) or downwards (-1). */
export function thresholdOf(sign: 1 | -1, bound: number, deadband: number): Threshold {
  const limit = sign * bound;
  const clearAt = deadband === 0 ? limit : Math.min(limit, rounded(limit - deadband));
  return { sign, limit, inclusive: false, clearAt };
}

/** The points whose samples a comparison looks at. */
export function pointsOf(leaf: Leaf): readonly PointKey[] {
  if (leaf.is === "during") return [];
  return leaf.is === "pair" ? [leaf.point, leaf.other] : [leaf.point];
}

export function remembers(leaf: Leaf): leaf is RememberingLeaf {
  return leaf.is !== "limit" && leaf.is !== "equal" && leaf.is !== "stale";
}

/** What a good value says where nothing but this value matters. */
export function judge(leaf: Exclude<Leaf, RememberingLeaf>, value: Value): Verdict {
  if (leaf.is === "stale") return clear;
  if (leaf.is === "equal") return value === leaf.value ? violated : clear;
  return judgeLimit(leaf, value);
}

/** Where a tree finds what its leaves say, and what its totals make of their part. */
export interface Findings {
  verdictOf(leaf: number): Verdict;
  totalOf(total: number, part: Verdict, tree: Tree): Verdict;
}

export function judgeTree(tree: Tree, findings: Findings): Verdict {
  switch (tree.is) {
    case "leaf":
      return findings.verdictOf(tree.leaf);
    case "not":
      return opposite(judgeTree(tree.part, findings));
    case "total":
      return findings.totalOf(tree.total, judgeTree(tree.part, findings), tree.part);
    case "all":
    case "any":
      return judgeParts(tree.of, tree.is === "all", findings);
  }
}

function judgeParts(parts: readonly Tree[], all: boolean, findings: Findings): Verdict {
  let lower = all ? 2 : 0;
  let upper = lower;
  // No part is left out: a total among them must see every change.
  for (const part of parts) {
    const verdict = judgeTree(part, findings);
    const partLower = verdict >> 2;
    const partUpper = verdict & 3;
    if (all ? partLower < lower : partLower > lower) lower = partLower;
    if (all ? partUpper < upper : partUpper > upper) upper = partUpper;
  }
  return lower * 4 + upper;
}

/** Positions of the leaves below a tree. */
export function leavesBelow(tree: Tree): readonly number[] {
  if (tree.is === "leaf") return [tree.leaf];
  return "of" in tree ? tree.of.flatMap(leavesBelow) : leavesBelow(tree.part);
}
