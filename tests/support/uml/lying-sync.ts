import Database from "better-sqlite3";

/** A mutant of the store: commits return before they are on the card, as with `synchronous=NORMAL`. */
export function lieAboutSync(): void {
  const pragma = Database.prototype.pragma;
  Database.prototype.pragma = function (source, options) {
    return pragma.call(this, source.replace(/synchronous = FULL/, "synchronous = NORMAL"), options);
  };
}
