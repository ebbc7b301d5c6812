import { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { StockView } from "../../stock-api.ts";
import { oldText } from "../age.ts";
import { Tag } from "../components/tag.tsx";
import { usePanel } from "../panel.ts";
import type { LocationView } from "../reading.ts";
import { type Place, placesOf } from "./rack-tree.ts";
import { type ScaleState, scaleOf } from "./scale-state.ts";
import { StockCell } from "./stock-cell.tsx";
import { lineKey } from "./stock-look.ts";

/** The racks as they stand: boards in the order of the configuration, on each what is kept there. */
export function Racks({ lines }: { readonly lines: readonly StockView[] }) {
  const locations = usePanel().snapshot.value?.gateway.locations ?? [];
  return (
    <div class="racks">
      {placesOf(locations, lines).map((place) => (
        <Rack key={place.location.id} place={place} depth={0} />
      ))}
    </div>
  );
}

interface RackProps {
  readonly place: Place;
  readonly depth: number;
}

function Rack({ place, depth }: RackProps) {
  const { location, lines, within } = place;
  const scale = useScale(location);
  return (
    <section class={formOf(place)} aria-label={location.name ?? location.id}>
      <div class="board-head">
        {depth === 0 ? (
          <h3>{location.name ?? location.id}</h3>
        ) : (
          <h4>{location.name ?? location.id}</h4>
        )}
        {scale !== undefined && scale !== "resting" && <ScaleTag location={location} />}
      </div>
      {lines.length > 0 && (
        <ul class="board-cells">
          {lines.map((view) => (
            <li key={lineKey(view)}>
              <StockCell view={view} {...(scale !== undefined && { scale })} />
            </li>
          ))}
        </ul>
      )}
      {within.length > 0 && (
        <div class="boards">
          {within.map((inner) => (
            <Rack key={inner.location.id} place={inner} depth={depth + 1} />
          ))}
        </div>
      )}
    </section>
  );
}

/** A rack has posts, what carries goods is a board, a room is neither. */
function formOf({ location: { kind }, within }: Place): string {
  if (within.length === 0) return "board";
  return kind === "room" ? "hall" : "rack";
}

export function useScale(location: LocationView | undefined): ScaleState | undefined {
  const { snapshot, now, outdated } = usePanel();
  if (location === undefined) return undefined;
  return scaleOf(location, snapshot.value?.points ?? [], now.value, outdated.value)?.state;
}

/** What is the matter with the scale of a location; nothing where it rests or there is none. */
export function ScaleTag({ location }: { readonly location: LocationView }) {
  const { snapshot, now, outdated, text, preference } = usePanel();
  const words = panelStockText[preference.language.value].scale;
  const scale = scaleOf(location, snapshot.value?.points ?? [], now.value, outdated.value);
  if (scale === undefined) return null;
  const { state, point } = scale;
  switch (state) {
    case "resting":
      return null;
    case "moving":
      return (
        <Tag tone="uncertain" shape="pulse" pulse>
          {words.moving}
        </Tag>
      );
    case "old":
      return (
        <Tag tone="old" shape="clock">
          {oldText(now.value - (point.sampledAt ?? now.value), text.value.age)}
        </Tag>
      );
    case "bad":
      return (
        <Tag tone="bad" shape="cross">
          {words.bad}
          {point.reason !== undefined && `: ${point.reason}`}
        </Tag>
      );
    case "waiting":
      return (
        <Tag tone="neutral" shape="clock">
          {words.waiting}
        </Tag>
      );
  }
}
