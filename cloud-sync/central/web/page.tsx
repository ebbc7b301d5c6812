import { agoText } from "../../../gateway/panel/web/age.ts";
import { Button } from "../../../gateway/panel/web/components/button.tsx";
import { Shape } from "../../../gateway/panel/web/components/shape.tsx";
import { Alarms } from "./alarms.tsx";
import { useCentral } from "./central.ts";
import { Gateways } from "./gateways.tsx";
import { Header } from "./header.tsx";
import { LazyPart, type LoadPart } from "./lazy-part.tsx";
import { Selected } from "./selected.tsx";
import { Stock } from "./stock.tsx";
import { Summary } from "./summary.tsx";
import { TokenDialog } from "./token-dialog.tsx";

const groupsPage: LoadPart = async () => (await import("./groups/groups-page.tsx")).GroupsPage;
const accessPage: LoadPart = async () => (await import("./access/access-page.tsx")).AccessPage;
const acknowledgeDialog: LoadPart = async () =>
  (await import("./down/acknowledge-dialog.tsx")).AcknowledgeDialog;

/** All gateways in one picture: who is silent, what is wrong, what the values are. */
export function Page() {
  const { fleet, text, shared, outdated, access, askedAlarm, asksToken } = useCentral();
  return (
    <>
      <button
        type="button"
        class="button skip"
        // Not a link: the hash says what is shown.
        onClick={() => document.querySelector<HTMLElement>("main .section")?.focus()}
      >
        {text.value.skipToAlarms}
      </button>
      <div class="layout">
        <Header />
        {outdated.value && access.value === "open" && <Outdated />}
        <main class={outdated.value ? "content outdated" : "content"}>
          {access.value !== "open" && <Locked />}
          {access.value === "open" && fleet.value === undefined && (
            <p class="loading">{shared.value.link.connecting}…</p>
          )}
          {access.value === "open" && fleet.value !== undefined && <Shown />}
        </main>
        <Footer />
      </div>
      {askedAlarm.value !== undefined && <LazyPart key="acknowledge" load={acknowledgeDialog} />}
      {(access.value === "asking" || asksToken.value) && <TokenDialog />}
    </>
  );
}

function Shown() {
  const { view } = useCentral();
  const shown = view.value;
  switch (shown.page) {
    case "fleet":
      return (
        <>
          <Summary />
          <Alarms />
          <Stock />
          <Gateways />
        </>
      );
    case "gateway":
      return <Selected key={shown.id} id={shown.id} />;
    case "groups":
      return <LazyPart key="groups" load={groupsPage} />;
    case "access":
      return <LazyPart key="access" load={accessPage} />;
  }
}

function Outdated() {
  const { text, shared, now, heardAt, step } = useCentral();
  const words = text.value.link;
  return (
    <div class="outdated-banner tone-bad" role="alert">
      <Shape name="cross" />
      <div>
        <p class="outdated-title">{words.lost}</p>
        {/* Ticks every second: kept from screen readers, the title is said once. */}
        <p aria-hidden="true">
          {words.lostDetail(agoText(now.value - heardAt.value, shared.value.age))}
        </p>
        <p>{words.lostTodo}</p>
      </div>
      <Button onPress={() => void step()}>{words.retry}</Button>
    </div>
  );
}

function Locked() {
  const { text, access } = useCentral();
  const words = text.value.access;
  return (
    <div class="card locked">
      <h2>{words.needed}</h2>
      <p class="hint">{words.why}</p>
      <Button
        kind="primary"
        onPress={() => {
          access.value = "asking";
        }}
      >
        {words.enter}
      </Button>
    </div>
  );
}

function Footer() {
  const { text, shared } = useCentral();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <footer class="footer">
      <span>{shared.value.product}</span>
      <span>{text.value.footer.timezone(zone)}</span>
      <a href="/openapi.json">{text.value.footer.api}</a>
    </footer>
  );
}
