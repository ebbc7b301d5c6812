import { Shape } from "./components/shape.tsx";
import { usePanel } from "./panel.ts";
import { type ShapeName, waitsForPerson } from "./severity.ts";
import { hashOf, type PageName, pageNames } from "./view.ts";

const pageShapes: Readonly<Record<PageName, ShapeName>> = {
  now: "pulse",
  alarms: "bell",
  stock: "rack",
  excursions: "thermometer",
  manage: "list",
};

/** The pages: along the lower edge of a phone, where a thumb in a glove gets at it, else in the header. */
export function Nav() {
  const { text, view, snapshot } = usePanel();
  const words = text.value.nav;
  const waiting = (snapshot.value?.alarms ?? []).filter(waitsForPerson).length;
  return (
    <nav class="nav" aria-label={words.label}>
      {pageNames.map((page) => (
        <a
          key={page}
          class="nav-link"
          href={hashOf(page)}
          {...(view.value.page === page && { "aria-current": "page" })}
        >
          <Shape name={pageShapes[page]} />
          <span>{words.pages[page]}</span>
          {page === "alarms" && waiting > 0 && (
            <span class="nav-count">
              {waiting}
              <span class="visually-hidden"> {text.value.alarms.state.unacknowledged}</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
