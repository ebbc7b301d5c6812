import type { ExcursionView } from "../../response-api.ts";
import { At } from "../ago.tsx";
import { usePanel } from "../panel.ts";
import { pointName } from "../reading.ts";

/** One time out of range in a line. */
export function ExcursionCard({ excursion }: { readonly excursion: ExcursionView }) {
  const { snapshot } = usePanel();
  const point = snapshot.value?.points.find(({ key }) => key === excursion.point);
  return (
    <article class="card">
      <h3>{point === undefined ? excursion.rule : pointName(point)}</h3>
      <p>
        <At at={excursion.start} />
      </p>
    </article>
  );
}
