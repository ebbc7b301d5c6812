import { Alarms } from "./alarms.tsx";
import { Announcer } from "./announcer.tsx";
import { Aside } from "./aside.tsx";
import { FaultBox } from "./components/fault-box.tsx";
import { Lazy } from "./components/lazy.tsx";
import { Dialogs } from "./dialogs.tsx";
import { Footer } from "./footer.tsx";
import { Header } from "./header.tsx";
import { Notices } from "./notices.tsx";
import { Outdated } from "./outdated.tsx";
import { Outputs } from "./outputs.tsx";
import { usePanel } from "./panel.ts";
import { Points } from "./points.tsx";
import { Sync } from "./sync.tsx";
import { useFit } from "./wall-fit.ts";

/** Pages that are not for the first look: their code is fetched when somebody opens them. */
const pages = {
  alarms: async () => (await import("./alarms/alarms-page.tsx")).AlarmsPage,
  stock: async () => (await import("./stock/stock-page.tsx")).StockPage,
  excursions: async () => (await import("./excursions/excursions-page.tsx")).ExcursionsPage,
  manage: async () => (await import("./manage/manage-page.tsx")).ManagePage,
} as const;

/** The one page of the gateway: what is wrong, what the values are, what was done about it. */
export function Page({ onRetry }: { readonly onRetry: () => void }) {
  const { snapshot, text, outdated, wall } = usePanel();
  const known = snapshot.value !== undefined;
  useFit(wall.value, snapshot.value);
  return (
    <>
      <button
        type="button"
        class="button skip"
        // Not a link: the hash says which view is shown.
        onClick={() => document.getElementById("alarms")?.focus()}
      >
        {text.value.skipToAlarms}
      </button>
      <Announcer />
      <div class="layout">
        <Header />
        {outdated.value && <Outdated onRetry={onRetry} />}
        {known ? (
          <div class={outdated.value ? "content outdated" : "content"}>
            <Content />
          </div>
        ) : (
          <main class="content">
            <p class="loading">{text.value.loading}…</p>
          </main>
        )}
        <Footer />
      </div>
      <Toast />
      <Dialogs />
    </>
  );
}

function Content() {
  const { page } = usePanel().view.value;
  if (page === "now") {
    return (
      <>
        <main>
          <Alarms />
          <Aside />
          <Points />
        </main>
        <aside>
          <Notices />
          <Outputs />
          <Sync />
        </aside>
      </>
    );
  }
  return (
    <main class="page">
      <Lazy load={pages[page]} props={{}} />
    </main>
  );
}

function Toast() {
  const { fault, text } = usePanel();
  return (
    <div class={fault.value === undefined ? "toast" : "toast shown"}>
      <FaultBox fault={fault.value} />
      {fault.value !== undefined && (
        <button
          type="button"
          class="button"
          onClick={() => {
            fault.value = undefined;
          }}
        >
          {text.value.button.close}
        </button>
      )}
    </div>
  );
}
