import type { ShapeName } from "../severity.ts";
import { Shape } from "./shape.tsx";
import type { Tone } from "./tag.tsx";

interface BannerProps {
  readonly tone: Tone;
  readonly shape: ShapeName;
  readonly title: string;
  readonly detail: string;
}

/** The state of all of it in one line. */
export function Banner({ tone, shape, title, detail }: BannerProps) {
  return (
    <div class={`banner tone-${tone}`}>
      <Shape name={shape} />
      <div>
        <p class="banner-title">{title}</p>
        <p class="banner-detail">{detail}</p>
      </div>
    </div>
  );
}
