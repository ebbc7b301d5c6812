import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { panelAlarmsText } from "../../../../config/language/panel-alarms.ts";
import { nextDecisions } from "../../../cold-chain/decisions.ts";
import type { ExcursionView } from "../../response-api.ts";
import { At } from "../ago.tsx";
import { limitText, valueText } from "../alarm-values.tsx";
import { Button } from "../components/button.tsx";
import { Section } from "../components/section.tsx";
import { durationText } from "../duration.ts";
import { usePanel } from "../panel.ts";
import { placeText } from "../place.ts";
import { pointName } from "../reading.ts";
import { hashOf } from "../view.ts";
import { WhoMay } from "../who-may.tsx";
import { DisposeDialog } from "./dispose-dialog.tsx";
import { decidedOf, reportAddress } from "./excursion-list.ts";
import { ExcursionState } from "./excursion-state.tsx";
import { Signatures, Trail } from "./excursion-trail.tsx";

interface DetailProps {
  readonly excursion: ExcursionView;
  readonly onChanged: () => void;
}

/** All that is on record about one time out of range, and the decision about its goods. */
export function ExcursionDetail({ excursion, onChanged }: DetailProps) {
  const { preference, snapshot } = usePanel();
  const words = panelAlarmsText[preference.language.value].excursions;
  const point = snapshot.value?.points.find(({ key }) => key === excursion.point);
  const where = placeText(snapshot.value?.gateway.locations ?? [], excursion.affected.location);
  const name = pointName(point ?? { key: excursion.point ?? excursion.rule });
  return (
    <>
      <div class="button-row">
        <a class="button" href={hashOf("excursions")}>
          {words.all}
        </a>
        <Reports excursion={excursion} />
      </div>
      <Section id="excursion" title={where === undefined ? name : `${where}: ${name}`}>
        <div class="card excursion-card">
          <ExcursionState excursion={excursion} />
          {excursion.kind === "historic" && <p class="hint">{words.historicWhy}</p>}
          <Figures excursion={excursion} />
        </div>
      </Section>
      <Goods excursion={excursion} onChanged={onChanged} />
      <Trail excursion={excursion} />
    </>
  );
}

/** Reports are for people who are logged in: whoever is not is asked first, instead of saving a refusal as a file. */
function Reports({ excursion }: { readonly excursion: ExcursionView }) {
  const { preference, now, session, whenLoggedIn } = usePanel();
  const words = panelAlarmsText[preference.language.value].excursions;
  const at = now.peek();
  if (excursion.affected.location === undefined) return null;
  if (session.value.user === undefined) {
    return <Button onPress={() => whenLoggedIn(() => undefined)}>{words.reportLogin}</Button>;
  }
  return (
    <>
      {(["pdf", "csv"] as const).map((form) => {
        const address = reportAddress(excursion, form, at);
        return (
          address !== undefined && (
            <a key={form} class="button" href={address} download>
              {words.report} ({form.toUpperCase()})
            </a>
          )
        );
      })}
    </>
  );
}

function Figures({ excursion }: { readonly excursion: ExcursionView }) {
  const panel = usePanel();
  const words = panelAlarmsText[panel.preference.language.value];
  const point = panel.snapshot.value?.points.find(({ key }) => key === excursion.point);
  const { start, end, peak, limit, profile, outsideMs, outside24hMs, gapMs, knownMs } = excursion;
  const it = words.excursions;
  const span = (ms: number) => durationText(ms, words.duration);
  const rows: readonly (readonly [string, ComponentChildren] | undefined)[] = [
    [it.from, <At key="from" at={start} />],
    [it.to, end === undefined ? it.now : <At key="to" at={end} />],
    peak && [
      it.peak,
      <>
        {valueText(panel, peak.value, point)} (<At at={peak.at} />)
      </>,
    ],
    limit && [it.limit, limitText(panel, limit, point)],
    profile && [it.profile, `${profile.id}, ${profile.limit}`],
    [it.outside, span(outsideMs)],
    [it.outside24h, span(outside24hMs)],
    [it.known, span(knownMs)],
    gapMs > 0 ? [it.gap, span(gapMs)] : undefined,
    excursion.mkt && [it.mkt, <Mkt key="mkt" mkt={excursion.mkt} />],
    [it.rule, <code key="rule">{excursion.rule}</code>],
    [it.id, <code key="id">{excursion.id}</code>],
  ];
  return (
    <dl class="facts">
      {rows.map(
        (row) =>
          row !== undefined && (
            <div key={row[0]}>
              <dt>{row[0]}</dt>
              <dd>{row[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Mkt({ mkt }: { readonly mkt: NonNullable<ExcursionView["mkt"]> }) {
  const { preference, format } = usePanel();
  const words = panelAlarmsText[preference.language.value].excursions;
  const coverage = words.coverage(format.value.integer(Math.floor(mkt.coverage * 100)));
  if ("refused" in mkt) return <>{words.mktRefused[mkt.refused](coverage)}</>;
  return (
    <>
      {format.value.quantity(mkt.celsius, "Cel")} ({coverage})
    </>
  );
}

/** What was there, what was decided about it, and the decision that comes next. */
function Goods({ excursion, onChanged }: DetailProps) {
  const { preference, snapshot, may, whenLoggedIn } = usePanel();
  const words = panelAlarmsText[preference.language.value].excursions;
  const [deciding, setDeciding] = useState(false);
  const { locations, items, lots } = excursion.affected;
  const places = snapshot.value?.gateway.locations ?? [];
  const named = locations.map((id) => places.find((it) => it.id === id)?.name ?? id);
  const next = nextDecisions(decidedOf(excursion), excursion.state);
  const affected: readonly (readonly [string, readonly string[]])[] = [
    [words.locations, named],
    [words.items, items],
    [words.lots, lots],
  ];
  return (
    <Section id="goods" title={words.goods}>
      <div class="card excursion-card">
        <dl class="facts">
          {affected.map(([word, list]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{list.length === 0 ? words.noneNamed : list.join(", ")}</dd>
            </div>
          ))}
        </dl>
        <Signatures excursion={excursion} />
        {next.length === 0 && <p class="hint">{words.final}</p>}
        {next.length > 0 && may("dispose") === false && <WhoMay permission="dispose" />}
        {next.length > 0 && may("dispose") !== false && (
          <Button kind="primary" onPress={() => whenLoggedIn(() => setDeciding(true))}>
            {words.decide}
          </Button>
        )}
      </div>
      {deciding && (
        <DisposeDialog
          excursion={excursion}
          onClose={() => setDeciding(false)}
          onDone={() => {
            setDeciding(false);
            onChanged();
          }}
        />
      )}
    </Section>
  );
}
