import { agoText } from "../../../gateway/panel/web/age.ts";
import { Section } from "../../../gateway/panel/web/components/section.tsx";
import { Tag, type Tone } from "../../../gateway/panel/web/components/tag.tsx";
import type { ShapeName } from "../../../gateway/panel/web/severity.ts";
import type { LatestRow } from "../api.ts";
import { useCentral } from "./central.ts";
import { valueText } from "./value-text.ts";

const looks: Readonly<Record<LatestRow["quality"], { tone: Tone; shape: ShapeName }>> = {
  good: { tone: "good", shape: "check" },
  uncertain: { tone: "uncertain", shape: "question" },
  bad: { tone: "bad", shape: "cross" },
};

/** The newest value of each point of one gateway. */
export function Latest() {
  const { latest, text } = useCentral();
  const words = text.value.latest;
  return (
    <Section id="latest" title={words.title}>
      {latest.value === undefined && <p class="loading">{words.loading}…</p>}
      {latest.value?.length === 0 && <p class="empty">{words.none}</p>}
      {latest.value !== undefined && latest.value.length > 0 && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{words.point}</th>
              <th scope="col">{words.value}</th>
              <th scope="col">{words.quality}</th>
              <th scope="col">{words.age}</th>
            </tr>
          </thead>
          <tbody>
            {latest.value.map((sample) => (
              <LatestLine key={sample.point} sample={sample} />
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function LatestLine({ sample }: { readonly sample: LatestRow }) {
  const { text, shared, format, now } = useCentral();
  const words = text.value.latest;
  const { tone, shape } = looks[sample.quality];
  return (
    <tr class={sample.quality === "bad" ? "reading-bad" : ""}>
      <td data-label={words.point}>
        <span>
          {sample.name ?? sample.point}
          {sample.name !== undefined && <span class="row-detail"> {sample.point}</span>}
        </span>
      </td>
      <td data-label={words.value}>
        <span>
          {sample.value === undefined ? (
            shared.value.points.noValue
          ) : (
            <span class="row-title">
              {valueText(sample.value, shared.value, format.value, sample.unit)}
            </span>
          )}
          {sample.reason !== undefined && <span class="row-detail"> {sample.reason}</span>}
        </span>
      </td>
      <td data-label={words.quality}>
        <Tag tone={tone} shape={shape}>
          {shared.value.points.quality[sample.quality]}
        </Tag>
      </td>
      <td data-label={words.age}>{agoText(now.value - sample.sampledAt, shared.value.age)}</td>
    </tr>
  );
}
