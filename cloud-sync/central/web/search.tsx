import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../../gateway/panel/web/components/button.tsx";
import { useCentral } from "./central.ts";

/** Rows of one page: what fits few turns of a finger. */
export const pageRows = 50;

/** A search starts when nobody has typed for so long. */
const typingMs = 300;

/** As central takes it. */
const searchCharsMax = 120;

export interface Place {
  readonly search: string;
  readonly skip: number;
}

export const firstPage: Place = { search: "", skip: 0 };

/** As central's lists are asked for it. */
export function queryOf({ search, skip }: Place): string {
  return String(new URLSearchParams({ search, skip: String(skip), limit: String(pageRows) }));
}

/** A part of a name, searched for while it is typed. */
export function SearchField(props: {
  readonly id: string;
  readonly label: string;
  readonly onSearch: (search: string) => void;
}) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <search class="field search">
      <label for={props.id}>{props.label}</label>
      <input
        id={props.id}
        type="search"
        maxLength={searchCharsMax}
        autocomplete="off"
        autoCapitalize="none"
        spellcheck={false}
        onInput={({ currentTarget: { value } }) => {
          clearTimeout(timer.current);
          timer.current = setTimeout(() => props.onSearch(value.trim()), typingMs);
        }}
      />
    </search>
  );
}

/** Which rows of how many are shown, and the way to the others. */
export function Pager(props: {
  readonly place: Place;
  readonly found: number;
  readonly shown: number;
  readonly onSkip: (skip: number) => void;
}) {
  const { text, format } = useCentral();
  const words = text.value.pager;
  const { place, found, shown, onSkip } = props;
  const count = format.value.integer;
  const { skip } = place;
  return (
    <div class="pager">
      <output>
        {found > pageRows || skip > 0
          ? words.range(count(skip + 1), count(skip + shown), count(found))
          : words.all(count(found))}
      </output>
      {skip > 0 && (
        <Button onPress={() => onSkip(Math.max(0, skip - pageRows))}>{words.before}</Button>
      )}
      {skip + shown < found && (
        <Button onPress={() => onSkip(skip + pageRows)}>{words.next}</Button>
      )}
    </div>
  );
}
