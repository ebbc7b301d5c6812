/**
 * A pattern without flags that matches what `source` matches with the flag `i`: JSON Schema knows no flags.
 * For patterns of ASCII letters, character classes and escapes of one letter.
 */
export function caseless(source: string): string {
  let isClass = false;
  return source.replace(/\\.|[a-z]-[a-z]|[a-z[\]]/gi, (token) => {
    if (token.startsWith("\\")) return token;
    if (token === "[" || token === "]") {
      isClass = token === "[";
      return token;
    }
    if (token.length > 1 && !isClass) return [...token].map(bothCases).join("");
    const both = token.toLowerCase() + token.toUpperCase();
    return isClass ? both : `[${both}]`;
  });
}

function bothCases(character: string): string {
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  return lower === upper ? character : `[${lower}${upper}]`;
}
