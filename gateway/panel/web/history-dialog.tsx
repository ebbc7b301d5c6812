import { useEffect, useRef, useState } from "preact/hooks";
import type { PointView, SampleView } from "../api.ts";
import { At } from "./ago.tsx";
import { Dialog } from "./components/dialog.tsx";
import { FaultBox } from "./components/fault-box.tsx";
import { historyColumns, newestPartFrom, summarize } from "./history.ts";
import { type Panel, usePanel } from "./panel.ts";
import { pointName } from "./reading.ts";
import type { Answer, Fault } from "./request.ts";
import { samplesOf } from "./samples.ts";

const windowMs = 24 * 3_600_000;

/** Most samples of one chart, and of one answer: a day at one a second would stall a phone. */
const samplesMax = 10_000;

/** Words instead of a line: the newest of them. */
const textRowsMax = 20;

/** The last 24 hours of one point. */
export function HistoryDialog({ point }: { readonly point: PointView }) {
  const panel = usePanel();
  const { text, question } = panel;
  const words = text.value.chart;
  const [samples, setSamples] = useState<readonly SampleView[] | undefined>(undefined);
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const [truncated, setTruncated] = useState(false);
  useEffect(() => {
    let gone = false;
    const load = async () => {
      const to = Math.ceil(panel.now.peek());
      let answer = await samplesSince(panel, point.key, to - windowMs, to);
      let rows = answer.ok ? samplesOf(answer.body) : [];
      if (rows.length >= samplesMax) {
        answer = await samplesSince(panel, point.key, newestPartFrom(rows, to), to);
        rows = answer.ok ? samplesOf(answer.body) : [];
        setTruncated(true);
      }
      if (gone) return;
      if (answer.ok) setSamples(rows);
      else setFault(answer.fault);
    };
    void load();
    return () => {
      gone = true;
    };
  }, [panel, point.key]);
  const name = pointName(point);
  return (
    <Dialog
      wide
      title={name}
      closeLabel={text.value.button.close}
      onClose={() => {
        question.value = undefined;
      }}
    >
      <p class="hint">
        {words.title} · <code>{point.key}</code>
      </p>
      <FaultBox fault={fault} />
      {samples === undefined && fault === undefined && <p class="loading">{words.loading}…</p>}
      {samples?.length === 0 && <p class="empty">{words.empty}</p>}
      {samples !== undefined && samples.length > 0 && (
        <>
          {point.kind === "text" ? (
            <ol class="facts">
              {samples
                .slice(-textRowsMax)
                .reverse()
                .map((sample) => (
                  <li key={sample.sampledAt}>
                    <At at={sample.sampledAt} /> {String(sample.value ?? sample.reason ?? "")}
                  </li>
                ))}
            </ol>
          ) : (
            <Chart point={point} samples={samples} />
          )}
          <Summary point={point} samples={samples} />
          {truncated && <p class="hint">{words.truncated}</p>}
        </>
      )}
    </Dialog>
  );
}

function samplesSince(panel: Panel, key: string, from: number, to: number): Promise<Answer> {
  const path = key.split("/").map(encodeURIComponent).join("/");
  return panel.get(`/api/points/${path}/samples?from=${from}&to=${to}&limit=${samplesMax}`);
}

interface ChartProps {
  readonly point: PointView;
  readonly samples: readonly SampleView[];
}

function Chart({ point, samples }: ChartProps) {
  const { text, format, snapshot } = usePanel();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    let close: (() => void) | undefined;
    let gone = false;
    // The chart library is half as large as all the rest: it is fetched when somebody asks for a chart.
    const draw = async () => {
      const { drawChart } = await import("./chart.ts");
      if (gone) return;
      close = drawChart(element, {
        columns: historyColumns(samples, point.staleAfterMs),
        stepped: point.kind === "boolean",
        timezone: snapshot.peek()?.gateway.timezone,
        clock: format.peek().clock,
        number: (value) => format.peek().number(value, point.unit),
      });
    };
    void draw();
    return () => {
      gone = true;
      close?.();
    };
  }, [samples, point.kind, point.unit, point.staleAfterMs, format, snapshot]);
  return (
    <div
      class="chart"
      ref={place}
      role="img"
      aria-label={text.value.chart.describe(pointName(point))}
    />
  );
}

/** The chart in figures: for who cannot see it, and for who wants to write them down. */
function Summary({ point, samples }: ChartProps) {
  const { text, format } = usePanel();
  const words = text.value.chart;
  const { count, badCount, lowest, highest, mean } = summarize(samples);
  const figures: readonly (readonly [string, number | undefined])[] =
    point.kind === "number"
      ? [
          [words.lowest, lowest],
          [words.mean, mean],
          [words.highest, highest],
        ]
      : [];
  return (
    <>
      <dl class="chart-summary">
        {figures.map(
          ([word, value]) =>
            value !== undefined && (
              <div key={word}>
                <dt>{word}</dt>
                <dd>{format.value.quantity(value, point.unit)}</dd>
              </div>
            ),
        )}
      </dl>
      <p class="hint">
        {words.count(count)}
        {badCount > 0 && ` · ${words.badShare(badCount)}`}
      </p>
    </>
  );
}
