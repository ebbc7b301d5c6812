import { isDeepStrictEqual } from "node:util";
import { managedSections, type Sections } from "../../../config/managed-sections.ts";

type Section = NonNullable<Sections["rules"]>;

/**
 * What a gateway's groups give it, all together: entry by entry, of two groups with an entry of one name the one whose
 * name sorts last.
 */
export function givenBy(
  groups: readonly { readonly name: string; readonly sections: Sections }[],
): Sections {
  const sorted = [...groups].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.reduce<Sections>((below, { sections }) => composed(below, sections), {});
}

/** What shall run: the entries that groups give, and over them the gateway's own. */
export function composed(given: Sections, own: Sections): Sections {
  return mapped((name) => {
    const [below, above] = [given[name], own[name]];
    return below === undefined && above === undefined ? undefined : { ...below, ...above };
  });
}

/** What of these sections is the gateway's own: an entry that is exactly what its groups give is theirs. */
export function ownOf(sections: Sections, given: Sections): Sections {
  return mapped((name) => {
    const section = sections[name];
    return section && withoutGiven(section, given[name] ?? {});
  });
}

function withoutGiven(section: Section, given: Section): Section {
  const own = Object.entries(section).filter(
    ([key, entry]) => !(Object.hasOwn(given, key) && isDeepStrictEqual(given[key], entry)),
  );
  return Object.fromEntries(own);
}

/** Only the named sections; one that has nothing is there and empty, so that it is emptied where it ran. */
export function pick(sections: Sections, names: readonly string[]): Sections {
  return mapped((name) => (names.includes(name) ? (sections[name] ?? {}) : undefined));
}

/** The first with the sections of the second in the place of its own. */
export function replaced(sections: Sections, by: Sections): Sections {
  return mapped((name) => by[name] ?? sections[name]);
}

export function namesOf(sections: Sections): readonly (typeof managedSections)[number][] {
  return managedSections.filter((name) => sections[name] !== undefined);
}

function mapped(of: (name: (typeof managedSections)[number]) => Section | undefined): Sections {
  const made: Sections = {};
  for (const name of managedSections) {
    const section = of(name);
    if (section !== undefined) made[name] = section;
  }
  return made;
}
