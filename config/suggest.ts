import { distance } from "fastest-levenshtein";

/** Longest word that is compared: names are shorter, and the comparison costs length times length. */
const wordCharactersMax = 100;

/** The candidate that was most likely meant, or "" when none is near enough. */
export function suggest(word: string, candidates: readonly string[]): string {
  const wanted = word.slice(0, wordCharactersMax).toLowerCase();
  const near = candidates
    .map((candidate) => ({ candidate, far: farApart(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far <= distanceMax(candidate))
    .sort((a, b) => a.far - b.far)[0];
  if (near !== undefined) return near.candidate;
  const longer = candidates.filter(
    (it) => wanted.length >= 3 && it.toLowerCase().startsWith(wanted),
  );
  return longer.length === 1 ? (longer[0] ?? "") : "";
}

/** Letters in the wrong order are the most common slip: "rde" is as near to "red" as "rad". */
function farApart(word: string, candidate: string): number {
  return sorted(word) === sorted(candidate)
    ? Math.min(1, distance(word, candidate))
    : distance(word, candidate);
}

function sorted(word: string): string {
  return [...word].sort().join("");
}

/** Of a short word little would be left when more letters than that were wrong. */
function distanceMax(word: string): number {
  if (word.length < 4) return 1;
  return word.length < 8 ? 2 : 3;
}
