import { agoText } from "./age.ts";
import { Button } from "./components/button.tsx";
import { Shape } from "./components/shape.tsx";
import { usePanel } from "./panel.ts";

/** Over values that nobody vouches for any more. */
export function Outdated({ onRetry }: { readonly onRetry: () => void }) {
  const { text, now, heardAt } = usePanel();
  const words = text.value.link;
  return (
    <div class="outdated-banner tone-bad" role="alert">
      <Shape name="cross" />
      <div>
        <p class="outdated-title">{words.lost}</p>
        {/* Ticks every second: kept from screen readers, the title is said once. */}
        <p aria-hidden="true">
          {words.lostDetail(agoText(now.value - heardAt.value, text.value.age))}
        </p>
        <p>{words.lostTodo}</p>
      </div>
      <Button onPress={onRetry}>{words.retry}</Button>
    </div>
  );
}
