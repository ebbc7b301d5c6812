import type { ComponentChildren } from "preact";
import type { ShapeName } from "../severity.ts";
import { Shape } from "./shape.tsx";

/** What a thing means: the colour follows from it. */
export type Tone =
  | "critical"
  | "high"
  | "medium"
  | "low"
  | "good"
  | "uncertain"
  | "bad"
  | "old"
  | "neutral";

interface TagProps {
  readonly tone: Tone;
  readonly shape: ShapeName;
  readonly pulse?: boolean;
  readonly children: ComponentChildren;
}

/** Shape, word and colour together. */
export function Tag({ tone, shape, pulse = false, children }: TagProps) {
  return (
    <span class={`tag tone-${tone}`}>
      <Shape name={shape} pulse={pulse} />
      <span>{children}</span>
    </span>
  );
}
