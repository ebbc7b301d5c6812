import type { JSX } from "preact";
import type { ShapeName } from "../severity.ts";

const mark = <path class="glyph" d="M12 6.8v6.4M12 17v.1" />;
const ring = <circle class="body" cx="12" cy="12" r="10.5" />;

const drawings: Readonly<Record<ShapeName, JSX.Element>> = {
  octagon: (
    <>
      <path class="body" d="M7.7 1.5h8.6l6.2 6.2v8.6l-6.2 6.2H7.7l-6.2-6.2V7.7z" />
      {mark}
    </>
  ),
  triangle: (
    <>
      <path class="body" d="M12 1.8 23.2 22H.8z" />
      <path class="glyph" d="M12 9v5.6M12 18.3v.1" />
    </>
  ),
  diamond: (
    <>
      <path class="body" d="M12 .8 23.2 12 12 23.2.8 12z" />
      {mark}
    </>
  ),
  circle: (
    <>
      {ring}
      <path class="glyph" d="M12 7v.1M12 11v6.2" />
    </>
  ),
  check: (
    <>
      {ring}
      <path class="glyph" d="m7 12.4 3.4 3.4L17.2 9" />
    </>
  ),
  cross: (
    <>
      <rect class="body" x="1.5" y="1.5" width="21" height="21" rx="4" />
      <path class="glyph" d="m8 8 8 8m0-8-8 8" />
    </>
  ),
  question: (
    <>
      <rect
        class="body"
        x="3.6"
        y="3.6"
        width="16.8"
        height="16.8"
        rx="3"
        transform="rotate(45 12 12)"
      />
      <path class="glyph" d="M9.4 9.6a2.7 2.7 0 1 1 3.9 2.5c-.9.5-1.3 1-1.3 1.9M12 17v.1" />
    </>
  ),
  clock: (
    <>
      {ring}
      <path class="glyph" d="M12 6.5V12l3.6 2.4" />
    </>
  ),
  latch: (
    <>
      {ring}
      <path class="glyph" d="M8.5 11h7v5h-7zM10 11V9a2 2 0 0 1 4 0v2" />
    </>
  ),
  unlatch: (
    <>
      {ring}
      <path class="glyph" d="M8.5 11.5h7v5h-7zM10 11.5V9a2 2 0 0 1 3.8-.9" />
    </>
  ),
  back: (
    <>
      {ring}
      <path class="glyph" d="M12 6.5v8M8.2 11l3.8 4 3.8-4M8 17.5h8" />
    </>
  ),
  mute: (
    <>
      {ring}
      <path class="glyph" d="M7 10.3v3.4h2l3 2.6V7.7l-3 2.6zM15 10.5l3 3M18 10.5l-3 3" />
    </>
  ),
  dash: (
    <>
      {ring}
      <path class="glyph" d="M7.5 12h9" />
    </>
  ),
  pulse: <path class="stroke" d="M2 13h4.5l3-8 5 14 3-6H22" />,
  bell: <path class="stroke" d="M5 17h14c-2-2-2-4-2-7a5 5 0 0 0-10 0c0 3 0 5-2 7zM10 20.5h4" />,
  thermometer: <path class="stroke" d="M10 14V5a2 2 0 0 1 4 0v9a4 4 0 1 1-4 0zM12 9v7" />,
  rack: <path class="stroke" d="M4 3v18M20 3v18M4 11h16M4 19h16M8 7h4v4M8 14.5h8V19" />,
  list: <path class="stroke" d="M9 6h12M9 12h12M9 18h12M4 6h.1M4 12h.1M4 18h.1" />,
  key: <path class="stroke" d="M11 13a4.5 4.5 0 1 1 2-2l8 8v3h-3v-3h-3v-3z" />,
};

/** The form of a severity or quality. The word beside it says the same, so it is silent for screen readers. */
export function Shape({
  name,
  pulse = false,
}: {
  readonly name: ShapeName;
  readonly pulse?: boolean;
}) {
  return (
    <svg class={pulse ? "shape pulse" : "shape"} viewBox="0 0 24 24" aria-hidden="true">
      {drawings[name]}
    </svg>
  );
}
