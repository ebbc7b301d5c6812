import { distance } from "fastest-levenshtein";

/** Longest word that is compared: names are shorter, and the comparison costs length times length. */
const wordCharactersMax = 100;

/** The candidate that was most likely meant, or "" when none is near enough. */
export function suggest(word: string, candidates: readonly string[]): string {
  const wanted = word.slice(0, wordCharactersMax).toLowerCase();
  const near = candidates
    .map((candidate) => ({ candidate, far: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far <= distanceMax(candidate))
    .sort((a, b) => a.far - b.far)[0];
  if (near !== undefined) return near.candidate;
  const longer = candidates.filter(
    (it) => wanted.length >= 3 && it.toLowerCase().startsWith(wanted),
  );
  return longer.length === 1 ? (longer[0] ?? "") : "";
}

/** Two swapped letters are a distance of 2: "unti" is "unit"; of a short word little would be left. */
function distanceMax(word: string): number {
  if (word.length < 4) return 1;
  return word.length < 8 ? 2 : 3;
}
